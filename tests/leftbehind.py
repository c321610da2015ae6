"""What builds of one platform have on the host right now, counted."""

import asyncio
import contextlib
import hashlib
import os
import time
from pathlib import Path

import msgspec
from buildrig import Rig

from wisehosting_agent.build.cgroup import parent_of
from wisehosting_agent.build.storage import Store

SECONDS = 10
CGROUPS = Path("/sys/fs/cgroup")
SETTINGS_OF_THE_KERNEL = (
    "kernel/core_pattern",
    "kernel/panic",
    "kernel/hostname",
    "net/ipv4/ip_forward",
    "vm/overcommit_memory",
)


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """Zero of each when nothing runs, but for what belongs to the stores themselves."""

    processes: int
    containers: int
    mounts: int
    folders: int
    cgroups: int
    interfaces: int


def counted(rig: Rig) -> Left:
    """Count processes, working containers, mounts, temporary folders, cgroups, and interfaces on the builds' bridge."""
    number, root = rig.host.settings.number, rig.host.root
    ours = (*_places(rig), f"/{parent_of(number)}/")
    temporary = [*(root / "tmp").iterdir(), *Path("/var/tmp").glob(f"wisehosting-{number}-build-*")]
    stores = [Store(path) for path in (root / "stores" / "teams").glob("*") if path.is_dir()]
    return Left(
        processes=sum(_is_of(process, ours) for process in Path("/proc").iterdir() if process.name.isdigit()),
        containers=sum(len(store.containers) for store in stores),
        mounts=len(mounts(rig)),
        folders=len(temporary),
        cgroups=sum(path.is_dir() for path in [*CGROUPS.glob(f"*/{parent_of(number)}/*"), *CGROUPS.glob(f"{parent_of(number)}/*")]),
        interfaces=len(list(Path(f"/sys/class/net/{rig.host.settings.bridge_prefix}b/brif").glob("*"))),
    )  # fmt: skip


def mounts(rig: Rig) -> list[str]:
    """Where something of this platform is mounted."""
    mounted = [row.split()[1] for row in Path("/proc/self/mounts").read_text().splitlines()]
    # A store's own folder is mounted on itself by whoever opens it, and stays so until somebody closes it in order.
    return [point for point in mounted if point.startswith(_places(rig)) and not point.endswith("/overlay")]


def _places(rig: Rig) -> tuple[str, str]:
    return str(rig.host.root.parent), f"/run/wisehosting/{rig.host.settings.number}-"


def outside(rig: Rig, victim: str = "") -> dict[str, str]:
    """A sum of everything that a build might want to change: by what it is. The victim is another team."""
    stores = rig.host.stores
    kept = {
        "/etc": Path("/etc"),
        "the bases": stores.bases,
        "the configuration": rig.host.conf_dir,
    }
    if victim:
        kept["the victim's store"] = stores.team(victim)
        kept["the victim's caches"] = rig.host.root / "caches" / f"{stores.slot(victim):04d}"
    found = {name: _sum(path) for name, path in kept.items()}
    found["the kernel"] = "".join(Path("/proc/sys", name).read_text() for name in SETTINGS_OF_THE_KERNEL)
    found["/tmp"] = str([path.name for path in Path("/tmp").glob("wh-got*")])
    return found


def _sum(top: Path) -> str:
    """Of names, kinds, owners, sizes and times of all files; of contents where they are small."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(top):
        folders.sort()
        for name in sorted([*names, *folders]):
            path = Path(folder, name)
            facts = path.lstat()
            digest.update(os.fsencode(path))
            digest.update(f"{facts.st_mode} {facts.st_uid} {facts.st_gid}".encode())
            if path.is_file() and not path.is_symlink():
                digest.update(f"{facts.st_size} {facts.st_mtime_ns}".encode())
                if facts.st_size < 4096:
                    digest.update(path.read_bytes())
    return digest.hexdigest()


async def wait_until(rig: Rig, wanted: Left) -> Left:
    """Count again until it is as wanted, or for ten seconds: the kernel takes a moment to forget what was killed."""
    until = time.monotonic() + SECONDS
    while (found := counted(rig)) != wanted and time.monotonic() < until:
        await asyncio.sleep(0.05)
    return found


def _is_of(process: Path, ours: tuple[str, ...]) -> bool:
    """Whether a process that is not dead names a folder of ours, or is in a group of ours. The service is none of a build's."""
    with contextlib.suppress(OSError):
        said = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        if "system service" in said or (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return False
        return any(name in said or name in (process / "cgroup").read_text() for name in ours)
    return False
