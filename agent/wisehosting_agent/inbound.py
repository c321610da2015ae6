"""What each message of the control plane does: its effect and the inbox position in one transaction, then the ack."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
import structlog

from wisehosting_agent import facts
from wisehosting_agent.build.port import Builder
from wisehosting_agent.disk import DiskWatch
from wisehosting_agent.guard import Guard
from wisehosting_agent.jobs import JobRunner
from wisehosting_agent.link import Link
from wisehosting_agent.loop import Reconciler
from wisehosting_agent.routing import Router
from wisehosting_agent.settings import Settings
from wisehosting_agent.store import desired, mail, meta, routes
from wisehosting_agent.store.database import Database, Transaction
from wisehosting_agent.telemetry.ship import Shipper
from wisehosting_agent.variables import VariableKeeper
from wisehosting_wire.errors import UnknownMessage
from wisehosting_wire.facts import Versions
from wisehosting_wire.messages import (
    Ack,
    DesiredState,
    Heartbeat,
    Hello,
    Inventory,
    JobAssigned,
    JobCancelled,
    LogAck,
    NetworkPolicy,
    Probe,
    Refused,
    RemoveImages,
    Routes,
    Secrets,
    ToAgent,
    TokenRenewed,
    Welcome,
)
from wisehosting_wire.routes import routes_digest

_log = structlog.get_logger(__name__)
Effect = Callable[[Transaction], Callable[[], None] | Refused | None]
"""Runs in the transaction; returns what to do after the commit, a refusal, or nothing."""


class Speaker(Protocol):
    """The session, as far as what it hears concerns itself."""

    def acknowledged(self, number: int) -> None:
        """There is room for more of the outbox."""

    def renewed(self, token: str, expires_at: float) -> None:
        """A token came in band."""


class Desk:
    """Where messages arrive and figures are asked for: the agent's voice towards its session."""

    def __init__(
        self,
        settings: Settings,
        store: Database,
        link: Link,
        *,
        reconciler: Reconciler,
        jobs: JobRunner,
        router: Router,
        guard: Guard,
        variables: VariableKeeper,
        shipper: Shipper,
        builder: Builder,
        disk: DiskWatch,
        versions: Callable[[], Awaitable[Versions]],
    ) -> None:
        self._settings = settings
        self._store = store
        self._link = link
        self._reconciler = reconciler
        self._jobs = jobs
        self._router = router
        self._guard = guard
        self._variables = variables
        self._shipper = shipper
        self._builder = builder
        self._disk = disk
        self._versions = versions
        self._boot = secrets.token_hex(8)
        self.speaker: Speaker | None = None

    # What the session says of this worker

    async def hello(self) -> Hello:
        """State of this worker now."""
        versions = await self._versions()
        ingress = "ingress" in self._settings.roles

        def read(tx: Transaction) -> Hello:
            return Hello(
                store=meta.store_id(tx),
                boot=self._boot,
                received=mail.received(tx),
                generation=meta.number(tx, "generation"),
                cp_epoch=meta.number(tx, "cp_epoch"),
                routes_revision=routes.revision(tx),
                routes_digest=routes_digest(routes.table(tx)) if ingress else b"",
                versions=versions,
                capacity=facts.capacity(self._settings.state_dir, self._settings.build_concurrency),
                roles=self._settings.roles,
                limits_enforced=self._settings.limits == "enforced",
            )

        return await self._store.run(read)

    def heartbeat(self) -> Heartbeat:
        """Figures of this moment."""
        return Heartbeat(
            capacity=facts.capacity(self._settings.state_dir, self._settings.build_concurrency),
            firewall=self._guard.report,
            bases=self._builder.bases(),
        )

    def inventory(self) -> Inventory:
        """What exists here."""
        return self._reconciler.inventory()

    async def linked(self, *, connected: bool, detail: str) -> None:
        """Keep for `wh-agent status`."""
        state = f"{'connected' if connected else 'disconnected'} {detail}".encode()
        await self._store.run(lambda tx: meta.put(tx, "link", state))
        if connected:
            self._disk.wake()

    # What the control plane says

    async def not_understood(self, error: UnknownMessage) -> None:
        """Refuse; a durable one is acknowledged too, so that it does not block what follows."""
        refusal = Refused(seq=error.seq, reason="unknown_message", detail=error.detail[:500], number=error.number)
        await self._settle(lambda _: refusal, error.seq, error.number)

    async def heard(self, message: ToAgent, seq: int, number: int) -> None:
        """Act on a message."""
        match message:
            case Ack():
                await self._store.run(lambda tx: mail.acknowledged(tx, message.number))
                if self.speaker is not None:
                    self.speaker.acknowledged(message.number)
            case LogAck():
                self._shipper.acknowledged(message)
            case TokenRenewed():
                if self.speaker is not None:
                    await asyncio.to_thread(self.speaker.renewed, message.token, message.expires_at)
            case Refused():
                _log.warning(
                    "refused", seq=message.seq, reason=message.reason, detail=message.detail, number=message.number
                )
            case _:
                await self._settle(self._effect(message, seq), seq, number)

    async def _settle(self, effect: Effect, seq: int, number: int) -> None:
        def work(tx: Transaction) -> Callable[[], None] | Refused | None:
            if number and not mail.receive(tx, number):
                return None
            return effect(tx)

        result = await self._store.run(work)
        if isinstance(result, Refused):
            await self._link.send(msgspec.structs.replace(result, seq=seq, number=number))
        elif result is not None:
            result()
        if number:
            await self._link.send(Ack(number=number))

    def _effect(self, message: ToAgent, seq: int) -> Effect:
        match message:
            case DesiredState():
                return lambda tx: self._desire(tx, message)
            case Routes():
                return self._route(message)
            case Probe():
                return lambda _: lambda: self._router.probe(message)
            case JobAssigned():
                return _then(lambda tx: self._jobs.assign(tx, message), self._jobs.changed)
            case JobCancelled():
                return _then(lambda tx: self._jobs.cancel(tx, message), self._jobs.changed)
            case Secrets():
                return _then(lambda tx: self._variables.put(tx, message), lambda: self._variables.arrived(message))
            case NetworkPolicy():
                return _then(lambda tx: meta.put_network_allow(tx, message.allow), self._guard.policy_changed)
            case RemoveImages():
                return lambda _: lambda: self._disk.order(message)
            case Welcome():
                return lambda _: Refused(seq=seq, reason="unexpected_message", detail="Welcome comes once, first")
            case _:
                return lambda _: Refused(
                    seq=seq, reason="unexpected_message", detail=f"{type(message).__name__} is not for workers"
                )

    def _desire(self, tx: Transaction, message: DesiredState) -> Callable[[], None] | Refused:
        if desired.put(tx, message):
            return self._reconciler.wake
        return Refused(
            seq=0,
            reason="stale_generation",
            detail=f"this worker holds ({meta.number(tx, 'cp_epoch')}, {meta.number(tx, 'generation')}), "
            f"got ({message.cp_epoch}, {message.generation})",
        )

    def _route(self, message: Routes) -> Effect:
        if "ingress" not in self._settings.roles:
            return lambda _: Refused(seq=0, reason="cannot", detail="this worker has not the role ingress")
        change = self._router.gather(message)
        if change is None:
            return lambda _: None
        return lambda tx: self._router.changed if self._router.put(tx, change) else None


def _then(work: Callable[[Transaction], None], after: Callable[[], None]) -> Effect:
    def effect(tx: Transaction) -> Callable[[], None]:
        work(tx)
        return after

    return effect
