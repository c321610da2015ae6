"""Tables of ingress."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, LargeBinary, Sequence, String
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.columns import CreatedAt, Id, JsonList
from wisehosting_cp.kit.db import Model

route_revisions = Sequence("route_revisions", start=1, metadata=Model.metadata)
"""Rises with every change of any route."""


class Route(Model):
    """The hostnames of an environment and the deployment they lead to. One row an environment."""

    __tablename__ = "routes"

    id: Mapped[Id]
    environment_id: Mapped[UUID] = mapped_column(unique=True)
    """No foreign key: the tombstone outlives the environment."""
    hosts: Mapped[JsonList]
    live_deployment_id: Mapped[UUID | None]
    """Where the hosts point now."""
    revision: Mapped[int] = mapped_column(BigInteger, index=True)
    removed: Mapped[bool] = mapped_column(default=False)
    """Kept as a tombstone until every ingress node knows."""
    updated_at: Mapped[CreatedAt]


class RouteBackend(Model):
    """A deployment with a backend leased on every ingress node, from its first route until it drained."""

    __tablename__ = "route_backends"

    deployment_id: Mapped[UUID] = mapped_column(primary_key=True)
    environment_id: Mapped[UUID] = mapped_column(ForeignKey("environments.id"), index=True)
    number: Mapped[int]
    """Deployment number, told in X-WiseHosting-Deployment."""
    draining_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    drained_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RouteAck(Model):
    """What an ingress node has in force."""

    __tablename__ = "route_acks"

    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger, default=0)
    digest: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    refused: Mapped[JsonList] = mapped_column(default=list)
    at: Mapped[CreatedAt]


class RouteDrain(Model):
    """An ingress node has no connection left to a draining deployment, or to a single draining instance."""

    __tablename__ = "route_drains"

    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    """Deployment or instance."""
    closed_streams: Mapped[int] = mapped_column(default=0)


class RouteProbeResult(Model):
    """A request through an ingress node: wanted, then what it saw."""

    __tablename__ = "route_probes"

    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    deployment_id: Mapped[UUID] = mapped_column(primary_key=True)
    wanted: Mapped[bool] = mapped_column(default=True)
    """The node has not answered yet."""
    seen: Mapped[int | None]
    status: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[CreatedAt]
