"""SQL of API tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import (
    ApiToken,
    BrowserSession,
)


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
