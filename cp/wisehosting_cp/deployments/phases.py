"""How long a deployment spent where."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments.models import DeploymentPhase, Phase

ORDER = {phase: place for place, phase in enumerate(Phase)}


async def begin(session: AsyncSession, deployment_id: UUID, phase: Phase, now: datetime) -> None:
    """Begin a phase; one that began already stays as it is."""
    if await session.get(DeploymentPhase, (deployment_id, phase)) is None:
        session.add(DeploymentPhase(deployment_id=deployment_id, phase=phase, started_at=now, seconds=None))
        await session.flush()


async def end(session: AsyncSession, deployment_id: UUID, phase: Phase, now: datetime) -> None:
    """End a phase: the next one begins at the same moment, so that all together are the whole. One that ended stays as it is."""
    row = await session.get(DeploymentPhase, (deployment_id, phase))
    if row is None:
        row = DeploymentPhase(deployment_id=deployment_id, phase=phase, started_at=now, seconds=None)
        session.add(row)
    if row.seconds is None:
        row.seconds = round(max(0.0, (now - row.started_at).total_seconds()), 3)
    await session.flush()


async def end_all(session: AsyncSession, deployment_id: UUID, now: datetime) -> None:
    """End whatever runs: the deployment is over."""
    for row in await of(session, deployment_id):
        if row.seconds is None:
            await end(session, deployment_id, row.phase, now)


async def of(session: AsyncSession, deployment_id: UUID) -> list[DeploymentPhase]:
    """Return the phases in their order."""
    return (await of_many(session, {deployment_id})).get(deployment_id, [])


async def of_many(session: AsyncSession, deployments: set[UUID]) -> dict[UUID, list[DeploymentPhase]]:
    """Return the phases of many deployments in their order."""
    query = select(DeploymentPhase).where(DeploymentPhase.deployment_id.in_(deployments))
    found: dict[UUID, list[DeploymentPhase]] = defaultdict(list)
    for row in (await session.execute(query)).scalars():
        found[row.deployment_id].append(row)
    return {key: sorted(rows, key=lambda row: ORDER[row.phase]) for key, rows in found.items()}
