"""Following logs: a build's until it ends, an environment's for ever."""

import asyncio
import heapq
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from wisehosting_cp.accounts.access import asker_of
from wisehosting_cp.accounts.throttling import address_of
from wisehosting_cp.instances import repository as instances
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.sse import KEEP_ALIVE, KEEP_ALIVE_SECONDS, EventStream
from wisehosting_cp.telemetry import log, repository
from wisehosting_cp.telemetry.sse import event, page_events

GRACE_SECONDS = 5
"""The last lines travel in a lane of their own and may come after the end of what they are about."""
PAGE = 1000
REMOVED_FOR = timedelta(hours=1)
MOST_INSTANCES = 20
RESUME_OVERLAP = timedelta(seconds=10)


@dataclass(frozen=True)
class Followed:
    """What is followed now: whose log, and how it ended."""

    subject_id: UUID | None
    """None while there is nothing to read yet."""
    ended: str | None = None
    """Status to tell in the end event; None while more may come."""


Look = Callable[[AsyncSession], Awaitable[Followed]]
Still = Callable[[], Awaitable[bool]]
"""Whether the reader may go on."""


class PersonStream(EventStream):
    """An event stream of whoever asked, of which one person may hold so many open. Raises TooManyRequests before it starts."""

    def __init__(self, ctx: Context, events: AsyncGenerator[bytes, None], *, still: Still | None = None) -> None:
        async def ask() -> bool:
            async with ctx.db.for_streams:
                return still is None or await still()

        super().__init__(events, still=ask if still else None, wake=ctx.events)
        self._ctx = ctx

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream; it counts until it ends, however that is."""
        connection = HTTPConnection(scope)
        asker = asker_of(connection)
        subject = str(asker.user_id) if asker else address_of(connection)
        most = self._ctx.settings.streams_per_person
        refusal = f"You hold {most} event streams open, which is the most. Close a tab, or end a program that follows."
        with self._ctx.limits.hold("streams", subject, most, refusal=refusal):
            await super().__call__(scope, receive, send)


def build_log_response(
    ctx: Context, look: Look, *, still: Still, topics: tuple[str, ...] = (), after: int = 0
) -> EventStream:
    """Stream one log, from the line after `after`; `look` is asked again whenever one of `topics` changed."""
    return PersonStream(ctx, follow(ctx, look, topics=topics, after=after), still=still)


def environment_log_response(
    ctx: Context, environment_id: UUID, *, still: Still, resume: str = "", tail: int = 200
) -> EventStream:
    """Stream the logs of an environment's instances, the last `tail` lines of each first, or after `resume`."""
    return PersonStream(ctx, follow_environment(ctx, environment_id, resume=resume, tail=tail), still=still)


async def log_stream(
    ctx: Context, subject_id: UUID, after: int, ended: Callable[[AsyncSession], Awaitable[str | None]]
) -> AsyncGenerator[bytes, None]:
    """Follow the log of one subject; `ended` tells the status once it is over."""

    async def look(session: AsyncSession) -> Followed:
        return Followed(subject_id, await ended(session))

    async for part in follow(ctx, look, topics=(f"build:{subject_id}",), after=after):
        yield part


async def follow(ctx: Context, look: Look, *, topics: tuple[str, ...], after: int) -> AsyncGenerator[bytes, None]:
    """Yield line, gap and at last end events; a comment keeps the connection alive."""
    loop = asyncio.get_running_loop()
    last, subject, over_at = after, None, None
    while True:
        listened = (*topics, f"log:{subject}") if subject else topics
        with ctx.events.listen(*listened) as listener:
            while True:
                async with ctx.db.for_streams, ctx.db.read() as session:
                    now = await look(session)
                    page = await log.lines(session, now.subject_id, last, PAGE) if now.subject_id else None
                if page is not None:
                    for _, encoded in page_events(page, last, {}):
                        yield encoded
                    last = page.last
                if now.subject_id != subject:
                    # Lines that came before we listened are read by looking again.
                    subject = now.subject_id
                    break
                if page is not None and page.lines:
                    continue
                wait = KEEP_ALIVE_SECONDS
                if now.ended is not None:
                    over_at = loop.time() + GRACE_SECONDS if over_at is None else over_at
                    if page is None or page.closed or loop.time() >= over_at:
                        yield event("end", {"status": now.ended})
                        return
                    wait = min(wait, max(0.05, over_at - loop.time()))
                if not await listener.changed(wait):
                    yield KEEP_ALIVE


async def follow_environment(
    ctx: Context, environment_id: UUID, *, resume: str, tail: int
) -> AsyncGenerator[bytes, None]:
    """Yield line and gap events of all instances, those that were removed lately included.

    After a resume the other instances repeat up to 10 s of lines rather than miss one; ids tell them apart.
    """
    positions: dict[UUID, int] = {}
    known: dict[UUID, str] | None = None
    while True:
        topics = (f"environment:{environment_id}", *(f"log:{instance}" for instance in known or ()))
        with ctx.events.listen(*topics) as listener:
            while True:
                async with ctx.db.for_streams, ctx.db.read() as session:
                    rows = await instances.with_logs(
                        session, environment_id, removed_for=REMOVED_FOR, limit=MOST_INSTANCES
                    )
                    current = {row.id: row.process for row in rows}
                    for instance in current.keys() - positions.keys():
                        positions[instance] = await _start(session, instance, resume, tail if known is None else None)
                    pages = {
                        instance: await log.lines(session, instance, positions[instance], PAGE) for instance in current
                    }
                streams = [
                    page_events(
                        page,
                        positions[instance],
                        {"instance": str(instance), "process": current[instance]},
                        prefix=f"{instance}:",
                    )
                    for instance, page in pages.items()
                ]
                for _, encoded in heapq.merge(*streams, key=lambda item: item[0]):
                    yield encoded
                positions.update({instance: page.last for instance, page in pages.items()})
                if current != known:
                    known = current
                    break
                if any(page.lines for page in pages.values()):
                    continue
                if not await listener.changed(KEEP_ALIVE_SECONDS):
                    yield KEEP_ALIVE


async def _start(session: AsyncSession, instance: UUID, resume: str, tail: int | None) -> int:
    """Return the line to go on after: what the client has, the tail of an old instance, all of a new one."""
    if tail is None:
        return 0
    resumed, number = _parse(resume)
    if resumed is not None:
        if resumed == instance:
            return number
        moment = await repository.stored_at(session, resumed, number)
        if moment is not None:
            return await repository.position_before(session, instance, moment - RESUME_OVERLAP)
    last, _ = await repository.last_line(session, instance)
    return max(0, last - tail)


def _parse(resume: str) -> tuple[UUID | None, int]:
    instance, _, number = resume.rpartition(":")
    try:
        return UUID(instance), min(max(int(number), 0), log.HIGHEST_NUMBER)
    except ValueError:
        return None, 0
