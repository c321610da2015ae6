"""What the API says and takes of projects and their sources."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from wisehosting_cp.deployments.schemas import DeploymentView
from wisehosting_cp.kit.web import Shape
from wisehosting_cp.projects.models import EnvironmentKind


class SourceView(BaseModel):
    """Where the code is."""

    provider: str
    url: str
    branch: str
    root_directory: str


class SeenView(BaseModel):
    """What the last look at the branch found; `error` is a sentence when it failed."""

    commit: str | None
    subject: str | None
    author: str | None
    at: datetime
    error: str | None


class HookView(BaseModel):
    """Where a provider may call."""

    url: str


class EnvironmentView(BaseModel):
    """An environment with what is live and what came last."""

    id: UUID
    name: str
    kind: EnvironmentKind
    hostname: str
    url: str
    replicas: int
    """Instances of `web` that should run."""
    deleted_at: datetime | None
    purge_at: datetime | None
    """Deleted, it can be restored until then."""
    live: DeploymentView | None
    latest: DeploymentView | None


class ProjectView(BaseModel):
    """A project as everybody in its team sees it."""

    id: UUID
    name: str
    team_id: UUID
    source: SourceView
    created_at: datetime
    deleted_at: datetime | None
    purge_at: datetime | None
    """Deleted, it can be restored until then."""
    environments: list[EnvironmentView]
    last_seen: SeenView | None
    next_check_at: datetime | None
    hook: HookView


class SourceCreate(Shape):
    """A plain Git address."""

    provider: Literal["git"] = "git"
    url: str = Field(min_length=1, max_length=2048)
    branch: str = Field(default="main", min_length=1, max_length=250)
    root_directory: str = Field(default="", max_length=1000)


class ProjectCreate(Shape):
    """A new project; it is deployed at once unless `deploy` is false."""

    name: str = Field(max_length=200)
    source: SourceCreate
    team: UUID | None = None
    """One's personal team when absent."""
    deploy: bool = True


class EnvironmentChange(Shape):
    """What is set of an environment, whole or in part."""

    replicas: int | None = Field(default=None, ge=1, le=1000)


class CheckView(BaseModel):
    """What a look found."""

    changed: bool
    commit: str | None
    subject: str | None
    deployment: DeploymentView | None
    error: str | None


class HookSecretView(BaseModel):
    """A new secret, shown this once."""

    url: str
    secret: str


class HookAnswer(BaseModel):
    """The deployment that was started, when it was already known."""

    deployment: UUID | None
