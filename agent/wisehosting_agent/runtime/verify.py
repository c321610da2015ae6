"""Is the running container what it was created as? Read from the kernel, not from what Podman remembers."""

import math
import mmap
import time
from collections.abc import Iterator

from wisehosting_agent.errors import IsolationBroken, RuntimeRefused
from wisehosting_agent.runtime import proc
from wisehosting_agent.runtime.answers import Inspected
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.runtime.profile import NPROC, capability_mask
from wisehosting_wire.workload import Workload

OWN_FILES = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/run/.containerenv", "/etc/passwd", "/etc/group"}
"""Podman writes these into the container's own folder; the last two when the image's USER is a number it does not know."""
"""Files Podman itself binds into every container."""
PSEUDO = {"overlay", "tmpfs", "proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2", "devtmpfs"}
NAMESPACES = ("user", "mnt", "net", "pid", "ipc", "uts")
FILTERED = 2
SETTLING_SECONDS = 1.0


def verify(host: PodmanHost, found: Inspected, workload: Workload) -> None:
    """Compare with the profile. Raises IsolationBroken naming all that differs, RuntimeRefused when the process is gone.

    What differs is looked at again for a moment: right after the start the process may still be the runtime's own,
    without its filter, and one that ends has lost its namespaces and limits before it is gone. It has no traffic yet.
    """
    container, pid = found.container, found.state.pid
    until = time.monotonic() + SETTLING_SECONDS
    while True:
        wrong = _wrong(host, found, workload) if proc.alive(pid) else []
        if not proc.alive(pid):
            raise RuntimeRefused(f"Container {container[:12]} ended before it could be verified.")
        if not wrong:
            return
        if time.monotonic() > until:
            raise IsolationBroken(
                f"Container {container[:12]} is not isolated as it should be, so it gets no traffic: {'; '.join(wrong)}."
            )
        time.sleep(0.02)


def _wrong(host: PodmanHost, found: Inspected, workload: Workload) -> list[str]:
    """What differs now, a sentence part each; what cannot be read differs."""
    network = host.network_name(workload.environment.number)
    try:
        wrong = list(differences(host, found.state.pid, workload))
    except (OSError, ValueError, IndexError) as error:
        return [f"it cannot be read ({error})"]
    if (joined := sorted(found.network_settings.networks or {})) != [network]:
        wrong.append(f"networks are {joined}, wanted {network}")
    return wrong


def differences(host: PodmanHost, pid: int, workload: Workload) -> Iterator[str]:
    """One sentence part for each thing that differs. Raises OSError when the process goes meanwhile."""
    yield from _identity(host, pid, workload)
    yield from _privileges(pid, workload)
    yield from _files(pid, workload)
    if host.settings.limits == "enforced":
        yield from limit_differences(pid, workload)


def limit_differences(pid: int, workload: Workload) -> Iterator[str]:
    """What of the limits the kernel does not hold."""
    limits = workload.limits
    found = proc.cgroup_limits(pid)
    page = mmap.PAGESIZE
    if found.memory is None or not limits.memory_bytes - page < found.memory <= limits.memory_bytes:
        yield f"memory limit is {found.memory}, wanted {limits.memory_bytes} bytes"
    unlimited_swap = found.memory_and_swap is None or found.memory_and_swap > limits.memory_bytes
    if unlimited_swap and proc.has_swap():
        yield f"memory and swap together are {found.memory_and_swap}, wanted {limits.memory_bytes} bytes"
    if found.pids != limits.pids:
        yield f"process limit is {found.pids}, wanted {limits.pids}"
    shares = limits.cpu_shares
    if found.cpu not in {shares, *cpu_weights(shares)}:
        yield f"CPU weight is {found.cpu}, wanted {shares} shares"
    for name, wanted in (("Max open files", limits.nofile), ("Max processes", NPROC)):
        hard = proc.rlimit(pid, name)
        if hard > wanted:
            yield f"{name.lower()} is {hard}, wanted {wanted}"


def cpu_weights(shares: int) -> set[int]:
    """Weights that runtimes make of v1 shares on cgroup v2: the old linear rule and the newer logarithmic one."""
    linear = 1 + (max(shares, 2) - 2) * 9999 // 262142
    logarithm = math.log2(max(shares, 2))
    newer = math.ceil(10 ** ((logarithm**2 + 125 * logarithm) / 612.0 - 7.0 / 34.0))
    return {linear, newer}


def _identity(host: PodmanHost, pid: int, workload: Workload) -> Iterator[str]:
    start, size = host.id_map(workload.environment.number)
    for kind in ("uid_map", "gid_map"):
        found = proc.id_map(pid, kind)
        if found != [(0, start, size)]:
            yield f"{kind} is {found}, wanted ids from {start}"
    for kind in NAMESPACES:
        if proc.namespace(pid, kind) == proc.namespace("self", kind):
            yield f"{kind} namespace is the host's"


def _privileges(pid: int, workload: Workload) -> Iterator[str]:
    found = proc.status(pid)
    mask = capability_mask(workload)
    if found.bounding != mask:
        yield f"capability bounding set is {found.bounding:#x}, wanted {mask:#x}"
    for name, held in (("effective", found.effective), ("permitted", found.permitted), ("ambient", found.ambient)):
        if held & ~mask:
            yield f"{name} capabilities are {held:#x}, wanted at most {mask:#x}"
    if not found.no_new_privileges:
        yield "new privileges can be gained"
    if found.seccomp != FILTERED:
        yield f"seccomp mode is {found.seccomp}, wanted a filter"


def _files(pid: int, workload: Workload) -> Iterator[str]:
    for mount in proc.mounts(pid):
        if mount.path == "/" and not workload.writable and "ro" not in mount.options:
            yield "the root file system is writable"
        if mount.kind in PSEUDO or mount.path in OWN_FILES or mount.path.startswith(("/proc/", "/sys/", "/dev/")):
            continue
        yield f"{mount.path} ({mount.kind}) is mounted from outside"
