"""The cgroup of one build: limits for all of it, counters that outlive its steps, and the way to kill it as one."""

import contextlib
import os
import signal
import time
from pathlib import Path

from wisehosting_agent.runtime.oom import in_kernel_log
from wisehosting_wire.workload import BuildLimits

ROOT = Path("/sys/fs/cgroup")
PERIOD = 100_000
KILL_SECONDS = 5.0


class BuildCgroup:
    """`podman build` itself and every step run below it. Works with cgroup v1 and v2."""

    def __init__(self, build: str, platform: int, *, root: Path = ROOT) -> None:
        self._parent = parent_of(platform)
        self.name = f"build-{build}"
        self._unified = (root / "cgroup.controllers").exists()
        controllers = [""] if self._unified else ["memory", "pids", "cpu"]
        self._folders = [root / controller / self._parent / self.name for controller in controllers]

    @property
    def parent(self) -> str:
        """Value of `--cgroup-parent`: below this one, so that a runtime may remove it after each step."""
        return f"/{self._parent}/{self.name}/steps"

    def create(self, limits: BuildLimits) -> None:
        """Make it with its limits; a second call sets them again. Raises OSError where the host does not let us."""
        for folder in self._folders:
            folder.mkdir(parents=True, exist_ok=True)
            if self._unified:
                for level in (folder.parent.parent, folder.parent, folder):
                    (level / "cgroup.subtree_control").write_text("+memory +pids +cpu")
        quota = int(limits.cpus * PERIOD)
        if self._unified:
            self._write("memory.max", limits.memory_bytes)
            self._write("memory.swap.max", 0, optional=True)
            self._write("pids.max", limits.pids)
            self._write("cpu.max", f"{quota} {PERIOD}")
        else:
            self._write("memory.limit_in_bytes", limits.memory_bytes)
            self._write("memory.memsw.limit_in_bytes", limits.memory_bytes, optional=True)
            self._write("pids.max", limits.pids)
            self._write("cpu.cfs_period_us", PERIOD)
            self._write("cpu.cfs_quota_us", quota)

    def enter(self) -> None:
        """Move the calling process in; the child of a fork calls it before it becomes podman."""
        for folder in self._folders:
            place = folder / "podman" if self._unified else folder
            place.mkdir(exist_ok=True)
            (place / "cgroup.procs").write_text(str(os.getpid()))

    def out_of_memory(self) -> bool:
        """Whether the kernel killed something of this build for lack of memory."""
        if self._unified:
            events = self._read("memory.events")
            return any(line.startswith("oom_kill ") and not line.endswith(" 0") for line in events.splitlines())
        logged = in_kernel_log(self.name)
        failures = self._read("memory.failcnt").strip()
        return logged if logged is not None else failures not in {"", "0"}

    def kill(self) -> None:
        """Kill everything inside, until nothing is. Harmless when it is empty or gone."""
        until = time.monotonic() + KILL_SECONDS
        while (found := self._processes()) and time.monotonic() < until:
            for process in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.02)

    def remove(self) -> None:
        """Remove it. Harmless when it is gone."""
        for folder in self._folders:
            for below in sorted(folder.rglob("*"), key=lambda path: len(path.parts), reverse=True):
                if below.is_dir():
                    with contextlib.suppress(OSError):
                        below.rmdir()
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _processes(self) -> set[int]:
        found: set[int] = set()
        for folder in self._folders:
            for listed in folder.rglob("cgroup.procs"):
                with contextlib.suppress(OSError):
                    found |= {int(line) for line in listed.read_text().split()}
        return found

    def _write(self, name: str, value: object, *, optional: bool = False) -> None:
        folder = self._folders[0] if self._unified else ROOT / name.split(".", 1)[0] / self._parent / self.name
        try:
            (folder / name).write_text(str(value))
        except OSError:
            if not optional:
                raise

    def _read(self, name: str) -> str:
        try:
            return (self._folders[0] / name).read_text()
        except OSError:
            return ""


def parent_of(platform: int) -> str:
    """Name of the group that holds a platform's builds; several platforms may share a host."""
    return f"wisehosting-{platform}-builds"


def leftovers(platform: int, root: Path = ROOT) -> list[str]:
    """Builds whose cgroups are still there, by id."""
    first = root if (root / "cgroup.controllers").exists() else root / "memory"
    return [path.name.removeprefix("build-") for path in (first / parent_of(platform)).glob("build-*")]
