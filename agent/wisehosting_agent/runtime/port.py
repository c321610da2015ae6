"""What the agent asks of a container runtime. Podman is behind it (`podman.py`)."""

import enum
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import msgspec

from wisehosting_wire.facts import ImageFacts
from wisehosting_wire.workload import Workload


class ContainerState(enum.StrEnum):
    """What the runtime says of a container."""

    created = "created"
    running = "running"
    exited = "exited"


class ContainerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All a container is made from. What is not in here cannot be asked for: no mount, socket, device, privilege."""

    workload: Workload
    env: dict[str, str]
    """Run variables and PORT."""
    host_port: int | None
    """Published on the bind address when the process has traffic."""


class ObservedContainer(msgspec.Struct, frozen=True, kw_only=True):
    """One of our containers as it is."""

    container: str
    instance: str
    environment: str
    image: str
    state: ContainerState
    pid: int = 0
    conmon_alive: bool = True
    """False: the log has stopped and Podman's view is stale; replace the container."""
    exit_code: int | None = None
    oom_killed: bool = False
    host_port: int | None = None
    log_path: Path | None = None
    started_at: float = 0
    finished_at: float = 0


class RuntimeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Versions, for the hello."""

    podman: str
    runtime: str
    cgroups: str
    """v1 or v2."""


class ContainerRuntime(Protocol):
    """Every method is idempotent: it checks the world first and says what a second call does."""

    async def facts(self) -> RuntimeFacts:
        """Versions. Raises RuntimeUnavailable with the command that starts the service."""

    async def containers(self) -> list[ObservedContainer]:
        """All containers of this platform, found by label."""

    async def create(self, spec: ContainerSpec) -> str:
        """Create (not start) the instance's container with the isolation profile; a second call returns the one that exists."""

    async def start(self, container: str) -> None:
        """Start; a running container stays as it is."""

    async def verify(self, container: str, workload: Workload) -> None:
        """Compare the running container with the profile (id map, capabilities, limits). Raises IsolationBroken."""

    async def stop(self, container: str, seconds: float) -> None:
        """SIGTERM, then SIGKILL after `seconds`; a stopped or missing container stays as it is."""

    async def remove(self, container: str) -> None:
        """Force-remove, the log file with it; a missing container is success."""

    async def tidy(self) -> None:
        """Take away what dead containers left on the host. A second call finds nothing. Raises RuntimeUnavailable."""

    async def oom_kills(self, observed: ObservedContainer) -> int:
        """Counter of the container's cgroup while it runs; 0 when there is none to read."""

    async def listening_ports(self, observed: ObservedContainer) -> list[int]:
        """TCP ports something inside listens on (read from /proc/<pid>/net/tcp*); tells a wrong port from none."""

    async def image(self, team: str, image: str) -> ImageFacts | None:
        """Facts of an image in the team's store; None when it is not there."""

    def events(self) -> AsyncIterator[str]:
        """Yields the instance id whenever one of our containers changes, and "" after each (re)connect: a hint to look, never the truth."""
