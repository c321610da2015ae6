"""Tables of deployments."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.deployments.status import DeploymentReason, DeploymentStatus
from wisehosting_cp.kit.columns import At, CreatedAt, Id, Json, JsonList, Word
from wisehosting_cp.kit.db import Model


class Cause(enum.StrEnum):
    """What started a deployment."""

    first = "first"
    api = "api"
    poll = "poll"
    hook = "hook"
    rollback = "rollback"
    restart = "restart"
    restore = "restore"


class Phase(enum.StrEnum):
    """What a deployment passes through, in this order; those that did not happen are absent."""

    received = "received"
    queued = "queued"
    checked_out = "checked_out"
    built = "built"
    pushed = "pushed"
    pulled = "pulled"
    started = "started"
    healthy = "healthy"
    routed = "routed"
    verified = "verified"


class Build(Model):
    """Checkout to image."""

    __tablename__ = "builds"

    id: Mapped[Id]
    environment_id: Mapped[UUID] = mapped_column(ForeignKey("environments.id"), index=True)
    ref: Mapped[str] = mapped_column(String(255))
    commit: Mapped[str | None] = mapped_column(String(64))
    variables_version: Mapped[int]
    worker_id: Mapped[UUID | None] = mapped_column(ForeignKey("workers.id"))
    """Where the image is."""
    image_id: Mapped[str | None] = mapped_column(String(80))
    image_size: Mapped[int | None] = mapped_column(BigInteger)
    image_facts: Mapped[Json] = mapped_column(default=dict)
    image_removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when nothing may be started from the image: its worker was told to remove it."""
    content_key: Mapped[str | None] = mapped_column(String(80))
    plan: Mapped[Json] = mapped_column(default=dict)
    """What was detected, as `BuildPlan` has it; empty for a repository with a Containerfile."""
    report: Mapped[Json] = mapped_column(default=dict)
    """Its steps and where it ended, as `BuildReport` has it; empty when no step was begun."""
    reused: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(String(4000))
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Release(Model):
    """Immutable: image, variables version, processes, health policy. Numbered per environment."""

    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("environment_id", "number"),)

    id: Mapped[Id]
    environment_id: Mapped[UUID] = mapped_column(ForeignKey("environments.id"))
    number: Mapped[int]
    build_id: Mapped[UUID] = mapped_column(ForeignKey("builds.id"))
    image_id: Mapped[str] = mapped_column(String(80))
    variables_version: Mapped[int]
    processes: Mapped[JsonList]
    """`[{"name": "web", "command": null, "port": 8080, "settings": {}}]`; settings as `ProcessFacts` has them."""
    commit: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[CreatedAt]


class Deployment(Model):
    """The attempt to make a release live. Numbered per environment; its release is null until built."""

    __tablename__ = "deployments"
    __table_args__ = (
        UniqueConstraint("environment_id", "number"),
        Index("uq_deployments_queued", "environment_id", unique=True, postgresql_where="status = 'queued'"),
        Index(
            "uq_deployments_running",
            "environment_id",
            unique=True,
            postgresql_where="status IN ('building', 'starting', 'verifying')",
        ),
        Index("uq_deployments_live", "environment_id", unique=True, postgresql_where="status = 'live'"),
        Index(
            "ix_deployments_active",
            "deadline_at",
            postgresql_where="status IN ('queued', 'building', 'starting', 'verifying')",
        ),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    environment_id: Mapped[UUID] = mapped_column(ForeignKey("environments.id"))
    number: Mapped[int]
    status: Mapped[DeploymentStatus] = mapped_column(Word(DeploymentStatus), default=DeploymentStatus.queued)
    reason: Mapped[DeploymentReason | None] = mapped_column(Word(DeploymentReason))
    detail: Mapped[str | None] = mapped_column(String(4000))
    cause: Mapped[Cause] = mapped_column(Word(Cause))
    ref: Mapped[str] = mapped_column(String(255))
    commit: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(500))
    author: Mapped[str | None] = mapped_column(String(200))
    variables_version: Mapped[int]
    build_id: Mapped[UUID | None] = mapped_column(ForeignKey("builds.id"))
    release_id: Mapped[UUID | None] = mapped_column(ForeignKey("releases.id"))
    routed: Mapped[bool] = mapped_column(default=False)
    """The map points at this deployment (since verifying)."""
    drained: Mapped[bool] = mapped_column(default=False)
    """Its instances were ended after it was replaced, failed or was cancelled."""
    closed_streams: Mapped[int] = mapped_column(default=0)
    """WebSockets and long answers that were still open at its drain deadline and were closed."""
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Who reconciles it now; a dead owner's lease runs out."""
    deadline_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DeploymentPhase(Model):
    """How long a phase took; `seconds` is null while it runs."""

    __tablename__ = "deployment_phases"

    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    phase: Mapped[Phase] = mapped_column(Word(Phase), primary_key=True)
    started_at: Mapped[At]
    seconds: Mapped[float | None]
