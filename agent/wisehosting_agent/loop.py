"""The reconcile loop: observe, plan, act, report. Woken by events, new desired state, ended actions and time."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

import structlog

from wisehosting_agent.actions import Action
from wisehosting_agent.errors import AgentError, RuntimeUnavailable
from wisehosting_agent.hands import Hands, Stopped
from wisehosting_agent.planner import next_wake, plan
from wisehosting_agent.runtime.port import ContainerState, ObservedContainer
from wisehosting_agent.store import desired, instances
from wisehosting_agent.store.database import Transaction
from wisehosting_agent.store.instances import InstanceRow
from wisehosting_wire.messages import DesiredState, Inventory
from wisehosting_wire.workload import InstanceStatus, Wanted

PERIOD_SECONDS = 30.0
GATHER_SECONDS = 0.02
HOLD_FIRST_SECONDS = 0.2
HOLD_LAST_SECONDS = 30.0
_log = structlog.get_logger(__name__)


class Reconciler:
    """Brings what runs to what is wanted. One chain of actions per instance at a time."""

    def __init__(self, hands: Hands, *, may_begin: Callable[[], bool]) -> None:
        self._hands = hands
        self._may_begin = may_begin
        self._wake = asyncio.Event()
        self._chains: dict[str, tuple[Sequence[Action], asyncio.Task[None]]] = {}
        self._held: dict[str, tuple[float, bool]] = {}
        self._troubles: defaultdict[str, int] = defaultdict(int)
        self._observed: list[ObservedContainer] = []
        self._rows: dict[str, InstanceRow] = {}
        self._desired: DesiredState = desired.EMPTY

    def wake(self) -> None:
        """Look soon."""
        self._wake.set()

    def observed(self) -> list[ObservedContainer]:
        """Containers as the last pass saw them."""
        return self._observed

    def inventory(self) -> Inventory:
        """What exists here, as the last pass saw it. `unknown`: containers that no desired workload and no tombstone names."""
        known = {workload.instance for workload in self._desired.workloads}
        known |= {tombstone.instance for tombstone in self._desired.tombstones}
        return Inventory(
            generation=self._desired.generation,
            instances={name: row.status for name, row in self._rows.items() if row.status != InstanceStatus.removed},
            unknown=sorted(found.container for found in self._observed if found.instance not in known),
        )

    async def run(self) -> None:
        """Reconcile until cancelled; chains under way are given up then, containers go on."""
        events = asyncio.create_task(self._follow_events())
        try:
            await self._tidy()
            while True:
                self._wake.clear()
                wait = await self._pass()
                try:
                    async with asyncio.timeout(wait):
                        await self._wake.wait()
                    await asyncio.sleep(GATHER_SECONDS)
                except TimeoutError:
                    continue
        finally:
            tasks = [events, *(task for _, task in self._chains.values())]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _tidy(self) -> None:
        try:
            await self._hands.runtime.tidy()
        except (AgentError, OSError) as error:
            _log.warning("tidying_failed", detail=str(error))

    async def _follow_events(self) -> None:
        while True:
            try:
                async for _ in self._hands.runtime.events():
                    self._wake.set()
            except AgentError as error:
                _log.warning("events_ended", detail=str(error))
            await asyncio.sleep(1)

    async def _pass(self) -> float:
        """One look at everything. Returns the seconds until the next without a wake-up."""
        try:
            observed = await self._hands.containers()
        except AgentError as error:
            _log.warning("runtime_unavailable", detail=str(error))
            return 2.0
        state, rows = await self._hands.store.run(_load)
        self._observed, self._rows, self._desired = observed, rows, state
        for container in observed:
            if container.state != ContainerState.created and container.instance in rows:
                self._hands.logs.track_container(container)
        now = time.time()
        chains: defaultdict[str, list[Action]] = defaultdict(list)
        for action in plan(state.workloads, state.tombstones, observed, rows, now):
            chains[action.instance].append(action)
        for instance, actions in chains.items():
            self._consider(instance, actions)
        running = {w.instance for w in state.workloads if w.wanted == Wanted.running}
        held = [until - now for until, _ in self._held.values() if until > now]
        return max(0.01, min([next_wake((rows[i] for i in running & rows.keys()), now, PERIOD_SECONDS), *held]))

    def _consider(self, instance: str, actions: list[Action]) -> None:
        under_way = self._chains.get(instance)
        if under_way is not None:
            before, task = under_way
            if not task.done():
                if actions[0].ends and not before[0].ends:
                    _log.info("given_up", instance=instance, action=str(before[0]))
                    task.cancel()
                return
        until, ending = self._held.get(instance, (0.0, False))
        if until > time.time() and actions[0].ends == ending:  # an order to end does not wait for a start's back-off
            return
        if actions[0].begins and not self._may_begin():
            return
        task = asyncio.create_task(self._chain(instance, actions), name=f"instance {instance}")
        self._chains[instance] = (actions, task)
        task.add_done_callback(lambda ended: self._ended(instance, ended))

    def _ended(self, instance: str, task: "asyncio.Task[None]") -> None:
        current = self._chains.get(instance)
        if current is not None and current[1] is task:
            del self._chains[instance]
        self._wake.set()

    async def _chain(self, instance: str, actions: Sequence[Action]) -> None:
        """Run actions in order; every line that is logged meanwhile names the instance."""
        with structlog.contextvars.bound_contextvars(instance=instance):
            await self._try(instance, actions)

    async def _try(self, instance: str, actions: Sequence[Action]) -> None:
        """What fails is logged and tried again, later each time."""
        action = actions[0]
        try:
            for action in actions:
                _log.info("action", action=str(action))
                await action.run(self._hands)
        except Stopped as stopped:
            _log.info("action_stopped", action=str(action), why=str(stopped))
            self._hold(instance, actions)
        except RuntimeUnavailable as error:
            _log.warning("runtime_unavailable", action=str(action), detail=str(error))
            self._hold(instance, actions)
        except AgentError as error:
            _log.warning("action_failed", action=str(action), detail=str(error))
            self._hold(instance, actions)
        except Exception:  # noqa: BLE001  # one instance's trouble must not end the loop for the others
            _log.exception("action_broke", action=str(action))
            self._hold(instance, actions)
        else:
            self._held.pop(instance, None)
            self._troubles.pop(instance, None)

    def _hold(self, instance: str, actions: Sequence[Action]) -> None:
        count = self._troubles[instance]
        self._troubles[instance] = count + 1
        seconds = min(HOLD_LAST_SECONDS, HOLD_FIRST_SECONDS * float(1 << min(count, 10)))
        self._held[instance] = (time.time() + seconds, actions[0].ends)


def _load(tx: Transaction) -> tuple[DesiredState, dict[str, InstanceRow]]:
    return desired.load(tx), instances.load(tx)
