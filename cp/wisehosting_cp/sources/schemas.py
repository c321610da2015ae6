"""What the API says and takes of projects and their sources."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from wisehosting_cp.deployments.schemas import DeploymentView
from wisehosting_cp.kit.web import Shape
from wisehosting_cp.projects.build_settings import BuildSettingsBody
from wisehosting_cp.projects.models import EnvironmentKind
from wisehosting_stacks.decide import Way


class SourceView(BaseModel):
    """Where the code is."""

    provider: str
    url: str
    branch: str
    root_directory: str
    submodules: bool
    """What `.gitmodules` names is fetched as well."""
    large_files: bool
    """Git LFS pointers are replaced by the files they stand for."""


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
    rebuild: str | None
    """Why what is live should be built again, when a base image it stands on was made anew."""


class ProjectView(BaseModel):
    """A project as everybody in its team sees it."""

    id: UUID
    name: str
    team_id: UUID
    source: SourceView
    build: BuildSettingsBody
    """The project's own settings; what its wisehosting.toml says wins."""
    settings_version: str
    """Of `source` and `build` as they are here: the ETag with which a change of them is made or refused."""
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
    submodules: bool = False
    large_files: bool = False


class ProjectCreate(Shape):
    """A new project; it is deployed at once unless `deploy` is false."""

    name: str = Field(max_length=200)
    source: SourceCreate
    team: UUID | None = None
    """One's personal team when absent."""
    build: BuildSettingsBody = Field(default_factory=BuildSettingsBody)
    deploy: bool = True


class PlanAsked(Shape):
    """A repository to look into."""

    source: SourceCreate
    build: BuildSettingsBody = Field(default_factory=BuildSettingsBody)


class LanguagePlanView(BaseModel):
    """How a project without a Containerfile is built, and why."""

    stack: str
    framework: str
    version: str
    summary: str
    """One line: what was found, and how it starts."""
    found: list[str]
    notes: list[str]
    """What was taken instead of what was asked for, or ignored."""
    install: str
    build: str
    start: list[str]
    port: int
    images: list[str]
    containerfile: str
    files: dict[str, str]
    """Brought beside the repository's own, below `.wisehosting/`."""


class FileSettingsView(BaseModel):
    """What a repository's wisehosting.toml says of its build. Empty fields are said by nobody there."""

    containerfile: str
    target: str
    image: str
    stack: str
    version: str
    install: str
    build: str
    start: list[str]
    packages: list[str]
    output: str
    fallback: str
    port: int | None


class PlanView(BaseModel):
    """What would be built of the branch's newest commit."""

    commit: str
    subject: str
    way: Way
    name: str
    """The image, the Containerfile's path, or the stack."""
    settings_file: bool
    """The repository has a wisehosting.toml; what it says wins over the project's settings."""
    file: FileSettingsView
    """What that is."""
    plan: LanguagePlanView | None
    """Only of a stack."""


class SourceChange(Shape):
    """What is set of where the code comes from, whole or in part."""

    branch: str | None = Field(default=None, min_length=1, max_length=250)
    root_directory: str | None = Field(default=None, max_length=1000)
    submodules: bool | None = None
    large_files: bool | None = None


class ProjectChange(Shape):
    """What is set of a project; the next deployment is made by it. `build` is replaced as a whole."""

    source: SourceChange | None = None
    build: BuildSettingsBody | None = None


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
