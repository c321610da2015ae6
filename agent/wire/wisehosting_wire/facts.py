"""What a worker says of itself and of what it made: the nouns inside its messages."""

from typing import Annotated, TypeAlias

import msgspec

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A number that a database column holds on either side."""


class Versions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What runs on the worker."""

    agent: str
    podman: str = ""
    runtime: str = ""
    haproxy: str = ""
    kernel: str = ""
    os: str = ""


class Capacity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the worker has."""

    cpus: int
    memory_bytes: int
    disk_bytes: int
    disk_free_bytes: int
    builds: Count = 0
    """How many builds it runs at once; 0 when it does not say."""


class FirewallReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Result of the isolation probe. `closed` is False when any forbidden target answered: no new work then."""

    closed: bool
    checked_at: float
    probes: dict[str, bool] = {}
    """Target name to 'was as it should be'."""
    detail: str = ""


class BaseImage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A base image this worker has or is making."""

    name: str
    image: str = ""
    status: str = "building"
    """building, ready or failed."""
    detail: str = ""
    seconds: float = 0
    on_demand: bool = False
    """A build asked for it: nothing else waits for it."""


class ImageFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the image says about itself."""

    image: str
    size_bytes: int
    exposed: list[int] = []
    user: str = ""
    command: list[str] = []
    bases: dict[str, str] = {}
    """Of the platform's base images that it was built on: name to image id, as this worker had them then."""


class BuildStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instruction that was carried out, or begun."""

    number: Count
    """Counted over all stages, from 1."""
    instruction: str
    """Shortened, on one line."""
    seconds: float = 0
    cached: bool = False
    """It was found done."""
    stage: str = ""
    """Its name, else its place among the stages, from 1."""


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """What is probably wrong, for a mistake that many make."""

    title: str
    """What happened: a sentence without its full stop."""
    sentence: str
    """What to do next."""


class BuildReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a build spent its time on, and where it ended when it failed."""

    steps: list[BuildStep] = []
    """In order; of very many only the slowest ones and the failing one."""
    failed_step: Count = 0
    """0 when none failed."""
    last_lines: list[str] = []
    """Of the failing step, or of what failed outside of all steps."""
    hint: Hint | None = None


class ImageUse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An image that a build of ours made and that is still in its team's store."""

    image: str
    size_bytes: Count = 0
    """Real disk use of what no other image needs: what its removal frees."""


class TeamDisk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The store of one team. Sizes are disjoint: their sum is the store."""

    team: str
    images: list[ImageUse] = []
    shared_bytes: Count = 0
    """Layers that several of the images need."""
    cache_bytes: Count = 0
    """Layers that no image needs but a next build may."""
    package_cache_bytes: Count = 0
    """What package managers keep from build to build of a project."""


class BuildPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a project without a Containerfile is built, and why; all of it for people."""

    stack: str
    framework: str = ""
    version: str = ""
    summary: str
    found: list[str] = []
    """Facts and the files they come from."""
    notes: list[str] = []
    """Sentences about what was taken instead, or ignored."""
    install: str = ""
    build: str = ""
    start: list[str] = []
    port: int
    images: list[str] = []
    containerfile: str = ""
