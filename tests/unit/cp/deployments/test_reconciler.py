"""When the reconciler looks: at once, also at what changed while it was busy with the same environment."""

import asyncio
from typing import cast
from uuid import UUID

import pytest

from wisehosting_cp.deployments import reconciler
from wisehosting_cp.kit.clock import SystemClock
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.events import Events

pytestmark = pytest.mark.anyio
ENVIRONMENT = UUID(int=1)


class Busy(reconciler.Reconciler):
    """Takes as long over each pass as the test wants, and looks at no database."""

    def __init__(self, events: Events) -> None:
        parts = type("Parts", (), {"events": events, "clock": SystemClock()})()
        super().__init__(cast("Context", parts), _no_edge)
        self.looked: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def reconcile(self, environment_id: UUID) -> list[str]:
        gate = asyncio.Event()
        await self.looked.put(gate)
        await gate.wait()
        return []

    async def _look(self) -> None:
        """Nothing is left over."""


async def _no_edge(_: UUID) -> str:
    return ""


async def test_what_changes_during_a_pass_is_looked_at_right_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciler, "TICK_SECONDS", 3600)
    events = Events()
    busy = Busy(events)
    running = asyncio.create_task(busy.run())
    try:
        async with asyncio.timeout(10):
            while not events._listeners:
                await asyncio.sleep(0.01)
            events.publish([f"environment:{ENVIRONMENT}"])
            first = await busy.looked.get()
            events.publish([f"environment:{ENVIRONMENT}"])
            await asyncio.sleep(0.2)
            assert busy.looked.empty(), "one pass over an environment at a time"
            first.set()
            (await busy.looked.get()).set()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
