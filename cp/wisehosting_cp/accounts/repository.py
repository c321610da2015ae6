"""SQL of accounts."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import (
    ApiToken,
    BrowserSession,
    IdempotencyKey,
    Identity,
    Membership,
    OauthState,
    Role,
    Team,
    User,
)


async def user(session: AsyncSession, user_id: UUID) -> User | None:
    """Return a user."""
    return await session.get(User, user_id)


async def held_user(session: AsyncSession, user_id: UUID) -> User | None:
    """Return a user as they are now; until the transaction ends they are not disabled."""
    query = select(User).where(User.id == user_id).with_for_update(read=True)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def user_of_identity(session: AsyncSession, issuer: str, subject: str) -> User | None:
    """Return who signs in with this issuer and subject."""
    query = (
        select(User)
        .join(Identity, Identity.user_id == User.id)
        .where(Identity.issuer == issuer, Identity.subject == subject)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def add_identity(session: AsyncSession, issuer: str, subject: str, user: User) -> bool:
    """Bind issuer and subject to a new user. False when somebody else has just done it."""
    session.add(user)
    await session.flush()
    result = await session.execute(
        insert(Identity)
        .values(user_id=user.id, issuer=issuer, subject=subject)
        .on_conflict_do_nothing()
        .returning(Identity.id)
    )
    return result.scalar_one_or_none() is not None


async def lock_identity(session: AsyncSession, issuer: str, subject: str) -> None:
    """Let one sign-in at a time decide whether this identity is new."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"identity|{issuer}|{subject}", 0))))


async def add_team(session: AsyncSession, name: str, owner: UUID) -> Team | None:
    """Make a personal team, or return None when the name is taken."""
    made = await session.execute(
        insert(Team).values(name=name, personal=True).on_conflict_do_nothing(index_elements=["name"]).returning(Team)
    )
    team = made.scalar_one_or_none()
    if team is not None:
        session.add(Membership(team_id=team.id, user_id=owner, role=Role.owner))
        await session.flush()
    return team


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


async def add_state(session: AsyncSession, state: OauthState) -> None:
    """Keep a sign-in on its way; those that ran out go."""
    session.add(state)
    await session.flush()


async def take_state(session: AsyncSession, state_hash: bytes, browser_hash: bytes) -> OauthState | None:
    """Take a sign-in out, once: the database decides who of two callers gets it."""
    query = select(OauthState).where(OauthState.state_hash == state_hash).with_for_update()
    state = (await session.execute(query)).scalar_one_or_none()
    if state is None or state.browser_hash != browser_hash:
        return None
    await session.delete(state)
    await session.flush()
    return state


async def expire_states(session: AsyncSession, now: datetime) -> None:
    """Delete sign-ins that were never finished."""
    for state in (await session.execute(select(OauthState).where(OauthState.expires_at < now).limit(100))).scalars():
        await session.delete(state)


async def add_session(session: AsyncSession, row: BrowserSession) -> None:
    """Keep a signed-in browser."""
    session.add(row)
    await session.flush()


async def live_session(session: AsyncSession, session_id: UUID, now: datetime) -> BrowserSession | None:
    """Return a session that still works, as it is in the database now."""
    query = select(BrowserSession).where(still_live(now), BrowserSession.id == session_id)
    return (await session.execute(query)).scalar_one_or_none()


def still_live(now: datetime) -> ColumnElement[bool]:
    """Return the condition of the sessions that still work."""
    return BrowserSession.revoked_at.is_(None) & (BrowserSession.expires_at > now)


async def revoke_session(session: AsyncSession, session_id: UUID, user_id: UUID, now: datetime) -> bool:
    """End a session of this user; False when it was ended before or is not theirs."""
    result = await session.execute(
        update(BrowserSession)
        .where(BrowserSession.id == session_id, BrowserSession.user_id == user_id, BrowserSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(BrowserSession.id)
    )
    return result.scalar_one_or_none() is not None


async def add_token(session: AsyncSession, token: ApiToken) -> None:
    """Keep a token's hash."""
    session.add(token)
    await session.flush()


async def factor_given(session: AsyncSession, session_id: UUID | None, token_id: UUID | None) -> bool:
    """Return whether a second factor was given in this session, or where this token was made, as it is in the database now."""
    if session_id is not None:
        query = select(BrowserSession.stepped_up_at.is_not(None)).where(BrowserSession.id == session_id)
    else:
        query = select(ApiToken.second_factor).where(ApiToken.id == token_id)
    return bool((await session.execute(query)).scalar_one_or_none())


async def tokens(
    session: AsyncSession, user_id: UUID, *, now: datetime, before: UUID | None = None, limit: int | None = None
) -> list[ApiToken]:
    """Return the tokens of this user that still work, newest first: all, or a page of them."""
    query = (
        select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
        .order_by(ApiToken.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(ApiToken.id < before)
    return list((await session.execute(query)).scalars())


async def revoke_token(session: AsyncSession, token_id: UUID, user_id: UUID, now: datetime) -> ApiToken | None:
    """Revoke a token of this user; None when it is not theirs or does not work any more."""
    result = await session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiToken)
    )
    return result.scalar_one_or_none()


async def team(session: AsyncSession, teams: Collection[UUID], team_id: UUID) -> Team | None:
    """Return a team, if it is one of these and not deleted. Until the transaction ends it cannot be deleted either."""
    query = select(Team).where(Team.id == team_id, Team.id.in_(teams), Team.deleted_at.is_(None))
    return (await session.execute(query.with_for_update(read=True, key_share=True))).scalar_one_or_none()


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
