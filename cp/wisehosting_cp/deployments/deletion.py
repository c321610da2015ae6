"""Deleting with a way back: what is deleted stops serving at once and is forgotten when its grace is over."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.teams import service as teams
from wisehosting_cp.deployments import repository, service
from wisehosting_cp.deployments.models import Cause, Deployment
from wisehosting_cp.deployments.status import ACTIVE, DeploymentReason, DeploymentStatus
from wisehosting_cp.errors import Conflict
from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE, announce
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.projects import service as projects
from wisehosting_cp.projects.models import Environment, EnvironmentKind, Project

log = logger(__name__)

S = DeploymentStatus
Q = DeploymentStatus.queued


async def delete_project(
    session: AsyncSession, ctx: Context, project: Project, *, for_good: bool, asker: Mapping[str, Any]
) -> None:
    """Delete a project with all its environments; until its grace is over it can be restored.

    `for_good` ends the grace of a project that is deleted already. Twice is once. Raises Conflict for `for_good` before that.
    """
    if for_good:
        if project.deleted_at is None:
            raise Conflict("not_deleted", f"Delete {project.name} first; after that it can be deleted for good.")
        for environment in await _environments(session, project):
            environment.purge_at = ctx.clock.now()
            announce(session, f"environment:{environment.id}")
        action = "project.delete_for_good"
    else:
        if project.deleted_at is not None:
            return
        project.deleted_at = ctx.clock.now()
        for environment in await _environments(session, project):
            await _close(session, ctx, environment, project, asker)
        action = "project.delete"
    await session.flush()
    record(session, **asker, action=action, subject=f"project:{project.id}", team_id=project.team_id, name=project.name)
    announce(session, f"project:{project.id}")


async def restore_project(
    session: AsyncSession, ctx: Context, project: Project, *, asker: Mapping[str, Any], created_by: UUID | None
) -> list[Deployment]:
    """Take a deletion back: what was live is started again from what was kept. Returns the deployments that do it.

    Twice is once. Raises Conflict when the grace is over.
    """
    if project.deleted_at is None:
        return []
    environments = await _environments(session, project)
    _refuse_purged(environments, ctx.clock.now())
    project.deleted_at = None
    started = [
        deployment
        for environment in environments
        if (deployment := await _reopen(session, ctx, environment, project, asker, created_by)) is not None
    ]
    record(
        session,
        **asker,
        action="project.restore",
        subject=f"project:{project.id}",
        team_id=project.team_id,
        name=project.name,
    )
    announce(session, f"project:{project.id}")
    return started


async def delete_environment(
    session: AsyncSession, ctx: Context, environment: Environment, project: Project, *, asker: Mapping[str, Any]
) -> None:
    """Delete an environment; until its grace is over it can be restored. Twice is once. Raises Conflict for production."""
    if environment.kind is EnvironmentKind.production:
        raise Conflict(
            "production_stays",
            f"Every project has its production environment. Delete the project {project.name} itself.",
        )
    (locked,) = await repository.lock_environments(session, [environment.id])
    if locked.deleted_at is not None:
        return
    await _close(session, ctx, locked, project, asker)
    record(
        session,
        **asker,
        action="environment.delete",
        subject=f"environment:{locked.id}",
        team_id=project.team_id,
        project=project.name,
        name=locked.name,
    )
    announce(session, f"project:{project.id}")


async def restore_environment(
    session: AsyncSession,
    ctx: Context,
    environment: Environment,
    project: Project,
    *,
    asker: Mapping[str, Any],
    created_by: UUID | None,
) -> Deployment | None:
    """Take an environment's deletion back. Twice is once. Raises Conflict when its project is deleted or the grace is over."""
    (locked,) = await repository.lock_environments(session, [environment.id])
    if locked.deleted_at is None:
        return None
    if project.deleted_at is not None:
        raise Conflict("project_deleted", f"The project {project.name} is deleted. Restore the project.")
    _refuse_purged([locked], ctx.clock.now())
    started = await _reopen(session, ctx, locked, project, asker, created_by)
    record(
        session,
        **asker,
        action="environment.restore",
        subject=f"environment:{locked.id}",
        team_id=project.team_id,
        project=project.name,
        name=locked.name,
    )
    announce(session, f"project:{project.id}")
    return started


async def purge_due(ctx: Context) -> int:
    """Forget the environments whose grace is over and of which no worker holds anything; return how many those were.

    The reconciler has their instances removed first. A second run finds the rest, or nothing.
    """
    async with ctx.db.read() as session:
        due = await repository.purgeable(session, ctx.clock.now())
    for environment_id in due:
        async with ctx.db.transaction() as session:
            await _purge(session, ctx, environment_id)
    return len(due)


async def purge_quietly(ctx: Context) -> None:
    """Purge where nobody waits for it: what fails is logged and tried again at the next look."""
    try:
        await purge_due(ctx)
        await teams.purge_due(ctx)
    except UNREACHABLE as error:
        log.warning("cannot forget what was deleted; trying again", error=str(error))


async def _purge(session: AsyncSession, ctx: Context, environment_id: UUID) -> None:
    locked = await repository.lock_environment(session, environment_id, wait=True)
    if locked is None or environment_id not in await repository.purgeable(session, ctx.clock.now()):
        return
    project = await session.get_one(Project, locked.project_id)
    await ingress.bury(session, environment_id)
    await projects.hold_hostname(session, ctx, locked, project)
    name, team_id, project_id = locked.name, project.team_id, project.id
    await repository.forget_environment(session, environment_id)
    gone = await projects.forget_if_empty(session, project_id)
    record(
        session,
        actor="platform",
        action="project.forget" if gone else "environment.forget",
        subject=f"project:{project_id}" if gone else f"environment:{environment_id}",
        team_id=team_id,
        project=project.name,
        name=project.name if gone else name,
    )
    announce(session, f"project:{project_id}")
    log.info("forgotten", environment=str(environment_id), project=str(project_id), whole_project=gone)


async def _environments(session: AsyncSession, project: Project) -> Sequence[Environment]:
    found = (await projects.environments(session, [project]))[project.id]
    return await repository.lock_environments(session, [environment.id for environment in found])


async def _close(
    session: AsyncSession, ctx: Context, environment: Environment, project: Project, asker: Mapping[str, Any]
) -> None:
    now = ctx.clock.now()
    environment.deleted_at = now
    environment.purge_at = now + timedelta(days=ctx.settings.deletion_grace_days)
    environment.unsettled = await repository.in_status(session, environment.id, frozenset({S.live})) is not None
    await session.flush()
    for statuses in (frozenset({Q}), ACTIVE - {Q}):
        active = await repository.in_status(session, environment.id, statuses)
        if active is not None:
            detail = "The project was deleted."
            await service.end(session, ctx, active, DeploymentReason.deleted, detail, project=project, asker=asker)
    announce(session, f"environment:{environment.id}")


async def _reopen(
    session: AsyncSession,
    ctx: Context,
    environment: Environment,
    project: Project,
    asker: Mapping[str, Any],
    created_by: UUID | None,
) -> Deployment | None:
    environment.deleted_at = environment.purge_at = None
    await session.flush()
    announce(session, f"environment:{environment.id}")
    last = await repository.last_live(session, environment.id)
    release = await repository.release_of(session, last) if last is not None else None
    if last is None or release is None:
        return None
    return await service.again(
        session,
        ctx,
        environment=environment,
        project=project,
        cause=Cause.restore,
        release=release,
        ref=last.ref,
        like=last,
        asker=asker,
        created_by=created_by,
    )


def _refuse_purged(environments: Sequence[Environment], now: datetime) -> None:
    if any(environment.purge_at is not None and environment.purge_at <= now for environment in environments):
        raise Conflict("grace_over", "The time in which this could be restored is over; it is being removed.")
