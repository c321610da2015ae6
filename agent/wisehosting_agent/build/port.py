"""What the agent's job runner asks of the builder. git, podman build and mmdebstrap are behind it."""

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from wisehosting_wire.facts import BaseImage, BuildPlan, BuildReport, ImageFacts, TeamDisk
from wisehosting_wire.workload import AppSettings, BuildSpec

Line = Callable[[str, int, int], None]
"""(text, stream, step): called for each line as it appears; stream 2 is the platform's own voice."""

PLATFORM = 2


class CheckedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the checkout found."""

    commit: str
    subject: str
    author: str
    seconds: float


class Progress(Protocol):
    """Told while a build goes on."""

    async def checked_out(self, found: CheckedOut) -> None:
        """The files are here."""

    async def planned(self, plan: BuildPlan) -> None:
        """The stack was detected."""


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A finished build."""

    image: ImageFacts
    content_key: str
    reused: bool
    seconds: float
    settings: AppSettings = AppSettings()
    report: BuildReport = BuildReport()


class DiskUse(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes on disk; the parts are disjoint and `used` is their sum."""

    used: int
    free: int
    total: int
    """Of the file system."""
    bases: int = 0
    containers: int = 0
    other: int = 0
    teams: list[TeamDisk] = []


class Disk(Protocol):
    """The image stores, as far as the disk contract goes."""

    @property
    def floor_bytes(self) -> int:
        """What must be free before a build begins."""

    def changes(self) -> dict[str, int]:
        """How often builds began and ended in each team's store."""

    async def use(self) -> DiskUse:
        """Measure. Raises AgentError when it cannot be measured now."""

    async def remove(self, team: str, images: Iterable[str], changes: int) -> bool:
        """Remove images of a team's builds unless it built since there were `changes`. A second run finds nothing. Raises AgentError."""

    async def tidy(self) -> None:
        """Drop build cache that became useless. A second run finds nothing. Raises AgentError."""


class Builder(Protocol):
    """Builds never harm neighbours and leave nothing behind, whatever their outcome."""

    @property
    def disk(self) -> Disk:
        """What the images take, and their removal."""

    async def build(
        self,
        spec: BuildSpec,
        variables: dict[str, str],
        line: Line,
        progress: Progress,
    ) -> Built:
        """Checkout to image. Raises WorkFailed with its reason. Cancelling the task kills everything and cleans up."""

    async def sweep(self) -> None:
        """After a crash: remove working containers, mounts, cgroups and folders of builds that no longer run."""

    def bases(self) -> list[BaseImage]:
        """The base images, made or being made."""
