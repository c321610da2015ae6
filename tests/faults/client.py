"""Short exchanges over kept HTTP/1.1 connections, as a browser or a proxy has them. Nothing is tried twice."""

import asyncio
import select
import time
from collections import deque

from faults.tally import Tally

LONGEST_SECONDS = 10.0
"""An answer later than this after its due time is a failure."""
IDLE_SECONDS = 15.0
"""As clients do, a connection is not used again after so long."""
PIECES = 6
PIECE = b"p" * 100
UPLOAD_SECONDS = 1.5


class Exchange:
    """A request under way."""

    def __init__(self, due: float, *, upload: bool = False) -> None:
        self.due = due
        self.upload = upload
        self.over_a_switch = False
        self.over = False


class Connection(asyncio.Protocol):
    """One connection; at most one exchange at a time."""

    transport: asyncio.Transport

    def __init__(self, visitor: "Visitor") -> None:
        self._visitor = visitor
        self._buffer = b""
        self.exchange: Exchange | None = None
        self.idle_since = 0.0
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def usable(self) -> bool:
        """Nothing came while it was idle: no end, no reset."""
        if self.closed or self.transport.is_closing():
            return False
        look = select.poll()
        look.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not look.poll(0)

    def send(self, exchange: Exchange, head: bytes) -> None:
        self.exchange = exchange
        self.transport.write(head)
        if exchange.upload:
            self._send_piece(exchange, 0)

    def _send_piece(self, exchange: Exchange, count: int) -> None:
        if self.exchange is exchange and not self.closed:
            self.transport.write(PIECE)
            if count + 1 < PIECES:
                asyncio.get_running_loop().call_later(UPLOAD_SECONDS / PIECES, self._send_piece, exchange, count + 1)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if self.exchange is None or end < 0:
            return
        status = int(self._buffer[9:12])
        length, number, last, instance = 0, None, False, b""
        for line in self._buffer[:end].split(b"\r\n")[1:]:
            name, _, value = line.partition(b": ")
            match name.lower():
                case b"content-length":
                    length = int(value)
                case b"x-wisehosting-deployment":
                    number = int(value)
                case b"x-instance":
                    instance = value
                case b"connection":
                    last = value.lower() == b"close"
        if len(self._buffer) < end + 4 + length:
            return
        body, self._buffer = self._buffer[end + 4 : end + 4 + length], b""
        exchange, self.exchange = self.exchange, None
        if last or (exchange.upload and status != 200):
            self.transport.close()
        else:
            self._visitor.keep(self)
        self._visitor.answered(exchange, status, number, body, instance)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            got = f"after {len(self._buffer)} bytes of the answer" if self._buffer else "without an answer"
            self._visitor.lost(exchange, "reset" if exc else "closed", f"{exc or 'the connection ended'} {got}")


class Visitor:
    """Requests to one app through one port."""

    def __init__(self, port: int, host: str, tally: Tally) -> None:
        self._port = port
        self._tally = tally
        self._idle: deque[Connection] = deque()
        self._under_way: set[Exchange] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._get = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        length = PIECES * len(PIECE)
        self._post = f"POST /slow-upload HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n".encode()

    def get(self, due: float) -> None:
        self._begin(Exchange(due), self._get)

    def post(self, due: float) -> None:
        self._tally.window.posts += 1
        exchange = Exchange(due, upload=True)
        self._tally.posting.add(exchange)
        self._begin(exchange, self._post)

    def _begin(self, exchange: Exchange, head: bytes) -> None:
        self._tally.window.sent += 1
        self._under_way.add(exchange)
        while self._idle:
            connection = self._idle.pop()
            if connection.usable():
                connection.send(exchange, head)
                return
            self._tally.window.idle_closed += 1
            connection.transport.abort()
        task = asyncio.get_running_loop().create_task(self._open(exchange, head))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self, exchange: Exchange, head: bytes) -> None:
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(self), "127.0.0.1", self._port
            )
        except OSError as error:
            self.lost(exchange, "refused", str(error))
            return
        connection.send(exchange, head)

    def keep(self, connection: Connection) -> None:
        connection.idle_since = time.monotonic()
        self._idle.append(connection)

    def answered(self, exchange: Exchange, status: int, number: int | None, body: bytes, instance: bytes) -> None:
        if not self._ends(exchange):
            return
        if status != 200 or number is None:
            self._tally.failed(f"status {status}", f"number {number}, {body[:60]!r}")
            return
        self._tally.met(number)
        self._tally.window.instances[instance.decode("latin-1")] += 1
        text = body.decode("latin-1")
        if exchange.upload:
            text, _, size = text.rpartition(" ")
            if size != str(PIECES * len(PIECE)):
                self._tally.failed("wrong body", f"an upload of {PIECES * len(PIECE)} bytes arrived as {size}")
                return
        if (why := self._tally.wrong(number, text)) is not None:
            self._tally.failed("wrong body", why)
            return
        self._tally.succeeded(number, None if exchange.upload else exchange.due)
        if exchange.over_a_switch and number < max(self._tally.first_answers):
            self._tally.window.posts_over_a_switch += 1

    def lost(self, exchange: Exchange, kind: str, what: str) -> None:
        if self._ends(exchange):
            self._tally.failed(kind, f"{'upload' if exchange.upload else 'GET'}: {what}")

    def _ends(self, exchange: Exchange) -> bool:
        """Once per exchange: what comes after a timeout counts no more."""
        self._under_way.discard(exchange)
        self._tally.posting.discard(exchange)
        first, exchange.over = not exchange.over, True
        return first

    def sweep(self) -> None:
        """Give up what takes too long and connections that were idle too long."""
        now = time.monotonic()
        for exchange in [one for one in self._under_way if now - one.due > LONGEST_SECONDS]:
            self.lost(exchange, "timeout", f"no answer within {LONGEST_SECONDS:.0f} s")
        while self._idle and now - self._idle[0].idle_since > IDLE_SECONDS:
            self._idle.popleft().transport.abort()

    def close(self) -> None:
        """Drop the kept connections."""
        while self._idle:
            self._idle.pop().transport.abort()

    def under_way(self) -> set[Exchange]:
        return set(self._under_way)
