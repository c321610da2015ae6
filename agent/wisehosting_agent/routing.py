"""Routes of this ingress node: gathered, stored, put in force, acknowledged; drains watched (docs/wire.md, Routes)."""

import asyncio

import structlog

from wisehosting_agent.backoff import reconnect_delay
from wisehosting_agent.errors import AgentError
from wisehosting_agent.ingress.port import Drained, Ingress
from wisehosting_agent.link import Link
from wisehosting_agent.store import routes
from wisehosting_agent.store.database import Database, Transaction
from wisehosting_wire.messages import Probe, RouteAck, RouteDrained, RouteProbed, Routes
from wisehosting_wire.routes import routes_digest
from wisehosting_wire.workload import RouteApp

DRAIN_POLL_SECONDS = 1.0
_log = structlog.get_logger(__name__)


def draining(table: list[RouteApp]) -> set[str]:
    """What drains of a table: deployments, and single instances of others, by their ids."""
    deployments = [deployment for app in table for deployment in app.deployments]
    whole = {deployment.deployment for deployment in deployments if deployment.draining}
    return whole | {
        server.instance
        for deployment in deployments
        if not deployment.draining
        for server in deployment.servers
        if server.draining
    }


def _name(found: Drained) -> str:
    return found.instance or found.deployment


class Router:
    """Keeps HAProxy at the stored table."""

    def __init__(self, ingress: Ingress, store: Database, link: Link) -> None:
        self._ingress = ingress
        self._store = store
        self._link = link
        self._parts: list[Routes] = []
        self._wake = asyncio.Event()
        self._draining: set[str] = set()
        self._drained: set[str] = set()
        self._drain_wake = asyncio.Event()
        self._probes: set[asyncio.Task[None]] = set()
        self.started = asyncio.Event()
        """HAProxy runs with the table that was on disk."""

    def gather(self, message: Routes) -> Routes | None:
        """The whole change once its last part is here; None before that, and when parts came out of order."""
        if message.part == 1:
            self._parts = []
        expected = self._parts[-1].part + 1 if self._parts else 1
        if message.part != expected or any(part.revision != message.revision for part in self._parts):
            _log.warning("routes_out_of_order", revision=message.revision, part=message.part, expected=expected)
            self._parts = []
            return None
        self._parts.append(message)
        if message.part < message.parts:
            return None
        parts, self._parts = self._parts, []
        return Routes(
            revision=message.revision,
            base=parts[0].base,
            snapshot=parts[0].snapshot,
            apps=[app for part in parts for app in part.apps],
            removed=[name for part in parts for name in part.removed],
        )

    def put(self, tx: Transaction, change: Routes) -> bool:
        """Store a whole change. False: it did not follow; the acknowledgement then names what this node has."""
        current = routes.revision(tx)
        stale = change.revision <= current and not change.snapshot
        if stale or not routes.put(tx, change):
            tx.post(RouteAck(revision=current, digest=routes_digest(routes.table(tx))))
            return False
        return True

    def changed(self) -> None:
        """After the commit of `put`: put the table in force."""
        self._wake.set()

    def probe(self, message: Probe) -> None:
        """Answer in the background; nothing is answered when HAProxy cannot be driven, the control plane asks again."""
        task = asyncio.create_task(self._probe(message))
        self._probes.add(task)
        task.add_done_callback(self._probes.discard)

    async def run(self) -> None:
        """Start HAProxy, then follow the table, until cancelled. A failure is logged and tried again."""
        failures = 0
        applied = -1
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if not self.started.is_set():
                    await self._ingress.start()
                    self.started.set()
                    _log.info("ingress_started")
                revision, table = await self._store.run(lambda tx: (routes.revision(tx), routes.table(tx)))
                if revision:
                    await self._apply(revision, table, acknowledge=revision != applied)
                    applied = revision
                failures = 0
            except (AgentError, OSError) as error:
                _log.warning("ingress_failed", detail=str(error))
                failures += 1
                applied = -1
                self._wake.set()
                await asyncio.sleep(0.2 + reconnect_delay(failures, cap=10))

    async def _apply(self, revision: int, table: list[RouteApp], *, acknowledge: bool) -> None:
        applied = await self._ingress.apply(table)
        self._draining = draining(table)
        self._drained &= self._draining
        if self._draining - self._drained:
            self._drain_wake.set()
        for app, reason in applied.refused.items():
            _log.warning("route_refused", app=app, reason=reason)
        ack = RouteAck(
            revision=revision,
            digest=applied.digest,
            refused=[f"{app}:{reason}" for app, reason in sorted(applied.refused.items())],
        )
        if acknowledge:
            await self._store.run(lambda tx: tx.post(ack))

    async def watch_drains(self) -> None:
        """Ask once a second while something drains; each end is reported once per start of the agent."""
        while True:
            if not self._draining - self._drained:
                self._drain_wake.clear()
                await self._drain_wake.wait()
            try:
                drained = [found for found in await self._ingress.drained() if _name(found) not in self._drained]
            except (AgentError, OSError) as error:
                _log.warning("drain_poll_failed", detail=str(error))
                drained = []
            for found in drained:
                report = RouteDrained(
                    deployment=found.deployment, instance=found.instance, closed_streams=found.closed_streams
                )
                await self._store.run(lambda tx, report=report: tx.post(report))  # type: ignore[misc]
                self._drained.add(_name(found))
            await asyncio.sleep(DRAIN_POLL_SECONDS)

    async def _probe(self, message: Probe) -> None:
        try:
            result = await self._ingress.probe(message.host, message.path, message.deployment)
        except (AgentError, OSError) as error:
            _log.warning("probe_failed", host=message.host, detail=str(error))
            return
        self._link.say(RouteProbed(revision=message.revision, result=result))
