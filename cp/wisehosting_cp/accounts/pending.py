"""Half signed in: the sign-in provider vouches for a browser, and it owes a second factor. Good for nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection
from starlette.responses import Response

from wisehosting_cp.accounts import repository, resets, second_factor, service
from wisehosting_cp.accounts.models import User
from wisehosting_cp.accounts.second_factor_models import PendingSignIn
from wisehosting_cp.accounts.throttling import address_of, count_person, count_stranger
from wisehosting_cp.errors import NotSignedIn
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.http import request_id_of
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.kit.security import bearer_of, digest, new_token
from wisehosting_cp.kit.web import Ctx

PENDING_MINUTES = 10
PAGE = "/sign-in/second-factor"

_FIND = """
SELECT p.id, p.user_id, p.next, p.expires_at, u.name, u.email
FROM pending_sign_ins p JOIN users u ON u.id = p.user_id
WHERE p.token_hash = $1 AND p.expires_at > $2 AND u.disabled_at IS NULL
"""


@dataclass(frozen=True)
class Pending:
    """A browser that owes a second factor."""

    id: UUID
    user_id: UUID
    next: str
    expires_at: datetime
    name: str
    email: str
    address: str
    request_id: str

    @property
    def holder(self) -> str:
        """Whose a passkey's challenge is."""
        return f"pending:{self.id}"

    def audit(self) -> dict[str, Any]:
        """Return what `kit.audit.record` wants to know of the asker."""
        return {"actor": f"user:{self.user_id}", "address": self.address, "request_id": self.request_id}


@dataclass(frozen=True)
class Admitted:
    """What the browser gets once the provider has named its person, and where it goes."""

    cookie_name: str
    cookie: str
    expires_at: datetime
    next: str


def pending_cookie(name: str) -> str:
    """Return the name of the cookie of a browser that is half signed in, from the session cookie's."""
    return f"{name}_second_factor"


def set_cookie(answer: Response, ctx: Context, name: str, value: str, expires_at: datetime) -> None:
    """Give a browser a cookie that proves who it is."""
    answer.set_cookie(
        name,
        value,
        max_age=int((expires_at - ctx.clock.now()).total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=ctx.settings.secure_cookies,
    )


def drop_cookie(answer: Response, ctx: Context, name: str) -> None:
    """Take a cookie from a browser, with the attributes it was given with: without them it would stay."""
    answer.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=ctx.settings.secure_cookies)


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
        cookie, expires = await service.open_session(
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
    team = await repository.personal_team(session, user.id)
    record(
        session,
        actor=f"user:{user.id}",
        action="session.second_factor_needed",
        subject=f"user:{user.id}",
        team_id=team.id if team else None,
        address=address,
        request_id=request_id,
    )
    return Admitted(pending_cookie(cookie_name), cookie, expires, f"{PAGE}?{urlencode({'next': next_path})}")


async def pending_of(connection: HTTPConnection, ctx: Context) -> Pending | None:
    """Return the half sign-in that a request's cookie stands for, or None."""
    cookie = connection.cookies.get(pending_cookie(ctx.settings.session_cookie))
    if not cookie:
        return None
    async with ctx.db.hot() as hot:
        row = await hot.fetchrow(_FIND, digest(cookie), ctx.clock.now())
    if row is None:
        return None
    return Pending(**dict(row), address=address_of(connection), request_id=request_id_of(connection))


async def half_signed_in(connection: HTTPConnection, ctx: Ctx) -> Pending:
    """Return who owes a second factor, and count the request. Raises NotSignedIn, TooManyRequests."""
    if bearer_of(connection) is not None:
        raise NotSignedIn("A token takes no second factor, and gives none.", "token_invalid")
    found = await pending_of(connection, ctx)
    if found is None:
        if connection.cookies.get(pending_cookie(ctx.settings.session_cookie)):
            count_stranger(connection, ctx)
        raise NotSignedIn
    count_person(ctx, found.user_id)
    return found


HalfSignedIn = Annotated[Pending, Depends(half_signed_in)]


async def finish(
    session: AsyncSession, ctx: Context, pending: Pending, *, factor: str, replaces: str, user_agent: str
) -> Admitted:
    """Turn a half sign-in into a session, once. Raises NotSignedIn when it was finished or cancelled meanwhile."""
    user = await repository.user(session, pending.user_id)
    if user is None or not await _take(session, pending):
        raise NotSignedIn
    cookie, expires = await service.open_session(
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
        team = await repository.personal_team(session, pending.user_id)
        record(
            session,
            **pending.audit(),
            action="session.second_factor_cancelled",
            subject=f"user:{pending.user_id}",
            team_id=team.id if team else None,
        )


async def _take(session: AsyncSession, pending: Pending) -> bool:
    statement = delete(PendingSignIn).where(PendingSignIn.id == pending.id)
    return (await session.execute(statement.returning(PendingSignIn.id))).scalar_one_or_none() is not None


async def prune(session: AsyncSession, ctx: Context) -> None:
    """Delete half sign-ins that ran out."""
    await session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at < ctx.clock.now()))
