"""Brings every environment to where its deployments should be: load, plan, apply, in one short transaction a pass.

Any process may run any pass: the environment's row is locked for its length, the lease says who looks after it, and the
deadlines in the rows end what is stuck. A pass repeated after a crash does what is left.
"""

import asyncio
import contextlib
import os
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import structlog

from wisehosting_cp.deployments import applier, deletion, repository
from wisehosting_cp.deployments.actions import Plan, ProbeEdge
from wisehosting_cp.deployments.loader import load
from wisehosting_cp.deployments.planner import plan
from wisehosting_cp.deployments.status import DeploymentStatus
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE
from wisehosting_cp.kit.logging import logger

log = logger(__name__)

LEASE = timedelta(seconds=30)
TICK_SECONDS = 2.0
BUILDER_SECONDS = 0.2
"""Builds that end in quick succession cause one look."""
BLIND_SECONDS = 30.0
"""After so long without a look at the rows, the leases of jobs say nothing about their workers."""
MAX_PASSES = 20
"""Passes in a row for one environment; each moves it forward, a plan that never ends is a defect that must not spin."""

EdgeProbe = Callable[[UUID], Awaitable[str]]
"""Asks the outermost edge for a deployment; returns what was seen instead of its number, nothing when it answered."""


class Reconciler:
    """Wakes on changes and on a timer."""

    def __init__(self, ctx: Context, edge_probe: EdgeProbe, *, concurrency: int = 4) -> None:
        self._ctx = ctx
        self._edge_probe = edge_probe
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._limit = asyncio.Semaphore(concurrency)
        self._waiting: OrderedDict[UUID, None] = OrderedDict()
        self._busy: set[UUID] = set()
        self._edge: dict[UUID, str] = {}
        """What the edge said of deployments that are being verified."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._looked_at: float | None = None
        self._closing = False

    async def run(self) -> None:
        """Reconcile for ever. Starts with everything that was left over."""
        with self._ctx.events.listen("environment:*", "builders") as changes:
            next_look = 0.0
            while True:
                now = self._ctx.clock.monotonic()
                if now >= next_look:
                    next_look = now + TICK_SECONDS
                    await self._look()
                self._dispatch()
                for topic in await changes.changed(max(0.05, next_look - self._ctx.clock.monotonic())):
                    if topic == "builders":  # somebody may wait for what has become free
                        next_look = min(next_look, now + BUILDER_SECONDS)
                    else:
                        self._waiting[UUID(topic.split(":", 1)[1])] = None

    async def _look(self) -> None:
        """Find what wants something done even if nobody said so: the safety net under the wake-ups."""
        now = self._ctx.clock.monotonic()
        try:
            if self._looked_at is None or now - self._looked_at > BLIND_SECONDS:
                # Nobody could renew a lease while this process, the machine or the database was away.
                async with self._ctx.db.transaction() as session:
                    await jobs.renew_all(session)
            async with self._ctx.db.read() as session:
                found = await repository.environments_with_work(session, self._ctx.clock.now())
        except UNREACHABLE as error:
            log.warning("cannot look for work; trying again", error=str(error))
            return
        self._looked_at = now
        for environment_id in found:
            self._waiting[environment_id] = None

    def _dispatch(self) -> None:
        for environment_id in [item for item in self._waiting if item not in self._busy]:
            del self._waiting[environment_id]
            self._busy.add(environment_id)
            task = asyncio.create_task(self.care_for(environment_id))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._closing:
            self._dispatch()  # what changed while it was busy has waited for this

    async def care_for(self, environment_id: UUID) -> None:
        """Reconcile one environment; whatever breaks there is logged and ends nothing else."""
        try:
            async with self._limit:
                await self.reconcile(environment_id)
        except Exception:
            log.exception("a pass failed; it is tried again", environment=str(environment_id))
        finally:
            self._busy.discard(environment_id)

    async def reconcile(self, environment_id: UUID) -> list[str]:
        """Make passes over one environment until nothing is left to do now; return the actions as sentences."""
        done: list[str] = []
        for _ in range(MAX_PASSES):
            steps = await self.one_pass(environment_id)
            done += [str(step) for step in steps]
            probes = [step for step in steps if isinstance(step, ProbeEdge)]
            for step in probes:
                with structlog.contextvars.bound_contextvars(deployment_id=str(step.deployment)):
                    self._edge[step.deployment] = await self._edge_probe(step.deployment)
            moved = [step for step in steps if not isinstance(step, ProbeEdge)]
            seen = any(not self._edge[step.deployment] for step in probes)
            if not moved and not seen:
                break
        return done

    async def one_pass(self, environment_id: UUID) -> Plan:
        """Load, plan and apply once, in one transaction. Returns an empty plan while another process holds the environment."""
        ctx = self._ctx
        async with ctx.db.transaction() as session:
            environment = await repository.lock_environment(session, environment_id, wait=False)
            if environment is None:
                return []
            await repository.take_lease(session, environment_id, self._owner, ctx.clock.now() + LEASE)
            loaded = await load(session, ctx, environment, self._edge)
            steps = plan(loaded.world)
            for step in steps:
                with structlog.contextvars.bound_contextvars(deployment_id=str(step.deployment)):
                    try:
                        await applier.apply(applier.Pass(session, ctx, loaded), step)
                    except Exception:
                        # What went wrong is logged with the pass; which deployment it was is known only here.
                        log.warning("cannot reconcile", environment=str(environment_id), action=str(step))
                        raise
                    log.info("reconcile", environment=str(environment_id), action=str(step))
        for deployment in loaded.deployments.values():
            if deployment.status is not DeploymentStatus.verifying:
                self._edge.pop(deployment.id, None)
        return steps

    async def close(self) -> None:
        """Let running passes end and begin no others."""
        self._closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                await asyncio.gather(*self._tasks, return_exceptions=True)


async def reap(ctx: Context, reconciler: Reconciler, *, every_seconds: float = 10) -> None:
    """Hand what is stuck to the reconciler: past its deadline, or its lease ran out with the process that held it.

    What was deleted and is past its grace is forgotten.
    """
    while True:
        try:
            async with ctx.db.read() as session:
                found = await repository.stuck(session, ctx.clock.now())
        except UNREACHABLE as error:
            found = []
            log.warning("cannot look for stuck deployments; trying again", error=str(error))
        for environment_id in found:
            await reconciler.care_for(environment_id)
        await deletion.purge_quietly(ctx)
        await asyncio.sleep(every_seconds)
