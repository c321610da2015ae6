"""Tables of jobs."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.columns import CreatedAt, Id, Json, Word
from wisehosting_cp.kit.db import Model


class JobKind(enum.StrEnum):
    """What a job does."""

    build = "build"


class JobStatus(enum.StrEnum):
    """Where a job stands."""

    queued = "queued"
    assigned = "assigned"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class Job(Model):
    """A durable unit of work for a worker; leased while assigned."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_open", "status", "lease_until", postgresql_where="status IN ('queued', 'assigned')"),
    )

    id: Mapped[Id]
    kind: Mapped[JobKind] = mapped_column(Word(JobKind))
    status: Mapped[JobStatus] = mapped_column(Word(JobStatus), default=JobStatus.queued)
    subject_id: Mapped[UUID] = mapped_column(index=True)
    """Build id."""
    worker_id: Mapped[UUID | None] = mapped_column(ForeignKey("workers.id"), index=True)
    attempt: Mapped[int] = mapped_column(default=0)
    """Rises with each assignment; a result of an older attempt is dropped."""
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    payload: Mapped[Json] = mapped_column(default=dict)
    """What the worker needs besides names: never a secret."""
    sent_attempt: Mapped[int] = mapped_column(default=0)
    """Attempt that was put into the worker's outbox."""
    cancel_wanted: Mapped[bool] = mapped_column(default=False)
    cancel_sent: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[Json] = mapped_column(default=dict)
    """Phase to what the worker said of it: `{"checked_out": {"seconds": 1.2, "commit": "…", "subject": "…", "author": "…"}}`."""
    result: Mapped[Json] = mapped_column(default=dict)
    """Of a success: `{"image", "size_bytes", "exposed", "user", "command", "content_key", "reused", "seconds"}`."""
    reason: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(String(4000))
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
