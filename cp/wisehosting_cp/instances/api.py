"""Instances over REST."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from wisehosting_cp.accounts.access import Operator, ProjectReader
from wisehosting_cp.instances import repository
from wisehosting_cp.instances.schemas import InstanceView, WorkerLoadView, view
from wisehosting_cp.kit.web import Page, Reading, decode_cursor, encode_cursor

router = APIRouter(tags=["instances"])


@router.get("/instances", operation_id="list_instances")
async def list_instances(
    session: Reading,
    asker: ProjectReader,
    environment: UUID | None = None,
    worker: UUID | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[InstanceView]:
    """List the instances that exist or should, oldest first: of all your teams, of one environment, on one worker."""
    after = decode_cursor(cursor) if cursor else None
    rows = await repository.seen(
        session, asker.reach, environment_id=environment, worker_id=worker, after=after, limit=limit + 1
    )
    items = [view(instance, name, project) for instance, name, project in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > limit else None)


@router.get("/worker-loads", operation_id="list_worker_loads")
async def list_worker_loads(
    session: Reading,
    asker: Operator,  # noqa: ARG001 - the declaration is the point
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 200,
) -> Page[WorkerLoadView]:
    """List how many instances each worker holds, and the memory promised to them. Workers without any are left out."""
    after = decode_cursor(cursor) if cursor else None
    rows = await repository.loads(session, after=after, limit=limit + 1)
    items = [
        WorkerLoadView(worker_id=worker, running=running, kept=kept, memory_bytes=memory)
        for worker, running, kept, memory in rows[:limit]
    ]
    return Page(items=items, next_cursor=encode_cursor(items[-1].worker_id) if len(rows) > limit else None)
