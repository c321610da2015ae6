"""REST of deployments."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse, Response

from wisehosting_cp.accounts.access import Deployer, ProjectReader, still
from wisehosting_cp.accounts.once import Once, OnceRoute
from wisehosting_cp.accounts.permissions import Permission
from wisehosting_cp.deployments import repository, service
from wisehosting_cp.deployments.change_views import changes_of
from wisehosting_cp.deployments.models import Cause
from wisehosting_cp.deployments.schemas import (
    BuildView,
    DeploymentChangesView,
    DeploymentStart,
    DeploymentView,
    ReleaseView,
    Rollback,
)
from wisehosting_cp.deployments.status import ACTIVE, DeploymentStatus
from wisehosting_cp.deployments.views import build_view, release_views, view, views
from wisehosting_cp.errors import NotFound
from wisehosting_cp.kit.web import Ctx, Page, Reading, decode_cursor, encode_cursor
from wisehosting_cp.projects import service as projects
from wisehosting_cp.telemetry import service as telemetry

router = APIRouter(tags=["deployments"], route_class=OnceRoute)

Limit = Annotated[int, Query(ge=1, le=200)]


@router.post("/projects/{project_id}/deployments", status_code=202, operation_id="start_deployment")
async def start(project_id: UUID, asked: DeploymentStart, ctx: Ctx, asker: Deployer, session: Once) -> DeploymentView:
    """Deploy the project's branch, or the ref named. Watch the answer's id."""
    project = await projects.get(session, asker.reach, project_id)
    asker.require(Permission.deployment_start, team=project.team_id, project=project.id)
    environment = await projects.production(session, project)
    deployment = await service.start(
        session,
        ctx,
        environment=environment,
        project=project,
        cause=Cause.api,
        ref=asked.ref or project.branch,
        asker=asker.audit(),
        created_by=asker.user_id,
    )
    return await view(session, ctx, deployment)


@router.get("/projects/{project_id}/deployments", operation_id="list_deployments")
async def page(
    project_id: UUID,
    session: Reading,
    ctx: Ctx,
    asker: ProjectReader,
    cursor: str | None = None,
    limit: Limit = 30,
) -> Page[DeploymentView]:
    """List deployments, newest first."""
    project = await projects.get(session, asker.reach, project_id)
    before = decode_cursor(cursor) if cursor else None
    rows = await repository.page(session, project.id, before=before, limit=limit + 1)
    more = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=await views(session, ctx, rows[:limit]), next_cursor=more)


@router.get("/deployments", operation_id="list_team_deployments")
async def page_of_teams(
    session: Reading,
    ctx: Ctx,
    asker: ProjectReader,
    status: Annotated[list[DeploymentStatus] | None, Query()] = None,
    project: UUID | None = None,
    cursor: str | None = None,
    limit: Limit = 30,
) -> Page[DeploymentView]:
    """List the deployments of all projects of your teams, newest first. `status` may be given more than once."""
    if project is not None:
        await projects.get(session, asker.reach, project)
    before = decode_cursor(cursor) if cursor else None
    rows = await repository.page_of_teams(
        session, asker.reach, statuses=status or (), project_id=project, before=before, limit=limit + 1
    )
    more = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=await views(session, ctx, rows[:limit]), next_cursor=more)


@router.get("/deployments/{deployment_id}", operation_id="get_deployment")
async def get(deployment_id: UUID, session: Reading, ctx: Ctx, asker: ProjectReader) -> DeploymentView:
    """Return a deployment."""
    return await view(session, ctx, await repository.get(session, asker.reach, deployment_id))


@router.get("/deployments/{deployment_id}/build", operation_id="get_build")
async def build(deployment_id: UUID, session: Reading, asker: ProjectReader) -> BuildView:
    """Return how the deployment's image came to be. 404 while no build has begun."""
    deployment = await repository.get(session, asker.reach, deployment_id)
    if deployment.build_id is None:
        raise NotFound("no_build", "No build of this deployment has begun.")
    return build_view((await repository.builds(session, {deployment.build_id}))[deployment.build_id])


@router.get("/deployments/{deployment_id}/changes", operation_id="get_changes")
async def changes(deployment_id: UUID, session: Reading, ctx: Ctx, asker: ProjectReader) -> DeploymentChangesView:
    """Return what a deployment changes against the release that was live before it. Of variables only the names."""
    return await changes_of(session, ctx, await repository.get(session, asker.reach, deployment_id))


@router.post("/deployments/{deployment_id}/cancel", status_code=202, operation_id="cancel_deployment")
async def cancel(deployment_id: UUID, ctx: Ctx, asker: Deployer, session: Once) -> DeploymentView:
    """Cancel an active deployment. What is live stays live."""
    deployment = await repository.get(session, asker.reach, deployment_id)
    project = await projects.get(session, asker.reach, deployment.project_id)
    asker.require(Permission.deployment_start, team=project.team_id, project=project.id)
    await service.cancel(session, ctx, deployment, project=project, asker=asker.audit())
    return await view(session, ctx, deployment)


@router.post("/environments/{environment_id}/rollback", status_code=202, operation_id="roll_back")
async def rollback(environment_id: UUID, asked: Rollback, ctx: Ctx, asker: Deployer, session: Once) -> DeploymentView:
    """Make an old release live again, its variables included."""
    environment, project = await projects.environment(session, asker.reach, environment_id)
    asker.require(Permission.deployment_start, team=project.team_id, project=project.id)
    deployment = await service.rollback(
        session,
        ctx,
        environment=environment,
        project=project,
        number=asked.release,
        asker=asker.audit(),
        created_by=asker.user_id,
    )
    return await view(session, ctx, deployment)


@router.post("/environments/{environment_id}/restart", status_code=202, operation_id="restart")
async def restart(environment_id: UUID, ctx: Ctx, asker: Deployer, session: Once) -> DeploymentView:
    """Replace the live instances by new ones of the same release."""
    environment, project = await projects.environment(session, asker.reach, environment_id)
    asker.require(Permission.deployment_start, team=project.team_id, project=project.id)
    deployment = await service.restart(
        session, ctx, environment=environment, project=project, asker=asker.audit(), created_by=asker.user_id
    )
    return await view(session, ctx, deployment)


@router.get("/environments/{environment_id}/releases", operation_id="list_releases")
async def releases(
    environment_id: UUID, session: Reading, ctx: Ctx, asker: ProjectReader, cursor: str | None = None, limit: Limit = 20
) -> Page[ReleaseView]:
    """List releases, newest first, and how each can be made live again."""
    environment, _ = await projects.environment(session, asker.reach, environment_id)
    before = decode_cursor(cursor) if cursor else None
    rows = await repository.releases_page(session, environment.id, before=before, limit=limit + 1)
    more = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=await release_views(session, ctx, environment.id, rows, limit), next_cursor=more)


@router.get("/deployments/{deployment_id}/log", operation_id="deployment_log", response_class=Response)
async def log(
    deployment_id: UUID,
    request: Request,
    ctx: Ctx,
    asker: ProjectReader,
    form: Annotated[Literal["sse", "json"], Query(alias="format")] = "sse",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
    last_event_id: Annotated[int, Header(ge=0)] = 0,
) -> Response:
    """Stream the build log as server-sent events until the deployment is over; resumes after `Last-Event-ID`.

    With `format=json` it is read in pages. As long as lines may follow, a page has a `next_cursor`, also an empty one.
    """
    async with ctx.db.read() as session:
        deployment = await repository.get(session, asker.reach, deployment_id)
        if form == "json":
            over = deployment.status not in ACTIVE
            page = await telemetry.log_page(session, deployment.build_id, cursor=cursor, limit=limit, over=over)
            return JSONResponse(page)

    async def look(session: AsyncSession) -> telemetry.Followed:
        deployment = await repository.get(session, asker.reach, deployment_id)
        over = deployment.status not in ACTIVE
        return telemetry.Followed(deployment.build_id, deployment.status.value if over else None)

    allowed = still(request, ctx, lambda session, now: repository.get(session, now.reach, deployment_id))
    topics = (f"deployment:{deployment_id}",)
    return telemetry.build_log_response(ctx, look, still=allowed, topics=topics, after=last_event_id)
