"""Starting, cancelling, rolling back and restarting deployments. What follows is the reconciler's."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments import images, phases, repository
from wisehosting_cp.deployments.models import Cause, Deployment, Phase, Release
from wisehosting_cp.deployments.status import ACTIVE, DeploymentReason, DeploymentStatus, move_to
from wisehosting_cp.errors import Conflict, Invalid, NotFound
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.projects import service as projects
from wisehosting_cp.projects.models import Environment, Project

log = logger(__name__)

S = DeploymentStatus
R = DeploymentReason

ACTIONS = {Cause.rollback: "deployment.rollback", Cause.restart: "deployment.restart"}
"""What the audit row calls a start, where it has a name of its own."""


async def start(
    session: AsyncSession,
    ctx: Context,
    *,
    environment: Environment,
    project: Project,
    cause: Cause,
    ref: str,
    asker: Mapping[str, Any],
    commit: str | None = None,
    subject: str | None = None,
    author: str | None = None,
    created_by: UUID | None = None,
    release: Release | None = None,
    variables_version: int | None = None,
) -> Deployment:
    """Queue a deployment. A queued one before it is cancelled (`newer_push`); a running one is waited for."""
    now = ctx.clock.now()
    locked = await repository.lock_environment(session, environment.id, wait=True)
    if locked is None:
        raise NotFound
    projects.refuse_deleted(locked)
    older = await repository.in_status(session, environment.id, frozenset({S.queued}))
    number = locked.deployments_count + 1
    if older is not None:
        detail = f"Deployment {number} is newer and takes its place."
        await end(session, ctx, older, R.newer_push, detail, project=project, asker=asker)
    locked.deployments_count = number
    deployment = Deployment(
        project_id=project.id,
        environment_id=environment.id,
        number=number,
        status=S.queued,
        cause=Cause.first if number == 1 and cause in {Cause.api, Cause.poll} else cause,
        ref=ref,
        commit=commit,
        subject=subject,
        author=author,
        variables_version=variables_version or locked.variables_version,
        release_id=release.id if release else None,
        build_id=release.build_id if release else None,
        created_by=created_by,
        created_at=now,
    )
    session.add(deployment)
    await session.flush()
    await phases.begin(session, deployment.id, Phase.received, now)
    await phases.end(session, deployment.id, Phase.received, now)
    await phases.begin(session, deployment.id, Phase.queued, now)
    of_release: dict[str, Any] = {"release": release.number} if release else {}
    record(
        session,
        **asker,
        action=ACTIONS.get(cause, "deployment.start"),
        subject=f"deployment:{deployment.id}",
        team_id=project.team_id,
        project=project.name,
        number=number,
        cause=deployment.cause.value,
        ref=ref,
        **of_release,
    )
    tell(session, deployment)
    with structlog.contextvars.bound_contextvars(deployment_id=str(deployment.id)):
        # Ties the request that asked for it to all that is logged of the deployment later.
        log.info("deployment queued", project=project.name, number=number, cause=deployment.cause.value, ref=ref)
    return deployment


async def cancel(
    session: AsyncSession, ctx: Context, deployment: Deployment, *, project: Project, asker: Mapping[str, Any]
) -> None:
    """Cancel an active deployment; its build and instances are ended, the live one is not touched. Raises Conflict when it is over."""
    await repository.lock_environment(session, deployment.environment_id, wait=True)
    await session.refresh(deployment)
    if deployment.status not in ACTIVE:
        raise Conflict(
            "not_active", f"Deployment {deployment.number} is {deployment.status} already; there is nothing to cancel."
        )
    await end(session, ctx, deployment, R.cancelled_by_user, "Cancelled by hand.", project=project, asker=asker)


async def rollback(
    session: AsyncSession,
    ctx: Context,
    *,
    environment: Environment,
    project: Project,
    number: int,
    asker: Mapping[str, Any],
    created_by: UUID | None,
) -> Deployment:
    """Make an old release live again, its variables included. Cancels what is queued and what runs.

    Raises NotFound, and Conflict(image_gone) for a release whose image was removed.
    """
    release = await repository.release_numbered(session, environment.id, number)
    if release is None:
        raise NotFound("release_not_found", f"There is no release {number}. Choose one from the list of deployments.")
    await repository.lock_environment(session, environment.id, wait=True)
    await images.refuse_gone(session, release)
    last = (await repository.newest_deployments(session, [release.id])).get(release.id)
    for status in (frozenset({S.queued}), ACTIVE):
        other = await repository.in_status(session, environment.id, status)
        if other is not None:
            detail = f"A rollback to release {number} took its place."
            await end(session, ctx, other, R.rolled_back, detail, project=project, asker=asker)
    return await again(
        session,
        ctx,
        environment=environment,
        project=project,
        cause=Cause.rollback,
        release=release,
        ref=project.branch,
        like=last,
        asker=asker,
        created_by=created_by,
    )


async def restart(
    session: AsyncSession,
    ctx: Context,
    *,
    environment: Environment,
    project: Project,
    asker: Mapping[str, Any],
    created_by: UUID | None,
) -> Deployment:
    """Deploy the live release again: new instances of the same image and variables.

    Raises Conflict when nothing is live, and while another deployment is under way: the restart would undo it.
    """
    await repository.lock_environment(session, environment.id, wait=True)
    active = await repository.in_status(session, environment.id, ACTIVE)
    if active is not None:
        raise Conflict(
            "deployment_under_way",
            f"Deployment {active.number} is {active.status}; it starts new instances anyway. Wait for it, or cancel it first.",
        )
    live = await repository.in_status(session, environment.id, frozenset({S.live}))
    release = (
        (await repository.releases(session, {live.release_id})).get(live.release_id)
        if live and live.release_id
        else None
    )
    if live is None or release is None:
        raise Conflict("nothing_live", "Nothing is live here yet. Deploy first.")
    return await again(
        session,
        ctx,
        environment=environment,
        project=project,
        cause=Cause.restart,
        release=release,
        ref=live.ref,
        like=live,
        asker=asker,
        created_by=created_by,
    )


async def again(
    session: AsyncSession,
    ctx: Context,
    *,
    environment: Environment,
    project: Project,
    cause: Cause,
    release: Release,
    ref: str,
    like: Deployment | None,
    asker: Mapping[str, Any],
    created_by: UUID | None,
) -> Deployment:
    """Queue a deployment of a release that there is already, told in the words of one that was of it."""
    return await start(
        session,
        ctx,
        environment=environment,
        project=project,
        cause=cause,
        ref=ref,
        commit=release.commit or None,
        subject=like.subject if like else None,
        author=like.author if like else None,
        release=release,
        variables_version=release.variables_version,
        asker=asker,
        created_by=created_by,
    )


async def scale(
    session: AsyncSession,
    ctx: Context,
    *,
    environment: Environment,
    project: Project,
    replicas: int,
    asker: Mapping[str, Any],
) -> Environment:
    """Set how many instances `web` has: slots of the live backend are added or drained, no deployment is made.

    The same number again changes nothing. Raises Invalid beyond the slots of a backend.
    """
    most = ctx.settings.pool_slots
    if not 1 <= replicas <= most:
        sentence = f"Choose 1 to {most} instances; a backend of the ingress has {most} slots."
        raise Invalid("too_many_instances", sentence, fields={"replicas": sentence})
    locked = await repository.lock_environment(session, environment.id, wait=True)
    if locked is None:
        raise NotFound
    projects.refuse_deleted(locked)
    if locked.replicas != replicas:
        before, locked.replicas = locked.replicas, replicas
        locked.unsettled = await repository.in_status(session, locked.id, frozenset({S.live})) is not None
        await session.flush()
        record(
            session,
            **asker,
            action="environment.scale",
            subject=f"environment:{locked.id}",
            team_id=project.team_id,
            project=project.name,
            name=locked.name,
            before=before,
            replicas=replicas,
        )
        announce(session, f"environment:{locked.id}", f"project:{project.id}")
    return locked


async def end(
    session: AsyncSession,
    ctx: Context,
    deployment: Deployment,
    reason: DeploymentReason,
    detail: str,
    *,
    project: Project,
    asker: Mapping[str, Any],
) -> None:
    """Cancel an active deployment for a reason. Its environment is locked by the caller."""
    move_to(deployment, S.cancelled, now=ctx.clock.now(), reason=reason, detail=detail)
    await phases.end_all(session, deployment.id, ctx.clock.now())
    await session.flush()
    record(
        session,
        **asker,
        action="deployment.cancel",
        subject=f"deployment:{deployment.id}",
        team_id=project.team_id,
        project=project.name,
        number=deployment.number,
        reason=reason.value,
    )
    tell(session, deployment)


async def note_plan(session: AsyncSession, job_id: UUID, plan: dict[str, Any]) -> None:
    """Keep what a build's worker detected, and wake everybody who looks at its deployment."""
    environment_id = await repository.note_plan(session, job_id, plan)
    running = None if environment_id is None else await repository.running(session, environment_id)
    if running is not None:
        tell(session, running)


def tell(session: AsyncSession, deployment: Deployment) -> None:
    """Wake everybody who looks at this deployment."""
    announce(
        session,
        f"environment:{deployment.environment_id}",
        f"deployment:{deployment.id}",
        f"project:{deployment.project_id}",
    )
