"""One's signed-in browsers: seen, ended, and gone everywhere at once."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from wisehosting_cp import live
from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.credentials import credentials_of
from wisehosting_cp.accounts.models import BrowserSession, User
from wisehosting_cp.accounts.sessions import service as sessions
from wisehosting_cp.app import create_public_app
from wisehosting_cp.kit import sse
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_cp.kit.events import Events
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.sources.poller import tidy

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
SESSIONS = "/api/v1/account/sessions"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def _another(context: Context, person: Any, user_agent: str = FIREFOX) -> str:
    async with context.db.transaction() as session:
        user = await session.get_one(User, person.user_id)
        cookie, _ = await sessions.open_session(
            session, context, user, user_agent=user_agent, address="192.0.2.7", request_id="other"
        )
    return cookie


async def _actions(context: Context, subject: str) -> list[str]:
    async with context.db.read() as session:
        query = select(AuditEvent.action).where(AuditEvent.subject == subject).order_by(AuditEvent.id)
        return list((await session.execute(query)).scalars())


async def test_a_person_sees_each_browser_in_plain_words_and_which_is_this_one(
    people: People, context: Context
) -> None:
    ada, eve = await people("ada"), await people("eve")
    await _another(context, ada)
    await _another(context, eve, "eve's")
    listed = (await ada.browser.get(SESSIONS)).json()["items"]
    assert [(row["device"], row["address"], row["current"]) for row in listed] == [
        ("Firefox on Linux", "192.0.2.7", False),
        ("Unknown browser", "127.0.0.1", True),
    ]
    assert listed[0]["last_seen_at"] is None
    assert set(listed[0]) == {"id", "device", "address", "created_at", "last_seen_at", "expires_at", "current"}


async def test_sessions_are_read_page_by_page(people: People, context: Context) -> None:
    ada = await people()
    for _ in range(2):
        await _another(context, ada)
    first = (await ada.browser.get(SESSIONS, params={"limit": 2})).json()
    rest = (await ada.browser.get(SESSIONS, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [len(page["items"]) for page in (first, rest)] == [2, 1]
    assert rest["next_cursor"] is None
    assert rest["items"][0]["current"] is True


async def test_when_a_session_was_last_seen_is_written_in_one_batch(
    people: People, context: Context, clock: Any
) -> None:
    ada, eve = await people("ada"), await people("eve")
    for person in (ada, eve, ada):
        await person.browser.get(SESSIONS)
    assert await credentials_of(context).flush_used(context) == 2
    assert await credentials_of(context).flush_used(context) == 0
    seen = (await ada.browser.get(SESSIONS)).json()["items"][0]["last_seen_at"]
    assert seen.replace("Z", "+00:00") == clock.now().isoformat()


async def test_a_revoked_session_is_over_at_once_and_leaves_one_audit_row(people: People, context: Context) -> None:
    ada = await people()
    other = await _another(context, ada)
    row = (await ada.browser.get(SESSIONS)).json()["items"][0]
    mine = ada.browser.cookies[context.settings.cookie_name]
    ada.browser.cookies.set(context.settings.cookie_name, other)
    assert (await ada.browser.get(SESSIONS)).status_code == 200
    ada.browser.cookies.set(context.settings.cookie_name, mine)
    assert (await ada.browser.delete(f"{SESSIONS}/{row['id']}")).status_code == 204
    assert (await ada.browser.delete(f"{SESSIONS}/{row['id']}")).status_code == 404
    ada.browser.cookies.set(context.settings.cookie_name, other)
    assert (await ada.browser.get(SESSIONS)).status_code == 401
    assert await _actions(context, f"session:{row['id']}") == ["session.login", "session.revoke"]


async def test_somebody_elses_session_cannot_be_revoked(people: People) -> None:
    ada, eve = await people("ada"), await people("eve")
    row = (await ada.browser.get(SESSIONS)).json()["items"][0]
    assert (await eve.browser.delete(f"{SESSIONS}/{row['id']}")).status_code == 404
    assert (await ada.browser.get(SESSIONS)).status_code == 200


async def test_all_other_sessions_end_together_and_this_one_stays(people: People, context: Context) -> None:
    ada, eve = await people("ada"), await people("eve")
    for _ in range(3):
        await _another(context, ada)
    assert (await ada.browser.post(f"{SESSIONS}/revoke-others")).json() == {"ended": 3}
    assert (await ada.browser.post(f"{SESSIONS}/revoke-others")).json() == {"ended": 0}
    assert len((await ada.browser.get(SESSIONS)).json()["items"]) == 1
    assert (await eve.browser.get(SESSIONS)).status_code == 200


async def test_signing_in_anew_ends_the_session_that_the_browser_came_with(people: People, context: Context) -> None:
    ada = await people()
    async with context.db.transaction() as session:
        user = await session.get_one(User, ada.user_id)
        fresh, _ = await sessions.open_session(
            session, context, user, user_agent="x", address="x", request_id="x", replaces=ada.cookie
        )
    assert fresh != ada.cookie
    assert (await ada.browser.get(SESSIONS)).status_code == 401
    ada.browser.cookies.set(context.settings.cookie_name, fresh)
    assert len((await ada.browser.get(SESSIONS)).json()["items"]) == 1


async def test_sessions_that_ended_are_cleared_away(people: People, context: Context, clock: Any) -> None:
    ada = await people()
    await _another(context, ada)
    clock.forward(29 * 86400)
    await _another(context, ada)
    newest = (await ada.browser.get(SESSIONS)).json()["items"][0]["id"]
    third = await people("third")
    await third.browser.post("/api/v1/session/end")
    clock.forward(2 * 86400)
    async with context.db.transaction() as session:
        await tidy(session, context)
    async with context.db.read() as session:
        assert [str(kept) for kept in (await session.execute(select(BrowserSession.id))).scalars()] == [newest]


async def test_the_counter_moves_once_for_each_transaction_that_takes_something_away(
    people: People, context: Context
) -> None:
    async def counter() -> int:
        async with context.db.hot() as connection:
            return int(await connection.fetchval("SELECT value FROM security_epoch"))

    ada = await people()
    for _ in range(3):
        await _another(context, ada)
    before = await counter()
    await ada.browser.post(f"{SESSIONS}/revoke-others")
    assert await counter() == before + 1
    await ada.browser.get(SESSIONS)
    await ada.browser.post(f"{SESSIONS}/revoke-others")
    assert await counter() == before + 1
    token = (await ada.browser.get("/api/v1/account/tokens")).json()["items"][0]["id"]
    await ada.browser.delete(f"/api/v1/account/tokens/{token}")
    assert await counter() == before + 2


@contextlib.asynccontextmanager
async def _second_instance(context: Context) -> AsyncIterator[tuple[Context, str]]:
    """Another control-plane process's parts on the same database, really served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    settings = context.settings.model_copy(update={"public_url": url, "public_port": port})
    events = Events()
    other = Context(
        settings,
        Database(settings.database_dsn, events, audit_key=context.keyring.key(Purpose.audit)),
        events,
        context.keyring,
        context.sealer,
        context.clock,
    )
    await other.db.open()
    app: FastAPI = create_public_app(other)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    )
    tasks = [asyncio.create_task(server._serve()), asyncio.create_task(epoch.watch(other))]
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield other, url
    finally:
        server.should_exit = True
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await other.db.close()


@pytest.mark.parametrize("revoked", ["session", "token"])
async def test_what_one_process_revokes_the_other_refuses_and_its_open_streams_end(
    people: People, context: Context, monkeypatch: pytest.MonkeyPatch, revoked: str
) -> None:
    # Neither the clock, which stands still, nor a stream's own rhythm ends anything here: only the counter can.
    monkeypatch.setattr(live, "AUTHORIZE_SECONDS", 3600)
    monkeypatch.setattr(sse, "AUTHORIZE_SECONDS", 3600)
    ada = await people()
    project = (
        await ada.browser.post(
            "/api/v1/projects", json={"name": "shop", "source": {"url": "https://example.org/a.git"}}
        )
    ).json()
    credential = (
        {"cookie": f"{context.settings.cookie_name}={ada.cookie}"}
        if revoked == "session"
        else {"authorization": f"Bearer {ada.token}"}
    )
    streams = ["/api/v1/events", f"/api/v1/environments/{project['environments'][0]['id']}/log"]
    async with _second_instance(context) as (_, url), contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30, headers=credential)
        )
        assert (await client.get("/api/v1/projects")).status_code == 200
        readers = []
        for path in streams:
            answer = await stack.enter_async_context(client.stream("GET", path))
            assert answer.status_code == 200
            readers.append(asyncio.create_task(_until_it_ends(answer)))
        if revoked == "session":
            row = (await ada.browser.get(SESSIONS)).json()["items"][0]
            path = f"{SESSIONS}/{row['id']}"
        else:
            row = (await ada.browser.get("/api/v1/account/tokens")).json()["items"][0]
            path = f"/api/v1/account/tokens/{row['id']}"
        assert (await client.get("/api/v1/projects")).status_code == 200, "remembered there"
        assert not any(reader.done() for reader in readers)
        assert (await ada.browser.delete(path)).status_code == 204
        async with asyncio.timeout(20):
            while (await client.get("/api/v1/projects")).status_code != 401:
                await asyncio.sleep(0.02)
            await asyncio.gather(*readers)


async def _until_it_ends(answer: httpx2.Response) -> None:
    with contextlib.suppress(httpx2.RemoteProtocolError):
        async for _ in answer.aiter_bytes():
            pass
