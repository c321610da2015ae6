"""Refused acts of people who are signed in: one audit row for an asker, a route and a minute, with how often."""

import asyncio
import weakref
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection

from wisehosting_cp.accounts.access import asker_of
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.errors import Forbidden
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_cp.kit.http import on_own
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.kit.web import context_of

log = logger(__name__)

TOGETHER_SECONDS = 60.0
ASKED = frozenset({"step_up_needed"})
"""Codes that ask for more instead of refusing."""
UNREACHABLE = (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass
class _Refused:
    """What a person was refused at a route since the last row about it."""

    asker: Principal
    code: str
    count: int
    written: float


class Refusals:
    """Writes the first refusal at once, and how many followed a minute later: nobody can flood the table.

    Held in memory by person and route, so that more tokens of one person make no more rows.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[UUID, str], _Refused] = {}

    async def note(self, ctx: Context, asker: Principal, route: str, code: str) -> None:
        """Take note of a refusal."""
        now = ctx.clock.monotonic()
        key = (asker.user_id, route)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = _Refused(asker, code, 0, now - TOGETHER_SECONDS)
        held.asker, held.code, held.count = asker, code, held.count + 1
        if now - held.written >= TOGETHER_SECONDS:
            await self._write(ctx, route, held)

    async def flush(self, ctx: Context) -> None:
        """Write what was held back for a minute. Nothing held back, nothing written."""
        now = ctx.clock.monotonic()
        for (user_id, route), held in list(self._held.items()):
            if now - held.written >= TOGETHER_SECONDS:
                if held.count:
                    await self._write(ctx, route, held)
                else:
                    self._held.pop((user_id, route), None)

    async def _write(self, ctx: Context, route: str, held: _Refused) -> None:
        count, held.count = held.count, 0
        before, held.written = held.written, ctx.clock.monotonic()
        try:
            async with ctx.db.transaction() as session:
                record(
                    session,
                    **held.asker.audit(),
                    action="access.refused",
                    subject=f"route:{route}"[:120],
                    count=count,
                    code=held.code,
                )
        except BaseException:
            held.count, held.written = held.count + count, before
            raise


_of: weakref.WeakKeyDictionary[Database, Refusals] = weakref.WeakKeyDictionary()


def refusals_of(ctx: Context) -> Refusals:
    """Return the refusals of this process: one object for each database it opened."""
    return _of.setdefault(ctx.db, Refusals())


async def on_forbidden(connection: HTTPConnection, error: Exception) -> Any:
    """Answer a refusal, and record it when somebody signed in asked. A refusal stays one when it cannot be recorded."""
    asker = asker_of(connection)
    if asker is not None and isinstance(error, Forbidden) and error.code not in ASKED:
        ctx = context_of(connection)
        path = getattr(connection.scope.get("route"), "path", "") or "unknown"
        try:
            await refusals_of(ctx).note(ctx, asker, f"{connection.scope.get('method', 'WS')} {path}", error.code)
        except UNREACHABLE:
            log.exception("a refusal could not be recorded")
    return await on_own(connection, error)


async def write_refusals(ctx: Context) -> None:
    """Write what is held back, for ever."""
    while True:
        await asyncio.sleep(TOGETHER_SECONDS)
        try:
            await refusals_of(ctx).flush(ctx)
        except UNREACHABLE:
            log.exception("refusals could not be recorded")
