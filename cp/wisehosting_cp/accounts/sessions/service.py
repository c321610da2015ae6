"""Somebody's signed-in browsers: listed, ended one by one or all others at once, cleared away."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.models import BrowserSession, User
from wisehosting_cp.accounts.sessions import repository
from wisehosting_cp.errors import NotFound
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.kit.security import digest, new_token

SESSION_DAYS = 30


async def open_session(
    session: AsyncSession,
    ctx: Context,
    user: User,
    *,
    user_agent: str,
    address: str,
    request_id: str,
    replaces: str = "",
    factor: str | None = None,
) -> tuple[str, datetime]:
    """Sign a browser in; return its cookie, of which only the hash is kept, and when it ends.

    `replaces` is the session cookie that the browser came with; that session ends (ASVS 5.0, 7.2.4). `factor` is the kind
    of second factor that was given.
    """
    now = ctx.clock.now()
    cookie, expires = new_token(), now + timedelta(days=SESSION_DAYS)
    row = BrowserSession(
        id=new_id(),
        token_hash=digest(cookie),
        user_id=user.id,
        created_at=now,
        expires_at=expires,
        user_agent=user_agent[:400],
        address=address[:64],
        stepped_up_at=now if factor else None,
    )
    await repository.add_session(session, row)
    old = await replace(session, ctx, replaces) if replaces else None
    told = {"second_factor": factor} if factor else {}
    told |= {"replaces": str(old)} if old else {}
    team_id = await accounts.personal_team_id(session, user.id)
    record(
        session,
        actor=f"user:{user.id}",
        action="session.login",
        subject=f"session:{row.id}",
        team_id=team_id,
        address=address,
        request_id=request_id,
        **told,
    )
    return cookie, expires


async def end_session(
    session: AsyncSession,
    ctx: Context,
    *,
    session_id: UUID,
    user_id: UUID,
    asker: Mapping[str, Any],
) -> None:
    """Sign a browser out. A second run changes nothing."""
    if await repository.revoke_session(session, session_id, user_id, ctx.clock.now()):
        team_id = await accounts.personal_team_id(session, user_id)
        record(session, **asker, action="session.logout", subject=f"session:{session_id}", team_id=team_id)
        epoch.advance(session)


async def page(
    session: AsyncSession, user_id: UUID, *, now: datetime, before: UUID | None, limit: int
) -> list[BrowserSession]:
    """Return the sessions of this user that still work, newest first."""
    query = select(BrowserSession).where(accounts.still_live(now), BrowserSession.user_id == user_id)
    if before is not None:
        query = query.where(BrowserSession.id < before)
    return list((await session.execute(query.order_by(BrowserSession.id.desc()).limit(limit))).scalars())


async def revoke(
    session: AsyncSession, ctx: Context, *, session_id: UUID, user_id: UUID, asker: Mapping[str, Any]
) -> None:
    """End a session of this user. Raises NotFound for anything else, also for one that ended before."""
    if not await _end(session, ctx, BrowserSession.id == session_id, user_id=user_id, asker=asker):
        raise NotFound


async def revoke_others(
    session: AsyncSession, ctx: Context, *, keep: UUID, user_id: UUID, asker: Mapping[str, Any]
) -> int:
    """End all sessions of this user but one; return how many. A second run ends none."""
    return await _end(session, ctx, BrowserSession.id != keep, user_id=user_id, asker=asker)


async def _end(
    session: AsyncSession, ctx: Context, which: ColumnElement[bool], *, user_id: UUID, asker: Mapping[str, Any]
) -> int:
    now = ctx.clock.now()
    ended = await session.execute(
        update(BrowserSession)
        .where(accounts.still_live(now), BrowserSession.user_id == user_id, which)
        .values(revoked_at=now)
        .returning(BrowserSession.id)
    )
    ids = list(ended.scalars())
    if ids:
        team_id = await accounts.personal_team_id(session, user_id)
        for session_id in ids:
            record(
                session,
                **asker,
                action="session.revoke",
                subject=f"session:{session_id}",
                team_id=team_id,
            )
        epoch.advance(session)
    return len(ids)


async def replace(session: AsyncSession, ctx: Context, cookie: str) -> UUID | None:
    """End the session that a browser came with, because it signs in anew; return its id. Its audit row is the new login."""
    now = ctx.clock.now()
    ended = await session.execute(
        update(BrowserSession)
        .where(accounts.still_live(now), BrowserSession.token_hash == digest(cookie))
        .values(revoked_at=now)
        .returning(BrowserSession.id)
    )
    old = ended.scalar_one_or_none()
    if old is not None:
        epoch.advance(session)
    return old


async def prune(session: AsyncSession, ctx: Context) -> None:
    """Delete the rows of sessions that ended. Whose they were is in the audit log."""
    await session.execute(delete(BrowserSession).where(~accounts.still_live(ctx.clock.now())))
