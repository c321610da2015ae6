"""REST of one's own signed-in browsers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from wisehosting_cp.accounts.access import AccountChanger
from wisehosting_cp.accounts.models import BrowserSession
from wisehosting_cp.accounts.second_factor.step_up import InBrowser, StepUp, session_of
from wisehosting_cp.accounts.sessions import service as sessions
from wisehosting_cp.accounts.sessions.schemas import BrowserSessionView, SessionsEnded
from wisehosting_cp.accounts.sessions.user_agents import device_of
from wisehosting_cp.kit.web import Ctx, Page, Reading, Transaction, decode_cursor, encode_cursor

router = APIRouter(prefix="/api/v1/account/sessions", tags=["account"])


def _view(row: BrowserSession, current: UUID | None) -> BrowserSessionView:
    return BrowserSessionView(
        id=row.id,
        device=device_of(row.user_agent),
        address=row.address,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        current=row.id == current,
    )


@router.get("", operation_id="list_sessions")
async def page(
    session: Reading,
    ctx: Ctx,
    asker: AccountChanger,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[BrowserSessionView]:
    """List the browsers one is signed in with, newest first."""
    before = decode_cursor(cursor) if cursor else None
    rows = await sessions.page(session, asker.user_id, now=ctx.clock.now(), before=before, limit=limit + 1)
    items = [_view(row, asker.session_id) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > limit else None)


@router.delete("/{session_id}", status_code=204, operation_id="revoke_session")
async def revoke(session_id: UUID, session: Transaction, ctx: Ctx, asker: AccountChanger) -> None:
    """Sign one of one's browsers out. It takes effect within a second, open streams included."""
    await sessions.revoke(session, ctx, session_id=session_id, user_id=asker.user_id, asker=asker.audit())


@router.post("/revoke-others", operation_id="revoke_other_sessions", dependencies=[StepUp])
async def revoke_others(session: Transaction, ctx: Ctx, asker: InBrowser) -> SessionsEnded:
    """Sign all of one's browsers out but the one that asks. Needs a step-up."""
    ended = await sessions.revoke_others(
        session, ctx, keep=session_of(asker), user_id=asker.user_id, asker=asker.audit()
    )
    return SessionsEnded(ended=ended)
