"""SQL of deployments."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments.models import Build, Deployment, Release
from wisehosting_cp.deployments.status import ACTIVE, RUNNING, DeploymentStatus
from wisehosting_cp.errors import NotFound
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.jobs.models import Job, JobKind
from wisehosting_cp.projects.models import Environment, Project

ENDED = (DeploymentStatus.failed, DeploymentStatus.cancelled, DeploymentStatus.replaced)


async def lock_environment(session: AsyncSession, environment_id: UUID, *, wait: bool) -> Environment | None:
    """Lock an environment for this transaction; None when it is gone, or somebody holds it and `wait` is False."""
    query = select(Environment).where(Environment.id == environment_id).with_for_update(skip_locked=not wait)
    # The session may have read the row before the lock was free; only what is read under the lock counts.
    query = query.execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def unfinished(session: AsyncSession, environment_id: UUID) -> list[Deployment]:
    """Return the deployments of an environment that still want something done, and the live one."""
    query = (
        select(Deployment)
        .where(
            Deployment.environment_id == environment_id,
            or_(
                Deployment.status.in_([*ACTIVE, DeploymentStatus.live]),
                Deployment.status.in_(ENDED) & Deployment.drained.is_(False),
            ),
        )
        .order_by(Deployment.number)
    )
    return list((await session.execute(query)).scalars())


async def in_status(
    session: AsyncSession, environment_id: UUID, statuses: frozenset[DeploymentStatus]
) -> Deployment | None:
    """Return the deployment of an environment in one of these statuses."""
    query = select(Deployment).where(Deployment.environment_id == environment_id, Deployment.status.in_(list(statuses)))
    return (await session.execute(query)).scalars().first()


async def running(session: AsyncSession, environment_id: UUID) -> Deployment | None:
    """Return the deployment that is being built, started or verified."""
    return await in_status(session, environment_id, RUNNING)


async def latest(session: AsyncSession, environment_id: UUID) -> Deployment | None:
    """Return the newest deployment."""
    query = (
        select(Deployment)
        .where(Deployment.environment_id == environment_id)
        .order_by(Deployment.number.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def get(session: AsyncSession, teams: Sequence[UUID], deployment_id: UUID) -> Deployment:
    """Return a deployment of these teams. Raises NotFound, the same for a foreign and a random id."""
    query = (
        select(Deployment)
        .join(Project, Project.id == Deployment.project_id)
        .where(Deployment.id == deployment_id, Project.team_id.in_(teams))
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def page(session: AsyncSession, project_id: UUID, *, before: UUID | None, limit: int) -> list[Deployment]:
    """Return a page of a project's deployments, newest first. The caller has checked the project's team."""
    query = select(Deployment).where(Deployment.project_id == project_id)
    if before is not None:
        query = query.where(Deployment.id < before)
    return list((await session.execute(query.order_by(Deployment.id.desc()).limit(limit))).scalars())


async def release_numbered(session: AsyncSession, environment_id: UUID, number: int) -> Release | None:
    """Return a release by its number."""
    query = select(Release).where(Release.environment_id == environment_id, Release.number == number)
    return (await session.execute(query)).scalar_one_or_none()


async def builds(session: AsyncSession, ids: set[UUID]) -> dict[UUID, Build]:
    """Return builds by id."""
    rows = (await session.execute(select(Build).where(Build.id.in_(ids)))).scalars()
    return {row.id: row for row in rows}


async def releases(session: AsyncSession, ids: set[UUID]) -> dict[UUID, Release]:
    """Return releases by id."""
    rows = (await session.execute(select(Release).where(Release.id.in_(ids)))).scalars()
    return {row.id: row for row in rows}


async def jobs_of(session: AsyncSession, build_ids: set[UUID]) -> dict[UUID, Job]:
    """Return the newest build job of each build."""
    query = select(Job).where(Job.kind == JobKind.build, Job.subject_id.in_(build_ids)).order_by(Job.id)
    return {job.subject_id: job for job in (await session.execute(query)).scalars()}


async def instances_of(session: AsyncSession, deployment_ids: set[UUID]) -> list[Instance]:
    """Return the instances that exist or should."""
    query = (
        select(Instance)
        .where(Instance.deployment_id.in_(deployment_ids), Instance.removed_at.is_(None))
        .order_by(Instance.id)
    )
    return list((await session.execute(query)).scalars())


async def environments_with_work(session: AsyncSession) -> list[UUID]:
    """Return environments whose deployments want something done; the live ones do not."""
    query = (
        select(Deployment.environment_id)
        .where(
            or_(
                Deployment.status.in_(list(ACTIVE)),
                Deployment.status.in_(ENDED) & Deployment.drained.is_(False),
            )
        )
        .distinct()
    )
    return list((await session.execute(query)).scalars())


async def stuck(session: AsyncSession, now: datetime) -> list[UUID]:
    """Return environments with an active deployment past its deadline or whose reconciler died."""
    query = (
        select(Deployment.environment_id)
        .where(
            Deployment.status.in_(list(ACTIVE)),
            or_(Deployment.deadline_at <= now, Deployment.lease_until <= now, Deployment.lease_until.is_(None)),
        )
        .distinct()
    )
    return list((await session.execute(query)).scalars())


async def take_lease(session: AsyncSession, environment_id: UUID, owner: str, until: datetime) -> None:
    """Note who looks after the active deployments of an environment."""
    await session.execute(
        update(Deployment)
        .where(Deployment.environment_id == environment_id, Deployment.status.in_(list(ACTIVE)))
        .values(lease_owner=owner, lease_until=until)
    )
