"""Durable mail: numbered messages to a worker until it acknowledges them, and the position reached in its own."""

from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.workers.models import InboxPosition, OutboxCounter, OutboxMessage
from wisehosting_wire.codec import encode_message, to_agent_decoder
from wisehosting_wire.messages import Message, ToAgent


async def post(session: AsyncSession, worker_id: UUID, message: Message) -> int:
    """Put a durable message into the worker's outbox; return its number. The counter's row keeps numbers in commit order."""
    statement = insert(OutboxCounter).values(worker_id=worker_id, number=1)
    statement = statement.on_conflict_do_update(
        index_elements=[OutboxCounter.worker_id], set_={"number": OutboxCounter.number + 1}
    )
    number = (await session.execute(statement.returning(OutboxCounter.number))).scalar_one()
    session.add(OutboxMessage(worker_id=worker_id, number=number, body=encode_message(message)))
    await session.flush()
    return number


async def waiting(session: AsyncSession, worker_id: UUID, *, after: int, limit: int) -> list[tuple[int, ToAgent]]:
    """Return messages behind a number, in order."""
    query = (
        select(OutboxMessage.number, OutboxMessage.body)
        .where(OutboxMessage.worker_id == worker_id, OutboxMessage.number > after)
        .order_by(OutboxMessage.number)
        .limit(limit)
    )
    return [(number, to_agent_decoder.decode(body)) for number, body in (await session.execute(query)).all()]


async def one(session: AsyncSession, worker_id: UUID, number: int) -> ToAgent | None:
    """Return a message that is not acknowledged yet."""
    row = await session.get(OutboxMessage, (worker_id, number))
    return to_agent_decoder.decode(row.body) if row is not None else None


async def acknowledged(session: AsyncSession, worker_id: UUID, number: int) -> None:
    """Drop everything up to a number: it is durable on the worker."""
    await session.execute(
        delete(OutboxMessage).where(OutboxMessage.worker_id == worker_id, OutboxMessage.number <= number)
    )


async def resume(session: AsyncSession, worker_id: UUID, received: int) -> None:
    """Take up a worker's outbox where it says it stands; numbers it has seen are never given out again."""
    await acknowledged(session, worker_id, received)
    statement = insert(OutboxCounter).values(worker_id=worker_id, number=received)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[OutboxCounter.worker_id],
            set_={"number": func.greatest(OutboxCounter.number, received)},
        )
    )


async def position(session: AsyncSession, worker_id: UUID, store: str) -> int:
    """Return the last number of this store whose effect is committed; a new store begins at 0."""
    statement = insert(InboxPosition).values(worker_id=worker_id, store=store, number=0)
    await session.execute(statement.on_conflict_do_nothing())
    query = select(InboxPosition.number).where(InboxPosition.worker_id == worker_id, InboxPosition.store == store)
    return (await session.execute(query)).scalar_one()


async def advance(session: AsyncSession, worker_id: UUID, store: str, number: int) -> bool:
    """Move the position to a number; False when it was reached before. The row is locked until the effect is committed."""
    statement = (
        update(InboxPosition)
        .where(InboxPosition.worker_id == worker_id, InboxPosition.store == store, InboxPosition.number < number)
        .values(number=number)
        .returning(InboxPosition.number)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None
