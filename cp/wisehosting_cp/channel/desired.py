"""The desired state of a worker, rendered from instance rows."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.instances import repository as instances
from wisehosting_cp.instances import spec as specs
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.workers.models import Worker
from wisehosting_wire.codec import encode_message
from wisehosting_wire.fitting import MAX_MESSAGE, fits
from wisehosting_wire.messages import DesiredState
from wisehosting_wire.workload import EnvironmentRef, Tombstone, Workload

log = logger(__name__)

CP_EPOCH = 1
"""Timeline of this database. A restore raises it, so that what came before is older."""

COUNT_BYTES = 5
"""What the length of a longer list may take in msgpack."""

Placed = tuple[Instance, Environment, Project]


async def load(session: AsyncSession, worker_id: UUID) -> DesiredState:
    """Read and render. The generation is read first: what changes meanwhile brings a higher one, and is sent again."""
    generation = (await session.execute(select(Worker.generation).where(Worker.id == worker_id))).scalar_one()
    state = render(generation, await instances.on_worker(session, worker_id))
    sent = within_a_frame(state)
    if sent is not state:
        log.error(
            "not all instances of a worker fit into one message; the newest are left out. Place fewer on it",
            worker=str(worker_id),
            generation=generation,
            instances=[workload.instance for workload in state.workloads[len(sent.workloads) :]],
        )
    return sent


def render(generation: int, placed: Iterable[Placed]) -> DesiredState:
    """Render rows: the same rows give the same state, whatever their order."""
    rows = sorted(placed, key=lambda row: row[0].id)
    return DesiredState(
        cp_epoch=CP_EPOCH,
        generation=generation,
        workloads=[workload(*row) for row in rows if not row[0].tombstone],
        tombstones=[Tombstone(instance=str(instance.id)) for instance, _, _ in rows if instance.tombstone],
    )


def within_a_frame(state: DesiredState) -> DesiredState:
    """The same state when it fits into a frame, else one without its newest workloads.

    A worker keeps what is merely absent, so nothing ends by it; instances that were never sent stay pending, and their
    deployments fail by their deadline. Every tombstone is kept: only they make room again.
    """
    if fits(state):
        return state
    room = MAX_MESSAGE - len(encode_message(msgspec.structs.replace(state, workloads=[]))) - COUNT_BYTES
    kept = 0
    for item in state.workloads:
        room -= len(msgspec.msgpack.encode(item))
        if room < 0:
            break
        kept += 1
    return msgspec.structs.replace(state, workloads=state.workloads[:kept])


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
