"""SQL of accounts."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import (
    BrowserSession,
    IdempotencyKey,
    Membership,
    Team,
    User,
)


async def user(session: AsyncSession, user_id: UUID) -> User | None:
    """Return a user."""
    return await session.get(User, user_id)


async def personal_team(session: AsyncSession, user_id: UUID) -> Team | None:
    """Return the user's own team."""
    query = (
        select(Team)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.user_id == user_id, Team.personal.is_(True))
        .order_by(Team.id)
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def live_session(session: AsyncSession, session_id: UUID, now: datetime) -> BrowserSession | None:
    """Return a session that still works, as it is in the database now."""
    query = select(BrowserSession).where(still_live(now), BrowserSession.id == session_id)
    return (await session.execute(query)).scalar_one_or_none()


def still_live(now: datetime) -> ColumnElement[bool]:
    """Return the condition of the sessions that still work."""
    return BrowserSession.revoked_at.is_(None) & (BrowserSession.expires_at > now)


async def team(session: AsyncSession, teams: Collection[UUID], team_id: UUID) -> Team | None:
    """Return a team, if it is one of these and not deleted. Until the transaction ends it cannot be deleted either."""
    query = select(Team).where(Team.id == team_id, Team.id.in_(teams), Team.deleted_at.is_(None))
    return (await session.execute(query.with_for_update(read=True, key_share=True))).scalar_one_or_none()


async def personal_team_id(session: AsyncSession, user_id: UUID) -> UUID | None:
    """Return the id of the user's own team: rows of the audit trail about a person are of it."""
    found = await personal_team(session, user_id)
    return found.id if found else None


async def claim_key(
    session: AsyncSession, actor: str, key: str, request_hash: bytes, *, now: datetime, expired: datetime
) -> bool:
    """Take a key for this transaction; False when it is taken. Whoever comes second waits until the first is through.

    A key last used before `expired` is free again.
    """
    statement = insert(IdempotencyKey).values(actor=actor, key=key, request_hash=request_hash, created_at=now)
    statement = statement.on_conflict_do_update(
        index_elements=["actor", "key"],
        set_={"request_hash": request_hash, "status": None, "sealed_body": None, "created_at": now},
        where=IdempotencyKey.created_at < expired,
    )
    return (await session.execute(statement.returning(IdempotencyKey.key))).scalar_one_or_none() is not None


async def answered(session: AsyncSession, actor: str, key: str) -> IdempotencyKey:
    """Return what is kept under a taken key."""
    query = select(IdempotencyKey).where(IdempotencyKey.actor == actor, IdempotencyKey.key == key)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one()


async def keep_answer(session: AsyncSession, actor: str, key: str, *, status: int, sealed_body: bytes) -> None:
    """Keep the answer under the key that this transaction took."""
    await session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.actor == actor, IdempotencyKey.key == key)
        .values(status=status, sealed_body=sealed_body)
    )


async def forget_keys(session: AsyncSession, before: datetime) -> None:
    """Delete keys, and the answers kept under them, older than that."""
    await session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < before))
