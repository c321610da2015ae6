"""Workers as the API shows them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from wisehosting_cp.workers.models import WorkerAdmin, WorkerHealth


class BaseView(BaseModel):
    """A base image a worker has or is making."""

    name: str
    status: str
    seconds: float
    detail: str
    on_demand: bool
    """A build asked for it: nothing else waits for it."""


class FirewallView(BaseModel):
    """Result of the worker's last isolation probe."""

    closed: bool
    probes: dict[str, bool]
    detail: str


class DiskView(BaseModel):
    """What images and containers take on a worker, in bytes of real disk use."""

    budget_bytes: int | None
    """Past it no build begins; null: what the disk holds."""
    used_bytes: int
    free_bytes: int


class WorkerView(BaseModel):
    """A worker."""

    id: UUID
    name: str
    admin: WorkerAdmin
    health: WorkerHealth
    connected: bool
    roles: list[str]
    versions: dict[str, str]
    capacity: dict[str, Any]
    firewall: FirewallView | None
    bases: list[BaseView]
    disk: DiskView | None
    """Null before the worker's first report."""
    limits_enforced: bool
    last_seen_at: datetime | None
