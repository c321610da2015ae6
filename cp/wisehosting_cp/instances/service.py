"""Instances: what should run where, and what the workers say of it.

Every change of what is wanted raises the worker's generation; its desired state is rendered from the rows again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.instances import repository
from wisehosting_cp.instances import spec as specs
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.instances.spec import InstanceSpec
from wisehosting_cp.kit.db import announce
from wisehosting_cp.workers import service as workers
from wisehosting_cp.workers.errors import Misplaced
from wisehosting_wire.workload import InstanceStatus, Wanted

DETAIL_LIMIT = 4000


@dataclass(frozen=True)
class Observation:
    """What a worker says of an instance."""

    instance_id: UUID
    status: InstanceStatus
    reason: str = ""
    detail: str = ""
    address: str = ""
    port: int = 0
    container: str = ""
    exit_code: int | None = None
    restarts: int = 0
    generation: int = 0
    seconds: float = 0


@dataclass(frozen=True)
class Observed:
    """What became of an observation."""

    instance: Instance
    serving_changed: bool
    """Where it answers, or whether it does, is not as before: routes to it must follow."""


async def create(
    session: AsyncSession,
    *,
    environment_id: UUID,
    deployment_id: UUID,
    worker_id: UUID,
    process: str,
    spec: InstanceSpec | Mapping[str, Any],
    wanted: Wanted = Wanted.running,
) -> Instance:
    """Place a new instance. Each call makes one. Raises ValueError for a spec that is not one."""
    checked = spec if isinstance(spec, InstanceSpec) else specs.from_json(spec)
    instance = Instance(
        environment_id=environment_id,
        deployment_id=deployment_id,
        worker_id=worker_id,
        process=process,
        spec=specs.to_json(checked),
        wanted=wanted,
    )
    session.add(instance)
    await session.flush()
    await session.refresh(instance)
    await _changed(session, instance)
    return instance


async def set_wanted(session: AsyncSession, instance: Instance, wanted: Wanted) -> None:
    """Start or stop an instance that stays; the same again changes nothing."""
    if instance.wanted is not wanted and not instance.tombstone:
        instance.wanted = wanted
        await _changed(session, instance)


async def hand_over(session: AsyncSession, instance: Instance, deployment_id: UUID) -> None:
    """Give a kept instance to another deployment of the same release, running; the container stays as it is.

    One that rested counts as pending until its worker says otherwise. A second call changes nothing.
    """
    if instance.deployment_id != deployment_id:
        instance.deployment_id = deployment_id
        if instance.wanted is Wanted.stopped:
            instance.wanted = Wanted.running
            instance.status, instance.reason, instance.detail = InstanceStatus.pending, None, None
        await _changed(session, instance)


async def drain(session: AsyncSession, instance: Instance, *, now: datetime | None) -> None:
    """Let an instance of a live deployment get no new request; without `now` it serves on. A second call changes nothing."""
    if (instance.draining_since is None) != (now is None):
        instance.draining_since = now
        await session.flush()
        _announce(session, instance)


async def remove(session: AsyncSession, instance: Instance) -> None:
    """Have the worker remove an instance; its row closes when the worker says so. Twice is once."""
    if not instance.tombstone and instance.removed_at is None:
        instance.tombstone = True
        await _changed(session, instance)


async def observe(session: AsyncSession, worker_id: UUID, seen: Observation, *, now: datetime) -> Observed | None:
    """Apply what a worker says. None when nothing changed. Raises Misplaced unless the instance is placed on that worker."""
    instance = await repository.locked(session, seen.instance_id)
    if instance is None or instance.worker_id != worker_id:
        raise Misplaced(f"instance {seen.instance_id}")
    if instance.removed_at is not None:
        return None
    before = _serving(instance)
    instance.status = seen.status
    instance.reason = seen.reason[:40] or None
    instance.detail = seen.detail[:DETAIL_LIMIT] or None
    instance.exit_code = seen.exit_code
    instance.restarts = seen.restarts
    instance.observed_generation = max(instance.observed_generation, seen.generation)
    if seen.status is InstanceStatus.removed:
        instance.port, instance.container = 0, ""
        if instance.tombstone:
            instance.removed_at = func.now()
    else:
        instance.address, instance.port = seen.address[:64], seen.port
        instance.container = seen.container[:80]
    if seen.status is InstanceStatus.exited:
        instance.last_end = {
            "at": now.isoformat(),
            "reason": instance.reason,
            "detail": instance.detail,
            "exit_code": seen.exit_code,
        }
    if seen.status is InstanceStatus.ready and instance.ready_seconds is None and seen.seconds > 0:
        instance.ready_seconds = seen.seconds
    instance.updated_at = func.now()
    await session.flush()
    await session.refresh(instance)
    _announce(session, instance)
    return Observed(instance, serving_changed=_serving(instance) != before)


async def of_deployment(session: AsyncSession, deployment_id: UUID) -> list[Instance]:
    """Return a deployment's instances that exist or should."""
    return await repository.of_deployment(session, deployment_id)


async def of_environment(session: AsyncSession, environment_id: UUID) -> list[Instance]:
    """Return an environment's instances that exist or should."""
    return await repository.of_environment(session, environment_id)


async def open_by_worker(session: AsyncSession) -> dict[UUID, int]:
    """Return how many instances each worker holds, the `load` of `workers.choose_runner`."""
    return await repository.open_by_worker(session)


async def _changed(session: AsyncSession, instance: Instance) -> None:
    instance.updated_at = func.now()
    await session.flush()
    await session.refresh(instance)
    await workers.next_generation(session, instance.worker_id)
    _announce(session, instance)


def _serving(instance: Instance) -> tuple[bool, str, int]:
    return instance.status is InstanceStatus.ready, instance.address, instance.port


def _announce(session: AsyncSession, instance: Instance) -> None:
    announce(session, f"instance:{instance.id}", f"environment:{instance.environment_id}")
