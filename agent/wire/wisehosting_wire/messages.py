"""All messages, both directions. The tag on the wire is the class name.

Durable messages carry an outbox number in their envelope and are acknowledged after they were made durable;
the others may be lost with the connection and are sent again by whoever needs them.
"""

from typing import TypeAlias

import msgspec

from wisehosting_wire.facts import (
    BaseImage,
    BuildPlan,
    BuildReport,
    Capacity,
    Count,
    FirewallReport,
    ImageFacts,
    TeamDisk,
    Versions,
)
from wisehosting_wire.workload import AppSettings, BuildSpec, InstanceStatus, RouteApp, Tombstone, Workload


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, tag_field="type"):
    """Base of every message. Unknown fields are ignored within a protocol version, unknown tags are refused."""


# Both directions


class Ack(Message, frozen=True, kw_only=True):
    """All durable messages up to and including `number` are safe on the sender's disk."""

    number: Count


class Refused(Message, frozen=True, kw_only=True):
    """A message that was understood as a frame but not as an order. A refused durable message is acknowledged as well."""

    seq: Count
    reason: str
    """`unknown_message`, `stale_generation`, `unexpected_message` or `cannot`."""
    detail: str
    number: Count = 0
    """Outbox number of the refused message when it was durable."""


# Worker to control plane


class Hello(Message, frozen=True, kw_only=True):
    """First message under the MAC."""

    store: str
    """Id of the agent's store; a new store starts numbering afresh."""
    boot: str
    """New with each start of the agent."""
    received: Count
    """Last outbox number of the control plane that is durable here."""
    generation: Count
    """Last desired state that is durable here."""
    cp_epoch: Count = 0
    """Epoch of that desired state."""
    routes_revision: Count
    routes_digest: bytes = b""
    """`routes.routes_digest` of the table in force; empty when this worker is no ingress node."""
    versions: Versions
    capacity: Capacity
    roles: list[str]
    limits_enforced: bool = True


class Heartbeat(Message, frozen=True, kw_only=True):
    """Every 10 s. Kept in memory by the control plane."""

    capacity: Capacity
    firewall: FirewallReport | None = None
    bases: list[BaseImage] = []


class InstanceObserved(Message, frozen=True, kw_only=True):
    """An instance changed. Durable."""

    instance: str
    status: InstanceStatus
    reason: str = ""
    """One of the deployment reasons, or empty."""
    detail: str = ""
    address: str = ""
    port: int = 0
    container: str = ""
    exit_code: int | None = None
    restarts: int = 0
    generation: Count = 0
    """Desired state this answers."""
    at: float = 0
    """Unix seconds by the worker's clock; for people, never for order."""
    seconds: float = 0
    """Seconds from create to this status."""


class Inventory(Message, frozen=True, kw_only=True):
    """Everything of ours that exists on the worker; sent after welcome and every 30 s. What is not desired is reported, not removed."""

    generation: Count
    instances: dict[str, InstanceStatus]
    unknown: list[str] = []


class JobProgress(Message, frozen=True, kw_only=True):
    """A build reached a phase. Durable. `seconds` is how long the phase took."""

    job: str
    attempt: Count
    phase: str
    """checked_out, planned or built."""
    seconds: float
    commit: str = ""
    subject: str = ""
    author: str = ""
    plan: BuildPlan | None = None
    """With planned: what was detected; a repository with a Containerfile has none."""


class JobFinished(Message, frozen=True, kw_only=True):
    """A job ended. Durable. Exactly one of image and reason is set."""

    job: str
    attempt: Count
    image: ImageFacts | None = None
    content_key: str = ""
    reused: bool = False
    settings: AppSettings = AppSettings()
    reason: str = ""
    detail: str = ""
    seconds: float = 0
    report: BuildReport = BuildReport()
    """Empty when nothing was built: the image was there, or the job ended before."""


class RouteProbe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a request through this ingress node saw."""

    deployment: str
    seen: int | None
    """Number in X-WiseHosting-Deployment; None when there was no such answer."""
    status: int = 0
    detail: str = ""


class RouteAck(Message, frozen=True, kw_only=True):
    """The table of this revision is in force and on disk. Durable."""

    revision: Count
    digest: bytes
    refused: list[str] = []
    """Apps that could not be routed, with the reason after a colon."""


class RouteProbed(Message, frozen=True, kw_only=True):
    """Answer to Probe. Not durable: the control plane asks again."""

    revision: Count
    result: RouteProbe


class RouteDrained(Message, frozen=True, kw_only=True):
    """A draining deployment, or one draining instance of it, has no connection in use or its deadline passed. Durable."""

    deployment: str
    instance: str = ""
    """Empty: the whole deployment."""
    closed_streams: int = 0


class SecretsWanted(Message, frozen=True, kw_only=True):
    """The worker lacks the values of this environment and version."""

    environment: str
    version: Count


class LogLine(msgspec.Struct, frozen=True, array_like=True):
    """One line: unix nanoseconds, stream (0 stdout, 1 stderr, 2 platform), text without newline."""

    at: int
    stream: int
    text: str
    step: int = 0
    """Build step it belongs to, from 1; 0 outside a build."""


class LogChunk(Message, frozen=True, kw_only=True):
    """Lines of a build or an instance. Own lane: resent from the last LogAck, dropped first when the worker runs short."""

    subject: str
    """Build or instance id."""
    kind: str
    """build or instance."""
    first: Count
    """Number of the first line, from 1 per subject. A jump is a gap of dropped lines."""
    lines: list[LogLine]
    last: bool = False
    """No line follows."""


class DiskReport(Message, frozen=True, kw_only=True):
    """What is on the worker's disk, after Welcome, each build and each removal, and every 60 s. Real disk use, not nominal sizes."""

    number: Count
    """Rises with each report of one run of the agent."""
    budget_bytes: Count = 0
    """What the worker's stores may take; 0: as much as there is."""
    floor_bytes: Count = 0
    """No build begins with less free on the file system."""
    used_bytes: Count
    """All stores of this platform: bases, teams, containers and the rest."""
    free_bytes: Count
    bases_bytes: Count = 0
    containers_bytes: Count = 0
    """What containers wrote, their logs included."""
    other_bytes: Count = 0
    """What belongs to none of the above."""
    teams: list[TeamDisk] = []
    left_out: Count = 0
    """Images that found no room in this report; the next one begins with others."""


class TokenWanted(Message, frozen=True, kw_only=True):
    """Renew my token in band."""


FromAgent: TypeAlias = (
    Ack
    | Refused
    | Hello
    | Heartbeat
    | InstanceObserved
    | Inventory
    | JobProgress
    | JobFinished
    | RouteAck
    | RouteProbed
    | RouteDrained
    | SecretsWanted
    | LogChunk
    | DiskReport
    | TokenWanted
)


# Control plane to worker


class Welcome(Message, frozen=True, kw_only=True):
    """Answer to Hello."""

    cp_epoch: Count
    received: Count
    """Last outbox number of this store that is durable here; the worker sends again from the next."""
    release: str
    heartbeat_seconds: float = 10


class DesiredState(Message, frozen=True, kw_only=True):
    """All workloads of this worker. Older (cp_epoch, generation) than the stored one is refused."""

    cp_epoch: Count
    generation: Count
    workloads: list[Workload]
    tombstones: list[Tombstone]


class Routes(Message, frozen=True, kw_only=True):
    """Routes of an ingress node. `snapshot` replaces the table, otherwise `apps` and `removed` change it from `base`."""

    revision: Count
    base: Count
    snapshot: bool
    apps: list[RouteApp]
    removed: list[str] = []
    part: Count = 1
    parts: Count = 1
    """A table too large for one frame comes in parts 1..parts of the same revision, in order; it is put in force whole."""


class Probe(Message, frozen=True, kw_only=True):
    """Ask through your own ingress which deployment answers for this host."""

    revision: Count
    deployment: str
    host: str
    path: str = "/"


class JobAssigned(Message, frozen=True, kw_only=True):
    """Do this build. Durable; the same job and attempt twice is one build."""

    job: str
    attempt: Count
    build: BuildSpec


class JobCancelled(Message, frozen=True, kw_only=True):
    """Stop this job and leave nothing behind. Durable."""

    job: str
    reason: str


class Secrets(Message, frozen=True, kw_only=True):
    """Values for one environment and version. Never logged, never part of desired state."""

    environment: str
    version: Count
    run: dict[str, str]
    build: dict[str, str]

    def __repr__(self) -> str:
        """How many there are, never which: a message ends up in logs and tracebacks."""
        return (
            f"Secrets(environment={self.environment!r}, version={self.version}, "
            f"run={len(self.run)} names, build={len(self.build)} names)"
        )


class TokenRenewed(Message, frozen=True, kw_only=True):
    """A new token."""

    token: str
    expires_at: float


class LogAck(Message, frozen=True, kw_only=True):
    """Lines up to and including `last` of this subject are stored."""

    subject: str
    last: Count


class NetworkPolicy(Message, frozen=True, kw_only=True):
    """Addresses beyond the public internet that tenants and builds may reach (CIDR, optionally with a port: `10.1.2.3/32:443`)."""

    allow: list[str]


class RemoveImages(Message, frozen=True, kw_only=True):
    """No release names these images any more. The worker does nothing when a build of the team began or ended since that report."""

    report: Count
    """Number of the DiskReport that this answers."""
    team: str
    images: list[str]


ToAgent: TypeAlias = (
    Ack
    | Refused
    | Welcome
    | DesiredState
    | Routes
    | Probe
    | JobAssigned
    | JobCancelled
    | Secrets
    | TokenRenewed
    | LogAck
    | NetworkPolicy
    | RemoveImages
)
