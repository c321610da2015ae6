"""How many event streams one person may hold, and that they leave connections of the database to requests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from servedapp import on_free_port, served_at

from wisehosting_cp import live, overview
from wisehosting_cp.kit import db
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce
from wisehosting_cp.settings import Settings

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
MOST = 3


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return on_free_port(settings, streams_per_person=MOST)


@pytest.fixture
async def served(app: FastAPI, settings: Settings) -> AsyncIterator[FastAPI]:
    async with served_at(app, settings.public_port):
        yield app


@pytest.fixture
async def wire(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A client over real sockets, which is nobody."""
    async with httpx2.AsyncClient(base_url=settings.public_url, trust_env=False, timeout=20) as client:
        yield client


@asynccontextmanager
async def _stream(
    wire: httpx2.AsyncClient, person: Any, path: str = "/api/v1/events"
) -> AsyncIterator[httpx2.Response]:
    headers = {"authorization": f"Bearer {person.token}"}
    async with wire.stream("GET", path, headers=headers) as answer:
        yield answer


async def _first(answer: httpx2.Response) -> None:
    """Read what comes first, and close."""
    assert answer.status_code == 200
    async with asyncio.timeout(10):
        async for _ in answer.aiter_raw():
            return


async def _whole(wire: httpx2.AsyncClient, person: Any) -> None:
    async with _stream(wire, person) as answer:
        assert answer.status_code == 200
        await answer.aread()


async def _environment(person: Any) -> str:
    body = {"name": "shop", "source": {"url": "https://example.org/shop.git"}}
    made = (await person.browser.post("/api/v1/projects", json=body)).json()
    return f"/api/v1/environments/{made['environments'][0]['id']}/log"


async def test_one_person_holds_so_many_streams_of_all_kinds_and_each_that_ends_makes_room(
    served: FastAPI, wire: httpx2.AsyncClient, people: People, context: Context
) -> None:
    ada, ben = await people("ada"), await people("ben")
    log = await _environment(ada)
    async with asyncio.timeout(30), AsyncExitStack() as others:
        for path in ("/api/v1/events", log):
            await others.enter_async_context(_stream(wire, ada, path))
        async with _stream(wire, ada) as last:
            assert last.status_code == 200
            for path in ("/api/v1/events", log):
                async with _stream(wire, ada, path) as refused:
                    await refused.aread()
                assert refused.status_code == 429
                assert refused.headers["content-type"] == "application/problem+json"
                assert refused.json()["code"] == "too_many_streams"
                assert f"{MOST} event streams" in refused.json()["detail"]
            async with _stream(wire, ben) as another:
                assert another.status_code == 200
        async with asyncio.timeout(10):
            status = 0
            while status != 200:
                async with _stream(wire, ada, log) as again:
                    status = again.status_code


async def test_streams_that_end_by_the_server_or_by_an_error_are_given_back(
    served: FastAPI, wire: httpx2.AsyncClient, people: People, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await people("ada")

    async def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(live, "platform_view", broken)
        for _ in range(2 * MOST):
            with pytest.raises(httpx2.HTTPError):
                await _whole(wire, ada)
    async with _stream(wire, ada) as answer:
        await _first(answer)


async def test_streams_that_load_leave_connections_to_requests(
    served: FastAPI, wire: httpx2.AsyncClient, people: People, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.settings.streams_per_person = 100
    ada = await people("ada")
    log = await _environment(ada)
    loading, most, go_on = 0, 0, asyncio.Event()
    real = overview.platform_view

    async def slow(*given: Any) -> Any:
        nonlocal loading, most
        loading += 1
        most = max(most, loading)
        try:
            await given[0].connection()
            await go_on.wait()
        finally:
            loading -= 1
        return await real(*given)

    monkeypatch.setattr(live, "platform_view", slow)
    async with asyncio.timeout(30), AsyncExitStack() as streams:
        answers = [await streams.enter_async_context(_stream(wire, ada)) for _ in range(20)]
        while loading < db.STREAMS_AT_ONCE:
            await asyncio.sleep(0.02)
        await streams.enter_async_context(_stream(wire, ada, log))
        for _ in range(3):
            assert (await ada.browser.get("/api/v1/projects")).status_code == 200
            assert (await ada.browser.get(f"{log}?format=json")).status_code == 200
        go_on.set()
        for answer in answers:
            await _first(answer)
        async with context.db.transaction() as session:
            announce(session, "worker:0190a0a0-0000-7000-8000-000000000000")
        assert (await ada.browser.get("/api/v1/projects")).status_code == 200
    assert most == db.STREAMS_AT_ONCE


async def test_a_stream_whose_reader_takes_nothing_holds_no_connection_of_the_database(
    people: People, context: Context
) -> None:
    ada = await people("ada")
    request: Any = None
    async with AsyncExitStack() as opened:
        for _ in range(20):
            asker: Any = type("Asker", (), {"operator": False, "teams": {ada.team_id: "owner"}, "projects": {}})()
            events = live.changes(request, context, asker)
            opened.push_async_callback(events.aclose)
            async with asyncio.timeout(4):
                await anext(events)
