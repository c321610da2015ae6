"""Open-loop HTTP load and chatting WebSockets, from a process of its own.

with Load(Aim(address="127.0.0.1", port=8080, host="a.localhost", rate=1000, socket_host="b.localhost", sockets=100)) as load:
    …
report = load.report

A request is due by the clock and goes out then, whether or not earlier ones were answered: on an idle keep-alive
connection, on a new one when none is idle. Nothing is tried again, so a connection that is closed under a waiting request
is a failed request. Times are CLOCK_MONOTONIC seconds, the same in all processes of the machine.
"""

import asyncio
import base64
import os
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Self

import msgspec

ROOT = Path(__file__).parents[2]
READY_SECONDS = 30
ANSWER_SECONDS = 5.0
SPARE_CONNECTIONS = 32
_MASK = b"\x17\x2a\x33\x44"


class Aim(msgspec.Struct, kw_only=True):
    """What to send where."""

    address: str
    port: int
    host: str
    rate: float
    """Requests a second."""
    path: str = "/"
    socket_host: str = ""
    sockets: int = 0
    chat_seconds: float = 1.0
    """Each socket says something so often and wants it echoed."""


class Sample(msgspec.Struct, array_like=True):
    """One request: due, sent and answered at; status, or 0 with what went wrong; the answer's body."""

    due: float
    sent: float
    done: float
    status: int
    said: str


class Report(msgspec.Struct, kw_only=True):
    """Everything that happened."""

    samples: list[Sample] = []
    sockets_opened: int = 0
    sockets_open: int = 0
    """Still open and answering at the end."""
    messages: int = 0
    """Echoes that came back."""
    connections: int = 0
    """Connections opened for requests."""
    unanswered: int = 0
    """Requests that were under way when the load ended; they are in no other number."""

    def failed(self) -> list[Sample]:
        """Return requests that got no 200."""
        return [sample for sample in self.samples if sample.status != 200]

    def lateness(self) -> list[float]:
        """Return how late each request went out, in seconds: the generator's own fault, never the target's."""
        return sorted(sample.sent - sample.due for sample in self.samples)


class Load:
    """The generator from outside. Entering waits until all sockets chat; leaving ends it and reads the report."""

    def __init__(self, aim: Aim) -> None:
        self._aim = aim
        self.report = Report()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.load", msgspec.json.encode(self._aim).decode()],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            self._process.kill()
            raise SystemExit(f"the load generator could not begin: {self._aim}")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        output, _ = self._process.communicate(b"end\n", timeout=60)
        if self._process.returncode:
            raise SystemExit(f"the load generator failed: {self._process.returncode}")
        self.report = msgspec.msgpack.decode(output, type=Report)


class _Connection(asyncio.Protocol):
    """One keep-alive connection; at most one request is under way on it."""

    def __init__(self, generator: "_Generator") -> None:
        self._generator = generator
        self._transport: asyncio.Transport | None = None
        self._waiting: tuple[float, float] | None = None
        self._buffer = b""
        self._timeout: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def send(self, due: float) -> None:
        assert self._transport is not None
        self._waiting = (due, time.monotonic())
        self._buffer = b""
        self._timeout = asyncio.get_running_loop().call_later(ANSWER_SECONDS, self._late)
        self._transport.write(self._generator.request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or self._waiting is None:
            return
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) < length:
            return
        self._end(int(head[9:12]), body[:60].decode("latin-1"))
        if b"connection: close" in lower:
            self.close()
        else:
            self._generator.idle.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._end(0, f"closed: {exc or 'end of stream'}")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _late(self) -> None:
        self._end(0, f"no answer within {ANSWER_SECONDS:g} s")
        self.close()

    def _end(self, status: int, said: str) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
        if self._waiting is not None:
            due, sent = self._waiting
            self._waiting = None
            self._generator.under_way -= 1
            self._generator.report.samples.append(Sample(due, sent, time.monotonic(), status, said))


class _Generator:
    def __init__(self, aim: Aim) -> None:
        self._aim = aim
        self.report = Report()
        self.idle: deque[_Connection] = deque()
        self.under_way = 0
        self.request = f"GET {aim.path} HTTP/1.1\r\nHost: {aim.host}\r\nUser-Agent: load\r\n\r\n".encode()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, ended: asyncio.Event, ready: asyncio.Event) -> None:
        """Open the sockets, then keep to the timetable until told to end."""
        chats = [asyncio.create_task(self._chat(number, ended)) for number in range(self._aim.sockets)]
        while self.report.sockets_opened < self._aim.sockets:
            for chat in chats:
                if chat.done():
                    chat.result()
                    raise SystemExit("a WebSocket ended before the load began")
            await asyncio.sleep(0.01)
        for _ in range(SPARE_CONNECTIONS):
            self.idle.append(await self._open())
        ready.set()
        began, number = time.monotonic(), 0
        while not ended.is_set():
            due = began + number / self._aim.rate
            if (pause := due - time.monotonic()) > 0:
                await asyncio.sleep(pause)
                continue
            number += 1
            self._one(due)
            if number % 50 == 0:
                await asyncio.sleep(0)  # also a generator that is behind must read what comes back
        until = time.monotonic() + ANSWER_SECONDS
        while self.under_way and time.monotonic() < until:
            await asyncio.sleep(0.01)
        self.report.unanswered = self.under_way
        await asyncio.gather(*chats, return_exceptions=True)

    def _one(self, due: float) -> None:
        self.under_way += 1
        while self.idle:
            connection = self.idle.popleft()
            if connection.usable:
                connection.send(due)
                return
        task = asyncio.create_task(self._on_a_new_one(due))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _on_a_new_one(self, due: float) -> None:
        sent = time.monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                connection = await self._open()
        except (OSError, TimeoutError) as error:
            self.under_way -= 1
            self.report.samples.append(Sample(due, sent, time.monotonic(), 0, f"connect: {error!r}"))
            return
        connection.send(due)

    async def _open(self) -> _Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: _Connection(self), self._aim.address, self._aim.port
        )
        self.report.connections += 1
        return connection

    async def _chat(self, number: int, ended: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection(self._aim.address, self._aim.port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /chat HTTP/1.1\r\nHost: {self._aim.socket_host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise SystemExit(f"no WebSocket: {head!r}")
        self.report.sockets_opened += 1
        begin = time.monotonic() + number / self._aim.sockets * self._aim.chat_seconds
        turn = 0
        try:
            while not ended.is_set():
                text = f"{number}-{turn}".encode()
                writer.write(text_frame(text, masked=True))
                async with asyncio.timeout(ANSWER_SECONDS):
                    said = await read_frame(reader)
                if said != text:
                    return
                self.report.messages += 1
                turn += 1
                await asyncio.sleep(max(0.0, begin + turn * self._aim.chat_seconds - time.monotonic()))
            self.report.sockets_open += 1
        except (OSError, EOFError, TimeoutError):
            return
        finally:
            writer.transport.abort()


def text_frame(text: bytes, *, masked: bool) -> bytes:
    """Return a WebSocket text frame of at most 125 bytes."""
    if masked:
        content = bytes(byte ^ _MASK[index % 4] for index, byte in enumerate(text))
        return bytes([0x81, 0x80 | len(text)]) + _MASK + content
    return bytes([0x81, len(text)]) + text


async def read_frame(reader: asyncio.StreamReader) -> bytes | None:
    """Return the text of the next short frame; None for a frame that closes."""
    first, second = await reader.readexactly(2)
    mask = await reader.readexactly(4) if second & 0x80 else b"\0\0\0\0"
    content = await reader.readexactly(second & 0x7F)
    return None if first & 0x0F == 0x8 else bytes(byte ^ mask[index % 4] for index, byte in enumerate(content))


async def _main(aim: Aim) -> None:
    ended, ready = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), ended.set)
    generator = _Generator(aim)
    running = asyncio.create_task(generator.run(ended, ready))
    await asyncio.wait(
        {running, asyncio.create_task(ready.wait())}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED
    )
    if not ready.is_set():
        if running.done():
            running.result()
        raise SystemExit("not ready in time")
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    await ended.wait()
    loop.remove_reader(sys.stdin.fileno())
    await running
    sys.stdout.buffer.write(msgspec.msgpack.encode(generator.report))


if __name__ == "__main__":
    asyncio.run(_main(msgspec.json.decode(sys.argv[1].encode(), type=Aim)))
