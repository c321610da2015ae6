"""SQL of instances."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.permissions import Reach
from wisehosting_cp.errors import NotFound
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.projects.repository import within
from wisehosting_cp.workers.models import Worker
from wisehosting_wire.workload import Limits, Wanted


async def locked(session: AsyncSession, instance_id: UUID) -> Instance | None:
    """Return an instance, locked until the end of the transaction."""
    query = (
        select(Instance).where(Instance.id == instance_id).with_for_update().execution_options(populate_existing=True)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def of_deployment(session: AsyncSession, deployment_id: UUID) -> list[Instance]:
    """Return a deployment's instances that exist or should."""
    query = (
        select(Instance)
        .where(Instance.deployment_id == deployment_id, Instance.removed_at.is_(None))
        .order_by(Instance.id)
    )
    return list((await session.execute(query)).scalars())


async def of_environment(session: AsyncSession, environment_id: UUID) -> list[Instance]:
    """Return an environment's instances that exist or should."""
    query = (
        select(Instance)
        .where(Instance.environment_id == environment_id, Instance.removed_at.is_(None))
        .order_by(Instance.id)
    )
    return list((await session.execute(query)).scalars())


async def with_logs(
    session: AsyncSession, environment_id: UUID, *, removed_for: timedelta, limit: int
) -> list[Instance]:
    """Return an environment's newest instances: those that exist, and those removed lately, whose last words matter."""
    query = (
        select(Instance)
        .where(
            Instance.environment_id == environment_id,
            Instance.removed_at.is_(None) | (Instance.removed_at > func.now() - removed_for),
        )
        .order_by(Instance.id.desc())
        .limit(limit)
    )
    return list(reversed((await session.execute(query)).scalars().all()))


async def on_worker(session: AsyncSession, worker_id: UUID) -> list[tuple[Instance, Environment, Project]]:
    """Return what a worker should hold, with the environment and project of each."""
    query = (
        select(Instance, Environment, Project)
        .join(Environment, Environment.id == Instance.environment_id)
        .join(Project, Project.id == Environment.project_id)
        .where(Instance.worker_id == worker_id, Instance.removed_at.is_(None))
        .order_by(Instance.id)
    )
    return [(instance, environment, project) for instance, environment, project in (await session.execute(query)).all()]


async def open_by_worker(session: AsyncSession) -> dict[UUID, int]:
    """Return how many instances each worker holds."""
    query = select(Instance.worker_id, func.count()).where(Instance.removed_at.is_(None)).group_by(Instance.worker_id)
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def loads(session: AsyncSession, *, after: UUID | None, limit: int) -> list[tuple[UUID, int, int, int]]:
    """Return a page of the workers that hold instances: how many run, how many are kept, and the memory promised."""
    runs = Instance.wanted == Wanted.running
    # The row leaves out what is as it is by default.
    memory = func.coalesce(cast(Instance.spec["limits"]["memory_bytes"].astext, BigInteger), Limits().memory_bytes)
    query = (
        select(
            Instance.worker_id,
            func.count().filter(runs),
            func.count().filter(~runs),
            func.coalesce(func.sum(memory).filter(runs), 0),
        )
        .where(Instance.removed_at.is_(None))
        .group_by(Instance.worker_id)
        .order_by(Instance.worker_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Instance.worker_id > after)
    return [(row[0], row[1], row[2], int(row[3])) for row in (await session.execute(query)).all()]


async def versions_on(session: AsyncSession, worker_id: UUID, environment_id: UUID) -> set[int]:
    """Return the variables versions that instances of this environment on this worker run with."""
    query = select(Instance.spec["variables_version"].as_integer()).where(
        Instance.worker_id == worker_id,
        Instance.environment_id == environment_id,
        Instance.removed_at.is_(None),
    )
    return set((await session.execute(query)).scalars())


async def seen(
    session: AsyncSession,
    reach: Reach,
    *,
    environment_id: UUID | None,
    worker_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> list[tuple[Instance, str, Project]]:
    """Return a page of the instances within reach with their workers' names and projects, oldest first.

    Raises NotFound for a foreign environment.
    """
    if environment_id is not None:
        await team_environment(session, environment_id, reach)
    query = (
        select(Instance, Worker.name, Project)
        .join(Worker, Worker.id == Instance.worker_id)
        .join(Environment, Environment.id == Instance.environment_id)
        .join(Project, Project.id == Environment.project_id)
        .where(within(reach), Instance.removed_at.is_(None))
        .order_by(Instance.id)
        .limit(limit)
    )
    if environment_id is not None:
        query = query.where(Instance.environment_id == environment_id)
    if worker_id is not None:
        query = query.where(Instance.worker_id == worker_id)
    if after is not None:
        query = query.where(Instance.id > after)
    return [(instance, name, project) for instance, name, project in (await session.execute(query)).all()]


async def team_environment(session: AsyncSession, environment_id: UUID, reach: Reach) -> Environment:
    """Return an environment within reach. Raises NotFound, the same for a foreign and a random id."""
    query = (
        select(Environment)
        .join(Project, Project.id == Environment.project_id)
        .where(Environment.id == environment_id, within(reach))
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found
