"""REST of projects, checks and webhooks."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from wisehosting_cp.accounts.access import (
    Deployer,
    HookRenewer,
    ProjectChanger,
    ProjectDeleter,
    ProjectMaker,
    ProjectReader,
    Public,
)
from wisehosting_cp.accounts.once import Once, OnceRoute
from wisehosting_cp.accounts.permissions import Permission
from wisehosting_cp.accounts.second_factor.step_up import StepUp
from wisehosting_cp.deployments import deletion
from wisehosting_cp.deployments import service as deployments
from wisehosting_cp.deployments.models import Cause
from wisehosting_cp.deployments.views import view as deployment_view
from wisehosting_cp.errors import NotFound
from wisehosting_cp.kit.etag import IfMatch
from wisehosting_cp.kit.guard import BodyTooLarge
from wisehosting_cp.kit.web import Ctx, Page, Reading, Transaction, decode_cursor
from wisehosting_cp.projects import service as projects
from wisehosting_cp.projects.build_settings import BuildSettingsBody
from wisehosting_cp.sources import hooks, listing, planning, service
from wisehosting_cp.sources.looking import look
from wisehosting_cp.sources.schemas import (
    CheckView,
    EnvironmentChange,
    HookAnswer,
    HookSecretView,
    PlanAsked,
    PlanView,
    ProjectChange,
    ProjectCreate,
    ProjectView,
)
from wisehosting_cp.sources.views import view

router = APIRouter(prefix="/api/v1", tags=["projects"], route_class=OnceRoute)
hook_router = APIRouter(tags=["hooks"])

HOOK_WAIT_SECONDS = 3
"""Providers give up after about ten."""


@router.post("/projects", status_code=201, operation_id="create_project")
async def create(asked: ProjectCreate, ctx: Ctx, asker: ProjectMaker, session: Once) -> ProjectView:
    """Make a project from a Git address; its first deployment is queued unless `deploy` is false."""
    return await view(session, ctx, await service.create_project(session, ctx, asked, asker))


@router.get("/projects", operation_id="list_projects", response_model=Page[ProjectView])
async def page(
    session: Reading,
    ctx: Ctx,
    asker: ProjectReader,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=listing.MOST)] = listing.USUAL,
) -> Response:
    """List the projects of one's teams, newest first."""
    after = decode_cursor(cursor) if cursor else None
    body = await listing.page(session, ctx, asker, after, limit)
    return Response(body, media_type="application/json")


@router.get("/projects/{project_id}", operation_id="get_project")
async def get(project_id: UUID, session: Reading, ctx: Ctx, asker: ProjectReader) -> ProjectView:
    """Return a project."""
    return await view(session, ctx, await projects.get(session, asker.reach, project_id))


@router.patch("/projects/{project_id}", operation_id="change_project")
async def change(
    project_id: UUID,
    asked: ProjectChange,
    ctx: Ctx,
    asker: ProjectChanger,
    session: Transaction,
    if_match: IfMatch = None,
) -> ProjectView:
    """Set where the code comes from and how it is built. The next deployment goes by it.

    With If-Match of `settings_version`, only as long as that is what is set.
    """
    project = await service.change_project(session, ctx, project_id, asked, asker, if_match=if_match)
    return await view(session, ctx, project)


@router.post("/plans", operation_id="plan_build")
async def plan_of(asked: PlanAsked, ctx: Ctx, asker: ProjectMaker) -> PlanView:
    """Look into a repository and say what would be built, and why. Nothing is stored or started."""
    return await planning.plan(
        ctx,
        who=str(asker.user_id),
        url=projects.check_url(ctx, asked.source.url),
        branch=projects.check_branch(asked.source.branch),
        root_directory=projects.check_root_directory(asked.source.root_directory),
        submodules=asked.source.submodules,
        settings=asked.build.asked(),
    )


@router.get("/projects/{project_id}/plan", operation_id="get_plan")
async def project_plan(project_id: UUID, ctx: Ctx, asker: ProjectReader) -> PlanView:
    """Look into the project's branch and say what the next deployment would build, and why."""
    async with ctx.db.read() as session:
        project = await projects.get(session, asker.reach, project_id)
    return await planning.plan(
        ctx,
        who=str(asker.user_id),
        url=project.repository_url,
        branch=project.branch,
        root_directory=project.root_directory,
        submodules=project.settings.get("submodules", False),
        settings=BuildSettingsBody(**project.settings.get("build", {})).asked(),
    )


@router.delete("/projects/{project_id}", status_code=202, operation_id="delete_project", dependencies=[StepUp])
async def delete(
    project_id: UUID, ctx: Ctx, asker: ProjectDeleter, session: Transaction, for_good: bool = False
) -> ProjectView:
    """Delete a project: it stops serving at once and can be restored until `purge_at`; `for_good` ends that time now.

    Needs a step-up.
    """
    project = await service.delete_project(session, ctx, project_id, asker, for_good=for_good)
    return await view(session, ctx, project)


@router.post("/projects/{project_id}/restore", status_code=202, operation_id="restore_project")
async def restore(project_id: UUID, ctx: Ctx, asker: ProjectDeleter, session: Once) -> ProjectView:
    """Take a project's deletion back: what was live is started again from what was kept."""
    return await view(session, ctx, await service.restore_project(session, ctx, project_id, asker))


@router.patch("/environments/{environment_id}", operation_id="change_environment")
async def change_environment(
    environment_id: UUID, asked: EnvironmentChange, ctx: Ctx, asker: ProjectChanger, session: Transaction
) -> ProjectView:
    """Set how many instances run. They are added to or drained from what is live; no deployment is made."""
    environment, project = await projects.environment(session, asker.reach, environment_id)
    asker.require(Permission.project_change, team=project.team_id, project=project.id)
    if asked.replicas is not None:
        await deployments.scale(
            session, ctx, environment=environment, project=project, replicas=asked.replicas, asker=asker.audit()
        )
    return await view(session, ctx, project)


@router.delete("/environments/{environment_id}", status_code=202, operation_id="delete_environment")
async def delete_environment(
    environment_id: UUID, ctx: Ctx, asker: ProjectDeleter, session: Transaction
) -> ProjectView:
    """Delete a preview environment; it can be restored until its `purge_at`."""
    environment, project = await projects.environment(session, asker.reach, environment_id)
    asker.require(Permission.project_delete, team=project.team_id, project=project.id)
    await deletion.delete_environment(session, ctx, environment, project, asker=asker.audit())
    return await view(session, ctx, project)


@router.post("/environments/{environment_id}/restore", status_code=202, operation_id="restore_environment")
async def restore_environment(environment_id: UUID, ctx: Ctx, asker: ProjectDeleter, session: Once) -> ProjectView:
    """Take an environment's deletion back."""
    environment, project = await projects.environment(session, asker.reach, environment_id)
    asker.require(Permission.project_delete, team=project.team_id, project=project.id)
    await deletion.restore_environment(
        session, ctx, environment, project, asker=asker.audit(), created_by=asker.user_id
    )
    return await view(session, ctx, project)


@router.post("/projects/{project_id}/check", operation_id="check_project")
async def check(project_id: UUID, ctx: Ctx, asker: Deployer) -> CheckView:
    """Look at the branch now; a commit that was not seen before is deployed."""
    async with ctx.db.read() as session:
        project = await projects.get(session, asker.reach, project_id)
        production = await projects.production(session, project)
    asker.require(Permission.deployment_start, team=project.team_id, project=project.id)
    projects.refuse_deleted(production)
    looked = await look(ctx, project.id, cause=Cause.poll, asker=asker.audit())
    started = None
    if looked.deployment is not None:
        async with ctx.db.read() as session:
            started = await deployment_view(session, ctx, looked.deployment)
    return CheckView(
        changed=looked.changed,
        commit=looked.commit,
        subject=looked.subject,
        deployment=started,
        error=looked.error,
    )


@router.post("/projects/{project_id}/hook-secret", operation_id="new_hook_secret")
async def hook_secret(project_id: UUID, ctx: Ctx, asker: HookRenewer, session: Once) -> HookSecretView:
    """Make a new secret for the project's webhook. The answer shows it, this once; the old one ends."""
    hook, secret = await service.new_hook_secret(session, ctx, project_id, asker)
    return HookSecretView(url=hooks.url_of(ctx, hook), secret=secret)


@hook_router.post("/hooks/{hook_id}", status_code=202, operation_id="receive_hook", dependencies=[Public])
async def receive(hook_id: str, request: Request, ctx: Ctx) -> HookAnswer:
    """Take a provider's call. It is a hint: the branch is read again, and deployed when it moved.

    An unknown address and a wrong signature get the same 404.
    """
    body = await _raw_body(request)
    project_id = await hooks.verified(ctx, hook_id, body, request.headers.getlist("x-hub-signature-256"))
    if project_id is None:
        raise NotFound
    delivery = hooks.delivery_of(ctx, hook_id, body, request.headers.get("x-github-delivery"))
    if await hooks.acted_upon(ctx, delivery):
        return HookAnswer(deployment=None)
    task = hooks.hints_of(ctx).look(ctx, project_id, delivery)
    done, _ = await asyncio.wait({task}, timeout=HOOK_WAIT_SECONDS)
    looked = task.result() if done else None
    return HookAnswer(deployment=looked.deployment.id if looked and looked.deployment else None)


async def _raw_body(request: Request) -> bytes:
    """Read the bytes as they came, at most 1 MiB: the signature is over them and not over what they mean."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > hooks.BODY_LIMIT:
            raise BodyTooLarge("body_too_large", f"Webhooks are read up to {hooks.BODY_LIMIT} bytes.")
    return bytes(body)
