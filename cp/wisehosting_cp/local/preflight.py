"""Judges the probed machine: what stops `./dev up`, what only deserves a word, and the command that fixes each. Pure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wisehosting_cp.local.mirrors import allowed
from wisehosting_cp.local.numbers import IDS_PER_PLATFORM, Plan
from wisehosting_cp.local.world import LIMITS, World

GIBIBYTE = 1024**3
LEAST_MEMORY = 1 * GIBIBYTE
LEAST_DISK = 5 * GIBIBYTE
NOFILE = 16384
"""What every container and build is given."""
KNOWN = {"debian 12", "debian 13"}


@dataclass(frozen=True)
class Finding:
    """One thing about this machine."""

    what: str
    why: str
    fix: str = ""
    """The exact command; empty when nothing has to be done."""
    fatal: bool = True


@dataclass(frozen=True)
class Verdict:
    """What follows from the findings for the rest of the start."""

    findings: tuple[Finding, ...]
    runtime: str | None
    """OCI runtime to use; None takes Podman's own."""
    network_allow: tuple[str, ...]
    ca_bundle: Path | None = None
    """Given to builds."""

    @property
    def fatal(self) -> tuple[Finding, ...]:
        """Findings that stop the start."""
        return tuple(finding for finding in self.findings if finding.fatal)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """Findings that only deserve a word."""
        return tuple(finding for finding in self.findings if not finding.fatal)


def judge(world: World, plan: Plan, *, limits: Literal["enforced", "reported"] = "enforced") -> Verdict:
    """All findings about this machine for this plan."""
    findings = [
        *_rights(world),
        *_distribution(world),
        *_packages(world),
        *_runtime(world),
        *_mounts(world),
        *_limits(world, limits),
        *_resources(world),
        *_ports(world, plan),
        *_networks(world, plan),
        *_ids(world, plan),
        *_authorities(world),
        *_mirrors(world),
    ]
    return Verdict(tuple(findings), choose_runtime(world), tuple(allowed(world.mirrors)), world.ca_bundle)


def choose_runtime(world: World) -> str | None:
    """Podman's default, crun, refuses some uses of cgroups in hybrid mode, and v1 with some kernels; runc works there."""
    if world.cgroups != "v2" and "runc" in world.runtimes:
        return "runc"
    return world.runtimes[0] if world.runtimes else None


def _rights(world: World) -> list[Finding]:
    if world.root:
        return []
    return [
        Finding(
            "./dev up does not run as root.",
            "Rootless Podman cannot keep tenants apart: its network bypasses the firewall policy.",
            "sudo ./dev up",
        )
    ]


def _distribution(world: World) -> list[Finding]:
    if world.distribution in KNOWN:
        return []
    return [
        Finding(
            f"This is {world.distribution}; WiseHosting is tested on Debian 12 and 13.",
            "Base images are made of Debian packages; that needs Debian's keyring and a mirror.",
            "apt-get install debian-archive-keyring mmdebstrap",
            fatal=False,
        )
    ]


def _packages(world: World) -> list[Finding]:
    if not world.missing_packages:
        return []
    names = " ".join(world.missing_packages)
    return [Finding(f"Packages are missing: {names}.", "The platform runs on them.", f"apt-get install {names}")]


def _runtime(world: World) -> list[Finding]:
    if world.missing_packages or not world.root:
        return []
    if not world.runtimes:
        return [
            Finding(
                "No OCI runtime makes a container here.",
                " ".join(world.refusals),
                "apt-get install crun runc   (and run this on the machine itself, not in an unprivileged container)",
            )
        ]
    if choose_runtime(world) == "crun":
        return []
    why = " ".join(world.refusals) or f"crun refuses some uses of cgroups {world.cgroups}."
    return [Finding("Containers run with runc.", why, fatal=False)]


def _mounts(world: World) -> list[Finding]:
    if world.shared_mounts:
        return []
    return [
        Finding(
            "The root mount is private here; it is made shared, as systemd does at boot (mount --make-rshared /).",
            "Podman's monitors could not take networks of stopped containers down otherwise.",
            fatal=False,
        )
    ]


def _limits(world: World, limits: str) -> list[Finding]:
    found = []
    missing = LIMITS - world.limits
    if missing and world.runtimes and limits == "enforced":
        found.append(
            Finding(
                f"This machine cannot enforce limits: {', '.join(sorted(missing))}.",
                "One app could take all memory or processes of the machine.",
                "./dev up --limits reported   (for trying out only)",
            )
        )
    if limits == "reported":
        found.append(
            Finding(
                "LIMITS ARE NOT ENFORCED on this worker (--limits reported).",
                "An app may take all memory, CPU and processes of this machine. Never offer that to others.",
                fatal=False,
            )
        )
    if world.nofile < NOFILE:
        found.append(
            Finding(
                f"At most {world.nofile} open files are allowed here; containers are given {NOFILE}.",
                "A limit can be lowered for a container, not raised.",
                f"ulimit -n {NOFILE}   (as root, in the shell that runs ./dev up)",
            )
        )
    return found


def _resources(world: World) -> list[Finding]:
    found = []
    if world.memory < LEAST_MEMORY:
        found.append(
            Finding(
                f"Only {world.memory // 1024**2} MB of memory are free; 1024 MB are needed.",
                "The platform takes about 400 MB, a build the rest.",
                "ps -eo rss,pid,comm --sort=-rss | head   (shows what could be closed)",
            )
        )
    if world.disk < LEAST_DISK:
        found.append(
            Finding(
                f"Only {world.disk / GIBIBYTE:.1f} GB of disk are free where the state folder lies; 5 GB are needed.",
                "Base images, builds and the database live there.",
                "./dev up --state DIR   (a folder on a larger disk)",
            )
        )
    return found


def _ports(world: World, plan: Plan) -> list[Finding]:
    found = []
    for port, holder in sorted(world.holders.items()):
        option = f"--apps-port {plan.apps_port + 1000}" if port == plan.apps_port else f"--port {plan.port + 1000}"
        what = plan.listeners.get(port, "an app")
        found.append(
            Finding(
                f"Port {port} for {what} is taken by {holder}.",
                "Two programs cannot listen there.",
                f"./dev up {option}",
            )
        )
    return found


def _networks(world: World, plan: Plan) -> list[Finding]:
    return [
        Finding(
            f"The network {network} behind {name} overlaps {plan.subnet_pool}, which containers use.",
            "Answers to containers would go the wrong way.",
            f"./dev up --number {(plan.number + 1) % 48} --state DIR   (another number takes another network)",
        )
        for name, network in sorted(world.networks.items())
        if network.overlaps(plan.subnet_pool) and not name.startswith(plan.bridge_prefix)
    ]


def _ids(world: World, plan: Plan) -> list[Finding]:
    last = plan.id_base + IDS_PER_PLATFORM - 1
    return [
        Finding(
            f"/etc/subuid gives {user} ids from {first}, which containers of this platform use too ({plan.id_base} to {last}).",
            "That user's containers could touch files of these ones.",
            f"./dev up --number {(plan.number + 1) % 48} --state DIR",
            fatal=False,
        )
        for user, first, count in world.subordinate_ids
        if user != "containers" and first <= last and first + count > plan.id_base
    ]


def _authorities(world: World) -> list[Finding]:
    if world.ca_bundle is None:
        return []
    return [
        Finding(
            f"This host trusts {world.extra_authorities} certificate authorities of its own; builds are given {world.ca_bundle}.",
            "Package installs inside builds would fail without them. They stay out of images.",
            fatal=False,
        )
    ]


def _mirrors(world: World) -> list[Finding]:
    private = [mirror for mirror in world.mirrors if mirror.private]
    if not private:
        return []
    names = ", ".join(sorted({f"{mirror.host}:{mirror.port}" for mirror in private}))
    return [
        Finding(
            f"Package servers resolve to private addresses here; builds and apps may reach them: {names}.",
            "The tenant policy closes private addresses; these are opened, in ./dev up only.",
            fatal=False,
        )
    ]
