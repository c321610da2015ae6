"""Tables of instances."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.columns import CreatedAt, Id, Json, Word
from wisehosting_cp.kit.db import Model
from wisehosting_wire.workload import InstanceStatus, Wanted


class Instance(Model):
    """One container of one process of one deployment on one worker. The desired state of a worker is rendered from these rows."""

    __tablename__ = "instances"
    __table_args__ = (
        Index("ix_instances_worker_id_open", "worker_id", postgresql_where="removed_at IS NULL"),
        Index("ix_instances_environment_id_open", "environment_id", postgresql_where="removed_at IS NULL"),
    )

    id: Mapped[Id]
    environment_id: Mapped[UUID] = mapped_column(ForeignKey("environments.id"))
    deployment_id: Mapped[UUID] = mapped_column(index=True)
    """Re-assigned when a rollback takes kept instances over."""
    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    process: Mapped[str] = mapped_column(String(40))
    spec: Mapped[Json]
    """Image, command, port, limits, health, variables version: the wire's Workload without ids and wanted."""
    wanted: Mapped[Wanted] = mapped_column(Word(Wanted))
    tombstone: Mapped[bool] = mapped_column(default=False)
    """The worker must remove it; the row stays until the worker says `removed`."""
    draining_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Scaled away: it gets no new request and is removed when its last one ended."""
    status: Mapped[InstanceStatus] = mapped_column(Word(InstanceStatus), default=InstanceStatus.pending)
    reason: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(String(4000))
    address: Mapped[str] = mapped_column(String(64), default="")
    port: Mapped[int] = mapped_column(default=0)
    container: Mapped[str] = mapped_column(String(80), default="")
    exit_code: Mapped[int | None]
    restarts: Mapped[int] = mapped_column(default=0)
    last_end: Mapped[Json | None]
    """`{"at", "reason", "detail", "exit_code"}` of its last end by itself: it is still told after it was started again."""
    ready_seconds: Mapped[float | None]
    """From create to ready, by the worker."""
    observed_generation: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
