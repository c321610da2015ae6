"""Instances as the API shows them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from wisehosting_cp.instances.models import Instance
from wisehosting_cp.instances.sentences import NEXT_STEP
from wisehosting_cp.projects.models import Project
from wisehosting_wire.workload import InstanceStatus, Wanted


class EndView(BaseModel):
    """The last time an instance ended by itself."""

    at: datetime
    reason: str | None
    detail: str | None
    next_step: str | None
    exit_code: int | None


class InstanceView(BaseModel):
    """One container of one process of one deployment."""

    id: UUID
    environment_id: UUID
    deployment_id: UUID
    project_id: UUID
    project_name: str
    process: str
    worker: str
    worker_id: UUID
    status: InstanceStatus
    wanted: Wanted
    """`stopped`: kept for an instant rollback."""
    leaving: bool
    """It is being drained or removed."""
    reason: str | None
    detail: str | None
    next_step: str | None
    port: int
    restarts: int
    exit_code: int | None
    last_end: EndView | None
    """Also after it was started again."""
    created_at: datetime
    updated_at: datetime


class WorkerLoadView(BaseModel):
    """What the instances of all teams take of a worker."""

    worker_id: UUID
    running: int
    """Instances that run or should."""
    kept: int
    """Stopped, for an instant rollback: they take disk, no memory."""
    memory_bytes: int
    """Sum of the limits of those that run or should."""


def view(instance: Instance, worker: str, project: Project) -> InstanceView:
    """Show an instance of this project on the worker of this name."""
    return InstanceView(
        id=instance.id,
        environment_id=instance.environment_id,
        deployment_id=instance.deployment_id,
        project_id=project.id,
        project_name=project.name,
        process=instance.process,
        worker=worker,
        worker_id=instance.worker_id,
        status=instance.status,
        wanted=instance.wanted,
        leaving=instance.tombstone or instance.draining_since is not None,
        reason=instance.reason,
        detail=instance.detail,
        next_step=_next_step(instance.reason),
        port=instance.port,
        restarts=instance.restarts,
        exit_code=instance.exit_code,
        last_end=EndView(**instance.last_end, next_step=_next_step(instance.last_end["reason"]))
        if instance.last_end
        else None,
        created_at=instance.created_at,
        updated_at=instance.updated_at,
    )


def _next_step(reason: str | None) -> str | None:
    return NEXT_STEP.get(reason) if reason else None
