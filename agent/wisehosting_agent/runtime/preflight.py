"""What this host's OCI runtimes and cgroups can do, found by trying: a container without an image, created and thrown away."""

import json
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.runtime import proc
from wisehosting_agent.runtime.cgroups import cgroup_manager

CANDIDATES = ("crun", "runc")
SECONDS = 20.0
MEMORY = 64 * 1024 * 1024
PIDS = 32
SHARES = 512


class ChosenRuntime(msgspec.Struct, frozen=True, kw_only=True):
    """The runtime to use, and for people why the others are not."""

    name: str
    why: str


class LimitsFound(msgspec.Struct, frozen=True, kw_only=True):
    """Which limits the kernel really holds here."""

    memory: bool
    pids: bool
    cpu: bool

    @property
    def enforced(self) -> bool:
        """All of them."""
        return self.memory and self.pids and self.cpu

    @property
    def missing(self) -> list[str]:
        """Names of those that are not held."""
        return [name for name in ("memory", "pids", "cpu") if not getattr(self, name)]


class _Failed(Exception):
    """A runtime refused; the text is its own."""


def detect_runtime(preferred: str | None = None) -> ChosenRuntime:
    """The first runtime that creates a container here: `preferred` alone, else crun, then runc.

    Raises ConfigurationError naming each runtime's refusal and the package to install.
    """
    refusals: list[str] = []
    for name in (preferred,) if preferred else CANDIDATES:
        refusal = refusal_of(name)
        if refusal is None:
            return ChosenRuntime(name=name, why=f"{name} works" + (f"; {'; '.join(refusals)}" if refusals else ""))
        refusals.append(refusal)
    raise ConfigurationError(
        f"No OCI runtime works here: {'; '.join(refusals)}. Install one with: apt-get install crun runc"
    )


def refusal_of(runtime: str) -> str | None:
    """Why this runtime makes no container here, in one sentence without its full stop; None when it makes one."""
    try:
        with _container(runtime):
            return None
    except _Failed as failed:
        return f"{runtime} does not: {failed}"


def detect_limits(runtime: str) -> LimitsFound:
    """Which limits hold for a container of this runtime. Raises ConfigurationError when it makes none."""
    try:
        with _container(runtime) as pid:
            found = proc.cgroup_limits(pid)
    except _Failed as failed:
        raise ConfigurationError(
            f"{runtime} does not work here: {failed}. Set WISEHOSTING_AGENT_RUNTIME to another."
        ) from failed
    return LimitsFound(memory=found.memory == MEMORY, pids=found.pids == PIDS, cpu=found.cpu not in {None, 100, 1024})


@contextmanager
def _container(runtime: str) -> Iterator[int]:
    """A created, never started container; yields its process. Leaves nothing behind."""
    if shutil.which(runtime) is None:
        raise _Failed("it is not installed")
    name = f"wh-preflight-{uuid.uuid4().hex[:12]}"
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    manager = ["--systemd-cgroup"] if cgroup_manager() == "systemd" else []
    root = [runtime, *manager, "--root", str(folder / "state")]
    pid_file = folder / "pid"
    try:
        (folder / "rootfs").mkdir()
        (folder / "config.json").write_text(json.dumps(_config(name)))
        create = [*root, "create", "--bundle", str(folder), "--pid-file", str(pid_file), name]
        log = folder / "log"
        with log.open("wb") as output:
            # a file, not a pipe: the created process keeps it open
            code = subprocess.run(
                create, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=SECONDS, check=False
            ).returncode
        if code != 0:
            raise _Failed(_last_line(log.read_text(errors="replace")))
        yield int(pid_file.read_text())
    except subprocess.TimeoutExpired as error:
        raise _Failed(f"it did not answer within {SECONDS:.0f} s") from error
    finally:
        subprocess.run(
            [*root, "delete", "--force", name],
            capture_output=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        shutil.rmtree(folder, ignore_errors=True)


def _config(name: str) -> dict[str, Any]:
    slice_name = f"system.slice:wh:{name}" if cgroup_manager() == "systemd" else f"/{name}"
    program = [folder for folder in ("/usr", "/bin", "/lib", "/lib64") if Path(folder).exists()]
    binds = [
        {"destination": folder, "type": "bind", "source": os.path.realpath(folder), "options": ["rbind", "ro"]}
        for folder in program
    ]
    return {
        "ociVersion": "1.0.2",
        "root": {"path": "rootfs", "readonly": False},
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "args": ["/bin/true"],
            "env": ["PATH=/usr/bin:/bin"],
            "cwd": "/",
            "noNewPrivileges": True,
        },
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
            {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
            # Podman's containers have it, and crun refuses exactly this on some cgroup layouts
            {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro", "nosuid"]},
            *binds,
        ],
        "linux": {
            "cgroupsPath": slice_name,
            "namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts", "network")],
            "resources": {
                "memory": {"limit": MEMORY},
                "pids": {"limit": PIDS},
                "cpu": {"shares": SHARES},
            },
        },
    }


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][-300:] if lines else "it gave no reason"
