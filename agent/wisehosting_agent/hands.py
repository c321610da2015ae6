"""What actions work with."""

import asyncio
import socket
import time
from typing import Protocol

from wisehosting_agent.backoff import restart_delay
from wisehosting_agent.diagnosis import Failure
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.port import ContainerRuntime, ObservedContainer
from wisehosting_agent.store import instances
from wisehosting_agent.store.database import Database, Transaction
from wisehosting_agent.store.vault import Variables
from wisehosting_wire.workload import InstanceStatus, Workload

SLOTS = 4
"""Orders given to the runtime at once; waiting for readiness takes no slot."""
SETTLE_SECONDS = 3.0


class Stopped(Exception):
    """The rest of an instance's actions makes no sense any more. Not an error: what happened is stored."""


class VariablesNeeded(Protocol):
    """Where variables come from."""

    async def need(self, environment: str, version: int) -> Variables:
        """The values, waited for as long as it takes."""


class LogKeeper(Protocol):
    """What becomes of an instance's log."""

    def track_container(self, observed: ObservedContainer) -> None:
        """Read its log file from now on; a second call changes nothing."""

    async def drain(self, instance: str) -> None:
        """Read what is in the file now: it is about to go."""

    def end(self, instance: str) -> None:
        """No line will follow."""


class Hands:
    """Everything an action may touch."""

    def __init__(
        self,
        runtime: ContainerRuntime,
        store: Database,
        variables: VariablesNeeded,
        logs: LogKeeper,
        *,
        address: str,
        port_range: tuple[int, int],
    ) -> None:
        self.runtime = runtime
        self.store = store
        self.variables = variables
        self.logs = logs
        self.address = address
        """Where instances publish their ports."""
        self.slots = asyncio.Semaphore(SLOTS)
        self._port_range = port_range
        self._list = asyncio.Lock()
        self._listed_at = -1.0
        self._listed: list[ObservedContainer] = []

    async def containers(self) -> list[ObservedContainer]:
        """All containers as they are now: a list begun after this call. Callers at the same time share one."""
        clock = asyncio.get_running_loop().time
        asked = clock()
        async with self._list:
            if self._listed_at <= asked:
                began = clock()
                self._listed = await self.runtime.containers()
                self._listed_at = began
            return self._listed

    async def find(self, instance: str) -> ObservedContainer | None:
        """The instance's container as it is now."""
        return next((found for found in await self.containers() if found.instance == instance), None)

    async def settled(self, observed: ObservedContainer) -> ObservedContainer:
        """The same container once the runtime knows its exit code, or as it is after a few seconds."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + SETTLE_SECONDS
        while observed.exit_code is None and clock() < deadline:
            await asyncio.sleep(0.1)
            found = await self.find(observed.instance)
            if found is None or found.container != observed.container:
                break
            observed = found
        return observed

    async def failed(self, workload: Workload, failure: Failure) -> None:
        """Store and report that it could not be started, with the back-off before the next attempt."""

        def store(tx: Transaction) -> None:
            row = instances.ensure(tx, workload)
            instances.observe(
                tx,
                workload.instance,
                InstanceStatus.exited,
                address=self.address,
                reason=str(failure.reason or ""),
                detail=failure.detail,
                next_start_at=time.time() + restart_delay(row.backoff),
                backoff=row.backoff + 1,
            )

        await self.store.run(store)

    async def port_for(self, instance: str) -> int:
        """The instance's host port for life. Raises WorkFailed when the range is used up."""
        first, last = self._port_range
        taken: frozenset[int] = frozenset()
        while True:
            try:
                port = await self.store.run(
                    lambda tx, taken=taken: instances.allocate_port(tx, instance, first, last, taken)  # type: ignore[misc]
                )
            except LookupError as error:
                raise WorkFailed(Reason.worker_error, str(error)) from error
            if await self._known(instance, port) or _free(self.address, port):
                return port
            taken |= {port}
            await self.store.run(lambda tx: instances.release_port(tx, instance))

    async def _known(self, instance: str, port: int) -> bool:
        row = await self.store.run(lambda tx: instances.get(tx, instance))
        return row is not None and row.host_port == port


def _free(address: str, port: int) -> bool:
    """Nobody else on this host listens there."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
