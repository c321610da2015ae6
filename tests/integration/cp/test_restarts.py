"""A database that goes away and comes back, as at a restart of PostgreSQL: no loop of the process ends by it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from wisehosting_cp import process
from wisehosting_cp.accounts.credentials import credentials_of
from wisehosting_cp.channel import hub as hub_module
from wisehosting_cp.channel.hub import Hub
from wisehosting_cp.deployments.reconciler import Reconciler
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE
from wisehosting_cp.settings import Settings

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]


@pytest.fixture
async def away(postgres: str, settings: Settings, context: Context) -> AsyncIterator[Callable[[], Any]]:
    """`async with away():` ends all connections and lets nobody connect meanwhile."""
    name = settings.database_dsn.partition("?")[0].rpartition("/")[2]
    connection = await asyncpg.connect(postgres)

    @asynccontextmanager
    async def refused() -> AsyncIterator[None]:
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name
        )
        try:
            yield
        finally:
            await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

    yield refused
    await connection.close()


async def _last_used(context: Context) -> tuple[Any, ...]:
    connection = await asyncpg.connect(context.settings.database_dsn)
    try:
        row = await connection.fetchrow(
            "SELECT (SELECT max(last_used_at) FROM api_tokens), (SELECT max(last_seen_at) FROM sessions)"
        )
        assert row is not None
        return tuple(row)
    finally:
        await connection.close()


async def test_when_tokens_and_sessions_were_used_is_written_after_a_restart_of_the_database(
    people: People, context: Context, clock: Any, away: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LAST_USED_SECONDS", 0.01)
    ada = await people()
    credentials = credentials_of(context)
    await credentials.token(context, ada.token)
    await credentials.session(context, ada.cookie)
    async with away():
        noting = asyncio.create_task(process.note_used_tokens(context))
        await asyncio.sleep(0.3)
        clock.forward(1)
        used_at = clock.now()
        await credentials.token(context, ada.token)  # remembered: no look-up
        await asyncio.sleep(0.1)
        assert not noting.done()
    try:
        async with asyncio.timeout(10):
            while None in await _last_used(context):
                await asyncio.sleep(0.05)
    finally:
        noting.cancel()
    token, session = await _last_used(context)
    assert token == used_at
    assert session < used_at


async def test_a_flush_that_failed_keeps_what_was_noted_before_and_meanwhile(
    people: People, context: Context, clock: Any, away: Any
) -> None:
    ada, ben = await people("ada"), await people("ben")
    credentials = credentials_of(context)
    await credentials.token(context, ada.token)
    await credentials.session(context, ben.cookie)
    async with away():
        for _ in range(3):
            with pytest.raises(UNREACHABLE):
                await credentials.flush_used(context)
    assert await credentials.flush_used(context) == 2
    assert None not in await _last_used(context)
    assert await credentials.flush_used(context) == 0


async def test_no_loop_of_the_process_ends_when_the_database_goes_away(
    people: People, context: Context, away: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await people()
    await credentials_of(context).token(context, ada.token)
    monkeypatch.setattr(process, "LAST_USED_SECONDS", 0.1)
    for name in ("SWEEP_SECONDS", "REVOCATION_SECONDS"):
        monkeypatch.setattr(hub_module, name, 0.1)
    hub, reconciler = Hub(context), Reconciler(context, _silent)
    loops = process.loops_of(context, hub, reconciler)
    async with process.running(loops):
        await asyncio.sleep(0.5)
        async with away():
            context.events.publish(["routes", "audit", "builders"])
            await asyncio.sleep(3)
        await asyncio.sleep(1)
    await reconciler.close()


@pytest.mark.parametrize("way", ["transaction", "read", "snapshot"])
async def test_a_database_that_lets_nobody_in_fails_a_session_by_what_the_loops_know(
    context: Context, away: Any, way: str
) -> None:
    async with getattr(context.db, way)() as session:
        await session.execute(text("SELECT 1"))
    async with away():
        for _ in range(10):
            with pytest.raises((OSError, SQLAlchemyError)):
                async with getattr(context.db, way)() as session:
                    await session.execute(text("SELECT 1"))


async def _silent(_: UUID) -> str:
    return ""
