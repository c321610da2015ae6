"""Long answers: server-sent events and WebSocket chats (RFC 6455, written out). Their end is judged by who ended them."""

import asyncio
import base64
import os
import time
from collections.abc import Coroutine

from faults.tally import Tally

SILENCE_SECONDS = 8.0
CHAT_PAUSE = 0.25
MASK = b"\x11\x22\x33\x44"
HEAD = b"\r\n\r\n"


class Streams:
    """Opens streams to one app; each ends by itself after its seconds."""

    def __init__(self, port: int, host: str, tally: Tally) -> None:
        self._port = port
        self._host = host
        self._tally = tally
        self._tasks: set[asyncio.Task[None]] = set()

    def events(self, seconds: float) -> None:
        self._spawn(self._one(seconds, chat=False))

    def chat(self, seconds: float) -> None:
        self._spawn(self._one(seconds, chat=True))

    def always(self, seconds: float, *, each: int) -> None:
        """Hold so many of both kinds open: one after the other, for ever."""

        async def again(*, chat: bool) -> None:
            while True:
                await self._one(seconds, chat=chat)
                await asyncio.sleep(0.2)

        for _ in range(each):
            self._spawn(again(chat=False))
            self._spawn(again(chat=True))

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _one(self, seconds: float, *, chat: bool) -> None:
        what = "chat" if chat else "events"
        self._tally.window.sent += 1
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                key = base64.b64encode(os.urandom(16)).decode()
                upgrade = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                path, extra = ("/ws", upgrade) if chat else (f"/events?seconds={seconds:g}", "")
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n{extra}\r\n".encode())
                head = await reader.readuntil(HEAD)
        except (OSError, EOFError) as error:
            self._tally.failed("timeout" if isinstance(error, TimeoutError) else "reset", f"{what}: {error!r}")
            return
        try:
            number = self._opened(head, 101 if chat else 200, what)
            if number is not None:
                await self._follow(number, reader, writer, seconds, chat=chat)
        finally:
            writer.transport.abort()

    def _opened(self, head: bytes, wanted: int, what: str) -> int | None:
        status = int(head[9:12])
        numbers = [
            line.partition(b": ")[2]
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"x-wisehosting-deployment")
        ]
        if status != wanted or not numbers:
            self._tally.failed(f"status {status}", what)
            return None
        self._tally.window.succeeded += 1
        self._tally.window.streams.opened += 1
        self._tally.met(int(numbers[0]))
        return int(numbers[0])

    async def _follow(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float, *, chat: bool
    ) -> None:
        self._tally.open_streams += 1
        begun = time.monotonic()
        try:
            if chat:
                await self._talk(reader, writer, seconds)
            else:
                await self._listen(number, reader)
        except (OSError, EOFError) as error:
            kind = "chat" if chat else "events"
            self._tally.cut(number, f"{kind} of {seconds:.0f} s after {time.monotonic() - begun:.1f} s: {error!r}")
        else:
            self._tally.window.streams.ended += 1
        finally:
            self._tally.open_streams -= 1

    async def _listen(self, number: int, reader: asyncio.StreamReader) -> None:
        """Read events to the last one. Raises EOFError or OSError when they stop before."""
        text = ""
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                size = int(await reader.readuntil(b"\r\n"), 16)
                text += (await reader.readexactly(size + 2))[:-2].decode()
            if not size:
                raise EOFError("the app ended it")
            *events, text = text.split("\n\n")  # chunks are the proxy's, events are the app's
            for event in events:
                if (why := self._tally.wrong(number, event.partition("data: ")[2])) is not None:
                    self._tally.failed("wrong body", why)
                if event.startswith("event: end"):
                    return

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
        """Say something every quarter of a second and hear it again. Raises like `_listen`."""
        end = time.monotonic() + seconds
        count = 0
        while time.monotonic() < end:
            count += 1
            text = b"hello %d" % count
            writer.write(frame(1, text))
            async with asyncio.timeout(SILENCE_SECONDS):
                kind, heard = await read_frame(reader)
            if kind == 8:
                raise EOFError(f"closed with code {int.from_bytes(heard[:2], 'big')}")
            if heard != text:
                self._tally.failed("wrong body", f"a chat echoed {heard!r} for {text!r}")
            self._tally.window.echoes += 1
            await asyncio.sleep(CHAT_PAUSE)
        writer.write(frame(8, (1000).to_bytes(2, "big")))
        async with asyncio.timeout(SILENCE_SECONDS):
            await read_frame(reader)


def frame(kind: int, payload: bytes) -> bytes:
    masked = bytes(byte ^ MASK[place % 4] for place, byte in enumerate(payload))
    return bytes((0x80 | kind, 0x80 | len(payload))) + MASK + masked


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, size = await reader.readexactly(2)
    return first & 0x0F, await reader.readexactly(size & 0x7F)
