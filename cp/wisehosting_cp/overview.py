"""The platform at a glance: `GET /platform`."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.access import PlatformReader
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.web import Ctx, Reading
from wisehosting_cp.workers import service as workers
from wisehosting_cp.workers.api import view as worker_view
from wisehosting_cp.workers.models import WorkerAdmin
from wisehosting_cp.workers.schemas import BaseView, WorkerView

router = APIRouter(prefix="/api/v1", tags=["platform"])

MOST_WORKERS = 200


class WorkerCount(BaseModel):
    """How many workers may take work, of how many."""

    ready: int
    total: int


class PlatformView(BaseModel):
    """Whether apps can be built and run now; `detail` says what it waits for."""

    version: str
    local: bool
    apps_domain: str
    bases: list[BaseView]
    workers: WorkerCount
    state: Literal["ready", "preparing"]
    detail: str


@router.get("/platform", operation_id="get_platform")
async def platform(session: Reading, ctx: Ctx, asker: PlatformReader) -> PlatformView:  # noqa: ARG001 - the declaration is the point
    """Return whether the platform can build and run apps now."""
    return await platform_view(session, ctx)


async def platform_view(session: AsyncSession, ctx: Context) -> PlatformView:
    """Return the platform as the API says it."""
    rows = await workers.page(session, after=None, limit=MOST_WORKERS)
    shown = [
        worker_view(worker, connected=connected)
        for worker, connected in rows
        if worker.admin is not WorkerAdmin.retired
    ]
    ready = [worker for worker in shown if _ready(worker)]
    bases = {base.name: base for worker in (*shown, *ready) for base in worker.bases}
    builder, runner = await workers.choose_builder(session), await workers.choose_runner(session)
    detail = builder.why or runner.why or _unfinished(bases.values())
    return PlatformView(
        version=version("wisehosting-cp"),
        local=ctx.settings.local,
        apps_domain=ctx.settings.apps_domain,
        bases=sorted(bases.values(), key=lambda base: base.name),
        workers=WorkerCount(ready=len(ready), total=len(shown)),
        state="preparing" if detail else "ready",
        detail=detail,
    )


def _ready(worker: WorkerView) -> bool:
    closed = worker.firewall is not None and worker.firewall.closed
    return worker.admin is WorkerAdmin.active and worker.connected and closed


def _unfinished(bases: Iterable[BaseView]) -> str:
    for base in bases:
        if base.on_demand:
            continue
        if base.status == "failed":
            return f"The base image {base.name} could not be made: {base.detail}"
        if base.status != "ready":
            return f"The base image {base.name} is being made."
    return ""
