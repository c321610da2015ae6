"""What the API says and takes of deployments."""

import enum
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from wisehosting_cp.deployments.changes import BaseChange
from wisehosting_cp.deployments.models import Cause, Phase
from wisehosting_cp.deployments.status import DeploymentReason, DeploymentStatus
from wisehosting_cp.kit.web import Shape


class PhaseView(BaseModel):
    """A phase; `seconds` is null while it runs."""

    phase: Phase
    started_at: datetime
    seconds: float | None


class DeploymentView(BaseModel):
    """A deployment as everybody sees it."""

    id: UUID
    number: int
    project_id: UUID
    project_name: str
    environment_id: UUID
    status: DeploymentStatus
    reason: DeploymentReason | None
    detail: str | None
    next_step: str | None
    cause: Cause
    ref: str
    commit: str | None
    subject: str | None
    author: str | None
    release: int | None
    url: str
    closed_streams: int
    """Streams still open at its drain deadline, which were closed."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    phases: list[PhaseView]
    waiting_for: str | None


class BuildPlanView(BaseModel):
    """What the builder detected: how the image is made, and why."""

    stack: str
    framework: str = ""
    version: str = ""
    summary: str
    found: list[str] = []
    notes: list[str] = []
    """What was taken instead of what was asked for, or ignored."""
    install: str = ""
    build: str = ""
    start: list[str] = []
    port: int
    images: list[str] = []
    containerfile: str = ""


class BuildStepView(BaseModel):
    """An instruction of the Containerfile that was carried out, or begun."""

    number: int
    """Counted over all stages, from 1; the lines of the log carry it."""
    instruction: str
    seconds: float
    cached: bool
    """It was found done."""
    stage: str
    """Its name, else its place among the stages, from 1."""


class HintView(BaseModel):
    """What is probably wrong, for a mistake that many make."""

    title: str
    sentence: str
    """What to do next."""


class BuildView(BaseModel):
    """How a deployment's image came to be."""

    id: UUID
    commit: str | None
    reused: bool
    """The same files, settings and bases were built before."""
    image: str | None
    image_size: int | None
    """Bytes, its base included."""
    created_at: datetime
    finished_at: datetime | None
    plan: BuildPlanView | None
    """Null for a repository with a Containerfile, and while nothing is known yet."""
    steps: list[BuildStepView]
    """In order, once the build is over; of more than a hundred the slowest. Empty when nothing was built."""
    failed_step: int | None
    last_lines: list[str]
    """Of the failing step, or of what failed outside of all steps."""
    hint: HintView | None


class RollbackKind(enum.StrEnum):
    """What making a release live again takes."""

    live = "live"
    """It is live now."""
    instant = "instant"
    """Its instances are kept, stopped."""
    image = "image"
    """Its image is kept: new instances start from it."""
    gone = "gone"
    """Its image was removed: deploy its commit instead."""


class ChangeState(enum.StrEnum):
    """How much is known of what changed."""

    first = "first"
    """Nothing was before it."""
    building = "building"
    """Its image is not built yet: only what does not depend on it is known."""
    not_built = "not_built"
    """It ended before there was an image."""
    same = "same"
    """Nothing changed."""
    changed = "changed"


class PreviousView(BaseModel):
    """The release that it is compared with."""

    release: int
    commit: str | None


class VariableChangesView(BaseModel):
    """Names of variables that differ; never a value."""

    added: list[str]
    changed: list[str]
    removed: list[str]


class BaseChangeView(BaseModel):
    """What became of the base images."""

    change: BaseChange
    before: list[str]
    after: list[str]


class SettingChangeView(BaseModel):
    """A setting of building or running that differs; null where it was or is not set. `web.port` is of the process `web`."""

    name: str
    before: str | None
    after: str | None


class ReleaseChangesView(BaseModel):
    """What a release changed against the one before it."""

    state: ChangeState
    previous: PreviousView | None
    commit: str | None
    backwards: bool
    """It goes back to what was built before the previous release."""
    compare_url: str | None
    """Where github.com, gitlab.com or codeberg.org show the commits between the two, the older one first."""
    variables: VariableChangesView
    image_rebuilt: bool | None
    """It runs another image than the previous release. Null while there is none."""
    image_size_before: int | None
    image_size: int | None
    base: BaseChangeView | None
    """Null when it stands on none of the platform's bases, or no image is built."""
    settings: list[SettingChangeView] | None
    """Null while no image is built."""


class DeploymentChangesView(ReleaseChangesView):
    """What a deployment changes against the release that was live before it."""

    replicas: int
    """Instances of `web` now: a setting of the environment that no deployment changes."""


class ReleaseView(BaseModel):
    """A release, and the newest deployment that was of it."""

    id: UUID
    number: int
    commit: str
    subject: str | None
    author: str | None
    variables_version: int
    image_size: int | None
    """Bytes, its base included."""
    created_at: datetime
    deployment: int | None
    """Number of the newest deployment of it."""
    rollback: RollbackKind
    changes: ReleaseChangesView
    """Against the release numbered before it."""


class DeploymentStart(Shape):
    """`ref` names a branch, tag or commit; the project's branch when absent."""

    ref: str | None = Field(default=None, min_length=1, max_length=255, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/+-]*$")


class Rollback(Shape):
    """The release to make live again."""

    release: int = Field(ge=1)
