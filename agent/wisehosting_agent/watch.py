"""Cheap probing of what runs: ready and unready, and the memory counter that is gone once the process is."""

import asyncio
from collections.abc import Callable

import structlog

from wisehosting_agent.hands import Hands
from wisehosting_agent.health import Steadiness
from wisehosting_agent.planner import WATCHED
from wisehosting_agent.probe import ask
from wisehosting_agent.runtime.port import ContainerState, ObservedContainer
from wisehosting_agent.store import desired, instances
from wisehosting_agent.store.database import Transaction
from wisehosting_agent.store.instances import InstanceRow
from wisehosting_wire.workload import InstanceStatus, Wanted, Workload

PROBE_SECONDS = 5.0
AT_ONCE = 16
_log = structlog.get_logger(__name__)


class Watch:
    """Looks at instances that were ready or unready. Does not start, stop or restart anything."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._changes: list[tuple[str, bool, str]] = []
        self._steadiness = Steadiness(lambda *change: self._changes.append(change))
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def run(self, observed: Callable[[], list[ObservedContainer]]) -> None:
        """Probe every 5 s until cancelled, over what the reconciler last saw."""
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            await self.look(observed())

    async def look(self, observed: list[ObservedContainer]) -> None:
        """One round."""
        rows, state = await self._hands.store.run(lambda tx: (instances.load(tx), desired.load(tx)))
        workloads = {workload.instance: workload for workload in state.workloads if workload.wanted == Wanted.running}
        watched = [
            (found, workloads[found.instance], rows[found.instance])
            for found in observed
            if found.state == ContainerState.running
            and found.instance in workloads
            and found.instance in rows
            and rows[found.instance].status in WATCHED
            and rows[found.instance].verified_start == found.started_at
        ]
        self._steadiness.forget_others({found.instance for found, _, _ in watched})
        await asyncio.gather(*(self._probe(*one) for one in watched))
        changes, self._changes[:] = list(self._changes), []
        for change in changes:
            await self._report(*change)

    async def _probe(self, found: ObservedContainer, workload: Workload, row: InstanceRow) -> None:
        async with self._at_once:
            kills = await self._hands.runtime.oom_kills(found)
            if kills > row.oom_kills:
                _log.warning("out_of_memory_inside", instance=found.instance, kills=kills)
                await self._hands.store.run(lambda tx: instances.update(tx, found.instance, oom_kills=kills))
            if found.host_port is None or workload.port is None:
                return
            answer = await ask(self._hands.address, found.host_port, workload.health.path)
            self._steadiness.saw(found.instance, answer, was_ready=row.status == InstanceStatus.ready)

    async def _report(self, instance: str, ready: bool, detail: str) -> None:
        def store(tx: Transaction) -> None:
            row = instances.get(tx, instance)
            if row is None or row.status not in WATCHED:
                return  # it ended or was stopped meanwhile
            status = InstanceStatus.ready if ready else InstanceStatus.unready
            instances.observe(
                tx, instance, status, address=self._hands.address, detail=detail, was_ready=row.was_ready or ready
            )

        await self._hands.store.run(store)
