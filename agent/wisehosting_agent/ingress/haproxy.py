"""The ingress on HAProxy: the whole table is the truth, on disk first and then in the running process."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Sequence

import structlog

from wisehosting_agent.errors import AgentError, IngressError
from wisehosting_agent.ingress import commands, probing
from wisehosting_agent.ingress.drains import Drains
from wisehosting_agent.ingress.leases import Book, Held, Lease, assign, hold_back, picture
from wisehosting_agent.ingress.model import Picture, Pool, Seen, SlotName, SlotState, server_name
from wisehosting_agent.ingress.port import Applied, Drained, Ingress
from wisehosting_agent.ingress.process import Process, find_binary
from wisehosting_agent.ingress.runtime import Runtime
from wisehosting_agent.ingress.server import Server, ingress_folder
from wisehosting_agent.ingress.state import Files
from wisehosting_agent.ingress.table import NO_HEALTHY_SERVER
from wisehosting_agent.probe import ask
from wisehosting_agent.settings import Settings
from wisehosting_wire.messages import RouteProbe
from wisehosting_wire.routes import routes_digest
from wisehosting_wire.workload import RouteApp

_log = structlog.get_logger(__name__)
_ROUNDS = 6
_CUT_LOOKS = 200
_LOOK_SECONDS = 0.5


class HaproxyIngress(Ingress):
    """Drives one HAProxy. Calls may come from several tasks; they are done one after the other.

    Between calls it watches: a HAProxy that ended is started again at once, and every `repair_seconds` what it holds is
    compared with what it should hold and repaired; slots and backends whose last connection ended are given free.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        repair_seconds: float = 5,
        binary: str | None = None,
    ) -> None:
        self._address = settings.apps_address
        self._port = settings.apps_port
        self._wanted_pool = Pool(settings.pool_backends, settings.pool_slots)
        self._repair_seconds = repair_seconds
        self._binary = binary
        self._files = Files(ingress_folder(settings.state_dir))
        self.runtime = Runtime(self._files.folder / "admin.sock", self._files.maps)
        self._drains = Drains(settings.drain_seconds, clock)
        self._lock = asyncio.Lock()
        self._watcher: asyncio.Task[None] | None = None
        self._process: Process | None = None
        self._server: Server | None = None
        self._book = Book()
        self._apps: list[RouteApp] = []
        self._pool: Pool | None = None
        self._seen: Seen | None = None
        """What HAProxy holds: nobody else commands it. None after a failure and a start: then all of it is looked at."""
        self._secret = ""

    @property
    def pid(self) -> int | None:
        """HAProxy's master process."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Load what was in force from disk, start or adopt HAProxy, compare and repair, then watch.

        A second call changes nothing. Raises IngressError when HAProxy does not come up, ConfigurationError when it
        is not installed or a setting cannot work.
        """
        async with self._lock:
            if self._watcher is not None and not self._watcher.done():
                return
            self._files.prepare()
            self._secret = self._files.probe_secret()
            stored = self._files.load()
            self._book, self._apps = stored.book, list(stored.apps)
            self._process = Process(self._files.folder, self._binary or find_binary())
            self._server = Server(self._files, self._process, self.runtime, self._address, self._port)
            self._files.save(self._book, self._apps, picture(self._book, self._apps))
            self._pool = None
            await self._running()
            await self._settle()
            self._watcher = asyncio.create_task(self._watch(), name="ingress-watch")

    async def apply(self, apps: list[RouteApp]) -> Applied:
        """Put the whole table in force and on disk. A second call changes nothing: no file, no command.

        Refused apps keep what they had in force: `pool_empty`, `too_many_instances`, `invalid_route` (not well formed,
        or claims what another app has), `no_healthy_server` (no instance of the new deployment answers this node: not switched).
        Raises IngressError when HAProxy cannot be driven; the files are complete then and a later call goes on.
        """
        async with self._lock:
            pool = await self._running()
            seen = await self._look(_movable(self._book, self._apps, apps))
            next_ = assign(self._book, self._apps, apps, pool, seen.quiet())
            refused = dict(next_.refused)
            prepared, switching = hold_back(self._apps, next_.apps, lambda _: False)
            if switching:
                # Fill the new backends first, switch only what has a running server: nobody sees a dead one.
                seen = await self._enforce(next_.book, prepared, seen)
                now, answering = seen, await _answering(next_.apps, switching)
                prepared, held = hold_back(
                    self._apps,
                    next_.apps,
                    lambda app: app.app in answering and _has_running_server(next_.book.lease(app.live or ""), now),
                )
                refused |= dict.fromkeys(held, NO_HEALTHY_SERVER)
            await self._enforce(next_.book, prepared, seen)
            return Applied(digest=routes_digest(apps), refused=refused)

    async def probe(self, host: str, path: str, deployment: str) -> RouteProbe:
        """One request through this HAProxy, at most 2 s; reports the deployment number that answered."""
        return await probing.probe(
            self._address, self._port, host=host, path=path, deployment=deployment, secret=self._secret
        )

    async def drained(self) -> list[Drained]:
        """Draining deployments and instances that may stop, again at each call until they leave the table.

        May stop: no request and no stream is left, or `drain_seconds` are over since the deployment was marked
        draining; what is open then is cut and counted. Raises IngressError when HAProxy does not answer.
        """
        async with self._lock:
            await self._running()
            elsewhere = await self._present_server.draining_workers()
            finished: list[Drained] = []
            for deployment in _draining(self._apps):
                lease = self._book.lease(deployment)
                if lease is None:
                    finished.append(Drained(deployment=deployment, closed_streams=0))
                    continue
                open_now, _ = await self.runtime.connections(lease.name)
                if self._drains.past(deployment):
                    await self._cut(lease, open_now)
                elif open_now or elsewhere:
                    continue
                finished.append(Drained(deployment=deployment, closed_streams=self._drains.closed(deployment)))
            for lease, held in _draining_instances(self._apps, self._book):
                slot = SlotName(lease.name, server_name(held.slot))
                _, used = await self.runtime.connections(lease.name)
                if self._drains.past(held.instance):
                    await self._cut_slot(held.instance, slot, used.get(slot, 0))
                elif used.get(slot, 0) or elsewhere:
                    continue
                closed = self._drains.closed(held.instance)
                finished.append(Drained(deployment=lease.deployment, instance=held.instance, closed_streams=closed))
            return finished

    async def leave(self) -> None:
        """Stop watching and leave HAProxy running: the next agent adopts it. A second call changes nothing."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher

    async def stop(self) -> None:
        """Stop HAProxy, the adopted one too: it belongs to this state folder. A second call changes nothing."""
        await self.leave()
        async with self._lock:
            if self._process is not None:
                await self._process.stop()

    async def repair(self) -> None:
        """Compare what HAProxy holds with what it should hold, repair, and give free what became quiet."""
        async with self._lock:
            await self._running()
            await self._settle()
            self._present_process.trim_log()

    @property
    def _present_process(self) -> Process:
        if self._process is None:
            raise IngressError("drive HAProxy: the ingress was not started")
        return self._process

    @property
    def _present_server(self) -> Server:
        if self._server is None:
            raise IngressError("drive HAProxy: the ingress was not started")
        return self._server

    async def _running(self) -> Pool:
        """HAProxy runs with a pool that has room for all leases. Files are on disk before it starts."""
        pool = self._book.pool(self._wanted_pool)
        if self._pool is None or not self._present_process.alive():
            self._seen = None
            await self._present_server.ensure(pool)
            self._pool = pool
        return self._pool

    async def _look(self, places: Collection[str]) -> Seen:
        """What HAProxy holds, these places looked at now."""
        known, self._seen = self._seen, None
        return await self.runtime.observe() if known is None else await self.runtime.look(known, places)

    async def _settle(self) -> None:
        self._seen = None
        seen = await self._look(())
        next_ = assign(self._book, self._apps, self._apps, await self._running(), seen.quiet())
        await self._enforce(next_.book, next_.apps, seen)
        for lease in self._book.leases:
            if lease.leaving and self._drains.past(lease.deployment):
                open_now, _ = await self.runtime.connections(lease.name)
                if open_now:
                    await self._cut(lease, open_now)

    async def _enforce(self, book: Book, apps: Sequence[RouteApp], seen: Seen) -> Seen:
        """Write the files, then command until HAProxy holds what they say. Returns what it holds then."""
        wanted = picture(book, apps)
        self._files.save(book, apps, wanted)
        self._book, self._apps = book, list(apps)
        leaving = [lease.deployment for lease in book.leases if lease.leaving]
        singly = [held.instance for _, held in _draining_instances(apps, book)]
        self._drains.keep([*_draining(apps), *leaving, *singly])
        for _ in range(_ROUNDS):
            steps = commands.plan(seen, wanted, self._files.maps)
            if not steps.commands:
                if steps.blocked:
                    _log.warning("ingress.slots_wait", slots=[str(slot) for slot in steps.blocked])
                self._seen = seen
                return seen
            self._seen = None
            await self.runtime.order(steps.commands)
            seen = await self.runtime.look(seen, {command.place for command in steps.commands})
        raise IngressError(
            f"put routes in force: HAProxy still differs after {_ROUNDS} rounds: {_first(seen, wanted, self._files.maps)}"
        )

    async def _cut(self, lease: Lease, open_now: int) -> None:
        if open_now:
            await self.runtime.order([commands.shutdown_sessions(slot) for slot in lease.slots()])
            self._drains.cut(lease.deployment, open_now)
            for _ in range(_CUT_LOOKS):
                if not (await self.runtime.connections(lease.name))[0]:
                    break
                await asyncio.sleep(0.01)  # streams end in their own tasks; seen twice they would be counted twice
            _log.info("ingress.streams_cut", deployment=lease.deployment, count=open_now)

    async def _cut_slot(self, instance: str, slot: SlotName, open_now: int) -> None:
        if open_now:
            await self.runtime.order([commands.shutdown_sessions(slot)])
            self._drains.cut(instance, open_now)
            for _ in range(_CUT_LOOKS):
                if not (await self.runtime.connections(slot.backend))[1].get(slot, 0):
                    break
                await asyncio.sleep(0.01)
            _log.info("ingress.streams_cut", instance=instance, count=open_now)

    async def _watch(self) -> None:
        """Goes on until `leave`. A failure is logged and tried again; HAProxy's death is noticed at once."""
        failures = 0
        while True:
            try:
                if failures:
                    await asyncio.sleep(min(self._repair_seconds, 0.2 * 2**failures))
                else:
                    await self._present_process.exited(self._repair_seconds)
                await self.repair()
                failures = 0
            except AgentError as error:
                failures = min(failures + 1, 8)
                _log.error("ingress.repair_failed", error=str(error), attempt=failures)


def _movable(book: Book, in_force: Sequence[RouteApp], table: Sequence[RouteApp]) -> set[str]:
    """Backends whose slots this table may move: those of apps that change, and those somebody is leaving."""
    old, new = ({app.app: app for app in apps} for apps in (in_force, table))
    changed = [app for app in (*in_force, *table) if old.get(app.app) != new.get(app.app)]
    deployments = {deployment.deployment for app in changed for deployment in app.deployments}
    return {
        lease.name
        for lease in book.leases
        if lease.leaving or lease.deployment in deployments or any(held.leaving for held in lease.held)
    }


def _draining(apps: Sequence[RouteApp]) -> list[str]:
    return [
        deployment.deployment
        for app in apps
        for deployment in app.deployments
        if deployment.draining and deployment.deployment != app.live
    ]


def _draining_instances(apps: Sequence[RouteApp], book: Book) -> list[tuple[Lease, Held]]:
    """Instances that were scaled away and still have their slot; those of a draining deployment go with it."""
    whole = set(_draining(apps))
    return [
        (lease, held)
        for lease in book.leases
        for held in lease.held
        if held.draining and not held.leaving and not lease.leaving and lease.deployment not in whole
    ]


def _has_running_server(lease: Lease | None, seen: Seen) -> bool:
    return lease is not None and any(
        slot.state is SlotState.ready and slot.up
        for slot in (seen.slots.get(name) for name in lease.slots())
        if slot is not None
    )


async def _answering(apps: Sequence[RouteApp], names: Sequence[str]) -> set[str]:
    """Those of the named apps whose live deployment has an instance that answers this node, whatever and whenever.

    HAProxy takes a slot for up until its first check, and its worker's own probe does not come from here.
    """

    async def answers(app: RouteApp) -> bool:
        servers = [server for one in app.deployments if one.deployment == app.live for server in one.servers]
        looks = [ask(server.address, server.port, "/", seconds=_LOOK_SECONDS) for server in servers if server.ready]
        return any(answer.status is not None or answer.slow for answer in await asyncio.gather(*looks))

    switching = [app for app in apps if app.app in names]
    found = await asyncio.gather(*(answers(app) for app in switching))
    return {app.app for app, yes in zip(switching, found, strict=True) if yes}


def _first(seen: Seen, wanted: Picture, maps: commands.Maps) -> str:
    return "; ".join(command.line for command in commands.plan(seen, wanted, maps).commands[:3])
