"""Tables of projects."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, Sequence, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.columns import CreatedAt, Id, Json, Name, Word, name_check
from wisehosting_cp.kit.db import Model

environment_numbers = Sequence("environment_numbers", start=1, minvalue=1, metadata=Model.metadata)
"""Given out once and never again: id ranges, subnets and bridges derive from them."""


class EnvironmentKind(enum.StrEnum):
    """What an environment is for."""

    production = "production"
    preview = "preview"


class VariableScope(enum.StrEnum):
    """Who sees a variable."""

    run = "run"
    build = "build"
    both = "both"


class Project(Model):
    """One deployable app."""

    __tablename__ = "projects"
    __table_args__ = (UniqueConstraint("team_id", "name"), name_check())

    id: Mapped[Id]
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"))
    name: Mapped[Name]
    provider: Mapped[str] = mapped_column(String(20), default="git")
    repository_url: Mapped[str] = mapped_column(String(2000))
    branch: Mapped[str] = mapped_column(String(255))
    root_directory: Mapped[str] = mapped_column(String(500), default="")
    settings: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[CreatedAt]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it waits to be removed for good; its environments name the time."""


class Environment(Model):
    """Production, or a preview: own variables, domains, deployments, network and id range."""

    __tablename__ = "environments"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        name_check(),
        Index("ix_environments_unsettled", "id", postgresql_where="unsettled"),
        Index("ix_environments_purge_at", "purge_at", postgresql_where="purge_at IS NOT NULL"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[Name]
    kind: Mapped[EnvironmentKind] = mapped_column(Word(EnvironmentKind))
    number: Mapped[int] = mapped_column(BigInteger, environment_numbers, unique=True)
    hostname: Mapped[str] = mapped_column(String(253), unique=True)
    """Generated, without port; fixed at creation."""
    replicas: Mapped[int] = mapped_column(default=1)
    variables_version: Mapped[int] = mapped_column(default=1)
    deployments_count: Mapped[int] = mapped_column(default=0)
    """Last deployment number given out."""
    releases_count: Mapped[int] = mapped_column(default=0)
    unsettled: Mapped[bool] = mapped_column(default=False)
    """A setting changed and what runs does not follow it yet."""
    created_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    purge_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Deleted, it can be restored until then."""


class Variable(Model):
    """A variable as it was from one version of the environment until another; a release names a version."""

    __tablename__ = "variables"
    __table_args__ = (
        Index(
            "uq_variables_current",
            "environment_id",
            "name",
            unique=True,
            postgresql_where="removed_version IS NULL",
        ),
    )

    id: Mapped[Id]
    environment_id: Mapped[UUID] = mapped_column(ForeignKey("environments.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    scope: Mapped[VariableScope] = mapped_column(Word(VariableScope))
    sealed_value: Mapped[bytes] = mapped_column(LargeBinary)
    added_version: Mapped[int]
    removed_version: Mapped[int | None]
    created_at: Mapped[CreatedAt]


class HostnameHold(Model):
    """A generated hostname is never given to another team within 30 days."""

    __tablename__ = "hostname_holds"

    hostname: Mapped[str] = mapped_column(String(253), primary_key=True)
    team_id: Mapped[UUID]
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
