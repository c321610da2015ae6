"""The way out: whoever has something to say posts it here, connected or not."""

import asyncio

import structlog

from wisehosting_wire.messages import Message

_log = structlog.get_logger(__name__)
QUEUE_LENGTH = 512


class Link:
    """Queue of the open connection. Volatile messages said while there is none are dropped: whoever needs them asks again.

    Durable messages do not come here: `Transaction.post` writes them and the session reads the outbox.
    """

    def __init__(self) -> None:
        self._queue: asyncio.Queue[tuple[Message | bytes, int]] | None = None
        self._connected = asyncio.Event()
        self.connections = 0
        """Grows with each Welcome; who ships by windows starts afresh when it changes."""

    @property
    def connected(self) -> bool:
        """Welcomed and open."""
        return self._connected.is_set()

    async def wait_connected(self) -> None:
        """Until there is a connection."""
        await self._connected.wait()

    def say(self, message: Message) -> bool:
        """Send a volatile message; False when it was dropped."""
        if self._queue is None:
            return False
        try:
            self._queue.put_nowait((message, 0))
        except asyncio.QueueFull:
            _log.warning("message_dropped", type=type(message).__name__)
            return False
        return True

    async def send(self, message: Message | bytes, number: int = 0) -> bool:
        """Like `say`, but waits for room. `bytes` is an encoded message of the outbox. False without a connection."""
        queue = self._queue
        if queue is None:
            return False
        await queue.put((message, number))
        return queue is self._queue

    def open(self) -> "asyncio.Queue[tuple[Message | bytes, int]]":
        """For the session: begin a connection and read its queue."""
        self._queue = asyncio.Queue(QUEUE_LENGTH)
        self.connections += 1
        self._connected.set()
        return self._queue

    def close(self) -> None:
        """For the session: the connection is gone, what was queued is lost. Wakes those who wait for room."""
        queue, self._queue = self._queue, None
        self._connected.clear()
        while queue is not None and not queue.empty():
            queue.get_nowait()
