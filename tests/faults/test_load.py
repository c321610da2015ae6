"""The load itself: what a visitor would call a failure is counted as one, and nothing else is."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from faults import tally as tallies
from faults.client import Visitor
from faults.streams import Streams
from faults.tally import Tally
from running import free_port

GOOD = b"HTTP/1.1 200 OK\r\nX-WiseHosting-Deployment: %d\r\nContent-Length: 9\r\n\r\nsteady v%d"
EVENTS = (
    b"HTTP/1.1 200 OK\r\nX-WiseHosting-Deployment: 1\r\nTransfer-Encoding: chunked\r\n\r\n11\r\ndata: steady v1\n\n\r\n"
)
CHAT = b"HTTP/1.1 101 Switching Protocols\r\nX-WiseHosting-Deployment: 1\r\n\r\n"
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def against(answer: Answer, ask: Callable[[Visitor, Streams, Tally], Awaitable[None]]) -> Tally:
    """What is counted of an app that answers so; each request that arrives is read before."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await answer(reader, writer)
        except (OSError, EOFError):
            return
        finally:
            writer.transport.abort()

    port = free_port(17490)
    async with await asyncio.start_server(serve, "127.0.0.1", port):
        tally = Tally("steady", lambda _: None)
        visitor, streams = Visitor(port, "steady.localhost", tally), Streams(port, "steady.localhost", tally)
        await ask(visitor, streams, tally)
        visitor.close()
        await asyncio.sleep(0)
    return tally


async def get(visitor: Visitor, *_: object) -> None:
    visitor.get(asyncio.get_running_loop().time())
    while visitor.under_way():
        visitor.sweep()
        await asyncio.sleep(0.01)


def says(text: bytes) -> Answer:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)

    return answer


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write((GOOD % (1, 1))[:-4])
    writer.close()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (
            says(b"HTTP/1.1 503 Service Unavailable\r\nX-WiseHosting-Deployment: 1\r\nContent-Length: 0\r\n\r\n"),
            "status 503",
        ),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsteady v1"), "status 200"),
        (says(b"HTTP/1.1 200 OK\r\nX-WiseHosting-Deployment: 1\r\nContent-Length: 8\r\n\r\nother v1"), "wrong body"),
        (reset, "closed"),
        (half, "closed"),
        (says(b""), "timeout"),
    ],
    ids=["503", "no number", "another app", "cut", "half an answer", "silence"],
)
def test_what_a_visitor_calls_a_failure_is_counted(answer: Answer, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faults.client.LONGEST_SECONDS", 0.3)
    seen = asyncio.run(against(answer, get)).turn()
    assert (seen["sent"], seen["succeeded"]) == (1, 0)
    failed = {"reset": "closed"}.get(next(iter(seen["failed"])), next(iter(seen["failed"])))
    assert (failed, sum(seen["failed"].values())) == (kind, 1)


def test_two_versions_of_one_deployment_are_a_failure_and_two_deployments_are_not() -> None:
    async def twice(visitor: Visitor, *_: object) -> None:
        for _ in range(3):
            await get(visitor)

    counts: list[int] = []

    async def numbered(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        counts.append(1)
        writer.write(GOOD % ((1, 1), (2, 2), (2, 3))[len(counts) - 1])

    seen = asyncio.run(against(numbered, twice)).turn()
    assert (seen["succeeded"], seen["failed"]) == (2, {"wrong body": 1})
    assert set(seen["first_answers"]) == {"1", "2"}


def test_a_kept_connection_that_ended_while_idle_is_replaced_and_one_that_ends_under_a_request_is_not() -> None:
    counts: list[int] = []

    async def ends(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        counts.append(1)
        if len(counts) < 3:
            writer.write(GOOD % (1, 1))
        if len(counts) != 2:
            writer.close()

    async def three(visitor: Visitor, *_: object) -> None:
        await get(visitor)
        while visitor._idle[0].usable():
            await asyncio.sleep(0.01)
        await get(visitor)
        await get(visitor)

    seen = asyncio.run(against(ends, three)).turn()
    assert (seen["sent"], seen["succeeded"], seen["idle_closed"]) == (3, 2, 1)
    assert sum(seen["failed"].values()) == 1


@pytest.mark.parametrize("chat", [False, True])
def test_a_stream_that_is_cut_is_broken_unless_its_deployment_had_its_time_to_drain(chat: bool) -> None:
    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHAT if chat else EVENTS)
        await writer.drain()
        writer.close()

    async def listen(_: Visitor, streams: Streams, tally: Tally) -> None:
        for age in (None, 5.0, tallies.DRAIN_SECONDS):
            if age is not None:
                tally.first_answers[2] = asyncio.get_running_loop().time() - age
            await streams._one(60, chat=chat)

    seen = asyncio.run(against(cut, listen)).turn()
    assert (seen["streams"]["opened"], seen["streams"]["ended"]) == (3, 0)
    assert (seen["streams"]["broken"], seen["streams"]["drained"]) == (2, 1)
