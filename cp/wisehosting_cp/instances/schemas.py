"""Instances as the API shows them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from wisehosting_cp.instances.models import Instance
from wisehosting_wire.workload import InstanceStatus, Wanted


class InstanceView(BaseModel):
    """One container of one process of one deployment."""

    id: UUID
    environment_id: UUID
    deployment_id: UUID
    process: str
    worker: str
    status: InstanceStatus
    wanted: Wanted
    """`stopped`: kept for an instant rollback."""
    leaving: bool
    """It is being drained or removed."""
    reason: str | None
    detail: str | None
    port: int
    restarts: int
    exit_code: int | None
    created_at: datetime
    updated_at: datetime


def view(instance: Instance, worker: str) -> InstanceView:
    """Show an instance on the worker of this name."""
    return InstanceView(
        id=instance.id,
        environment_id=instance.environment_id,
        deployment_id=instance.deployment_id,
        process=instance.process,
        worker=worker,
        status=instance.status,
        wanted=instance.wanted,
        leaving=instance.tombstone or instance.draining_since is not None,
        reason=instance.reason,
        detail=instance.detail,
        port=instance.port,
        restarts=instance.restarts,
        exit_code=instance.exit_code,
        created_at=instance.created_at,
        updated_at=instance.updated_at,
    )
