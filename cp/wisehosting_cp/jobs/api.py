"""Jobs over REST."""

from typing import Annotated

from fastapi import APIRouter, Query

from wisehosting_cp.accounts.access import Operator
from wisehosting_cp.jobs import repository
from wisehosting_cp.jobs.schemas import JobView
from wisehosting_cp.kit.web import Page, Reading, decode_cursor, encode_cursor

router = APIRouter(tags=["jobs"])


@router.get("/jobs", operation_id="list_jobs")
async def list_jobs(
    session: Reading,
    asker: Operator,  # noqa: ARG001 - the declaration is the point
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[JobView]:
    """List jobs, newest first."""
    before = decode_cursor(cursor) if cursor else None
    rows = await repository.page(session, before=before, limit=limit + 1)
    items = [JobView.model_validate(row, from_attributes=True) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > limit else None)
