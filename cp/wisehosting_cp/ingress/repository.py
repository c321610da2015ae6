"""SQL of ingress."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.ingress.models import (
    Route,
    RouteAck,
    RouteBackend,
    RouteDrain,
    RouteProbeResult,
    route_revisions,
)
from wisehosting_cp.instances.models import Instance

LOCK = "wisehosting/routes"


async def next_revision(session: AsyncSession) -> int:
    """Take the next revision. The lock makes revisions become visible in their order, so a delta never misses one."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(LOCK))))
    return int((await session.execute(route_revisions.next_value())).scalar_one())


async def newest_revision(session: AsyncSession) -> int:
    """Return the newest committed revision, 0 when there is none."""
    return int((await session.execute(select(func.coalesce(func.max(Route.revision), 0)))).scalar_one())


async def route_of(session: AsyncSession, environment_id: UUID) -> Route | None:
    """Return the environment's route."""
    return (await session.execute(select(Route).where(Route.environment_id == environment_id))).scalar_one_or_none()


async def routes(session: AsyncSession, *, since: int = 0, with_removed: bool = False) -> list[Route]:
    """Return routes changed after a revision."""
    query = select(Route).where(Route.revision > since).order_by(Route.environment_id)
    if not with_removed:
        query = query.where(Route.removed.is_(False))
    return list((await session.execute(query)).scalars())


async def backends(session: AsyncSession, environments: list[UUID]) -> list[RouteBackend]:
    """Return the leased backends of these environments."""
    query = (
        select(RouteBackend)
        .where(RouteBackend.environment_id.in_(environments))
        .order_by(RouteBackend.environment_id, RouteBackend.number)
    )
    return list((await session.execute(query)).scalars())


async def traffic_instances(session: AsyncSession, environments: list[UUID]) -> list[Instance]:
    """Return the instances of these environments that have a port."""
    query = (
        select(Instance)
        .where(
            Instance.environment_id.in_(environments),
            Instance.removed_at.is_(None),
            Instance.tombstone.is_(False),
            Instance.port > 0,
            Instance.process == "web",
        )
        .order_by(Instance.id)
    )
    return list((await session.execute(query)).scalars())


async def acks(session: AsyncSession) -> list[RouteAck]:
    """Return what all nodes have in force."""
    return list((await session.execute(select(RouteAck))).scalars())


async def want_probe(session: AsyncSession, worker_id: UUID, deployment_id: UUID, now: datetime) -> None:
    """Ask once."""
    statement = insert(RouteProbeResult).values(
        worker_id=worker_id, deployment_id=deployment_id, wanted=True, status=0, detail="", at=now
    )
    await session.execute(statement.on_conflict_do_nothing())


async def probes_wanted(session: AsyncSession, worker_id: UUID) -> list[tuple[RouteProbeResult, Route]]:
    """Return the unanswered requests of a node with the route they go to."""
    query = (
        select(RouteProbeResult, Route)
        .join(RouteBackend, RouteBackend.deployment_id == RouteProbeResult.deployment_id)
        .join(Route, Route.environment_id == RouteBackend.environment_id)
        .where(RouteProbeResult.worker_id == worker_id, RouteProbeResult.wanted.is_(True))
    )
    return [(probe, route) for probe, route in (await session.execute(query)).all()]


async def note_probe(
    session: AsyncSession,
    worker_id: UUID,
    deployment_id: UUID,
    *,
    seen: int | None,
    status: int,
    detail: str,
    now: datetime,
    wanted: bool,
) -> None:
    """Keep the last answer; an answer nobody asked for is dropped."""
    probe = await session.get(RouteProbeResult, (worker_id, deployment_id))
    if probe is not None and probe.wanted:
        probe.seen, probe.status, probe.detail, probe.at, probe.wanted = seen, status, detail[:500], now, wanted


async def probed_nodes(session: AsyncSession, deployment_id: UUID) -> set[UUID]:
    """Return the nodes that were asked about a deployment."""
    query = select(RouteProbeResult.worker_id).where(RouteProbeResult.deployment_id == deployment_id)
    return set((await session.execute(query)).scalars())


async def verified_nodes(session: AsyncSession, deployment_id: UUID) -> set[UUID]:
    """Return the nodes that have seen the deployment's number."""
    query = select(RouteProbeResult.worker_id).where(
        RouteProbeResult.deployment_id == deployment_id, RouteProbeResult.wanted.is_(False)
    )
    return set((await session.execute(query)).scalars())


async def last_probe_detail(session: AsyncSession, deployment_id: UUID) -> str:
    """Return the newest detail of an unanswered request."""
    query = (
        select(RouteProbeResult.detail)
        .where(RouteProbeResult.deployment_id == deployment_id, RouteProbeResult.wanted.is_(True))
        .order_by(RouteProbeResult.at.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none() or ""


async def note_drain(session: AsyncSession, worker_id: UUID, subject_id: UUID, closed_streams: int) -> None:
    """Keep the first report about a deployment or an instance."""
    statement = insert(RouteDrain).values(worker_id=worker_id, subject_id=subject_id, closed_streams=closed_streams)
    await session.execute(statement.on_conflict_do_nothing())


async def drained_nodes(session: AsyncSession, subjects: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Return the nodes that reported each of these deployments or instances empty."""
    found: dict[UUID, set[UUID]] = {subject: set() for subject in subjects}
    for row in (await session.execute(select(RouteDrain).where(RouteDrain.subject_id.in_(subjects)))).scalars():
        found[row.subject_id].add(row.worker_id)
    return found


async def closed_streams(session: AsyncSession, subject_id: UUID) -> int:
    """Return the sum over all nodes."""
    query = select(func.coalesce(func.sum(RouteDrain.closed_streams), 0)).where(RouteDrain.subject_id == subject_id)
    return int((await session.execute(query)).scalar_one())


async def forget_drains(session: AsyncSession, subjects: Collection[UUID]) -> None:
    """Drop what the nodes reported of these."""
    await session.execute(delete(RouteDrain).where(RouteDrain.subject_id.in_(subjects)))


async def forget(session: AsyncSession, deployment_id: UUID) -> None:
    """Drop probes and drains of a released backend."""
    await forget_drains(session, [deployment_id])
    await session.execute(delete(RouteProbeResult).where(RouteProbeResult.deployment_id == deployment_id))
