"""Logs of builds and instances: kept in compressed chunks, read in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce
from wisehosting_cp.telemetry import repository
from wisehosting_cp.telemetry.lines import Line, pack, unpack
from wisehosting_cp.telemetry.models import LogKind

CHUNKS_A_PAGE = 32
HIGHEST_NUMBER = 2**53 - 1
"""Numbers stay exact in JavaScript."""


@dataclass(frozen=True)
class Numbered:
    """A line with its number."""

    n: int
    line: Line


@dataclass(frozen=True)
class LogPage:
    """Lines after a number. Where the numbers jump, lines were dropped."""

    lines: list[Numbered]
    last: int
    """Number to go on after."""
    closed: bool
    """No line follows."""


async def store(
    session: AsyncSession,
    *,
    subject_id: UUID,
    kind: LogKind,
    first: int,
    lines: Sequence[Line],
    closes: bool = False,
) -> int:
    """Keep lines numbered from `first`; lines that are kept already are dropped. Return the last number that is safe.

    A jump is a gap: those lines were dropped by the worker and never come. Raises ValueError for an impossible number.
    """
    if first + len(lines) > HIGHEST_NUMBER:
        raise ValueError(f"line number {first} is out of range")
    last, closed = await repository.last_line(session, subject_id)
    fresh = lines[max(0, last + 1 - first) :]
    first = max(first, last + 1)
    if fresh or (closes and not closed):
        await repository.put(
            session,
            subject_id=subject_id,
            kind=kind,
            first=first,
            count=len(fresh),
            closes=closes,
            body=pack(fresh),
        )
        announce(session, f"log:{subject_id}")
    return first + len(fresh) - 1


async def lines(session: AsyncSession, subject_id: UUID, after: int = 0, limit: int = 1000) -> LogPage:
    """Return lines after a number, at most about `limit` (whole chunks)."""
    result: list[Numbered] = []
    last, closed, more = after, False, True
    while more and len(result) < limit:
        found = await repository.chunks(session, subject_id, after=last, limit=CHUNKS_A_PAGE)
        more = len(found) == CHUNKS_A_PAGE
        for chunk in found:
            for offset, line in enumerate(unpack(chunk.body)):
                if chunk.first + offset > last:
                    result.append(Numbered(chunk.first + offset, line))
            last = max(last, chunk.first + chunk.count - 1)
            if len(result) >= limit:
                return LogPage(result, last, closed=False)
    stored, closed = await repository.last_line(session, subject_id)
    return LogPage(result, last, closed=closed and stored <= last)


async def retain(session: AsyncSession, ctx: Context, *, since: timedelta) -> int:
    """Hold each log to its size and age (settings); looks at logs that grew lately. Return how many chunks went."""
    now = ctx.clock.now()
    subjects = await repository.touched_since(session, now - since)
    gone = await repository.trim(session, subjects, ctx.settings.log_bytes) if subjects else 0
    return gone + await repository.drop_before(session, now - timedelta(days=ctx.settings.log_days), 10_000)
