"""What `./dev up` has to know about the machine, read once. No judgement here: that is `preflight.py`, which is pure."""

import ipaddress
import os
import pwd
import resource
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from wisehosting_agent.runtime.preflight import CANDIDATES, detect_limits, refusal_of
from wisehosting_agent.runtime.propagation import root_is_shared
from wisehosting_cp.local.mirrors import Mirror, mirrors
from wisehosting_cp.local.processes import belongs_to

PROGRAMS = {
    "git": "git",
    "podman": "podman",
    "conmon": "conmon",
    "haproxy": "haproxy",
    "nft": "nftables",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "iptables": "iptables",
    "useradd": "passwd",
}
"""Program to the Debian package that brings it."""
LIMITS = frozenset({"memory", "pids", "cpu"})
NETAVARK = ("/usr/lib/podman/netavark", "/usr/libexec/podman/netavark", "/usr/local/libexec/podman/netavark")


@dataclass(frozen=True, kw_only=True)
class World:
    """The machine, as far as `./dev up` depends on it."""

    root: bool
    distribution: str
    """`debian 12`, from /etc/os-release."""
    missing_packages: tuple[str, ...] = ()
    cgroups: Literal["v1", "hybrid", "v2"] = "v2"
    limits: frozenset[str] = frozenset()
    """Limits that the kernel held for a container made for trying."""
    runtimes: tuple[str, ...] = ()
    """OCI runtimes that made a container here."""
    refusals: tuple[str, ...] = ()
    """What the others said."""
    shared_mounts: bool = True
    """Mounts made on this host are passed on to namespaces made before."""
    nofile: int = 1024
    """Highest limit of open files this process may set."""
    git_user: bool = True
    memory: int = 0
    """Bytes that are free or can be freed."""
    disk: int = 0
    """Free bytes where the state folder will lie."""
    holders: dict[int, str] = field(default_factory=dict)
    """Ports of ours that are taken, to who has them."""
    networks: dict[str, ipaddress.IPv4Network] = field(default_factory=dict)
    """Interface or route to its network."""
    subordinate_ids: tuple[tuple[str, int, int], ...] = ()
    """Lines of /etc/subuid: (user, first id, how many)."""
    extra_authorities: int = 0
    """Certificate authorities the host trusts beyond its distribution's."""
    ca_bundle: Path | None = None
    mirrors: tuple[Mirror, ...] = ()
    """Package servers of the machine's own configuration."""


def probe(state: Path, ports: list[int], git_user: str) -> World:
    """Read the machine. Takes well under a second; asks the resolver for the package servers only."""
    runtimes, refusals = _runtimes()
    extra, bundle = extra_authorities()
    return World(
        root=os.geteuid() == 0,
        distribution=distribution(),
        missing_packages=_missing_packages(),
        cgroups=_cgroups(),
        limits=_limits(runtimes),
        runtimes=runtimes,
        refusals=refusals,
        shared_mounts=root_is_shared(),
        nofile=resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        git_user=_user_exists(git_user),
        memory=_memory(),
        disk=_disk(state),
        holders=_foreign_holders(ports, state),
        networks=_networks(),
        subordinate_ids=_subordinate_ids(),
        extra_authorities=extra,
        ca_bundle=bundle,
        mirrors=tuple(mirrors()),
    )


def distribution(path: Path = Path("/etc/os-release")) -> str:
    """`debian 12`; `unknown` where the file is missing."""
    try:
        pairs = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    except OSError:
        return "unknown"
    return f"{pairs.get('ID', 'unknown')} {pairs.get('VERSION_ID', '')}".replace('"', "").strip()


@dataclass(frozen=True)
class Holder:
    """Who listens on a port."""

    name: str
    pid: int | None = None

    def __str__(self) -> str:
        return self.name if self.pid is None else f"{self.name} (process {self.pid})"


def port_holder(port: int, *, address: str = "127.0.0.1") -> Holder | None:
    """Who listens on the port; None when it is free."""
    with socket.socket() as probe_socket:
        probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe_socket.bind((address, port))
        except PermissionError:
            return Holder("the system (ports below 1024 need root)")
        except OSError:
            return _listener(port) or Holder("another process")
    return None


def _listener(port: int) -> Holder | None:
    """The process behind a listening port, by its socket's inode."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            columns = line.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{columns[9]}]")
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                return Holder((process / "comm").read_text().strip(), int(process.name))
        except OSError:
            continue
    return None


def _foreign_holders(ports: list[int], state: Path) -> dict[int, str]:
    """Taken ports; not those that a killed `up` on this very folder left behind, which the start takes over."""
    found = {port: holder for port in ports if (holder := port_holder(port)) is not None}
    return {
        port: str(holder) for port, holder in found.items() if holder.pid is None or not belongs_to(holder.pid, state)
    }


def extra_authorities(
    bundle: Path = Path("/etc/ssl/certs/ca-certificates.crt"), shipped: Path = Path("/usr/share/ca-certificates")
) -> tuple[int, Path | None]:
    """How many authorities the host trusts beyond the distribution's, and the bundle that holds them.

    A company's TLS-intercepting proxy shows here: builds would trust nobody without its certificate.
    """
    chosen = Path(os.environ.get("SSL_CERT_FILE") or bundle)
    if not chosen.is_file():
        return 0, None
    known: set[str] = set()
    for path in shipped.rglob("*.crt"):
        known.update(_certificates(path.read_text(errors="replace")))
    extra = len(set(_certificates(chosen.read_text(errors="replace"))) - known) if known else 0
    if Path("/usr/local/share/ca-certificates").is_dir():
        extra = max(extra, len(list(Path("/usr/local/share/ca-certificates").rglob("*.crt"))))
    return extra, chosen if extra else None


def _certificates(text: str) -> list[str]:
    blocks = text.split("-----BEGIN CERTIFICATE-----")[1:]
    return ["".join(block.split("-----END CERTIFICATE-----")[0].split()) for block in blocks]


def _missing_packages() -> tuple[str, ...]:
    missing = {package for program, package in PROGRAMS.items() if shutil.which(program) is None}
    if not any(Path(path).exists() for path in NETAVARK):
        missing.update(("netavark", "aardvark-dns"))
    if shutil.which("crun") is None and shutil.which("runc") is None:
        missing.add("crun")
    return tuple(sorted(missing))


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _runtimes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which OCI runtimes make a container here, by trying, and what the others say."""
    found = {name: refusal_of(name) for name in CANDIDATES}
    works = tuple(name for name, refusal in found.items() if refusal is None)
    return works, tuple(f"{refusal.removesuffix('.')}." for refusal in found.values() if refusal is not None)


def _limits(runtimes: tuple[str, ...]) -> frozenset[str]:
    if not runtimes:
        return frozenset()
    return LIMITS - set(detect_limits(runtimes[0]).missing)


def _cgroups(root: Path = Path("/sys/fs/cgroup")) -> Literal["v1", "hybrid", "v2"]:
    if (root / "cgroup.controllers").exists():
        return "v2"
    return "hybrid" if (root / "unified").is_dir() else "v1"


def _memory() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0


def _disk(state: Path) -> int:
    folder = next(path for path in (state, *state.parents) if path.exists())
    return shutil.disk_usage(folder).free


def _networks() -> dict[str, ipaddress.IPv4Network]:
    """Routes of the machine: `10.0.0.0/8 dev tun0` is a network behind tun0."""
    if shutil.which("ip") is None:
        return {}
    ran = subprocess.run(["ip", "-4", "route", "show"], check=False, capture_output=True, text=True)
    found: dict[str, ipaddress.IPv4Network] = {}
    for line in ran.stdout.splitlines():
        words = line.split()
        if not words or words[0] == "default" or "dev" not in words:
            continue
        try:
            found[words[words.index("dev") + 1]] = ipaddress.IPv4Network(words[0], strict=False)
        except ValueError:
            continue
    return found


def _subordinate_ids(path: Path = Path("/etc/subuid")) -> tuple[tuple[str, int, int], ...]:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return ()
    parts = [line.split(":") for line in lines if line.count(":") == 2]
    return tuple((user, int(first), int(count)) for user, first, count in parts if first.isdigit() and count.isdigit())
