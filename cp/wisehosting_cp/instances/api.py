"""Instances over REST."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from wisehosting_cp.accounts.access import Reader
from wisehosting_cp.instances import repository
from wisehosting_cp.instances.schemas import InstanceView, view
from wisehosting_cp.kit.web import Page, Reading, decode_cursor, encode_cursor

router = APIRouter(tags=["instances"])


@router.get("/instances", operation_id="list_instances")
async def list_instances(
    session: Reading,
    asker: Reader,
    environment: UUID | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[InstanceView]:
    """List the instances that exist or should, of one environment or of all your teams, oldest first."""
    after = decode_cursor(cursor) if cursor else None
    rows = await repository.seen(session, asker.team_ids(), environment_id=environment, after=after, limit=limit + 1)
    items = [view(instance, worker) for instance, worker in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > limit else None)
