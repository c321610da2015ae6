"""Step-up: before a dangerous act, show again who you are.

Which acts are is in `dangers`: `dependencies=[StepUp]` beside a route's declaration, or `require` where it depends on what is
asked for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.access import AccountChanger, SignedIn
from wisehosting_cp.accounts.dangers import DANGERS
from wisehosting_cp.accounts.models import BrowserSession
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.accounts.second_factor import service as second_factor
from wisehosting_cp.accounts.second_factor.service import Factors
from wisehosting_cp.errors import Forbidden, NotSignedIn
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.web import Ctx

STEP_UP = timedelta(minutes=10)


@dataclass(frozen=True)
class Standing:
    """How fresh a session's last proof is."""

    factors: Factors
    until: datetime | None
    """Dangerous acts are possible until then; None when not now."""


async def in_browser(asker: AccountChanger) -> Principal:
    """Return a person who asks from a browser. Raises Forbidden for a token."""
    session_of(asker)
    return asker


InBrowser = Annotated[Principal, Depends(in_browser)]


def session_of(asker: Principal) -> UUID:
    """Return the session that asks. Raises Forbidden for a token."""
    if asker.session_id is None:
        raise Forbidden("browser_only", "A token cannot do this. Do it in the dashboard.")
    return asker.session_id


def holder_of(asker: Principal) -> str:
    """Return whose a passkey's challenge is. Raises Forbidden for a token."""
    return f"session:{session_of(asker)}"


async def standing(session: AsyncSession, ctx: Context, asker: Principal) -> Standing:
    """Return whether a session may do dangerous acts now. Raises Forbidden for a token, NotSignedIn.

    Whoever has a second factor must have given it in this session within ten minutes; others must have signed in within
    ten minutes.
    """
    row = await accounts.live_session(session, session_of(asker), ctx.clock.now())
    if row is None:
        raise NotSignedIn
    factors = await second_factor.factors(session, asker.user_id)
    proven = row.stepped_up_at if factors.needed else row.created_at
    until = proven + STEP_UP if proven is not None else None
    return Standing(factors, until if until is not None and until > ctx.clock.now() else None)


async def require(session: AsyncSession, ctx: Context, asker: Principal, operation: str) -> None:
    """Raise Forbidden unless this dangerous act is possible now. A token may do it where the table lets it."""
    if asker.session_id is None and not DANGERS[operation].browser_only:
        return
    found = await standing(session, ctx, asker)
    if found.until is None:
        raise Forbidden(
            "step_up_needed",
            "This needs your second factor again. Give it, then repeat this."
            if found.factors.needed
            else "This needs a sign-in within the last 10 minutes. Sign in again, then repeat this.",
        )


async def step_up(request: Request, ctx: Ctx, asker: SignedIn) -> None:
    """Let pass who has just shown who they are. Raises Forbidden."""
    async with ctx.db.read() as session:
        await require(session, ctx, asker, request.scope["route"].operation_id)


StepUp = Depends(step_up)


async def stepped_up(session: AsyncSession, ctx: Context, asker: Principal, factor: str) -> datetime:
    """Note that a second factor was given in this session; return until when dangerous acts are possible."""
    now = ctx.clock.now()
    await session.execute(
        update(BrowserSession).where(BrowserSession.id == session_of(asker)).values(stepped_up_at=now)
    )
    if not asker.second_factor:
        # Teams that ask for one are open from now on.
        epoch.advance(session)
    team_id = await accounts.personal_team_id(session, asker.user_id)
    record(
        session,
        **asker.audit(),
        action="session.step_up",
        subject=f"session:{asker.session_id}",
        team_id=team_id,
        factor=factor,
    )
    return now + STEP_UP
