"""What the agent's job runner asks of the builder. git, podman build and mmdebstrap are behind it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from wisehosting_wire.messages import BaseImage, ImageFacts
from wisehosting_wire.workload import AppSettings, BuildSpec

Line = Callable[[str, int, int], None]
"""(text, stream, step): called for each line as it appears; stream 2 is the platform's own voice."""


class CheckedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the checkout found."""

    commit: str
    subject: str
    author: str
    seconds: float


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A finished build."""

    image: ImageFacts
    content_key: str
    reused: bool
    seconds: float
    settings: AppSettings = AppSettings()


class Builder(Protocol):
    """Builds never harm neighbours and leave nothing behind, whatever their outcome."""

    async def build(
        self,
        spec: BuildSpec,
        variables: dict[str, str],
        line: Line,
        checked_out: Callable[[CheckedOut], Awaitable[None]],
    ) -> Built:
        """Checkout to image. Raises WorkFailed with its reason. Cancelling the task kills everything and cleans up."""

    async def sweep(self) -> None:
        """After a crash: remove working containers, mounts, cgroups and folders of builds that no longer run."""

    def bases(self) -> list[BaseImage]:
        """The base images, made or being made."""
