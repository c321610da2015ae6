"""The composition root: everything the agent is made of, wired once, started and ended in order."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import structlog

from wisehosting_agent import facts
from wisehosting_agent.build.port import Builder
from wisehosting_agent.disk import DiskWatch
from wisehosting_agent.enrolment import Enrolment
from wisehosting_agent.errors import AgentError, ConfigurationError
from wisehosting_agent.firewall.port import Firewall
from wisehosting_agent.guard import Guard
from wisehosting_agent.hands import Hands
from wisehosting_agent.identity import Identity
from wisehosting_agent.inbound import Desk
from wisehosting_agent.ingress.port import Ingress
from wisehosting_agent.jobs import JobRunner
from wisehosting_agent.link import Link
from wisehosting_agent.loop import Reconciler
from wisehosting_agent.routing import Router
from wisehosting_agent.runtime.port import ContainerRuntime
from wisehosting_agent.session import Session
from wisehosting_agent.settings import Settings
from wisehosting_agent.store import mail
from wisehosting_agent.store.database import Database
from wisehosting_agent.store.vault import Vault, host_key
from wisehosting_agent.telemetry.ship import Shipper
from wisehosting_agent.variables import VariableKeeper
from wisehosting_agent.watch import Watch
from wisehosting_wire.facts import Versions

FLUSH_SECONDS = 3.0
LOCAL_RECONNECT_CAP_SECONDS = 3.0
RECONNECT_CAP_SECONDS = 60.0
_log = structlog.get_logger(__name__)


class Parts:
    """The four ports, and what must run beside them. `compose` makes the real ones."""

    def __init__(
        self,
        runtime: ContainerRuntime,
        ingress: Ingress,
        firewall: Firewall,
        builder: Builder,
        *,
        beside: list[Callable[[], Coroutine[Any, Any, None]]] | None = None,
        close: list[Callable[[], Awaitable[None]]] | None = None,
    ) -> None:
        self.runtime = runtime
        self.ingress = ingress
        self.firewall = firewall
        self.builder = builder
        self.beside = beside or []
        """Background work of the parts, run as long as the agent; may return when it is done."""
        self.close = close or []


class Agent:
    """One worker. `run` returns after `stop`; containers and HAProxy go on."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.settings = settings
        self.parts = parts
        self.store = Database(settings.state_dir / "agent.db")
        self.link = Link()
        self.identity = Identity(settings.state_dir)
        self.guard = Guard(parts.firewall, self.store, allow=settings.network_allow)
        self.shipper = Shipper(self.store, self.link, folder=settings.state_dir / "build-logs")
        self.variables = VariableKeeper(self.store, Vault(host_key(settings.state_dir)), self.link)
        self.hands = Hands(
            parts.runtime,
            self.store,
            self.variables,
            self.shipper,
            address=settings.bind_address,
            port_range=settings.port_range,
        )
        self.reconciler = Reconciler(self.hands, may_begin=lambda: self.guard.closed)
        self.guard.on_change = self.reconciler.wake
        self.watch = Watch(self.hands)
        self.router = Router(parts.ingress, self.store, self.link)
        self.jobs = JobRunner(
            parts.builder,
            self.store,
            self.variables,
            self.shipper,
            self.guard,
            concurrency=settings.build_concurrency,
        )
        self.disk = DiskWatch(parts.builder.disk, settings, self.store, self.link)
        self.jobs.on_end = self.disk.wake
        desk = Desk(
            settings,
            self.store,
            self.link,
            reconciler=self.reconciler,
            jobs=self.jobs,
            router=self.router,
            guard=self.guard,
            variables=self.variables,
            shipper=self.shipper,
            builder=parts.builder,
            disk=self.disk,
            versions=self._versions,
        )
        self.session = Session(
            self.identity,
            Enrolment(
                self.identity,
                settings.control_plane,
                name=settings.name,
                join_token_file=settings.join_token_file,
                api_server_secret_file=settings.api_server_secret_file,
            ),
            self.store,
            self.link,
            desk,
            url=settings.control_plane,
            cap=LOCAL_RECONNECT_CAP_SECONDS if settings.local else RECONNECT_CAP_SECONDS,
        )
        desk.speaker = self.session
        self._stop = asyncio.Event()
        self._known_versions: Versions | None = None

    def stop(self) -> None:
        """Take no new work, send what waits, return from `run`."""
        self._stop.set()

    async def run(self) -> None:
        """Be a worker until `stop`. Raises ConfigurationError and EnrolmentError with the sentence that helps."""
        with only_one(self.settings.state_dir):
            await self.store.open()
            try:
                await self.shipper.load()
                await self._work()
            finally:
                await self.store.close()
                for close in self.parts.close:
                    with contextlib.suppress(AgentError, OSError):
                        await close()

    async def _work(self) -> None:
        roles = self.settings.roles
        working = [self.guard.run(), self.reconciler.run(), self.watch.run(self.reconciler.observed), self.disk.run()]
        if "builds" in roles:
            working.append(self.jobs.run())
        if "ingress" in roles:
            working += [self.router.run(), self.router.watch_drains()]
        working += [_beside(run) for run in self.parts.beside]
        tasks = [asyncio.create_task(work) for work in working]
        talking = [asyncio.create_task(self.session.run()), asyncio.create_task(self.shipper.run())]
        stop = asyncio.create_task(self._stop.wait())
        try:
            done, _ = await asyncio.wait([stop, *tasks, *talking], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stop}:
                task.result()
                raise AgentError(f"{task.get_coro()} ended")  # each of them runs until cancelled
            await _end(tasks)
            await self._flush()
        finally:
            await _end([stop, *tasks, *talking])

    async def _flush(self) -> None:
        """Give the control plane a moment to take what is in the outbox; the rest is sent after the next start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_SECONDS):
                while self.link.connected:
                    if await self.store.run(mail.length) == 0:
                        return
                    await asyncio.sleep(0.05)

    async def _versions(self) -> Versions:
        """Found out once; a runtime that does not answer is asked again at the next connection."""
        if self._known_versions is None or not self._known_versions.podman:
            try:
                found = await self.parts.runtime.facts()
                self._known_versions = await facts.versions(found.podman, found.runtime)
            except AgentError as error:
                _log.warning("runtime_unavailable", detail=str(error))
                self._known_versions = await facts.versions("", "")
        return self._known_versions


async def _beside(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    await run()
    await asyncio.Event().wait()


async def _end(tasks: "list[asyncio.Task[Any]]") -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            _log.debug("ended_with", detail=str(result))


@contextlib.contextmanager
def only_one(state_dir: Path) -> Iterator[None]:
    """Hold the lock of a state folder. Raises ConfigurationError when another agent runs on it."""
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(state_dir / "agent.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            raise ConfigurationError(
                f"Another agent (process {pid or 'unknown'}) already runs on {state_dir}. Stop it, or set another state_dir."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def compose(settings: Settings) -> Parts:
    """The real parts: Podman, HAProxy, nftables, the builder. Raises ConfigurationError when the host lacks something."""
    from wisehosting_agent.build.builder import PodmanBuilder
    from wisehosting_agent.firewall.guard import NftFirewall
    from wisehosting_agent.ingress.haproxy import HaproxyIngress
    from wisehosting_agent.runtime.host import PodmanHost
    from wisehosting_agent.runtime.podman import PodmanRuntime

    host = PodmanHost(settings)
    host.prepare()
    runtime = PodmanRuntime(host)
    ingress = HaproxyIngress(settings)
    builder = PodmanBuilder(settings, host)
    return Parts(
        runtime,
        ingress,
        NftFirewall(runtime),
        builder,
        beside=[builder.run, builder.keep_bases_fresh],
        close=[ingress.leave, runtime.close],
    )
