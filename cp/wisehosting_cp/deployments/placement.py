"""Which instances a process has, gets, gives away and keeps. Pure, as the planner is."""

from datetime import timedelta

from wisehosting_cp.deployments import actions as do
from wisehosting_cp.deployments.actions import Plan
from wisehosting_cp.deployments.status import DeploymentStatus
from wisehosting_cp.deployments.world import DeploymentFacts, InstanceFacts, ProcessFacts, ReleaseFacts, World

S = DeploymentStatus
AT_REST = frozenset({"stopped", "exited", "removed"})
DRAIN_MARGIN = timedelta(seconds=20)
"""An ingress node that says nothing this long after the drain deadline is not waited for."""


def place(world: World, this: DeploymentFacts, release: ReleaseFacts, process: ProcessFacts) -> Plan:
    """Give a starting deployment what it lacks of a process: kept instances of the same release first, then new ones."""
    missing = _wanted(world, process) - sum(
        1 for item in this.instances if item.process == process.name and not item.tombstone
    )
    steps: Plan = []
    if missing > 0 and not this.fresh:
        spare = _spare(world, release, process)
        if taken := tuple(item.id for item in spare[:missing]):
            steps.append(do.TakeOver(this.id, this.number, taken))
            missing -= len(taken)
    if missing > 0 and release.worker_id is not None and release.worker_id in world.ready_workers:
        steps.append(do.CreateInstances(this.id, this.number, process, missing, release.worker_id))
    return steps


def scale(world: World, this: DeploymentFacts, release: ReleaseFacts, process: ProcessFacts) -> Plan:
    """Bring the number of a live deployment's instances to what is wanted: draining ones back, new ones, or the surplus away."""
    standing = [item for item in this.instances if item.process == process.name and item.stands]
    missing = _wanted(world, process) - len(standing)
    if missing > 0:
        back = [
            item.id
            for item in this.instances
            if item.process == process.name
            and item.draining_since is not None
            and not item.tombstone
            and not has_drained(world, item)
        ][:missing]
        steps: Plan = [do.ReturnInstances(this.id, this.number, tuple(back))] if back else []
        if missing > len(back) and release.worker_id is not None and release.worker_id in world.ready_workers:
            steps.append(do.CreateInstances(this.id, this.number, process, missing - len(back), release.worker_id))
        return steps
    if missing < 0:
        # Those that do not answer go first, then the newest.
        order = sorted(standing, key=lambda item: (item.status == "ready", -item.id.int))
        return [do.DrainInstances(this.id, this.number, tuple(item.id for item in order[:-missing]))]
    return []


def has_drained(world: World, item: InstanceFacts) -> bool:
    """Tell whether an instance that was scaled away may go: no ingress node has a connection to it, or the deadline is over."""
    if item.draining_since is None or item.tombstone:
        return False
    late = world.now - item.draining_since >= timedelta(seconds=world.drain_seconds) + DRAIN_MARGIN
    return item.drained or late or not item.reachable


def still_asked(world: World, this: DeploymentFacts) -> bool:
    """Tell whether an earlier deployment of the same release still drains.

    Instances that were taken over from it may answer its visitors until it is empty.
    """
    return this.release is not None and any(
        other is not this
        and other.status is S.replaced
        and other.route.leased
        and other.release is not None
        and other.release.id == this.release.id
        for other in world.deployments
    )


def kept(world: World, live: DeploymentFacts | None) -> DeploymentFacts | None:
    """Return the ended deployment whose instances are kept: the last one live before, of another release than now."""
    if world.purging:
        return None
    release = live.release.id if live is not None and live.release is not None else None
    candidates = [
        item
        for item in world.deployments
        if item.status is S.replaced
        and item.release is not None
        and item.release.id != release
        and any(instance.stands for instance in item.instances)
    ]
    return max(candidates, key=lambda item: item.number, default=None)


def _spare(world: World, release: ReleaseFacts, process: ProcessFacts) -> list[InstanceFacts]:
    """Return instances of the same release that an earlier deployment left: running ones first.

    Those that were ordered to stop and have not yet are no help: starting a new one takes less time.
    """
    left = [
        item
        for deployment in world.deployments
        if deployment.status is S.replaced and deployment.release is not None and deployment.release.id == release.id
        for item in deployment.instances
        if item.process == process.name and item.stands and item.worker in world.ready_workers
        if not item.rests or item.status in AT_REST
    ]
    return sorted(left, key=lambda item: (item.rests, item.id.int))


def _wanted(world: World, process: ProcessFacts) -> int:
    return world.replicas if process.name == "web" else 1
