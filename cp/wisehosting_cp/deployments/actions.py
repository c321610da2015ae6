"""What a plan is made of. Each action reads as a sentence: the same list is the log, the preview and the test's expectation."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from wisehosting_cp.deployments.status import DeploymentReason, DeploymentStatus
from wisehosting_cp.deployments.world import ProcessFacts


@dataclass(frozen=True)
class Action:
    """Something to do for one deployment. Applying it twice does it once."""

    deployment: UUID
    number: int


@dataclass(frozen=True)
class StartWaiting(Action):
    """The queued deployment is next in line: its deadline starts. Again when it passed and builds of others are still under way."""

    deadline_at: datetime

    def __str__(self) -> str:
        return f"{self.number}: is next in line"


@dataclass(frozen=True)
class StartBuild(Action):
    """Give the build to a worker."""

    worker: UUID

    def __str__(self) -> str:
        return f"{self.number}: build on {self.worker}"


@dataclass(frozen=True)
class NotePhase(Action):
    """A phase ended, and the next begins."""

    phase: str
    next_phase: str | None
    facts: dict[str, Any] = field(default_factory=dict, compare=False)
    """Commit, subject, author of a checkout."""

    def __str__(self) -> str:
        return f"{self.number}: {self.phase} done"


@dataclass(frozen=True)
class MakeRelease(Action):
    """The build succeeded: number a release."""

    result: dict[str, Any] = field(compare=False)
    processes: tuple[ProcessFacts, ...]

    def __str__(self) -> str:
        return f"{self.number}: release image {str(self.result.get('image', ''))[:12]}"


@dataclass(frozen=True)
class CreateInstances(Action):
    """Place missing instances of a process on a worker."""

    process: ProcessFacts
    count: int
    worker: UUID

    def __str__(self) -> str:
        return f"{self.number}: create {self.count} {self.process.name} on {self.worker}"


@dataclass(frozen=True)
class RemoveInstances(Action):
    """Have instances removed by their worker."""

    instances: tuple[UUID, ...]

    def __str__(self) -> str:
        return f"{self.number}: remove {len(self.instances)} instances"


@dataclass(frozen=True)
class TakeOver(Action):
    """Make kept instances of the same release this deployment's own: an instant rollback. A second run finds them here."""

    instances: tuple[UUID, ...]

    def __str__(self) -> str:
        return f"{self.number}: take over {len(self.instances)} kept instances"


@dataclass(frozen=True)
class RestInstances(Action):
    """Stop instances and keep them for an instant rollback."""

    instances: tuple[UUID, ...]

    def __str__(self) -> str:
        return f"{self.number}: stop and keep {len(self.instances)} instances"


@dataclass(frozen=True)
class DrainInstances(Action):
    """Scale down: these get no new request and end with their last one."""

    instances: tuple[UUID, ...]

    def __str__(self) -> str:
        return f"{self.number}: drain {len(self.instances)} instances"


@dataclass(frozen=True)
class ReturnInstances(Action):
    """Scale up again: these were draining and serve on."""

    instances: tuple[UUID, ...]

    def __str__(self) -> str:
        return f"{self.number}: put {len(self.instances)} draining instances back"


@dataclass(frozen=True)
class Settle(Action):
    """What runs follows the settings: nobody needs to look any more."""

    def __str__(self) -> str:
        return f"{self.number}: runs as the settings say"


@dataclass(frozen=True)
class LeaseAndPoint(Action):
    """Lease a backend everywhere and point the hosts at it; the ingress switches only when its servers are up."""

    def __str__(self) -> str:
        return f"{self.number}: point the hosts here"


@dataclass(frozen=True)
class PointBack(Action):
    """Point the hosts at the deployment that was live before, or at none."""

    to: UUID | None

    def __str__(self) -> str:
        return f"{self.number}: point the hosts back"


@dataclass(frozen=True)
class CloseRoute(Action):
    """Take the hosts away: the environment is deleted, and its address answers as one that never was."""

    def __str__(self) -> str:
        return f"{self.number}: take the hosts away"


@dataclass(frozen=True)
class ExpectBy(Action):
    """Visitors are led here: what is left to see must be seen soon. A deadline that is sooner stays."""

    deadline_at: datetime

    def __str__(self) -> str:
        return f"{self.number}: must be seen soon"


@dataclass(frozen=True)
class WantProbes(Action):
    """Ask every ingress node for a request through itself."""

    def __str__(self) -> str:
        return f"{self.number}: probe through every ingress node"


@dataclass(frozen=True)
class ProbeEdge(Action):
    """Make a request through the outermost edge. Runs outside the transaction; its answer is a fact of the next pass."""

    def __str__(self) -> str:
        return f"{self.number}: probe through the outermost edge"


@dataclass(frozen=True)
class Drain(Action):
    """Let the connections of this deployment end."""

    def __str__(self) -> str:
        return f"{self.number}: drain"


@dataclass(frozen=True)
class Release(Action):
    """Give the backend back."""

    def __str__(self) -> str:
        return f"{self.number}: release the backend"


@dataclass(frozen=True)
class CancelJob(Action):
    """Stop the build."""

    def __str__(self) -> str:
        return f"{self.number}: cancel the build job"


@dataclass(frozen=True)
class Move(Action):
    """Change the status."""

    status: DeploymentStatus
    reason: DeploymentReason | None = None
    detail: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.number}: {self.status}" + (f" ({self.reason})" if self.reason else "")


@dataclass(frozen=True)
class MarkDrained(Action):
    """Nothing of this deployment is left."""

    def __str__(self) -> str:
        return f"{self.number}: nothing is left of it"


Plan: TypeAlias = list[Action]
