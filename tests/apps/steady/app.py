"""Made for load: small answers, slow uploads, event streams, WebSocket echo. On SIGTERM it finishes what is in flight.

Every answer names the app and its version; `start.txt` says how many seconds it takes to come up.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import secrets
import signal
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

WHO = f"{Path('name.txt').read_text().strip()} {Path('version.txt').read_text().strip()}".encode()
ME = secrets.token_hex(4).encode()
"""Which instance answers."""
ACCEPT_WORD = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
EVENT_SECONDS = 0.25
GRACE_SECONDS = 8
CLOSE = 8


class Visitor(asyncio.Protocol):
    """One connection."""

    everybody: set["Visitor"] = set()  # noqa: RUF012 - one process, one set
    leaving = False
    """The app was asked to end: what is answered now is the last on its connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""
        self.missing = 0
        self.uploaded = 0
        self.busy = False
        self.chat = False
        self.events: asyncio.Task[None] | None = None
        Visitor.everybody.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        Visitor.everybody.discard(self)
        if self.events is not None:
            self.events.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self.step():
            pass

    def step(self) -> bool:
        """Take one piece from the buffer; false when it needs more."""
        if self.chat:
            return self.frame()
        if self.missing:
            return self.upload()
        if self.busy or (end := self.buffer.find(b"\r\n\r\n")) < 0:
            return False
        head, self.buffer = self.buffer[:end], self.buffer[end + 4 :]
        self.busy = True
        if head.startswith(b"GET / "):
            self.answer(WHO)
            return True
        self.begin(head.split(b"\r\n"))
        return True

    def begin(self, lines: list[bytes]) -> None:
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        asked = urlsplit(lines[0].split(b" ")[1].decode())
        if asked.path == "/slow-upload":
            self.uploaded = self.missing = int(headers.get(b"content-length", b"0"))
            if not self.missing:
                self.answer(WHO + b" 0")
        elif asked.path == "/events":
            seconds = float(parse_qs(asked.query)["seconds"][0])
            self.events = asyncio.get_running_loop().create_task(self.stream(seconds))
        elif asked.path == "/ws":
            self.chat = True
            accept = base64.b64encode(hashlib.sha1(headers[b"sec-websocket-key"] + ACCEPT_WORD).digest())  # noqa: S324 - RFC 6455 asks for it
            self.transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-App: "
                + WHO
                + b"\r\nSec-WebSocket-Accept: "
                + accept
                + b"\r\n\r\n"
            )
        else:
            self.answer(WHO, status=b"404 Not Found")

    def upload(self) -> bool:
        taken = min(self.missing, len(self.buffer))
        self.buffer = self.buffer[taken:]
        self.missing -= taken
        if self.missing:
            return False
        self.answer(WHO + b" %d" % self.uploaded)
        return True

    def answer(self, body: bytes, *, status: bytes = b"200 OK") -> None:
        last = b"Connection: close\r\n" if Visitor.leaving else b""
        self.transport.write(
            b"HTTP/1.1 %s\r\n%sX-Instance: %s\r\nContent-Length: %d\r\n\r\n%s" % (status, last, ME, len(body), body)
        )
        self.busy = False
        if last:
            self.transport.close()

    async def stream(self, seconds: float) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        end = time.monotonic() + seconds
        while time.monotonic() < end and not Visitor.leaving:
            self.chunk(b"data: " + WHO + b"\n\n")
            await asyncio.sleep(EVENT_SECONDS)
        if not Visitor.leaving:
            self.chunk(b"event: end\ndata: " + WHO + b"\n\n")
        self.transport.write(b"0\r\n\r\n")
        self.busy = False
        if Visitor.leaving:
            self.transport.close()

    def chunk(self, data: bytes) -> None:
        self.transport.write(b"%x\r\n%s\r\n" % (len(data), data))

    def frame(self) -> bool:
        """Echo one small frame of a chat: masked, under 126 bytes, unfragmented, as our clients send them."""
        if len(self.buffer) < 6 or len(self.buffer) < 6 + (self.buffer[1] & 0x7F):
            return False
        length, mask = self.buffer[1] & 0x7F, self.buffer[2:6]
        payload = bytes(byte ^ mask[place % 4] for place, byte in enumerate(self.buffer[6 : 6 + length]))
        kind = self.buffer[0] & 0x0F
        self.buffer = self.buffer[6 + length :]
        self.transport.write(bytes((0x80 | kind, length)) + payload)
        if kind == CLOSE:
            self.transport.close()
        return True

    def leave(self) -> None:
        """End what is idle and say goodbye to chats; streams end by themselves at their next event."""
        if self.chat:
            self.transport.write(bytes((0x80 | CLOSE, 2)) + (1001).to_bytes(2, "big"))
            self.transport.close()
        elif not self.busy:
            self.transport.close()


async def main() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(float(Path("start.txt").read_text())):
            await stop.wait()
    server = await loop.create_server(Visitor, "0.0.0.0", int(os.environ["PORT"]), backlog=1024)
    print(WHO.decode(), "listens on", os.environ["PORT"], flush=True)  # noqa: T201 - a line for the log
    await stop.wait()
    server.close()
    Visitor.leaving = True
    for visitor in list(Visitor.everybody):
        visitor.leave()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            while Visitor.everybody:
                await asyncio.sleep(0.02)


asyncio.run(main())
