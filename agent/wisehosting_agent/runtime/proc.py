"""What the kernel says of a process: id maps, capabilities, cgroup limits, mounts, listeners. Nothing goes through Podman."""

import contextlib
import ipaddress
import os
from pathlib import Path

import msgspec

PROC = Path("/proc")
CGROUP = Path("/sys/fs/cgroup")
LISTEN = "0A"
UNLIMITED = 1 << 60
"""cgroup v1 writes a huge number for 'no limit'."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """From /proc/<pid>/status."""

    effective: int
    permitted: int
    bounding: int
    ambient: int
    no_new_privileges: bool
    seccomp: int
    """0 off, 1 strict, 2 filter."""


class CgroupLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits in force; None where there is none."""

    memory: int | None
    memory_and_swap: int | None
    pids: int | None
    cpu: int | None
    """v1: shares; v2: weight."""


class MountPoint(msgspec.Struct, frozen=True, kw_only=True):
    """From /proc/<pid>/mountinfo."""

    path: str
    kind: str
    options: frozenset[str]


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """A TCP socket that listens."""

    address: str
    port: int

    @property
    def loopback(self) -> bool:
        """Nobody outside the container reaches it."""
        address = ipaddress.ip_address(self.address)
        mapped = getattr(address, "ipv4_mapped", None)
        return (mapped or address).is_loopback


def alive(pid: int) -> bool:
    """Whether the process is there and not a zombie."""
    if pid <= 0:
        return False
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def started_at(pid: int) -> float:
    """When the process started, in seconds since boot. Raises OSError when it is gone."""
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def command_line(pid: int) -> list[str]:
    """The process's argv; empty when it is gone."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def id_map(pid: int, kind: str) -> list[tuple[int, int, int]]:
    """Lines of uid_map or gid_map: (inside, on the host, how many). Raises OSError when the process is gone."""
    lines = (PROC / str(pid) / kind).read_text().splitlines()
    return [(int(inside), int(outside), int(count)) for inside, outside, count in (line.split() for line in lines)]


def status(pid: int) -> Status:
    """Raises OSError when the process is gone."""
    fields = dict(line.split(":", 1) for line in (PROC / str(pid) / "status").read_text().splitlines() if ":" in line)
    return Status(
        effective=int(fields["CapEff"], 16),
        permitted=int(fields["CapPrm"], 16),
        bounding=int(fields["CapBnd"], 16),
        ambient=int(fields["CapAmb"], 16),
        no_new_privileges=fields["NoNewPrivs"].strip() == "1",
        seccomp=int(fields["Seccomp"]),
    )


def rlimit(pid: int, name: str) -> int:
    """Hard limit, `Max open files` or `Max processes`. Raises OSError when the process is gone."""
    for line in (PROC / str(pid) / "limits").read_text().splitlines():
        if line.startswith(name):
            hard = line[len(name) :].split()[1]
            return UNLIMITED if hard == "unlimited" else int(hard)
    raise OSError(f"no limit {name} in /proc/{pid}/limits")


def namespace(pid: int | str, kind: str) -> str:
    """Identity of a namespace. Raises OSError when the process is gone."""
    return str((PROC / str(pid) / "ns" / kind).readlink())


def mounts(pid: int) -> list[MountPoint]:
    """All mounts the process sees. Raises OSError when it is gone."""
    found = []
    for line in (PROC / str(pid) / "mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        found.append(MountPoint(path=fields[4], kind=after.split()[0], options=frozenset(fields[5].split(","))))
    return found


def cgroup_folder(pid: int, controller: str) -> Path | None:
    """Folder of the process's cgroup for a controller, v1 or v2; None when there is none."""
    unified: Path | None = None
    try:
        text = (PROC / str(pid) / "cgroup").read_text()
    except OSError:
        return None
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            for name in (controllers, controller):
                folder = CGROUP / name / path.lstrip("/")
                if folder.is_dir():
                    return folder
        if not controllers:
            unified = CGROUP / path.lstrip("/")
    if unified is not None and (CGROUP / "cgroup.controllers").exists() and unified.is_dir():
        return unified
    return None


def cgroup_limits(pid: int) -> CgroupLimits:
    """Limits of the process's cgroups; None where a controller or limit is missing."""
    memory, pids = cgroup_folder(pid, "memory"), cgroup_folder(pid, "pids")
    cpu = cgroup_folder(pid, "cpu")
    limit = _first(memory, "memory.max", "memory.limit_in_bytes")
    total = _first(memory, "memory.memsw.limit_in_bytes")
    if total is None and (swap := _first(memory, "memory.swap.max")) is not None and limit is not None:
        total = limit + swap
    return CgroupLimits(
        memory=limit,
        memory_and_swap=total,
        pids=_first(pids, "pids.max"),
        cpu=_first(cpu, "cpu.weight", "cpu.shares"),
    )


def has_swap() -> bool:
    """Whether the host swaps at all; without it a missing swap limit limits nothing less."""
    with contextlib.suppress(OSError):
        return len((PROC / "swaps").read_text().splitlines()) > 1
    return True


def oom_kills(pid: int) -> int:
    """How often the kernel killed in the process's cgroup for lack of memory; 0 when there is none to read."""
    folder = cgroup_folder(pid, "memory")
    if folder is None:
        return 0
    for name in ("memory.events", "memory.oom_control"):
        with contextlib.suppress(OSError):
            for line in (folder / name).read_text().splitlines():
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
    return 0


def listeners(pid: int) -> list[Listener]:
    """TCP sockets that listen in the process's network namespace; empty when it is gone."""
    found = []
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            lines = (PROC / str(pid) / "net" / name).read_text().splitlines()[1:]
            for fields in (line.split() for line in lines):
                if fields[3] == LISTEN:
                    address, _, port = fields[1].partition(":")
                    found.append(Listener(address=_address(address), port=int(port, 16)))
    return found


def _address(text: str) -> str:
    """The kernel writes each 32-bit word in the machine's own byte order."""
    raw = b"".join(bytes.fromhex(text[at : at + 8])[::-1] for at in range(0, len(text), 8))
    return str(ipaddress.ip_address(raw))


def _first(folder: Path | None, *names: str) -> int | None:
    for name in names:
        if folder is None:
            return None
        with contextlib.suppress(OSError):
            text = (folder / name).read_text().strip()
            value = None if text == "max" else int(text)
            return None if value is None or value >= UNLIMITED else value
    return None
