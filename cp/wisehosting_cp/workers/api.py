"""Workers over REST."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from wisehosting_cp.accounts.access import Operator
from wisehosting_cp.kit.web import Page, Reading, decode_cursor, encode_cursor
from wisehosting_cp.workers import service
from wisehosting_cp.workers.models import Worker
from wisehosting_cp.workers.schemas import BaseView, DiskView, FirewallView, WorkerView

router = APIRouter(tags=["workers"])


def view(worker: Worker, *, connected: bool) -> WorkerView:
    """Show a worker."""
    firewall = worker.firewall
    return WorkerView(
        id=worker.id,
        name=worker.name,
        admin=worker.admin,
        health=worker.health,
        connected=connected,
        roles=worker.roles,
        versions=worker.versions,
        capacity=worker.capacity,
        firewall=FirewallView(
            closed=firewall.get("closed") is True,
            probes=firewall.get("probes", {}),
            detail=firewall.get("detail", ""),
        )
        if firewall
        else None,
        bases=[
            BaseView(
                name=base["name"],
                status=base.get("status", "building"),
                seconds=base.get("seconds", 0),
                detail=base.get("detail", ""),
                on_demand=base.get("on_demand", False),
            )
            for base in worker.bases
        ],
        disk=DiskView(
            budget_bytes=worker.disk.get("budget_bytes") or None,
            used_bytes=worker.disk.get("used_bytes", 0),
            free_bytes=worker.disk.get("free_bytes", 0),
        )
        if worker.disk
        else None,
        limits_enforced=worker.limits_enforced,
        last_seen_at=worker.last_seen_at,
    )


@router.get("/workers", operation_id="list_workers")
async def list_workers(
    session: Reading,
    asker: Operator,  # noqa: ARG001 - the declaration is the point
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[WorkerView]:
    """List workers."""
    after = decode_cursor(cursor) if cursor else None
    rows = await service.page(session, after=after, limit=limit + 1)
    items = [view(worker, connected=connected) for worker, connected in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > limit else None)


@router.get("/workers/{worker_id}", operation_id="get_worker")
async def get_worker(session: Reading, asker: Operator, worker_id: UUID) -> WorkerView:  # noqa: ARG001 - same
    """Show one worker."""
    worker, connected = await service.get(session, worker_id)
    return view(worker, connected=connected)
