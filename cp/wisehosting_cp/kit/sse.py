"""Server-sent events: encoding, and a response that lets go of readers who went away or do not read."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable

from fastapi.sse import format_sse_event
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from wisehosting_cp.errors import WiseHostingError
from wisehosting_cp.kit.events import SECURITY, Events
from wisehosting_cp.kit.logging import logger

log = logger(__name__)

KEEP_ALIVE = b": keep-alive\n\n"
KEEP_ALIVE_SECONDS = 15.0
AUTHORIZE_SECONDS = 5.0
SLOWEST_SECONDS = 30.0
"""A reader that takes nothing for so long is let go; it resumes by Last-Event-ID or loads afresh."""


def encode(event: str, data: BaseModel, *, event_id: str | None = None) -> bytes:
    """Encode one event with JSON data."""
    return format_sse_event(data_str=data.model_dump_json(), event=event, id=event_id)


def mark(event_id: str) -> bytes:
    """Encode where the stream stands, without an event: a reader resumes after it (HTML, server-sent events, 9.2.6)."""
    return f"id: {event_id}\n\n".encode()


class TooSlow(Exception):
    """A reader took nothing for too long."""


class EventStream(Response):
    """Sends what a generator yields until it ends, the reader goes away, is too slow, or may not read any more.

    The generator is closed in every case. It should yield `KEEP_ALIVE` when it has had nothing for a while.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        events: AsyncGenerator[bytes, None],
        status_code: int = 200,
        *,
        still: Callable[[], Awaitable[bool]] | None = None,
        wake: Events | None = None,
        slowest_seconds: float = SLOWEST_SECONDS,
    ) -> None:
        """`still` is asked every few seconds whether the reader may go on, and at once when `wake` tells of a revocation."""
        super().__init__(status_code=status_code, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self.raw_headers = [header for header in self.raw_headers if header[0] != b"content-length"]
        self._events = events
        self._still = still
        self._wake = wake or Events()
        self._slowest = slowest_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        sender = asyncio.create_task(self._send(send))
        leaver = asyncio.create_task(_gone(receive))
        guard = asyncio.create_task(self._guard())
        try:
            await asyncio.wait({sender, leaver, guard}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sender, leaver, guard):
                task.cancel()
            await asyncio.gather(leaver, guard, return_exceptions=True)
        try:
            await sender
        except TooSlow:
            log.info("a reader of events was too slow", path=scope["path"])
        except WiseHostingError as error:
            # The answer has begun: no problem can be told any more. It breaks off, and the reader comes again.
            log.warning("a stream of events broke off", path=scope["path"], error=f"{type(error).__name__}: {error}")
        except asyncio.CancelledError:
            if not sender.cancelled():
                raise

    async def _guard(self) -> None:
        """End when the reader may not go on, also when that cannot be found out."""
        if self._still is None:
            await asyncio.Event().wait()
            return
        with self._wake.listen(SECURITY) as listener:
            while await self._still():
                await listener.changed(timeout=AUTHORIZE_SECONDS)

    async def _send(self, send: Send) -> None:
        async with contextlib.aclosing(self._events) as events:
            async for part in events:
                try:
                    async with asyncio.timeout(self._slowest):
                        await send({"type": "http.response.body", "body": part, "more_body": True})
                except TimeoutError as error:
                    raise TooSlow from error
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
