"""A control group per build: limits for all its steps together, one counter for out of memory, one kill.

wisehosting-42-build-<id>          cpu of everything
├── driver                         podman itself
└── work                           memory and processes of the steps
└── step                       made and removed by the runtime with each step
"""

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path

from wisehosting_agent.errors import ConfigurationError

ROOT = Path("/sys/fs/cgroup")
_PERIOD = 100_000
_V1 = ("memory", "pids", "cpu")


def unified() -> bool:
    """Whether the host has cgroup v2 only."""
    return (ROOT / "cgroup.controllers").exists()


class BuildGroup:
    """The control group of one build. `step_parent` is what `podman build --cgroup-parent` gets."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.step_parent = f"/{name}/work/step"
        self._oom: int | None = None
        self._v2 = unified()

    @staticmethod
    def prefix(number: int) -> str:
        """All build groups of one platform begin with it."""
        return f"wisehosting-{number}-build-"

    def create(self, *, memory_bytes: int, driver_memory_bytes: int, pids: int, cpus: float) -> None:
        """Make the groups and set the limits. A second run sets them again. Raises ConfigurationError."""
        try:
            if self._v2:
                self._create_v2(memory_bytes, driver_memory_bytes, pids, cpus)
            else:
                self._create_v1(memory_bytes, driver_memory_bytes, pids, cpus)
        except OSError as exc:
            raise ConfigurationError(
                f"Builds cannot be limited: {exc}. The agent must run as root on a host whose /sys/fs/cgroup is "
                "writable; inside a container start it with --limits reported."
            ) from exc

    def _create_v1(self, memory_bytes: int, driver_memory_bytes: int, pids: int, cpus: float) -> None:
        for controller in _V1:
            for leaf in ("driver", "work"):
                (ROOT / controller / self.name / leaf).mkdir(parents=True, exist_ok=True)
        for leaf, limit in (("work", memory_bytes), ("driver", driver_memory_bytes)):
            group = ROOT / "memory" / self.name / leaf
            _write(group / "memory.limit_in_bytes", limit)
            with contextlib.suppress(OSError):  # absent without swap accounting
                _write(group / "memory.memsw.limit_in_bytes", limit)
        _write(ROOT / "pids" / self.name / "work" / "pids.max", pids)
        _write(ROOT / "cpu" / self.name / "cpu.cfs_period_us", _PERIOD)
        _write(ROOT / "cpu" / self.name / "cpu.cfs_quota_us", int(cpus * _PERIOD))
        work = ROOT / "memory" / self.name / "work"
        self._oom = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        control = os.open(work / "memory.oom_control", os.O_RDONLY | os.O_CLOEXEC)
        try:
            # v1 counts kills in the step's own group, which is gone by the time anybody asks
            _write(work / "cgroup.event_control", f"{self._oom} {control}")
        finally:
            os.close(control)

    def _create_v2(self, memory_bytes: int, driver_memory_bytes: int, pids: int, cpus: float) -> None:
        top = ROOT / self.name
        for group in (ROOT, top, top / "work"):
            group.mkdir(exist_ok=True)
            _write(group / "cgroup.subtree_control", "+memory +pids +cpu")
        (top / "driver").mkdir(exist_ok=True)
        for leaf, limit in (("work", memory_bytes), ("driver", driver_memory_bytes)):
            _write(top / leaf / "memory.max", limit)
            with contextlib.suppress(OSError):  # absent without swap
                _write(top / leaf / "memory.swap.max", 0)
        _write(top / "work" / "pids.max", pids)
        _write(top / "cpu.max", f"{int(cpus * _PERIOD)} {_PERIOD}")

    def enter(self, pid: int) -> None:
        """Put podman into `driver`; what it starts follows. Raises ConfigurationError."""
        groups = [ROOT / self.name] if self._v2 else [ROOT / controller / self.name for controller in _V1]
        try:
            for group in groups:
                _write(group / "driver" / "cgroup.procs", pid)
        except OSError as exc:
            raise ConfigurationError(f"Builds cannot be limited: moving Podman into its group failed: {exc}.") from exc

    def out_of_memory(self) -> bool:
        """Whether the kernel has killed a step for its memory since the last question."""
        if self._v2:
            events = _read(ROOT / self.name / "work" / "memory.events")
            return any(row.startswith("oom_kill ") and not row.endswith(" 0") for row in events.splitlines())
        if self._oom is None:
            return False
        try:
            return os.eventfd_read(self._oom) > 0
        except BlockingIOError:
            return False

    def processes(self, leaf: str = "") -> set[int]:
        """Pids in the group, or in one of its leaves, with all groups below."""
        found: set[int] = set()
        for top in self._tops():
            for folder, _, _ in os.walk(top / leaf):
                found.update(int(pid) for pid in _read(Path(folder) / "cgroup.procs").split())
        return found - {0}

    async def kill(self, leaf: str = "", seconds: float = 10) -> bool:
        """Kill everything in the group until it is empty; False when something survives. Nothing to kill is fine."""
        for top in self._tops():
            with contextlib.suppress(OSError):  # no more forks while we count
                _write(top / "work" / "pids.max", 0)
        ends = time.monotonic() + seconds
        while pids := self.processes(leaf):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > ends:
                return False
            await asyncio.sleep(0.02)
        return True

    def remove(self) -> None:
        """Remove the empty groups in every hierarchy. A second run does nothing."""
        if self._oom is not None:
            os.close(self._oom)
            self._oom = None
        for top in self._tops():
            for folder, _, _ in os.walk(top, topdown=False):
                with contextlib.suppress(OSError):  # still dying: the next sweep takes it
                    os.rmdir(folder)

    def _tops(self) -> list[Path]:
        """The group in each hierarchy: the runtime makes it in those that we do not use."""
        if self._v2:
            return [path for path in (ROOT / self.name,) if path.exists()]
        return [path for path in ROOT.glob(f"*/{self.name}") if path.is_dir()]


def leftovers(number: int) -> list[BuildGroup]:
    """Groups of builds of this platform that exist now."""
    pattern = f"{BuildGroup.prefix(number)}*"
    paths = [*ROOT.glob(pattern), *ROOT.glob(f"*/{pattern}")]
    return [BuildGroup(name) for name in sorted({path.name for path in paths})]


def _write(path: Path, value: object) -> None:
    # never create: a limit that does not exist is an error
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(handle, str(value).encode())
    finally:
        os.close(handle)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # the group is gone
