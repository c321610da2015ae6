"""What follows the provider's word: a session, or a half sign-in that a second factor ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.half_signed_in import Pending, pending_cookie
from wisehosting_cp.accounts.models import User
from wisehosting_cp.accounts.second_factor import resets
from wisehosting_cp.accounts.second_factor import service as second_factor
from wisehosting_cp.accounts.second_factor.models import PendingSignIn
from wisehosting_cp.accounts.sessions import service as sessions
from wisehosting_cp.errors import NotSignedIn
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.kit.security import digest, new_token

PENDING_MINUTES = 10
PAGE = "/sign-in/second-factor"


@dataclass(frozen=True)
class Admitted:
    """What the browser gets once the provider has named its person, and where it goes."""

    cookie_name: str
    cookie: str
    expires_at: datetime
    next: str


async def admit(
    session: AsyncSession,
    ctx: Context,
    user: User,
    *,
    next_path: str,
    replaces: str,
    user_agent: str,
    address: str,
    request_id: str,
) -> Admitted:
    """Sign in whom the provider has named: wholly, or half where a second factor is set up."""
    cookie_name = ctx.settings.session_cookie
    await resets.happen(session, ctx, user.id)
    if not (await second_factor.factors(session, user.id)).needed:
        cookie, expires = await sessions.open_session(
            session, ctx, user, user_agent=user_agent, address=address, request_id=request_id, replaces=replaces
        )
        return Admitted(cookie_name, cookie, expires, next_path)
    now = ctx.clock.now()
    cookie, expires = new_token(), now + timedelta(minutes=PENDING_MINUTES)
    row = PendingSignIn(
        id=new_id(), token_hash=digest(cookie), user_id=user.id, next=next_path, created_at=now, expires_at=expires
    )
    session.add(row)
    await session.flush()
    team_id = await accounts.personal_team_id(session, user.id)
    record(
        session,
        actor=f"user:{user.id}",
        action="session.second_factor_needed",
        subject=f"user:{user.id}",
        team_id=team_id,
        address=address,
        request_id=request_id,
    )
    return Admitted(pending_cookie(cookie_name), cookie, expires, f"{PAGE}?{urlencode({'next': next_path})}")


async def finish(
    session: AsyncSession, ctx: Context, pending: Pending, *, factor: str, replaces: str, user_agent: str
) -> Admitted:
    """Turn a half sign-in into a session, once. Raises NotSignedIn when it was finished or cancelled meanwhile."""
    user = await accounts.user(session, pending.user_id)
    if user is None or not await _take(session, pending):
        raise NotSignedIn
    cookie, expires = await sessions.open_session(
        session,
        ctx,
        user,
        user_agent=user_agent,
        address=pending.address,
        request_id=pending.request_id,
        replaces=replaces,
        factor=factor,
    )
    return Admitted(ctx.settings.session_cookie, cookie, expires, pending.next)


async def cancel(session: AsyncSession, pending: Pending) -> None:
    """Give a sign-in up. A second run changes nothing."""
    if await _take(session, pending):
        team_id = await accounts.personal_team_id(session, pending.user_id)
        record(
            session,
            **pending.audit(),
            action="session.second_factor_cancelled",
            subject=f"user:{pending.user_id}",
            team_id=team_id,
        )


async def _take(session: AsyncSession, pending: Pending) -> bool:
    statement = delete(PendingSignIn).where(PendingSignIn.id == pending.id)
    return (await session.execute(statement.returning(PendingSignIn.id))).scalar_one_or_none() is not None


async def prune(session: AsyncSession, ctx: Context) -> None:
    """Delete half sign-ins that ran out."""
    await session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at < ctx.clock.now()))
