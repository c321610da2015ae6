"""Refused acts of people who are signed in: one audit row for a person, a route, a reason and a minute, with how often."""

import asyncio
import weakref
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from starlette.requests import HTTPConnection

from wisehosting_cp.accounts.access import asker_of
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.errors import Forbidden
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE, Database
from wisehosting_cp.kit.http import on_own
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.kit.web import context_of

log = logger(__name__)

TOGETHER_SECONDS = 60.0
ASKED = frozenset({"step_up_needed"})
"""Codes that ask for more instead of refusing."""


@dataclass
class _Refused:
    """What a person was refused at a route, for one reason, since the last row about it."""

    written: float
    first: Principal | None = None
    by: Counter[str] = field(default_factory=Counter)
    """How often, by the session's or token's actor: one person may ask with several."""


class Refusals:
    """Writes the first refusal at once, and how many followed a minute later: nobody can flood the table.

    Held in memory by person, route and reason, so that more tokens of one person make no more rows.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[UUID, str, str], _Refused] = {}

    async def note(self, ctx: Context, asker: Principal, route: str, code: str) -> None:
        """Take note of a refusal."""
        now = ctx.clock.monotonic()
        held = self._held.setdefault((asker.user_id, route, code), _Refused(now - TOGETHER_SECONDS))
        held.first = held.first or asker
        held.by[asker.actor] += 1
        if now - held.written >= TOGETHER_SECONDS:
            await self._write(ctx, route, code, held)

    async def flush(self, ctx: Context, *, all_of_it: bool = False) -> None:
        """Write what was held back for a minute, or all that is held. Nothing held back, nothing written."""
        now = ctx.clock.monotonic()
        for key, held in list(self._held.items()):
            if all_of_it or now - held.written >= TOGETHER_SECONDS:
                if held.first is not None:
                    await self._write(ctx, key[1], key[2], held)
                else:
                    self._held.pop(key, None)

    async def _write(self, ctx: Context, route: str, code: str, held: _Refused) -> None:
        """Record it in a transaction of its own: what was refused has rolled back the one of the request."""
        if held.first is None:
            return
        first, by, before = held.first, held.by, held.written
        held.first, held.by, held.written = None, Counter(), ctx.clock.monotonic()
        several: dict[str, Any] = {"by": dict(by)} if len(by) > 1 else {}
        try:
            async with ctx.db.transaction() as session:
                record(
                    session,
                    **first.audit(),
                    action="access.refused",
                    subject=f"route:{route}"[:120],
                    count=by.total(),
                    code=code,
                    **several,
                )
        except BaseException:
            held.first, held.by, held.written = first, by + held.by, before
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
    """Write what is held back, for ever; all of it when the process ends."""
    try:
        while True:
            await asyncio.sleep(TOGETHER_SECONDS)
            await _flush(ctx)
    finally:
        await _flush(ctx, all_of_it=True)


async def _flush(ctx: Context, *, all_of_it: bool = False) -> None:
    try:
        await refusals_of(ctx).flush(ctx, all_of_it=all_of_it)
    except UNREACHABLE:
        log.exception("refusals could not be recorded")
