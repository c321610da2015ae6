"""Streams let go of readers who went away or do not read."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

import pytest
from pydantic import BaseModel
from structlog.testing import capture_logs

from wisehosting_cp.kit.db import Away, Busy
from wisehosting_cp.kit.sse import EventStream, encode

pytestmark = pytest.mark.anyio

SCOPE = {"type": "http", "path": "/events"}


class View(BaseModel):
    text: str


class Source:
    """Events for ever; says whether it was closed."""

    def __init__(self) -> None:
        self.closed = False
        self.made = 0

    async def events(self) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                self.made += 1
                yield b": x\n\n"
                await asyncio.sleep(0)
        finally:
            self.closed = True


def test_an_event_is_one_line_of_json_with_its_id() -> None:
    assert encode("line", View(text="a\nb\r\nc"), event_id="7") == (
        b'event: line\ndata: {"text":"a\\nb\\r\\nc"}\nid: 7\n\n'
    )


async def test_a_reader_that_takes_nothing_is_let_go_and_the_source_closed() -> None:
    source = Source()

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    with capture_logs() as said:
        async with asyncio.timeout(5):
            await EventStream(source.events(), slowest_seconds=0.05)(SCOPE, receive, send)
    assert source.closed
    assert source.made == 1
    assert [line["event"] for line in said] == ["a reader of events was too slow"]


@pytest.mark.parametrize("error", [Busy(), Away()])
async def test_a_source_whose_database_is_busy_or_away_breaks_off_and_says_so(error: Exception) -> None:
    async def events() -> AsyncGenerator[bytes, None]:
        yield b"a"
        raise error

    messages: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    with capture_logs() as said:
        await EventStream(events())(SCOPE, receive, send)
    assert [message.get("more_body") for message in messages] == [None, True]
    assert [line["event"] for line in said] == ["a stream of events broke off"]
    assert type(error).__name__ in said[0]["error"]


async def test_a_reader_that_went_away_closes_the_source() -> None:
    source = Source()
    gone = asyncio.Event()
    sent = 0

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal sent
        sent += 1
        if sent == 10:
            gone.set()

    async def receive() -> MutableMapping[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async with asyncio.timeout(5):
        await EventStream(source.events())(SCOPE, receive, send)
    assert source.closed


async def test_a_source_that_ends_ends_the_answer() -> None:
    messages: list[MutableMapping[str, Any]] = []

    async def events() -> AsyncGenerator[bytes, None]:
        yield b"a"

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    await EventStream(events())(SCOPE, receive, send)
    assert [message.get("more_body") for message in messages] == [None, True, False]
    assert dict(messages[0]["headers"])[b"content-type"].startswith(b"text/event-stream")


async def test_a_reader_who_may_not_read_any_more_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wisehosting_cp.kit.sse.AUTHORIZE_SECONDS", 0.01)
    source, asked = Source(), []

    async def still() -> bool:
        asked.append(source.made)
        return len(asked) < 3

    async def send(_: MutableMapping[str, Any]) -> None:
        await asyncio.sleep(0)

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    async with asyncio.timeout(5):
        await EventStream(source.events(), still=still)(SCOPE, receive, send)
    assert source.closed
    assert len(asked) == 3
