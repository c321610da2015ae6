"""SQL of deployments."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.permissions import Reach
from wisehosting_cp.deployments.models import Build, Deployment, DeploymentPhase, Release
from wisehosting_cp.deployments.status import ACTIVE, RUNNING, DeploymentStatus
from wisehosting_cp.errors import NotFound
from wisehosting_cp.ingress.models import RouteBackend
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.jobs.models import Job, JobKind
from wisehosting_cp.projects.models import Environment, Project, Variable
from wisehosting_cp.projects.repository import within
from wisehosting_cp.telemetry.models import LogChunk

ENDED = (DeploymentStatus.failed, DeploymentStatus.cancelled, DeploymentStatus.replaced)


async def lock_environment(session: AsyncSession, environment_id: UUID, *, wait: bool) -> Environment | None:
    """Lock an environment for this transaction; None when it is gone, or somebody holds it and `wait` is False."""
    query = select(Environment).where(Environment.id == environment_id).with_for_update(skip_locked=not wait)
    # The session may have read the row before the lock was free; only what is read under the lock counts.
    query = query.execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def releases_page(
    session: AsyncSession, environment_id: UUID, *, before: UUID | None, limit: int
) -> Sequence[Release]:
    """Return a page of releases, newest first."""
    query = select(Release).where(Release.environment_id == environment_id).order_by(Release.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Release.id < before)
    return (await session.execute(query)).scalars().all()


async def newest_deployments(session: AsyncSession, releases: Sequence[UUID]) -> dict[UUID, Deployment]:
    """Return the newest deployment of each of these releases."""
    query = select(Deployment).where(Deployment.release_id.in_(releases)).order_by(Deployment.number)
    return {row.release_id: row for row in (await session.execute(query)).scalars() if row.release_id}


async def kept_releases(session: AsyncSession, environment_id: UUID) -> set[UUID]:
    """Return the releases whose instances an ended deployment left: they can be live again at once."""
    query = (
        select(Deployment.release_id)
        .join(Instance, Instance.deployment_id == Deployment.id)
        .where(
            Deployment.environment_id == environment_id,
            Deployment.status == DeploymentStatus.replaced,
            Instance.removed_at.is_(None),
            Instance.tombstone.is_(False),
        )
    )
    return {release for release in (await session.execute(query)).scalars() if release}


async def lock_environments(session: AsyncSession, ids: Sequence[UUID]) -> list[Environment]:
    """Lock environments for this transaction, always in the same order, and read what is true now."""
    query = select(Environment).where(Environment.id.in_(ids)).order_by(Environment.id).with_for_update()
    return list((await session.execute(query.execution_options(populate_existing=True))).scalars())


async def unfinished(session: AsyncSession, environment_id: UUID) -> list[Deployment]:
    """Return the deployments of an environment that still want something done, the live one and those with instances."""
    with_instances = exists().where(Instance.deployment_id == Deployment.id, Instance.removed_at.is_(None))
    query = (
        select(Deployment)
        .where(
            Deployment.environment_id == environment_id,
            or_(
                Deployment.status.in_([*ACTIVE, DeploymentStatus.live]),
                Deployment.status.in_(ENDED) & (Deployment.drained.is_(False) | with_instances),
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


async def get(session: AsyncSession, reach: Reach, deployment_id: UUID) -> Deployment:
    """Return a deployment within reach. Raises NotFound, the same for a foreign and a random id."""
    query = (
        select(Deployment)
        .join(Project, Project.id == Deployment.project_id)
        .where(Deployment.id == deployment_id, within(reach))
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


async def page_of_teams(
    session: AsyncSession,
    reach: Reach,
    *,
    statuses: Collection[DeploymentStatus] = (),
    project_id: UUID | None = None,
    before: UUID | None,
    limit: int,
) -> list[Deployment]:
    """Return a page of the deployments of the projects within reach, newest first; of one status or some, of one project."""
    query = (
        select(Deployment)
        .join(Project, Project.id == Deployment.project_id)
        .where(within(reach))
        .order_by(Deployment.id.desc())
        .limit(limit)
    )
    if statuses:
        query = query.where(Deployment.status.in_(statuses))
    if project_id is not None:
        query = query.where(Deployment.project_id == project_id)
    if before is not None:
        query = query.where(Deployment.id < before)
    return list((await session.execute(query)).scalars())


async def release_numbered(session: AsyncSession, environment_id: UUID, number: int) -> Release | None:
    """Return a release by its number."""
    query = select(Release).where(Release.environment_id == environment_id, Release.number == number)
    return (await session.execute(query)).scalar_one_or_none()


async def release_before(session: AsyncSession, deployment: Deployment) -> Release | None:
    """Return the release that was live when this deployment came, or was live last before it."""
    query = (
        select(Release)
        .join(Deployment, Deployment.release_id == Release.id)
        .where(
            Deployment.environment_id == deployment.environment_id,
            Deployment.number < deployment.number,
            Deployment.status.in_([DeploymentStatus.live, DeploymentStatus.replaced]),
        )
        .order_by(Deployment.number.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def builds(session: AsyncSession, ids: set[UUID]) -> dict[UUID, Build]:
    """Return builds by id."""
    rows = (await session.execute(select(Build).where(Build.id.in_(ids)))).scalars()
    return {row.id: row for row in rows}


async def releases(session: AsyncSession, ids: set[UUID]) -> dict[UUID, Release]:
    """Return releases by id."""
    rows = (await session.execute(select(Release).where(Release.id.in_(ids)))).scalars()
    return {row.id: row for row in rows}


async def note_plan(session: AsyncSession, job_id: UUID, plan: dict[str, Any]) -> UUID | None:
    """Keep what a build's worker detected; return the build's environment. A second call replaces it."""
    build = select(Job.subject_id).where(Job.id == job_id, Job.kind == JobKind.build).scalar_subquery()
    noted = update(Build).where(Build.id == build).values(plan=plan).returning(Build.environment_id)
    return (await session.execute(noted)).scalar_one_or_none()


async def note_report(session: AsyncSession, job_id: UUID, report: dict[str, Any]) -> None:
    """Keep what a build's worker says of its steps. A second call replaces it."""
    build = select(Job.subject_id).where(Job.id == job_id, Job.kind == JobKind.build).scalar_subquery()
    await session.execute(update(Build).where(Build.id == build).values(report=report))


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


async def environments_with_work(session: AsyncSession, now: datetime) -> list[UUID]:
    """Return environments where something is to be done, those that have waited longest first.

    Deployments under way or to clear away, changed settings, the end of a grace.
    """
    under_way = (
        select(Deployment.environment_id.label("id"), func.min(Deployment.created_at).label("since"))
        .where(
            or_(
                Deployment.status.in_(list(ACTIVE)),
                Deployment.status.in_(ENDED) & Deployment.drained.is_(False),
            )
        )
        .group_by(Deployment.environment_id)
    )
    others = select(Environment.id, Environment.created_at.label("since")).where(
        or_(Environment.unsettled, Environment.purge_at <= now)
    )
    found = union(under_way, others).subquery()
    query = select(found.c.id).group_by(found.c.id).order_by(func.min(found.c.since), found.c.id)
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


async def last_live(session: AsyncSession, environment_id: UUID) -> Deployment | None:
    """Return the deployment that is live, or was live last."""
    query = (
        select(Deployment)
        .where(
            Deployment.environment_id == environment_id,
            Deployment.status.in_([DeploymentStatus.live, DeploymentStatus.replaced]),
        )
        .order_by(Deployment.number.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def release_of(session: AsyncSession, deployment: Deployment) -> Release | None:
    """Return a deployment's release, if it got so far."""
    return None if deployment.release_id is None else await session.get(Release, deployment.release_id)


async def purgeable(session: AsyncSession, now: datetime) -> list[UUID]:
    """Return environments whose grace is over and of which nothing is left: no instance, no backend, no deployment to clear away."""
    instances = exists().where(Instance.environment_id == Environment.id, Instance.removed_at.is_(None))
    backends = exists().where(RouteBackend.environment_id == Environment.id)
    deployments = exists().where(
        Deployment.environment_id == Environment.id,
        or_(Deployment.status.in_([*ACTIVE, DeploymentStatus.live]), Deployment.drained.is_(False)),
    )
    query = select(Environment.id).where(Environment.purge_at <= now, ~instances, ~backends, ~deployments)
    return list((await session.execute(query)).scalars())


async def forget_environment(session: AsyncSession, environment_id: UUID) -> None:
    """Delete an environment's rows of all rooms this one knows; who did what stays in the audit log."""
    builds = select(Build.id).where(Build.environment_id == environment_id)
    deployments = select(Deployment.id).where(Deployment.environment_id == environment_id)
    instances = select(Instance.id).where(Instance.environment_id == environment_id)
    for statement in (
        delete(LogChunk).where(or_(LogChunk.subject_id.in_(builds), LogChunk.subject_id.in_(instances))),
        delete(Job).where(Job.kind == JobKind.build, Job.subject_id.in_(builds)),
        delete(DeploymentPhase).where(DeploymentPhase.deployment_id.in_(deployments)),
        delete(Deployment).where(Deployment.environment_id == environment_id),
        delete(Release).where(Release.environment_id == environment_id),
        delete(Build).where(Build.environment_id == environment_id),
        delete(Instance).where(Instance.environment_id == environment_id),
        delete(Variable).where(Variable.environment_id == environment_id),
        delete(Environment).where(Environment.id == environment_id),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))
