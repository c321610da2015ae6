"""SQL of telemetry."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.telemetry.models import LogChunk, LogKind


async def last_line(session: AsyncSession, subject_id: UUID) -> tuple[int, bool]:
    """Return the number of the last line stored, 0 when there is none, and whether the log was closed."""
    query = (
        select(LogChunk.first + LogChunk.count - 1, LogChunk.closes)
        .where(LogChunk.subject_id == subject_id)
        .order_by(LogChunk.first.desc())
        .limit(1)
    )
    found = (await session.execute(query)).one_or_none()
    return (int(found[0]), bool(found[1])) if found else (0, False)


async def put(
    session: AsyncSession, *, subject_id: UUID, kind: LogKind, first: int, count: int, closes: bool, body: bytes
) -> None:
    """Add a chunk. The same chunk again changes nothing; a chunk without lines makes room for one with."""
    values = {"count": count, "closes": closes, "body": body}
    statement = insert(LogChunk).values(subject_id=subject_id, kind=kind, first=first, **values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[LogChunk.subject_id, LogChunk.first], set_=values, where=LogChunk.count == 0
        )
    )


async def chunks(session: AsyncSession, subject_id: UUID, *, after: int, limit: int) -> list[LogChunk]:
    """Return the chunks that hold lines after a number, in order."""
    query = (
        select(LogChunk)
        .where(LogChunk.subject_id == subject_id, LogChunk.first + LogChunk.count > after + 1)
        .order_by(LogChunk.first)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def position_before(session: AsyncSession, subject_id: UUID, moment: datetime) -> int:
    """Return the number of the last line stored before a moment."""
    query = select(func.coalesce(func.max(LogChunk.first + LogChunk.count - 1), 0)).where(
        LogChunk.subject_id == subject_id, LogChunk.created_at < moment
    )
    return int((await session.execute(query)).scalar_one())


async def stored_at(session: AsyncSession, subject_id: UUID, number: int) -> datetime | None:
    """Return when the chunk that holds a line was stored."""
    query = select(LogChunk.created_at).where(
        LogChunk.subject_id == subject_id, LogChunk.first <= number, LogChunk.first + LogChunk.count > number
    )
    return (await session.execute(query)).scalar_one_or_none()


async def trim(session: AsyncSession, subjects: Iterable[UUID], limit_bytes: int) -> int:
    """Drop the oldest chunks of these subjects over a size; return how many."""
    kept = (
        select(
            LogChunk.subject_id,
            LogChunk.first,
            func.sum(func.octet_length(LogChunk.body))
            .over(partition_by=LogChunk.subject_id, order_by=LogChunk.first.desc())
            .label("total"),
        )
        .where(LogChunk.subject_id.in_(list(subjects)))
        .subquery()
    )
    statement = (
        delete(LogChunk)
        .where(LogChunk.subject_id == kept.c.subject_id, LogChunk.first == kept.c.first, kept.c.total > limit_bytes)
        .returning(LogChunk.first)
        .execution_options(synchronize_session=False)
    )
    return len((await session.execute(statement)).all())


async def drop_before(session: AsyncSession, moment: datetime, limit: int) -> int:
    """Drop chunks older than a moment, at most `limit`; return how many."""
    old = select(LogChunk.subject_id, LogChunk.first).where(LogChunk.created_at < moment).limit(limit).subquery()
    statement = (
        delete(LogChunk)
        .where(LogChunk.subject_id == old.c.subject_id, LogChunk.first == old.c.first)
        .returning(LogChunk.first)
        .execution_options(synchronize_session=False)
    )
    return len((await session.execute(statement)).all())


async def touched_since(session: AsyncSession, moment: datetime) -> list[UUID]:
    """Return the subjects that got lines since a moment."""
    query = select(LogChunk.subject_id).where(LogChunk.created_at >= moment).distinct()
    return list((await session.execute(query)).scalars())
