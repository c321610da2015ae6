"""The cgroup of one build: limits for all of it, counters that outlive its steps, and the way to kill it as one."""

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from wisehosting_agent.runtime.oom import in_kernel_log
from wisehosting_wire.workload import BuildLimits

ROOT = Path("/sys/fs/cgroup")
PERIOD = 100_000
KILL_SECONDS = 5.0
GRACE_SECONDS = 5.0
"""For podman to put away what its steps held, once they are dead."""
QUIET_SECONDS = 0.5
"""The same where no step is seen: one may have ended just now."""
SHARES, WEIGHT = 256, 25
"""Of all builds together, a quarter of what everything else begins with: when the processors are busy, apps go first."""


class BuildCgroup:
    """`podman build` itself and every step run below it. Works with cgroup v1 and v2."""

    def __init__(self, build: str, platform: int, *, root: Path = ROOT) -> None:
        self._parent = parent_of(platform)
        self._root = root
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
            (self._folders[0].parent / "cpu.weight").write_text(str(WEIGHT))
        else:
            self._write("memory.limit_in_bytes", limits.memory_bytes)
            self._write("memory.memsw.limit_in_bytes", limits.memory_bytes, optional=True)
            self._write("pids.max", limits.pids)
            self._write("cpu.cfs_period_us", PERIOD)
            self._write("cpu.cfs_quota_us", quota)
            (self._root / "cpu" / self._parent / "cpu.shares").write_text(str(SHARES))

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

    def end(self) -> None:
        """Kill the steps and let podman end by them, so that it puts away what it holds for them; then kill the rest.

        A network address of a step is noted where no kill reaches, and only podman takes it back.
        """
        until = time.monotonic() + QUIET_SECONDS
        found = False
        while time.monotonic() < until:
            self._forbid_forks("steps")
            steps = self._processes("steps")
            if not self._processes() - steps:
                break
            if steps and not found:
                found, until = True, time.monotonic() + GRACE_SECONDS
            _kill(steps)
            time.sleep(0.02)
        self.kill()

    def kill(self) -> None:
        """Kill everything inside, until nothing is. Harmless when it is empty or gone."""
        until = time.monotonic() + KILL_SECONDS
        while (found := self._processes()) and time.monotonic() < until:
            self._forbid_forks()
            _kill(found)
            time.sleep(0.02)

    def remove(self) -> None:
        """Remove it, also where only the runtime made it. Harmless when it is gone."""
        for folder in self._everywhere():
            for group in reversed(_groups(folder)):
                with contextlib.suppress(OSError):
                    group.rmdir()

    def _everywhere(self) -> list[Path]:
        """Its folder in every hierarchy: a runtime makes the steps' groups in all of them, and removes only those."""
        return list(_of_hierarchies(self._root, self._unified, f"{self._parent}/{self.name}"))

    def _forbid_forks(self, below: str = "") -> None:
        """Whoever forks faster than a list of processes is read and killed comes to an end by this."""
        for folder in self._folders:
            with contextlib.suppress(OSError):
                (folder / below / "pids.max").write_text("0")

    def _processes(self, below: str = "") -> set[int]:
        found: set[int] = set()
        for folder in self._folders:
            for group in _groups(folder / below):
                with contextlib.suppress(OSError):
                    found |= {int(line) for line in (group / "cgroup.procs").read_text().split()}
        return found

    def _write(self, name: str, value: object, *, optional: bool = False) -> None:
        folder = self._folders[0] if self._unified else self._root / name.split(".", 1)[0] / self._parent / self.name
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
    """Builds whose cgroups are still there, in whichever hierarchy, by id."""
    unified = (root / "cgroup.controllers").exists()
    parents = _of_hierarchies(root, unified, parent_of(platform))
    return sorted({path.name.removeprefix("build-") for parent in parents for path in parent.glob("build-*")})


def _of_hierarchies(root: Path, unified: bool, name: str) -> Iterator[Path]:
    """A group's folder wherever there may be one."""
    for hierarchy in [root] if unified else sorted(path for path in root.iterdir() if path.is_dir()):
        if (hierarchy / name).is_dir():
            yield hierarchy / name


def _groups(folder: Path) -> list[Path]:
    """A group and all below it, parents first. One that a runtime removes meanwhile is passed over."""
    return [Path(path) for path, _, _ in os.walk(folder)]


def _kill(processes: Iterable[int]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
