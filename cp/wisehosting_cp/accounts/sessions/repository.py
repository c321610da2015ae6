"""SQL of signed-in browsers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import (
    BrowserSession,
)


async def add_session(session: AsyncSession, row: BrowserSession) -> None:
    """Keep a signed-in browser."""
    session.add(row)
    await session.flush()


async def revoke_session(session: AsyncSession, session_id: UUID, user_id: UUID, now: datetime) -> bool:
    """End a session of this user; False when it was ended before or is not theirs."""
    result = await session.execute(
        update(BrowserSession)
        .where(BrowserSession.id == session_id, BrowserSession.user_id == user_id, BrowserSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(BrowserSession.id)
    )
    return result.scalar_one_or_none() is not None
