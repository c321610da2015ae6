"""The isolation profile as a closed, typed create body. What is not a field here cannot be asked of Podman.

Podman ignores fields it does not know and some it does (an automatic user namespace becomes real root),
so a started container is compared with the profile by `verify.py` before it gets traffic.
"""

import msgspec

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.runtime.port import ContainerSpec
from wisehosting_wire.workload import Workload

CAPABILITIES = {"CHOWN": 0, "SETGID": 6, "SETUID": 7, "NET_BIND_SERVICE": 10}
"""What a workload may have, with the kernel's numbers. Everything else is dropped."""
LOG_BYTES = 16 * 1024 * 1024
SHM_BYTES = 64 * 1024 * 1024
NPROC = 4096
"""Per user id of the environment, so shared by its containers; each container is held by its own pids limit."""
OOM_SCORE = 500
"""Tenants go before the platform when the whole host runs out of memory."""

PLATFORM = "wisehosting.platform"
INSTANCE = "wisehosting.instance"
ENVIRONMENT = "wisehosting.environment"
TEAM = "wisehosting.team"
PROCESS = "wisehosting.process"


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Base: every field is sent, so that no default of Podman's slips in."""


class Namespace(Body, frozen=True, kw_only=True):
    """How a namespace is made."""

    nsmode: str


class IdRange(Body, frozen=True, kw_only=True):
    """One line of an id map."""

    container_id: int
    host_id: int
    size: int


class IdMappings(Body, frozen=True, kw_only=True, rename={"uids": "UIDMap", "gids": "GIDMap"}):
    """Explicit maps; the automatic ones are silently ignored by Podman's REST API."""

    uids: list[IdRange]
    gids: list[IdRange]


class Mount(Body, frozen=True, kw_only=True):
    """A tmpfs; no other type is ever sent."""

    destination: str
    options: list[str]
    type: str = "tmpfs"
    source: str = "tmpfs"


class Memory(Body, frozen=True, kw_only=True):
    """Bytes; swap is memory plus swap, so equal means none."""

    limit: int
    swap: int


class Cpu(Body, frozen=True, kw_only=True):
    """Relative weight, 1024 is one share."""

    shares: int


class Pids(Body, frozen=True, kw_only=True):
    """How many processes and threads."""

    limit: int


class Resources(Body, frozen=True, kw_only=True):
    """Limits of the cgroup."""

    memory: Memory
    cpu: Cpu
    pids: Pids


class Rlimit(Body, frozen=True, kw_only=True):
    """One resource limit, by its short name."""

    type: str
    soft: int
    hard: int


class Log(Body, frozen=True, kw_only=True):
    """The log file; size in bytes, then Podman starts it afresh."""

    driver: str = "k8s-file"
    size: int = LOG_BYTES


class PortMapping(Body, frozen=True, kw_only=True):
    """A published port."""

    container_port: int
    host_port: int
    host_ip: str
    protocol: str = "tcp"


class NetworkOptions(Body, frozen=True, kw_only=True):
    """How the container is known on its network."""

    aliases: list[str]


class HealthConfig(Body, frozen=True, kw_only=True, rename={"test": "Test"}):
    """Podman's health checks are off: ours are the agent's."""

    test: list[str]


class CreateBody(Body, frozen=True, kw_only=True):
    """`POST containers/create`."""

    name: str
    image: str
    hostname: str
    labels: dict[str, str]
    env: dict[str, str]
    user: str | msgspec.UnsetType = msgspec.UNSET
    """Left out: the image's own, by name or number."""
    entrypoint: list[str] | msgspec.UnsetType = msgspec.UNSET
    command: list[str] | msgspec.UnsetType = msgspec.UNSET
    stop_timeout: int
    networks: dict[str, NetworkOptions]
    portmappings: list[PortMapping]
    idmappings: IdMappings
    mounts: list[Mount]
    resource_limits: Resources
    r_limits: list[Rlimit]
    cap_add: list[str]
    seccomp_profile_path: str
    read_only_filesystem: bool
    read_write_tmpfs: bool
    cap_drop: list[str] = msgspec.field(default_factory=lambda: ["ALL"])
    privileged: bool = False
    no_new_privileges: bool = True
    userns: Namespace = Namespace(nsmode="private")
    netns: Namespace = Namespace(nsmode="bridge")
    ipcns: Namespace = Namespace(nsmode="private")
    pidns: Namespace = Namespace(nsmode="private")
    utsns: Namespace = Namespace(nsmode="private")
    cgroupns: Namespace = Namespace(nsmode="private")
    shm_size: int = SHM_BYTES
    oom_score_adj: int = OOM_SCORE
    restart_policy: str = "no"
    healthconfig: HealthConfig = HealthConfig(test=["NONE"])
    log_configuration: Log = Log()
    image_volume_mode: str = "ignore"
    systemd: str = "false"
    init: bool = False


class Created(msgspec.Struct, frozen=True, rename={"container": "Id", "warnings": "Warnings"}):
    """Podman's answer."""

    container: str
    warnings: list[str] | None = None


def container_name(number: int, workload: Workload) -> str:
    """`wh<number>-<project>-<process>-<end of the instance id>`: for people; labels are what we go by."""
    return f"wh{number}-{workload.environment.project}-{workload.process}-{workload.instance[-12:]}"


def capabilities(workload: Workload) -> list[str]:
    """The workload's capabilities as Podman writes them. Raises ConfigurationError for one that no workload may have."""
    wanted = sorted({name.upper().removeprefix("CAP_") for name in workload.capabilities})
    for name in wanted:
        if name not in CAPABILITIES:
            raise ConfigurationError(
                f"Capability {name} is not given to any app. Allowed in wisehosting.toml: {', '.join(sorted(CAPABILITIES))}."
            )
    return [f"CAP_{name}" for name in wanted]


def capability_mask(workload: Workload) -> int:
    """The workload's capabilities as the kernel shows them in /proc/<pid>/status."""
    return sum(1 << CAPABILITIES[name.removeprefix("CAP_")] for name in capabilities(workload))


def create_body(host: PodmanHost, spec: ContainerSpec) -> CreateBody:
    """The whole profile for one instance. Raises ConfigurationError when the workload cannot be expressed in it."""
    workload = spec.workload
    environment = workload.environment
    start, size = host.id_map(environment.number)
    ids = [IdRange(container_id=0, host_id=start, size=size)]
    limits = workload.limits
    ports = []
    if workload.port is not None and spec.host_port is not None:
        ports = [
            PortMapping(container_port=workload.port, host_port=spec.host_port, host_ip=host.settings.bind_address)
        ]
    return CreateBody(
        name=container_name(host.settings.number, workload),
        image=workload.image,
        hostname=f"{environment.project}-{workload.process}"[:63].rstrip("-"),
        labels={
            PLATFORM: str(host.settings.number),
            INSTANCE: workload.instance,
            ENVIRONMENT: environment.id,
            TEAM: environment.team,
            PROCESS: workload.process,
        },
        env=dict(spec.env),
        # the process's argv is whole: an image's entrypoint would turn it into arguments
        entrypoint=workload.command or msgspec.UNSET,
        command=[] if workload.command else msgspec.UNSET,
        stop_timeout=max(1, round(workload.stop_seconds)),
        networks={host.network_name(environment.number): NetworkOptions(aliases=[workload.process])},
        portmappings=ports,
        idmappings=IdMappings(uids=ids, gids=ids),
        mounts=[] if workload.writable else tmpfs(limits.memory_bytes),
        resource_limits=Resources(
            memory=Memory(limit=limits.memory_bytes, swap=limits.memory_bytes),
            cpu=Cpu(shares=limits.cpu_shares),
            pids=Pids(limit=limits.pids),
        ),
        r_limits=[
            Rlimit(type="nofile", soft=limits.nofile, hard=limits.nofile),
            Rlimit(type="nproc", soft=NPROC, hard=NPROC),
        ],
        cap_add=capabilities(workload),
        seccomp_profile_path=str(host.seccomp_profile),
        read_only_filesystem=not workload.writable,
        # without it /dev/shm is read-only on Podman 5; /tmp, /run and /var/tmp have caps of their own
        read_write_tmpfs=not workload.writable,
    )


def tmpfs(memory_bytes: int) -> list[Mount]:
    """Places to write under a read-only root. What is in them counts as the container's memory."""
    large, small = max(memory_bytes // 4, 1 << 20), max(memory_bytes // 16, 1 << 20)
    return [
        Mount(destination="/tmp", options=[f"size={large}", "mode=1777", "nosuid", "nodev"]),  # noqa: S108  # a path inside the container
        Mount(destination="/var/tmp", options=[f"size={large}", "mode=1777", "nosuid", "nodev"]),  # noqa: S108  # same
        Mount(destination="/run", options=[f"size={small}", "mode=1777", "nosuid", "nodev"]),
    ]
