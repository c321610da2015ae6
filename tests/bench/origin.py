"""Instances of apps for the benchmarks: small HTTP servers that answer with their name and echo WebSockets.

One process holds them all: `python -m tests.bench.origin NAME=PORT…`.
"""

import asyncio
import base64
import hashlib
import subprocess
import sys
from typing import Self

from tests.bench.load import ROOT, read_frame, text_frame

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Origins:
    """The process from outside."""

    def __init__(self, ports: dict[str, int]) -> None:
        self._ports = ports
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.origin", *(f"{name}={port}" for name, port in self._ports.items())],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            raise SystemExit("the instances could not begin")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait()


class _Instance(asyncio.Protocol):
    def __init__(self, name: str) -> None:
        body = name.encode()
        self._answer = (
            f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        self._buffer = b""
        self._chat: asyncio.StreamReader | None = None
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        if self._chat is not None:
            self._chat.feed_data(data)
            return
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            if head.startswith(b"GET /chat "):
                self._upgrade(head.decode("latin-1"))
                return
            self._transport.write(self._answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._chat is not None:
            self._chat.feed_eof()

    def _upgrade(self, head: str) -> None:
        assert self._transport is not None
        fields = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }
        digest = hashlib.sha1((fields["sec-websocket-key"] + _GUID).encode(), usedforsecurity=False).digest()
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
        )
        self._chat = asyncio.StreamReader()
        self._chat.feed_data(self._buffer)
        self._task = asyncio.create_task(self._echo(self._chat, self._transport))

    @staticmethod
    async def _echo(reader: asyncio.StreamReader, transport: asyncio.Transport) -> None:
        try:
            while (said := await read_frame(reader)) is not None:
                transport.write(text_frame(said, masked=False))
        except EOFError:
            pass
        finally:
            transport.abort()


async def _main(ports: dict[str, int]) -> None:
    loop = asyncio.get_running_loop()
    for name, port in ports.items():
        await loop.create_server(lambda name=name: _Instance(name), "127.0.0.1", port, backlog=4096)
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main({name: int(port) for name, _, port in (pair.partition("=") for pair in sys.argv[1:])}))
