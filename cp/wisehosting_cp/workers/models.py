"""Tables of workers."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.columns import At, CreatedAt, Id, Json, JsonList, Name, Word, name_check
from wisehosting_cp.kit.db import Model


class WorkerAdmin(enum.StrEnum):
    """What the operator wants of a worker."""

    active = "active"
    cordoned = "cordoned"
    draining = "draining"
    retired = "retired"


class WorkerHealth(enum.StrEnum):
    """What a worker is."""

    joining = "joining"
    ready = "ready"
    lost = "lost"


class Worker(Model):
    """A Linux host that builds and runs."""

    __tablename__ = "workers"
    __table_args__ = (name_check(),)

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    mesh_address: Mapped[str] = mapped_column(String(64))
    admin: Mapped[WorkerAdmin] = mapped_column(Word(WorkerAdmin), default=WorkerAdmin.active)
    health: Mapped[WorkerHealth] = mapped_column(Word(WorkerHealth), default=WorkerHealth.joining)
    roles: Mapped[JsonList] = mapped_column(default=list)
    generation: Mapped[int] = mapped_column(BigInteger, default=0)
    """Rises with every change of this worker's instances; the desired state is rendered for it."""
    generation_applied: Mapped[int] = mapped_column(BigInteger, default=0)
    versions: Mapped[Json] = mapped_column(default=dict)
    capacity: Mapped[Json] = mapped_column(default=dict)
    firewall: Mapped[Json] = mapped_column(default=dict)
    bases: Mapped[JsonList] = mapped_column(default=list)
    disk: Mapped[Json] = mapped_column(default=dict)
    """`{"budget_bytes", "used_bytes", "free_bytes"}` of the last report; empty before the first."""
    limits_enforced: Mapped[bool] = mapped_column(default=True)
    last_seen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]


class WorkerDisk(Model):
    """The last report of what is on a worker's disk, image by image. Apart from the worker: it may be long and few read it."""

    __tablename__ = "worker_disks"

    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    report: Mapped[Json]
    """The wire's DiskReport without its number."""
    reported_at: Mapped[At]


class WorkerCredential(Model):
    """sha256(api_key), sealed, with a keyed look-up column beside it: a leaked row forges nothing."""

    __tablename__ = "worker_credentials"

    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    api_key_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed."""
    lookup: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]


class JoinToken(Model):
    """One-time permission to register a worker of this name and mesh address."""

    __tablename__ = "join_tokens"

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    worker_name: Mapped[str] = mapped_column(String(39))
    mesh_address: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[At]
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    worker_id: Mapped[UUID | None] = mapped_column(ForeignKey("workers.id"))


class AgentSession(Model):
    """A connection of a worker, as long as it lasts."""

    __tablename__ = "agent_sessions"

    id: Mapped[Id]
    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), index=True)
    store: Mapped[str] = mapped_column(String(64), default="")
    protocol: Mapped[int]
    connected_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_because: Mapped[str] = mapped_column(String(200), default="")


class InboxPosition(Model):
    """The last outbox number of an agent's store whose effect is committed. Numbers arrive in order, so one row a store is enough."""

    __tablename__ = "inbox"

    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    store: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, default=0)


class OutboxMessage(Model):
    """A durable message to a worker, until it is acknowledged."""

    __tablename__ = "outbox"

    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt]


class OutboxCounter(Model):
    """Last number given out to a worker."""

    __tablename__ = "outbox_counters"

    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, default=0)


class WorkerNonce(Model):
    """A nonce that was used in a token refresh, kept until the token it came with has expired."""

    __tablename__ = "worker_nonces"

    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[At] = mapped_column(index=True)
