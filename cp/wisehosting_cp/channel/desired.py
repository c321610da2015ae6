"""The desired state of a worker, rendered from instance rows."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.instances import repository as instances
from wisehosting_cp.instances import spec as specs
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.workers.models import Worker
from wisehosting_wire.messages import DesiredState
from wisehosting_wire.workload import EnvironmentRef, Tombstone, Workload

CP_EPOCH = 1
"""Timeline of this database. A restore raises it, so that what came before is older."""

Placed = tuple[Instance, Environment, Project]


async def load(session: AsyncSession, worker_id: UUID) -> DesiredState:
    """Read and render. The generation is read first: what changes meanwhile brings a higher one, and is sent again."""
    generation = (await session.execute(select(Worker.generation).where(Worker.id == worker_id))).scalar_one()
    return render(generation, await instances.on_worker(session, worker_id))


def render(generation: int, placed: Iterable[Placed]) -> DesiredState:
    """Render rows: the same rows give the same state, whatever their order."""
    rows = sorted(placed, key=lambda row: row[0].id)
    return DesiredState(
        cp_epoch=CP_EPOCH,
        generation=generation,
        workloads=[workload(*row) for row in rows if not row[0].tombstone],
        tombstones=[Tombstone(instance=str(instance.id)) for instance, _, _ in rows if instance.tombstone],
    )


def workload(instance: Instance, environment: Environment, project: Project) -> Workload:
    """Render one instance."""
    spec = specs.from_json(instance.spec)
    return Workload(
        instance=str(instance.id),
        environment=EnvironmentRef(
            id=str(environment.id), team=str(project.team_id), project=project.name, number=environment.number
        ),
        process=instance.process,
        wanted=instance.wanted,
        image=spec.image,
        command=spec.command,
        variables_version=spec.variables_version,
        port=spec.port,
        limits=spec.limits,
        health=spec.health,
        writable=spec.writable,
        capabilities=spec.capabilities,
        stop_seconds=spec.stop_seconds,
    )
