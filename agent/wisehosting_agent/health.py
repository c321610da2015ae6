"""Readiness: an HTTP answer decides, because a published port may accept connections although nothing listens."""

import asyncio
import time
from collections.abc import Callable

from wisehosting_agent.diagnosis import Failure, not_ready
from wisehosting_agent.probe import Answer, ask
from wisehosting_agent.runtime.port import ObservedContainer
from wisehosting_agent.runtime.proc import alive, listeners
from wisehosting_wire.workload import Workload

FIRST_DELAY_SECONDS = 0.010
LAST_DELAY_SECONDS = 0.250


class Gone(Exception):
    """The process ended while it was probed; the runtime knows more."""


async def wait_ready(observed: ObservedContainer, workload: Workload, address: str) -> Failure | None:
    """Wait until the instance is ready. Returns None, or why it is not after `health.within_seconds`. Raises Gone.

    A process without a port is ready once it has stayed up `health.settle_seconds`.
    """
    port = observed.host_port
    if workload.port is None or port is None:
        up = max(0.0, time.time() - observed.started_at) if observed.started_at else 0.0
        await _stay(observed.pid, max(0.0, workload.health.settle_seconds - up))
        return None
    clock = asyncio.get_running_loop().time
    deadline = clock() + workload.health.within_seconds
    delay = FIRST_DELAY_SECONDS
    answer: Answer | None = None
    while True:
        left = deadline - clock()
        if left <= 0:
            return not_ready(workload, answer, listeners(observed.pid))
        answer = await ask(address, port, workload.health.path, seconds=min(5.0, max(left, 0.1)))
        if answer.ready:
            return None
        if not alive(observed.pid):
            raise Gone
        await asyncio.sleep(min(delay, max(0.0, deadline - clock())))
        delay = min(delay * 2, LAST_DELAY_SECONDS)


async def _stay(pid: int, seconds: float) -> None:
    clock = asyncio.get_running_loop().time
    deadline = clock() + seconds
    while clock() < deadline:
        if not alive(pid):
            raise Gone
        await asyncio.sleep(min(LAST_DELAY_SECONDS, max(0.0, deadline - clock())))
    if not alive(pid):
        raise Gone


class Steadiness:
    """Turns single answers into ready and unready: ready at the first good one, unready at the third bad one in a row."""

    BAD_IN_A_ROW = 3

    def __init__(self, report: Callable[[str, bool, str], None]) -> None:
        self._bad: dict[str, int] = {}
        self._report = report

    def saw(self, instance: str, answer: Answer, *, was_ready: bool) -> None:
        """Count an answer; calls `report(instance, ready, detail)` at a transition only."""
        if answer.ready:
            self._bad.pop(instance, None)
            if not was_ready:
                self._report(instance, True, "")
            return
        count = self._bad[instance] = self._bad.get(instance, 0) + 1
        if was_ready and count >= self.BAD_IN_A_ROW:
            seen = f"status {answer.status}" if answer.status is not None else answer.detail
            self._report(instance, False, f"The app stopped answering: {seen}.")

    def forget_others(self, instances: set[str]) -> None:
        """Drop counts of instances that are no longer watched."""
        for instance in self._bad.keys() - instances:
            del self._bad[instance]
