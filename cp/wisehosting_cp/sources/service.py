"""What starts deployments: a new project, a call, a hook, a poll."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.permissions import Permission
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.accounts.teams.service import no_team
from wisehosting_cp.deployments import deletion
from wisehosting_cp.deployments import service as deployments
from wisehosting_cp.deployments.models import Cause
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce
from wisehosting_cp.projects import service as projects
from wisehosting_cp.projects.models import Project
from wisehosting_cp.sources import hooks, repository
from wisehosting_cp.sources.models import Webhook
from wisehosting_cp.sources.schemas import ProjectChange, ProjectCreate


async def create_project(session: AsyncSession, ctx: Context, asked: ProjectCreate, asker: Principal) -> Project:
    """Make a project, its webhook and the watch on its branch, and queue the first deployment. Raises Invalid, Conflict."""
    team_id = asked.team
    if team_id is None:
        team_id = await accounts.personal_team_id(session, asker.user_id)
    team = await accounts.team(session, asker.teams, team_id) if team_id else None
    if team is None:
        raise no_team()
    asker.require(Permission.project_create, team=team.id)
    project, environment = await projects.create(
        session,
        ctx,
        team_id=team.id,
        team_name=team.name,
        name=asked.name,
        url=asked.source.url,
        branch=asked.source.branch,
        root_directory=asked.source.root_directory,
        settings={
            "submodules": asked.source.submodules,
            "large_files": asked.source.large_files,
            "build": asked.build.stored(),
        },
        asker=asker.audit(),
        created_by=asker.user_id,
    )
    await hooks.create(session, ctx, project)
    await repository.watch(session, project, ctx.clock.now())
    if asked.deploy:
        await deployments.start(
            session,
            ctx,
            environment=environment,
            project=project,
            cause=Cause.api,
            ref=project.branch,
            asker=asker.audit(),
            created_by=asker.user_id,
        )
    announce(session, f"source:{project.id}")
    return project


async def change_project(
    session: AsyncSession,
    ctx: Context,
    project_id: UUID,
    asked: ProjectChange,
    asker: Principal,
    *,
    if_match: str | None = None,
) -> Project:
    """Set where a project's code comes from and how it is built. Raises NotFound, Forbidden, Invalid, Stale."""
    project = await projects.get(session, asker.reach, project_id)
    asker.require(Permission.project_change, team=project.team_id, project=project.id)
    wanted = asked.source.model_dump(exclude_none=True) if asked.source else {}
    if asked.build is not None:
        wanted["build"] = asked.build.stored()
    changed = await projects.change(session, project, wanted, asker=asker.audit(), if_match=if_match)
    if "branch" in changed:
        await repository.watch(session, project, ctx.clock.now())
        announce(session, f"source:{project.id}")
    return project


async def delete_project(
    session: AsyncSession, ctx: Context, project_id: UUID, asker: Principal, *, for_good: bool
) -> Project:
    """Delete a project, and look at its branch no more. Raises NotFound, Forbidden, Conflict."""
    project = await projects.get(session, asker.reach, project_id)
    asker.require(Permission.project_delete, team=project.team_id, project=project.id)
    await deletion.delete_project(session, ctx, project, for_good=for_good, asker=asker.audit())
    await repository.rest(session, project.id)
    return project


async def restore_project(session: AsyncSession, ctx: Context, project_id: UUID, asker: Principal) -> Project:
    """Take a deletion back, and look at the branch again. Raises NotFound, Forbidden, Conflict."""
    project = await projects.get(session, asker.reach, project_id)
    asker.require(Permission.project_delete, team=project.team_id, project=project.id)
    await deletion.restore_project(session, ctx, project, asker=asker.audit(), created_by=asker.user_id)
    await repository.wake(session, project.id, ctx.clock.now())
    announce(session, f"source:{project.id}")
    return project


async def new_hook_secret(
    session: AsyncSession, ctx: Context, project_id: UUID, asker: Principal
) -> tuple[Webhook, str]:
    """Give a project's webhook a new secret; the address stays, the old secret ends. Raises NotFound, Forbidden."""
    project = await projects.get(session, asker.reach, project_id)
    asker.require(Permission.hook_renew, team=project.team_id, project=project.id)
    hook = (await repository.hooks(session, [project.id])).get(project.id) or await hooks.create(session, ctx, project)
    secret = await hooks.new_secret(session, ctx, hook)
    await session.flush()
    record(
        session,
        **asker.audit(),
        action="hook.new_secret",
        subject=f"project:{project.id}",
        team_id=project.team_id,
    )
    return hook, secret
