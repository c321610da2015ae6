"""What a worker says: each message is checked against what is placed on that worker, then has its effect, once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.channel import outbox
from wisehosting_cp.channel.effects import DURABLE, identity
from wisehosting_cp.channel.frames import TRY_AGAIN, Closed, Connection
from wisehosting_cp.channel.sender import Sender
from wisehosting_cp.channel.text import clean, clean_all
from wisehosting_cp.deployments import images
from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.instances import repository as instances
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.jobs import repository as job_rows
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE, announce
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.projects.variables import variables_for
from wisehosting_cp.telemetry import service as telemetry
from wisehosting_cp.telemetry.lines import Line
from wisehosting_cp.telemetry.models import LogKind
from wisehosting_cp.workers import repository as workers
from wisehosting_cp.workers import tokens
from wisehosting_cp.workers.enrolment import credential_of
from wisehosting_cp.workers.errors import Misplaced
from wisehosting_cp.workers.presence import Presence, Report
from wisehosting_wire.codec import Received
from wisehosting_wire.errors import UnknownMessage
from wisehosting_wire.messages import (
    Ack,
    DiskReport,
    FromAgent,
    Heartbeat,
    Inventory,
    JobAssigned,
    LogAck,
    LogChunk,
    Refused,
    RemoveImages,
    RouteAck,
    RouteProbed,
    Secrets,
    SecretsWanted,
    TokenRenewed,
    TokenWanted,
)

log = logger(__name__)

DISK_KEPT_FOR = timedelta(seconds=50)
"""A worker reports its disk every 60 s, and more often while things change."""
TRIES = 3
POISON = ("22", "23")
"""SQLSTATE classes of values that will never fit: such a message is refused, not repeated for ever."""


class Receiver:
    """Reads one connection."""

    def __init__(self, ctx: Context, connection: Connection, sender: Sender, presence: Presence) -> None:
        self._ctx = ctx
        self._connection = connection
        self._worker = connection.worker
        self._sender = sender
        self._presence = presence
        self._unknown: frozenset[str] = frozenset()
        self._disk_kept: tuple[object, datetime] | None = None
        """Which images the last kept report listed, and when it was kept."""
        self._volatile: dict[type, Callable[[Any], Awaitable[None]]] = {
            Heartbeat: self._heartbeat,
            Inventory: self._inventory,
            DiskReport: self._disk,
            RouteProbed: self._probed,
            SecretsWanted: self._secrets_wanted,
            LogChunk: self._log_chunk,
            TokenWanted: self._token_wanted,
            Ack: self._acknowledged,
            Refused: self._refused,
        }

    async def run(self) -> None:
        """Handle messages one after the other, until the connection ends. Raises Closed, WireError."""
        while True:
            try:
                received = await self._connection.receive()
            except UnknownMessage as error:
                log.warning("unknown message", worker=str(self._worker), detail=error.detail)
                await self._refuse(error.seq, "unknown_message", clean(error.detail, 500), error.number)
                continue
            await self._handle(received)

    async def _handle(self, received: Received[FromAgent]) -> None:
        message = received.message
        if type(message) in DURABLE and received.number:
            await self._trying(received, lambda: self._once(received))
        elif type(message) in self._volatile and not received.number:
            await self._trying(received, lambda: self._volatile[type(message)](message))
        else:
            detail = f"{type(message).__name__} does not belong here{'' if received.number else ' without a number'}"
            await self._refuse(received.seq, "unexpected_message", detail, received.number)

    async def _trying(self, received: Received[FromAgent], act: Callable[[], Awaitable[None]]) -> None:
        """Act; refuse what cannot be, close when the database does not answer so that the worker sends it again."""
        for attempt in range(1, TRIES + 1):
            try:
                await act()
            except Misplaced as error:
                await self._misplaced(received, str(error))
            except DBAPIError as error:
                if _is_poison(error):
                    log.exception("message refused", worker=str(self._worker), type=type(received.message).__name__)
                    await self._refuse(received.seq, "cannot", "a value cannot be kept", received.number)
                elif attempt < TRIES and not error.connection_invalidated:
                    await asyncio.sleep(0.05 * attempt)
                    continue
                else:
                    raise Closed(TRY_AGAIN, "the control plane's database does not answer") from error
            except UNREACHABLE as error:
                raise Closed(TRY_AGAIN, "the control plane's database does not answer") from error
            except (ValueError, KeyError, TypeError):
                log.exception("message refused", worker=str(self._worker), type=type(received.message).__name__)
                await self._refuse(received.seq, "cannot", "the message does not fit what is here", received.number)
            return

    async def _once(self, received: Received[FromAgent]) -> None:
        message = received.message
        async with self._ctx.db.transaction() as session:
            if await outbox.advance(session, self._worker, self._connection.store, received.number):
                if isinstance(message, RouteAck) and not self._sender.routes.may_stand(message):
                    # Not the table that was sent: it must not count as in force.
                    log.warning("route digest differs", worker=str(self._worker), revision=message.revision)
                else:
                    await DURABLE[type(message)](session, self._ctx, self._worker, message)
        if isinstance(message, RouteAck):
            self._sender.route_acknowledged(message)
        await self._connection.send(Ack(number=received.number))

    async def _refuse(self, seq: int, reason: str, detail: str, number: int) -> None:
        await self._connection.send(Refused(seq=seq, reason=reason, detail=detail, number=number))
        if number:
            async with self._ctx.db.transaction() as session:
                await outbox.advance(session, self._worker, self._connection.store, number)
            await self._connection.send(Ack(number=number))

    async def _misplaced(self, received: Received[FromAgent], what: str) -> None:
        log.warning("not placed on this worker", worker=str(self._worker), what=what)
        async with self._ctx.db.transaction() as session:
            record(
                session,
                actor=f"worker:{self._worker}",
                action="worker.refused",
                subject=f"worker:{self._worker}",
                address=self._connection.upgrade.address,
                message=type(received.message).__name__,
                about=what,
            )
        await self._refuse(received.seq, "cannot", f"{what} is not placed on this worker", received.number)

    # Messages that may be lost

    async def _heartbeat(self, said: Heartbeat) -> None:
        report = Report(
            capacity=msgspec.to_builtins(said.capacity),
            firewall=None if said.firewall is None else clean_all(msgspec.to_builtins(said.firewall)),
            bases=[clean_all(msgspec.to_builtins(base)) for base in said.bases[:50]],
        )
        if self._presence.beat(self._worker, report):
            async with self._ctx.db.transaction() as session:
                await self._presence.write(session, self._worker, report)

    async def _inventory(self, said: Inventory) -> None:
        unknown = frozenset(clean(name, 80) for name in said.unknown[:1000])
        if unknown - self._unknown:
            log.warning("containers nobody wants", worker=str(self._worker), containers=sorted(unknown))
        self._unknown = unknown
        async with self._ctx.db.transaction() as session:
            await workers.report(session, self._worker, {"generation_applied": said.generation})

    async def _disk(self, said: DiskReport) -> None:
        """Keep the report, at most once a minute unless other images are listed, and order what nothing reaches to be removed."""
        now = self._ctx.clock.now()
        listed = {
            identity(team.team, "store of team"): [clean(image.image, 80) for image in team.images]
            for team in said.teams
        }
        async with self._ctx.db.transaction() as session:
            if self._disk_kept is None or self._disk_kept[0] != listed or now - self._disk_kept[1] >= DISK_KEPT_FOR:
                document = clean_all(msgspec.to_builtins(said))
                await workers.keep_disk(session, self._worker, document, now)
                announce(session, f"worker:{self._worker}")
                self._disk_kept = listed, now
            gone = await images.judge(session, self._worker, listed, kept=self._ctx.settings.images_kept, now=now)
        for team, names in gone.items():
            await self._connection.send(RemoveImages(report=said.number, team=str(team), images=names))

    async def _probed(self, said: RouteProbed) -> None:
        async with self._ctx.db.transaction() as session:
            await ingress.probed(
                session,
                self._worker,
                deployment_id=identity(said.result.deployment, "deployment"),
                seen=said.result.seen if said.result.seen is None or abs(said.result.seen) < 2**31 else None,
                status=min(max(said.result.status, 0), 999),
                detail=clean(said.result.detail, 500),
                now=self._ctx.clock.now(),
            )

    async def _secrets_wanted(self, said: SecretsWanted) -> None:
        environment = identity(said.environment, "environment")
        async with self._ctx.db.read() as session:
            if said.version not in await self._versions(session, environment):
                raise Misplaced(f"environment {environment} with variables version {said.version}")
            run, build = await variables_for(session, self._ctx, environment, said.version)
        await self._connection.send(Secrets(environment=str(environment), version=said.version, run=run, build=build))

    async def _versions(self, session: AsyncSession, environment: UUID) -> set[int]:
        """Return the variables versions of an environment that this worker needs: those of its instances and open jobs."""
        versions = await instances.versions_on(session, self._worker, environment)
        for job in await job_rows.on_worker(session, self._worker, open_only=True):
            if job.payload.get("environment_id") == str(environment):
                versions.add(job.payload["variables_version"])
        return versions

    async def _log_chunk(self, said: LogChunk) -> None:
        subject = identity(said.subject, "log of")
        kind = LogKind(said.kind)
        lines = [Line(_nanoseconds(line.at), line.stream, line.text, line.step) for line in said.lines]
        async with self._ctx.db.transaction() as session:
            if subject not in self._connection.subjects:
                if not await self._holds(session, kind, subject):
                    raise Misplaced(f"log of {kind} {subject}")
                self._connection.subjects.add(subject)
            last = await telemetry.store(
                session, subject_id=subject, kind=kind, first=said.first, lines=lines, closes=said.last
            )
        await self._connection.send(LogAck(subject=said.subject, last=last))

    async def _holds(self, session: AsyncSession, kind: LogKind, subject: UUID) -> bool:
        if kind is LogKind.instance:
            instance = await session.get(Instance, subject)
            return instance is not None and instance.worker_id == self._worker
        return bool(await job_rows.on_worker(session, self._worker, subject_id=subject))

    async def _token_wanted(self, _: TokenWanted) -> None:
        async with self._ctx.db.read() as session:
            await credential_of(session, self._ctx, self._worker)
        token, expires_at = tokens.issue(self._ctx.keyring, self._worker, self._ctx.clock.now())
        await self._connection.send(TokenRenewed(token=token, expires_at=expires_at))
        self._connection.deadline = expires_at + tokens.GRACE.total_seconds()

    async def _acknowledged(self, said: Ack) -> None:
        async with self._ctx.db.transaction() as session:
            await outbox.acknowledged(session, self._worker, said.number)
        self._sender.acknowledged(said.number)

    async def _refused(self, said: Refused) -> None:
        log.warning("refused by worker", worker=str(self._worker), reason=said.reason, detail=clean(said.detail, 500))
        if not said.number:
            return
        async with self._ctx.db.transaction() as session:
            message = await outbox.one(session, self._worker, said.number)
            if isinstance(message, JobAssigned):
                detail = f"The worker refused the job: {clean(said.detail, 500)}. Upgrade its agent, then deploy again."
                await jobs.give_up(session, UUID(message.job), reason="worker_error", detail=detail)


def _is_poison(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if isinstance(state, str):
        return state[:2] in POISON
    # asyncpg refuses some values before they leave.
    return isinstance(error.orig.__cause__ if error.orig else None, ValueError | OverflowError)


def _nanoseconds(at: int) -> int:
    return min(max(at, 0), 2**63 - 1)
