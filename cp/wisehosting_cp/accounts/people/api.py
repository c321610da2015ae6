"""REST of the platform's people, for its operators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from wisehosting_cp.accounts.access import PeopleChanger, PeopleReader
from wisehosting_cp.accounts.models import User
from wisehosting_cp.accounts.people import service as people
from wisehosting_cp.accounts.people.schemas import Disable, PersonView
from wisehosting_cp.accounts.second_factor.step_up import StepUp
from wisehosting_cp.errors import Conflict
from wisehosting_cp.kit.web import Ctx, Page, Reading, Transaction, decode_cursor, encode_cursor

router = APIRouter(prefix="/api/v1/people", tags=["people"])


def _view(user: User) -> PersonView:
    return PersonView.model_validate(user, from_attributes=True)


@router.get("", operation_id="list_people")
async def page(
    session: Reading,
    asker: PeopleReader,  # noqa: ARG001 - declares who may
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[PersonView]:
    """List everybody who has an account, newest first."""
    rows = await people.page(session, before=decode_cursor(cursor) if cursor else None, limit=limit + 1)
    items = [_view(user) for user in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > limit else None)


@router.post("/{user_id}/disable", operation_id="disable_person", dependencies=[StepUp])
async def disable(user_id: UUID, asked: Disable, session: Transaction, ctx: Ctx, asker: PeopleChanger) -> PersonView:
    """Shut somebody out: sessions and tokens end within a second. Needs a step-up. A second run changes nothing."""
    if user_id == asker.user_id:
        raise Conflict("yourself", "You cannot disable yourself. Another operator can, or: wh-cp people disable")
    user, _ = await people.disable(
        session, ctx, user_id, asker=asker.audit(), although_last_owner=asked.although_last_owner
    )
    return _view(user)


@router.post("/{user_id}/enable", operation_id="enable_person", dependencies=[StepUp])
async def enable(user_id: UUID, session: Transaction, ctx: Ctx, asker: PeopleChanger) -> PersonView:
    """Let somebody sign in again; tokens have to be made anew. Needs a step-up. A second run changes nothing."""
    return _view(await people.enable(session, ctx, user_id, asker=asker.audit()))
