"""Whose a credential is: many who ask at once, and what happens while the database is asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import pytest

from wisehosting_cp.accounts import credentials as credentials_module
from wisehosting_cp.accounts.credentials import Known, credentials_of
from wisehosting_cp.errors import Unavailable
from wisehosting_cp.kit import db, key_versions
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
Asked = asyncio.Task[Known | None]


@asynccontextmanager
async def _held(context: Context) -> AsyncIterator[None]:
    """Nobody reads a session meanwhile."""
    async with context.db.hot() as connection, connection.transaction():
        await connection.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
        yield


async def _waiting(context: Context) -> int:
    """Wait until a look-up waits for the table; the process that reads for it."""
    query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(10), context.db.hot() as connection:
        while (pid := await connection.fetchval(query)) is None:
            await asyncio.sleep(0.01)
    return int(pid)


async def _ask(context: Context, *cookies: str) -> list[Asked]:
    asked = [asyncio.create_task(credentials_of(context).session(context, cookie)) for cookie in cookies]
    await asyncio.sleep(0)
    return asked


async def test_a_look_up_that_was_under_way_when_something_was_revoked_is_not_remembered(
    people: People, context: Context
) -> None:
    ada = await people()
    credentials = credentials_of(context)
    async with _held(context):
        # The revocation is heard of before the answer is there.
        [asked] = await _ask(context, ada.cookie)
        await _waiting(context)
        context.events.publish(["security:epoch"])
    assert await asked is not None
    lookups = credentials.lookups
    await credentials.session(context, ada.cookie)
    assert credentials.lookups == lookups + 1


async def test_all_who_ask_while_the_database_is_asked_are_answered_by_the_next_statement(
    people: People, context: Context
) -> None:
    ada, ben, eve = [await people(name) for name in ("ada", "ben", "eve")]
    credentials = credentials_of(context)
    before = credentials.lookups
    async with _held(context):
        first = await _ask(context, ada.cookie)
        await _waiting(context)
        rest = await _ask(context, ben.cookie, "somebody's", eve.cookie, ben.cookie, ada.cookie)
    found = await asyncio.gather(*first, *rest)
    whose = [known.user_id if known else None for known in found]
    assert whose == [ada.user_id, ben.user_id, None, eve.user_id, ben.user_id, ada.user_id]
    assert credentials.lookups == before + 2


async def test_what_fails_while_the_database_is_asked_fails_for_all_who_asked_and_for_nobody_later(
    people: People, context: Context
) -> None:
    ada = await people()
    async with _held(context):
        first = await _ask(context, "somebody's")
        gone = await _waiting(context)
        rest = await _ask(context, "nobody's", ada.cookie)
        await _end(context, gone)
        await asyncio.wait(first)
        gone = await _waiting(context)
        last = await _ask(context, ada.cookie)
        await _end(context, gone)
        await asyncio.wait(rest)
    for failed in (*first, *rest):
        assert isinstance(failed.exception(), db.Away)
    known = await last[0]
    assert known is not None
    assert known.user_id == ada.user_id


async def test_who_goes_away_while_the_database_is_asked_takes_nobody_along(people: People, context: Context) -> None:
    ada, ben = await people("ada"), await people("ben")
    async with _held(context):
        [first] = await _ask(context, ada.cookie)
        await _waiting(context)
        gone, stays = await _ask(context, ada.cookie, ben.cookie)
        first.cancel()
        gone.cancel()
    known = await stays
    assert known is not None
    assert known.user_id == ben.user_id
    assert first.cancelled()
    assert gone.cancelled()


async def test_a_connection_that_hangs_holds_up_nobody_who_asks_later(
    people: People, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials_module, "PATIENCE_SECONDS", 0.01)
    ada, ben = await people("ada"), await people("ben")
    hangs, goes_on = asyncio.Event(), asyncio.Event()
    real = context.db.hot

    @asynccontextmanager
    async def hot() -> AsyncIterator[Any]:
        async with real() as connection:
            if not hangs.is_set():
                hangs.set()
                await goes_on.wait()
            yield connection

    monkeypatch.setattr(context.db, "hot", hot)
    async with asyncio.timeout(10):
        [first] = await _ask(context, ada.cookie)
        await hangs.wait()
        known = await credentials_of(context).session(context, ben.cookie)
    assert known is not None
    assert known.user_id == ben.user_id
    assert not first.done()
    goes_on.set()
    assert await first is not None


async def test_statements_that_do_not_end_are_cancelled_and_leave_the_pool_to_others(
    people: People, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials_module, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(credentials_module, "STATEMENT_SECONDS", 0.3)
    ada = await people("ada")
    elsewhere = await asyncpg.connect(context.settings.database_dsn)
    try:
        async with elsewhere.transaction():
            await elsewhere.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
            asked: list[Asked] = []
            async with asyncio.timeout(20):
                # More statements, one after the other, than the pool has connections.
                for number in range(24):
                    asked += await _ask(context, f"{number}'s")
                    await asyncio.sleep(0.05)
                answers = [await ada.browser.get(f"/api/v1/{what}") for what in ("session", "projects")]
                await asyncio.wait(asked)
                assert await credentials_of(context).token(context, ada.token) is not None
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "database_busy")] * 2
        for failed in asked:
            assert isinstance(failed.exception(), Unavailable)
        assert await credentials_of(context).session(context, ada.cookie) is not None
    finally:
        await elsewhere.close()


async def test_who_asks_while_all_connections_are_taken_is_told_so_in_time(
    people: People, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "ACQUIRE_SECONDS", 0.2)
    ada = await people("ada")
    async with asyncio.timeout(10), AsyncExitStack() as taken:
        for _ in range(8):
            await taken.enter_async_context(context.db.hot())
        with pytest.raises(db.Busy):
            await credentials_of(context).session(context, ada.cookie)
    assert await credentials_of(context).session(context, ada.cookie) is not None


async def test_keys_that_cannot_be_read_are_tried_again_and_hold_no_connection(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_versions, "READ_SECONDS", 0.1)
    monkeypatch.setattr(key_versions, "WATCH_SECONDS", 0.01)
    tried = 0
    real = key_versions.learn

    async def learn(ctx: Context) -> bool:
        nonlocal tried
        tried += 1
        return await real(ctx)

    monkeypatch.setattr(key_versions, "learn", learn)
    elsewhere = await asyncpg.connect(context.settings.database_dsn)
    try:
        async with asyncio.timeout(20), elsewhere.transaction():
            await elsewhere.execute("LOCK TABLE key_versions IN ACCESS EXCLUSIVE MODE")
            watching = asyncio.create_task(key_versions.watch(context))
            while tried < 12:
                await asyncio.sleep(0.02)
            assert not watching.done()
            async with context.db.hot() as connection:
                assert await connection.fetchval("SELECT 1") == 1
        watching.cancel()
    finally:
        await elsewhere.close()


async def test_a_credential_that_cannot_be_read_fails_for_its_owner_alone(people: People, context: Context) -> None:
    ada, ben = await people("ada"), await people("ben")
    async with context.db.hot() as connection:
        # As an older process would find it, while a newer one knows one scope more.
        await connection.execute(
            """UPDATE api_tokens SET scopes = '["fly"]' WHERE user_id = $1""",
            ada.user_id,
        )
    answers = await asyncio.gather(
        *[credentials_of(context).token(context, person.token) for person in (ada, ben)], return_exceptions=True
    )
    assert isinstance(answers[0], ValueError)
    assert isinstance(answers[1], Known)


async def _end(context: Context, process: int) -> None:
    async with context.db.hot() as connection:
        assert await connection.fetchval("SELECT pg_terminate_backend($1, 5000)", process)
