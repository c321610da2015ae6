"""What to do next, from what is wanted and what is there. Pure: no clock, no disk, no network."""

from collections.abc import Iterable, Mapping, Sequence

from wisehosting_agent.actions import (
    Action,
    CreateInstance,
    ForgetInstance,
    MarkStopped,
    ProbeInstance,
    RemoveInstance,
    ReplaceInstance,
    ReportExit,
    StartInstance,
    StopInstance,
    VerifyInstance,
)
from wisehosting_agent.runtime.port import ContainerState, ObservedContainer
from wisehosting_agent.store.instances import InstanceRow
from wisehosting_wire.workload import InstanceStatus, Tombstone, Wanted, Workload

WATCHED = frozenset({InstanceStatus.ready, InstanceStatus.unready})


def plan(
    desired: Sequence[Workload],
    tombstones: Sequence[Tombstone],
    observed: Iterable[ObservedContainer],
    rows: Mapping[str, InstanceRow],
    now: float,
) -> list[Action]:
    """Actions in order per instance; those of different instances do not depend on each other.

    Nothing is removed without a tombstone: containers that nobody wants stay as they are.
    """
    containers = {container.instance: container for container in observed}
    buried = {tombstone.instance for tombstone in tombstones}
    wanted = {workload.instance for workload in desired}
    actions: list[Action] = []
    for instance in sorted(buried):
        actions += _bury(instance, containers.get(instance), rows.get(instance))
    for workload in desired:
        if workload.instance not in buried:
            actions += _converge(workload, containers.get(workload.instance), rows.get(workload.instance), now)
    for instance, row in sorted(rows.items()):
        if row.status == InstanceStatus.removed and instance not in buried and instance not in wanted:
            actions.append(ForgetInstance(instance=instance))
    return actions


def _bury(instance: str, container: ObservedContainer | None, row: InstanceRow | None) -> list[Action]:
    if container is None:
        done = row is not None and row.status == InstanceStatus.removed
        return [] if done else [RemoveInstance(instance=instance, container=row.container if row else "")]
    remove = RemoveInstance(instance=instance, container=container.container)
    if container.state == ContainerState.running and container.conmon_alive:
        seconds = row.stop_seconds if row is not None else 10.0
        return [StopInstance(instance=instance, container=container.container, seconds=seconds), remove]
    return [remove]


def _converge(
    workload: Workload, container: ObservedContainer | None, row: InstanceRow | None, now: float
) -> list[Action]:
    if workload.wanted == Wanted.stopped:
        return _rest(workload, container, row)
    rested = row is None or row.next_start_at <= now
    if container is None:
        return [CreateInstance(workload=workload), *_begin(workload)] if rested else []
    if not container.conmon_alive:
        return [ReplaceInstance(workload=workload, container=container.container), *_begin(workload)] if rested else []
    if container.state == ContainerState.running:
        if row is not None and row.status in WATCHED and row.verified_start == container.started_at:
            return []
        return [VerifyInstance(workload=workload), ProbeInstance(workload=workload)]
    if container.state == ContainerState.created:
        return _begin(workload) if rested else []
    if row is None or row.status not in {InstanceStatus.exited, InstanceStatus.stopped}:
        return [ReportExit(workload=workload, observed=container)]
    return _begin(workload) if rested or row.status == InstanceStatus.stopped else []


def _begin(workload: Workload) -> list[Action]:
    return [StartInstance(workload=workload), VerifyInstance(workload=workload), ProbeInstance(workload=workload)]


def _rest(workload: Workload, container: ObservedContainer | None, row: InstanceRow | None) -> list[Action]:
    """A stopped instance is kept: an instant rollback starts it again."""
    if container is not None and container.state == ContainerState.running:
        if container.conmon_alive:
            return [
                StopInstance(instance=workload.instance, container=container.container, seconds=workload.stop_seconds)
            ]
        return [RemoveInstance(instance=workload.instance, container=container.container, kept=True)]
    if row is None or row.status != InstanceStatus.stopped:
        return [MarkStopped(workload=workload)]
    return []


def next_wake(rows: Iterable[InstanceRow], now: float, longest: float) -> float:
    """Seconds until a restart back-off ends, at most `longest`."""
    return min([longest, *(row.next_start_at - now for row in rows if row.next_start_at > now)])
