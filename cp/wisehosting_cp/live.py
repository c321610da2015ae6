"""`GET /events`: what changed, whole, for one browser tab. Wake-ups say what to look at again; the rows are the truth."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from wisehosting_cp.accounts.access import ProjectReader, identify
from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.permissions import Reach
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.accounts.teams.views import detail_of
from wisehosting_cp.deployments.models import Deployment
from wisehosting_cp.deployments.schemas import DeploymentView
from wisehosting_cp.deployments.views import views as deployment_views
from wisehosting_cp.errors import NotFound, WiseHostingError
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.instances.schemas import view as instance_view
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.events import SECURITY
from wisehosting_cp.kit.sse import KEEP_ALIVE, KEEP_ALIVE_SECONDS, EventStream, encode, mark
from wisehosting_cp.kit.web import Ctx
from wisehosting_cp.overview import platform_view
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.projects.repository import within
from wisehosting_cp.sources.views import views as project_views
from wisehosting_cp.telemetry.stream import PersonStream
from wisehosting_cp.workers import service as workers
from wisehosting_cp.workers.api import view as worker_view
from wisehosting_cp.workers.models import Worker

router = APIRouter(prefix="/api/v1", tags=["events"])

TOPICS = ("deployment:*", "project:*", "instance:*", "worker:*", "team:*")
KINDS = frozenset(topic.partition(":")[0] for topic in TOPICS)
TOGETHER_SECONDS = 0.05
"""Changes this close together are loaded at once."""
AUTHORIZE_SECONDS = 5.0
MOST_AT_ONCE = 200
MOST_SECONDS_BACK = 3600


class Missed(BaseModel):
    """Something may have happened that the stream cannot tell any more."""


class AccessView(BaseModel):
    """What one may do where, for the buttons of a tab."""

    operator: bool
    teams: dict[UUID, Role]
    projects: dict[UUID, Role]
    """Projects in which one has another role than in their team."""


@router.get("/events", operation_id="events", status_code=200, response_class=EventStream)
async def events(
    request: Request,
    ctx: Ctx,
    asker: ProjectReader,
    last_event_id: Annotated[str, Header(max_length=100)] = "",
    within: Annotated[int, Query(ge=0, le=MOST_SECONDS_BACK)] = 0,
) -> Response:
    """Stream what changes, each whole: `deployment`, `project`, `instance`, `team`, `worker`, `platform`, `access`.

    It is of one's teams, and as one may see it. It goes on after `Last-Event-ID`, or begins with what changed `within`
    the last seconds: for a page that asked for its data so long ago. Where it cannot tell what changed, it says
    `missed`; then load anew what you show.
    """
    return PersonStream(ctx, changes(request, ctx, asker, last_event_id, within))


async def changes(
    request: Request, ctx: Context, asker: Principal, last_event_id: str = "", within: float = 0
) -> AsyncGenerator[bytes, None]:
    """Yield encoded events until the session ends, and now and then where the stream stands."""
    with ctx.events.listen(*TOPICS, SECURITY) as listener:
        before = ctx.events.after(last_event_id, *TOPICS) if last_event_id else ctx.events.within(within, *TOPICS)
        async with ctx.db.for_streams, ctx.db.read() as session:
            platform = encode("platform", await platform_view(session, ctx))
        yield platform
        access = _access(asker)
        yield encode("access", access)
        if before is None:
            yield encode("missed", Missed())
        for topic in before or ():
            listener.wake(topic)
        # The first pass waits for nothing and ends with a mark: a stream that breaks early goes on from there.
        told, sent, authorized, patience = "", float("-inf"), time.monotonic(), 0.0
        while True:
            topics = await listener.changed(timeout=patience)
            patience = AUTHORIZE_SECONDS
            if topics:
                await asyncio.sleep(TOGETHER_SECONDS)
                topics += listener.take()
            at = ctx.events.position
            if SECURITY in topics or time.monotonic() - authorized >= AUTHORIZE_SECONDS:
                try:
                    asker = await identify(request, ctx)
                except WiseHostingError:
                    return
                authorized = time.monotonic()
            parts = await _load(ctx, asker, topics) if topics else []
            if _access(asker) != access:
                access = _access(asker)
                parts.insert(0, encode("access", access))
            for part in parts:
                yield part
            if parts or time.monotonic() - sent >= KEEP_ALIVE_SECONDS:
                yield mark(at) if at != told else KEEP_ALIVE
                told = at
                sent = time.monotonic()


def _access(asker: Principal) -> AccessView:
    return AccessView(operator=asker.operator, teams=dict(asker.teams), projects=dict(asker.projects))


async def _load(ctx: Context, asker: Principal, topics: Iterable[str]) -> list[bytes]:
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for topic in dict.fromkeys(topics):
        kind, _, text = topic.partition(":")
        if kind in KINDS:
            wanted[kind].append(UUID(text))
    reach = asker.reach
    parts: list[bytes] = []
    async with ctx.db.for_streams, ctx.db.snapshot() as session:
        for ids in _batches(wanted["deployment"]):
            parts += [encode("deployment", row) for row in await _deployments(session, ctx, reach, ids)]
        for ids in _batches(wanted["instance"]):
            parts += await _instances(session, reach, ids)
        for ids in _batches(wanted["project"]):
            query = select(Project).where(Project.id.in_(ids), within(reach))
            found = (await session.execute(query)).scalars().all()
            parts += [encode("project", row) for row in await project_views(session, ctx, found)]
        for team_id in wanted["team"]:
            parts += await _team(session, ctx, asker, team_id)
        if wanted["worker"]:
            if asker.operator:
                parts += await _workers(session, wanted["worker"])
            parts.append(encode("platform", await platform_view(session, ctx)))
    return parts


def _batches(ids: list[UUID]) -> Iterable[list[UUID]]:
    for start in range(0, len(ids), MOST_AT_ONCE):
        yield ids[start : start + MOST_AT_ONCE]


async def _deployments(session: AsyncSession, ctx: Context, reach: Reach, ids: list[UUID]) -> list[DeploymentView]:
    query = (
        select(Deployment)
        .join(Project, Project.id == Deployment.project_id)
        .where(Deployment.id.in_(ids), within(reach))
    )
    return await deployment_views(session, ctx, (await session.execute(query)).scalars().all())


async def _instances(session: AsyncSession, reach: Reach, ids: list[UUID]) -> list[bytes]:
    query = (
        select(Instance, Worker.name, Project)
        .join(Environment, Environment.id == Instance.environment_id)
        .join(Project, Project.id == Environment.project_id)
        .join(Worker, Worker.id == Instance.worker_id)
        .where(Instance.id.in_(ids), within(reach))
    )
    return [encode("instance", instance_view(*row)) for row in (await session.execute(query)).tuples()]


async def _team(session: AsyncSession, ctx: Context, asker: Principal, team_id: UUID) -> list[bytes]:
    """Return a team as the asker sees it; nothing where they are not in it."""
    try:
        return [encode("team", await detail_of(session, ctx, asker, team_id))]
    except NotFound:
        return []


async def _workers(session: AsyncSession, ids: list[UUID]) -> list[bytes]:
    parts = []
    for worker_id in ids:
        try:
            worker, connected = await workers.get(session, worker_id)
        except NotFound:
            continue
        parts.append(encode("worker", worker_view(worker, connected=connected)))
    return parts
