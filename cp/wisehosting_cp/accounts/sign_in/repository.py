"""SQL of signing in: who has which identity, and sign-ins on their way."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import (
    Identity,
    OauthState,
    User,
)


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


async def add_state(session: AsyncSession, state: OauthState) -> None:
    """Keep a sign-in on its way."""
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
