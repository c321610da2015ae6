"""REST of API tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from wisehosting_cp.accounts.access import AccountChanger, AccountReader
from wisehosting_cp.accounts.models import Scope
from wisehosting_cp.accounts.once import Once, OnceRoute
from wisehosting_cp.accounts.permissions import IMPLIED
from wisehosting_cp.accounts.second_factor import repository as factors
from wisehosting_cp.accounts.second_factor import step_up
from wisehosting_cp.accounts.tokens import repository, service
from wisehosting_cp.accounts.tokens.schemas import NewTokenView, TokenCreate, TokenView
from wisehosting_cp.kit.web import Ctx, Page, Reading, decode_cursor, encode_cursor

router = APIRouter(prefix="/api/v1", tags=["account"], route_class=OnceRoute)


@router.get("/account/tokens", operation_id="list_tokens")
async def tokens(
    session: Reading,
    ctx: Ctx,
    asker: AccountReader,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[TokenView]:
    """List one's own tokens that still work, newest first."""
    before = decode_cursor(cursor) if cursor else None
    rows = await repository.tokens(session, asker.user_id, now=ctx.clock.now(), before=before, limit=limit + 1)
    items = [TokenView.model_validate(row, from_attributes=True) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > limit else None)


@router.post("/account/tokens", status_code=201, operation_id="create_token")
async def create_token(asked: TokenCreate, ctx: Ctx, asker: AccountChanger, session: Once) -> NewTokenView:
    """Make a token. The answer shows it, this once. One with the scope admin needs a step-up."""
    for scope in asked.scopes:
        for implied in IMPLIED[scope]:
            asker.require_scope(implied)
    if Scope.admin in asked.scopes:
        await step_up.require(session, ctx, asker, "create_token")
    await factors.lock(session, asker.user_id)
    row, secret = await service.issue_token(
        session,
        ctx,
        user_id=asker.user_id,
        name=asked.name,
        scopes=asked.scopes,
        days=asked.expires_in_days,
        project_id=asked.project_id,
        second_factor=await repository.factor_given(session, asker.session_id, asker.token_id),
        asker=asker.audit(),
    )
    view = TokenView.model_validate(row, from_attributes=True)
    return NewTokenView(**view.model_dump(), token=secret)


@router.delete("/account/tokens/{token_id}", status_code=204, operation_id="revoke_token")
async def revoke_token(token_id: UUID, ctx: Ctx, asker: AccountChanger) -> None:
    """Revoke one of one's own tokens; it stops working at once."""
    async with ctx.db.transaction() as session:
        await service.revoke_token(session, ctx, token_id=token_id, user_id=asker.user_id, asker=asker.audit())
