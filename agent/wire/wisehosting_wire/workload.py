"""Nouns both sides share: workloads, builds, routes. Everything is closed: an unknown field is refused, not ignored."""

import enum

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of every noun on the wire."""


class Wanted(enum.StrEnum):
    """What the control plane wants of an instance."""

    running = "running"
    stopped = "stopped"


class InstanceStatus(enum.StrEnum):
    """What an instance is."""

    pending = "pending"
    starting = "starting"
    ready = "ready"
    unready = "unready"
    exited = "exited"
    stopped = "stopped"
    removed = "removed"


class Limits(Shape, frozen=True, kw_only=True):
    """What one container may use."""

    memory_bytes: int = 512 * 1024 * 1024
    cpu_shares: int = 1024
    """Relative weight; 1024 is one share."""
    pids: int = 128
    nofile: int = 4096


class Health(Shape, frozen=True, kw_only=True):
    """When an instance counts as ready: a TCP accept, then `GET path` answers below 500."""

    path: str = "/"
    within_seconds: float = 60
    settle_seconds: float = 5
    """An instance of a process without traffic is healthy once it has stayed up this long."""


class AppSettings(Shape, frozen=True, kw_only=True):
    """What a repository's wisehosting.toml asks of its instances; a file that is not there asks for nothing."""

    port: int | None = None
    """Port of the process `web`; None takes the image's single EXPOSE, else 8080."""
    command: list[str] | None = None
    """argv of the process `web`; None takes the image's own."""
    health: Health = Health()
    limits: Limits = Limits()
    writable: bool = False
    capabilities: list[str] = []


class EnvironmentRef(Shape, frozen=True, kw_only=True):
    """The environment an instance or build belongs to. Names its network, subnet and id range on every worker."""

    id: str
    team: str
    """Team id: names the image store."""
    project: str
    """Project name: for container names and labels, for people."""
    number: int
    """Given out by the control plane, unique on the platform: subnet, bridge and id range derive from it."""


class Workload(Shape, frozen=True, kw_only=True):
    """One instance that should exist on this worker."""

    instance: str
    environment: EnvironmentRef
    process: str
    wanted: Wanted
    image: str
    """Image id (sha256 hex) in the team's store."""
    command: list[str] | None = None
    """argv; None takes the image's own."""
    variables_version: int
    """Run variables travel in their own message; this names which ones."""
    port: int | None = None
    """Port the process listens on inside the container; None for a process without traffic."""
    limits: Limits = Limits()
    health: Health = Health()
    writable: bool = False
    capabilities: list[str] = []
    stop_seconds: float = 10


class Tombstone(Shape, frozen=True, kw_only=True):
    """An instance that must be removed. Removal never follows from absence."""

    instance: str


class Source(Shape, frozen=True, kw_only=True):
    """Where a build's tree comes from."""

    url: str
    commit: str
    branch: str
    root_directory: str = ""
    submodules: bool = False
    """Fetch what `.gitmodules` names as well."""
    large_files: bool = False
    """Replace Git LFS pointers by the files they stand for."""
    allow_loopback: bool = False
    """Only in local mode: the address may be on this machine."""


class BuildSettings(Shape, frozen=True, kw_only=True):
    """How a project wants to be built: its own settings, or what its wisehosting.toml says. Empty is left to detection."""

    containerfile: str = ""
    """Path below the root directory; empty tries Containerfile, then Dockerfile, then detection."""
    target: str = ""
    """Stage of the Containerfile that becomes the image; empty takes the last one."""
    image: str = ""
    """A ready image, used instead of a build."""
    stack: str = ""
    """One of the stacks' names, where a project could be several."""
    version: str = ""
    """Of the stack's language: `3.12`, `>=20`. Wins over the repository's own files."""
    install: str = ""
    """Shell line that installs dependencies, instead of the detected one."""
    build: str = ""
    """Shell line that builds, instead of the detected one."""
    start: tuple[str, ...] = ()
    """argv of the process `web`."""
    packages: tuple[str, ...] = ()
    """Debian packages, there when the app is built and when it runs."""
    output: str = ""
    """Folder that is served as a static site, instead of the detected one."""
    fallback: str = ""
    """Static sites: the file that answers unknown paths with 200 (a single-page app's `/index.html`)."""
    port: int | None = None


class BuildLimits(Shape, frozen=True, kw_only=True):
    """What one build may use."""

    seconds: float = 15 * 60
    memory_bytes: int = 2 * 1024**3
    cpus: float = 1.0
    disk_bytes: int = 10 * 1024**3
    pids: int = 1024


class BuildSpec(Shape, frozen=True, kw_only=True):
    """A build job: checkout to image."""

    build: str
    environment: EnvironmentRef
    source: Source
    settings: BuildSettings = BuildSettings()
    """The project's; what the repository's wisehosting.toml says wins."""
    variables_version: int
    """Build variables travel in their own message; this names which ones."""
    key_salt: bytes = b""
    """Keys the hash of build variables inside the content key (design: the control plane sends it with the job)."""
    packages: str = ""
    """Names the package caches that it shares with other builds of its team; without a name they end with the build."""
    limits: BuildLimits = BuildLimits()


class RouteServer(Shape, frozen=True, kw_only=True):
    """One instance that answers for a deployment."""

    instance: str
    address: str
    port: int
    ready: bool = True
    draining: bool = False
    """It gets no new request and leaves the table once it is reported drained; the deployment serves on."""


class RouteDeployment(Shape, frozen=True, kw_only=True):
    """One deployment's backend: leased while it is in the table."""

    deployment: str
    number: int
    servers: list[RouteServer]
    draining: bool = False


class RouteApp(Shape, frozen=True, kw_only=True):
    """The routes of one environment."""

    app: str
    """Environment id."""
    hosts: list[str]
    live: str | None
    """Deployment the hosts point at; None answers 503 'no release yet'."""
    deployments: list[RouteDeployment]
