"""A database that goes away and comes back, as at a restart of PostgreSQL: no loop of the process ends by it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from wisehosting_cp import process
from wisehosting_cp.accounts.credentials import credentials_of
from wisehosting_cp.audit import refusals
from wisehosting_cp.channel.hub import Hub
from wisehosting_cp.deployments import reconciler
from wisehosting_cp.deployments.reconciler import Reconciler
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Away, Database, is_lost
from wisehosting_cp.kit.events import Events

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]


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


async def _refusals(context: Context) -> int:
    async with context.db.read() as session:
        found = await session.execute(text("SELECT count(*) FROM audit_events WHERE action = 'access.refused'"))
        return int(found.scalar_one())


async def _said(lines: set[str]) -> None:
    """Wait until each of these lines was logged once more."""
    missing = set(lines)
    with capture_logs() as said:
        try:
            async with asyncio.timeout(30):
                while missing := missing - {line["event"] for line in said}:
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            raise AssertionError(f"nobody said: {sorted(missing)}") from error


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
        await _said({"could not note when tokens and sessions were used"})
        clock.forward(1)
        used_at = clock.now()
        await credentials.token(context, ada.token)  # remembered: no look-up
        await _said({"could not note when tokens and sessions were used"})
    try:
        async with asyncio.timeout(20):
            while None in await _last_used(context):
                await asyncio.sleep(0.05)
    finally:
        assert noting.cancel(), "it had ended"
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
            with pytest.raises(Away):
                await credentials.flush_used(context)
    assert await credentials.flush_used(context) == 2
    assert None not in await _last_used(context)
    assert await credentials.flush_used(context) == 0


# Noting when tokens were used has its own test above: the loop has nothing to do before one was used.
WHAT_LOOPS_SAY = {
    "cannot look for work; trying again",
    "cannot look for stuck deployments; trying again",
    "cannot read routes, trying again",
    "cannot read the versions of keys",
    "could not move the anchor of the audit trail",
    "could not read the security counter",
    "polling failed",
    "refusals could not be recorded",
}


async def test_no_loop_of_the_process_ends_when_the_database_goes_away(
    people: People, context: Context, clock: Any, away: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await people()
    monkeypatch.setattr(refusals, "TOGETHER_SECONDS", 0.1)
    monkeypatch.setattr(reconciler, "TICK_SECONDS", 0.1)
    hub, reconciling = Hub(context), Reconciler(context, _silent)
    loops = process.loops_of(context, hub, reconciling)
    async with process.running(loops):
        for _ in range(2):  # the first is written at once, the second with the next
            refused = await ada.browser.get("/api/v1/people")
            assert refused.status_code == 403, refused.text
        async with away():
            clock.forward(60)
            context.events.publish(["routes", "audit", "builders"])
            await _said(WHAT_LOOPS_SAY)
        async with asyncio.timeout(20):
            while await _refusals(context) < 2:
                await asyncio.sleep(0.05)
    await reconciling.close()


@pytest.mark.parametrize("way", ["transaction", "read", "snapshot"])
async def test_a_database_that_lets_nobody_in_fails_a_session_by_what_the_loops_know(
    context: Context, away: Any, way: str
) -> None:
    async with getattr(context.db, way)() as session:
        await session.execute(text("SELECT 1"))
    async with away():
        for _ in range(10):
            with pytest.raises(Away):
                async with getattr(context.db, way)() as session:
                    await session.execute(text("SELECT 1"))


async def test_who_asks_meanwhile_is_told_that_the_database_does_not_answer(people: People, away: Any) -> None:
    ada, ben = await people("ada"), await people("ben")
    assert (await ada.browser.get("/api/v1/teams")).status_code == 200
    async with away():
        # Of the one it is remembered who asks, of the other it is not.
        for asker in (ada, ben, ada, ben):
            answer = await asker.browser.get("/api/v1/projects")
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        ready = await ada.browser.get("/readyz")
        assert (ready.status_code, ready.json()["code"]) == (503, "database_unavailable")
    assert (await ben.browser.get("/api/v1/projects")).status_code == 200


@pytest.mark.parametrize("wrong", ["SELECT nothing", "SELECT 1 / 0", "SELECT 'x'::int"])
async def test_a_statement_that_is_wrong_is_no_absence(context: Context, wrong: str) -> None:
    with pytest.raises(DBAPIError) as found:
        async with context.db.read() as session:
            await session.execute(text(wrong))
    assert not is_lost(found.value)
    with pytest.raises(asyncpg.PostgresError) as raw:
        async with context.db.hot() as connection:
            await connection.fetchval(wrong)
    assert not is_lost(raw.value)


async def test_a_value_that_does_not_fit_is_no_absence(context: Context) -> None:
    with pytest.raises(DBAPIError):
        async with context.db.read() as session:
            await session.execute(text("SELECT cast(:it AS int)"), {"it": 2**40})
    with pytest.raises(asyncpg.DataError):
        async with context.db.hot() as connection:
            await connection.fetchval("SELECT $1::int4", 2**40)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_connection_that_ends_while_it_is_used_is_away(context: Context, error: Exception) -> None:
    for way in (context.db.hot, context.db.read, context.db.snapshot, context.db.transaction):
        with pytest.raises(Away):
            async with way():
                raise error


@pytest.mark.parametrize("where", ["host=/nowhere", "host=name.invalid", "host=127.0.0.1&port=9"])
async def test_a_server_that_is_not_there_is_away(where: str) -> None:
    database = Database(f"postgresql://wisehosting@/wisehosting?{where}", Events())
    with pytest.raises(Away):
        await database.open()
    with pytest.raises(Away):
        async with database.read() as session:
            await session.execute(text("SELECT 1"))


async def _silent(_: UUID) -> str:
    return ""
