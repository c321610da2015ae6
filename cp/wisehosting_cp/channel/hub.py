"""The hub: every worker's connection, from the upgrade to its end."""

import asyncio
import contextlib
from collections.abc import Coroutine
from importlib.metadata import version
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.websockets import WebSocket, WebSocketDisconnect

from wisehosting_cp.channel import desired, outbox
from wisehosting_cp.channel.frames import (
    BROKEN,
    REPLACED,
    RESTARTS,
    REVOKED,
    TOKEN_EXPIRED,
    TRY_AGAIN,
    Closed,
    Connection,
    end_of,
)
from wisehosting_cp.channel.receiver import Receiver
from wisehosting_cp.channel.routes import TOPIC, RouteFeed
from wisehosting_cp.channel.sender import POLL_SECONDS, Sender
from wisehosting_cp.channel.text import clean, clean_all
from wisehosting_cp.channel.upgrade import check_upgrade, refuse
from wisehosting_cp.errors import WiseHostingError
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE, announce
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.telemetry import retention
from wisehosting_cp.workers import presence, repository, tokens
from wisehosting_cp.workers.enrolment import credential_of
from wisehosting_cp.workers.models import AgentSession, Worker, WorkerHealth
from wisehosting_wire.errors import WireError
from wisehosting_wire.messages import Hello, Welcome

log = logger(__name__)

SWEEP_SECONDS = 1
REVOCATION_SECONDS = 2
HEARTBEAT_SECONDS = 10
CREDENTIALS_LOOK_BACK = 600


class Hub:
    """Holds the connections of this process. `run` keeps its loops; `serve` is one connection."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.presence = presence.Presence()
        self.feed = RouteFeed(ctx)
        self.connections: dict[UUID, Connection] = {}

    async def run(self) -> None:
        """Run the loops, for ever: expiry, revocation, heartbeats, lost workers, routes, the size of logs."""
        loops: list[Coroutine[Any, Any, None]] = [
            self._every(SWEEP_SECONDS, self.close_expired),
            self._every(REVOCATION_SECONDS, self.close_revoked),
            self._every(presence.FLUSH_SECONDS, self.flush),
            self._follow_routes(),
            presence.watch(self.ctx),
            retention.keep(self.ctx),
        ]
        async with asyncio.TaskGroup() as tasks:
            for loop in loops:
                tasks.create_task(loop)

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one connection, from the upgrade request to its end."""
        try:
            upgrade = await check_upgrade(self.ctx, websocket)
        except WiseHostingError as error:
            await refuse(websocket, error)
            return
        await websocket.accept()
        grace = self.ctx.clock.now().timestamp() if upgrade.expired else upgrade.expires_at
        connection = Connection(websocket, upgrade, deadline=grace + tokens.GRACE.total_seconds())
        end = Closed(BROKEN, "something went wrong in the control plane")
        try:
            hello = await connection.greet()
            await self._converse(connection, hello)
        except (Closed, WireError) as error:
            end = end_of(error)
        except UNREACHABLE as error:
            log.warning("connection lost its database", worker=str(connection.worker), error=str(error))
            end = Closed(TRY_AGAIN, "the control plane's database does not answer")
        except WiseHostingError as error:
            end = Closed(REVOKED, error.detail)
        except Exception:
            log.exception("connection failed", worker=str(connection.worker))
        except asyncio.CancelledError:
            end = Closed(RESTARTS, "the control plane restarts")
            raise
        finally:
            await self._ended(connection, end)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect, OSError):
                if end.code not in {1005, 1006}:
                    await websocket.close(_sendable(end.code), end.reason[:120])

    async def _converse(self, connection: Connection, hello: Hello) -> None:
        welcome = await self._welcome(connection, hello)
        older = self.connections.get(connection.worker)
        self.connections[connection.worker] = connection
        if older is not None:
            older.close(REPLACED, "a newer connection of this worker took over")
        sender = Sender(self.ctx, connection, hello, self.feed)
        receiver = Receiver(self.ctx, connection, sender, self.presence)
        await connection.send(welcome)
        log.info("worker connected", worker=str(connection.worker), name=connection.upgrade.credential.name)
        tasks = [
            asyncio.create_task(part)
            for part in (connection.write(), receiver.run(), sender.run(), connection.closed())
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _welcome(self, connection: Connection, hello: Hello) -> Welcome:
        """Note the connection and what the worker says of itself; find where both outboxes stand."""
        connection.store = clean(hello.store, 64)
        async with self.ctx.db.transaction() as session:
            await self._still_allowed(session, connection)
            received = await outbox.position(session, connection.worker, connection.store)
            await outbox.resume(session, connection.worker, hello.received)
            worker = await session.get_one(Worker, connection.worker, with_for_update=True)
            worker.health = WorkerHealth.ready
            worker.roles = [clean(role, 20) for role in hello.roles[:10]]
            worker.versions = clean_all(msgspec.to_builtins(hello.versions))
            worker.capacity = msgspec.to_builtins(hello.capacity)
            worker.limits_enforced = hello.limits_enforced
            worker.last_seen_at = func.now()
            # Whether its firewall holds is said anew by the first heartbeat.
            worker.firewall = {}
            if hello.cp_epoch == desired.CP_EPOCH and hello.generation > worker.generation:
                # The worker has seen more than this database remembers; what it is sent next must be newer.
                worker.generation = hello.generation + 1
            await session.execute(
                update(AgentSession)
                .where(AgentSession.worker_id == connection.worker, AgentSession.ended_at.is_(None))
                .values(ended_at=func.now(), ended_because="a newer connection took over")
            )
            session.add(
                AgentSession(
                    id=connection.id,
                    worker_id=connection.worker,
                    store=connection.store,
                    protocol=connection.upgrade.protocol,
                )
            )
            if connection.upgrade.expired:
                record(
                    session,
                    actor=f"worker:{connection.worker}",
                    action="worker.expired_token_accepted",
                    subject=f"worker:{connection.worker}",
                    address=connection.upgrade.address,
                    expired_at=connection.upgrade.expires_at,
                )
            announce(session, f"worker:{connection.worker}")
        return Welcome(
            cp_epoch=desired.CP_EPOCH,
            received=received,
            release=version("wisehosting-cp"),
            heartbeat_seconds=HEARTBEAT_SECONDS,
        )

    async def _still_allowed(self, session: AsyncSession, connection: Connection) -> None:
        credential = await credential_of(session, self.ctx, connection.worker)
        if credential.verifier != connection.upgrade.credential.verifier:
            raise Closed(REVOKED, "the key of this worker was replaced")

    def _same_key(self, connection: Connection, lookup: bytes) -> bool:
        """Tell whether a credential is still of the connection's key, whichever version its look-up column is under."""
        return self.ctx.keyring.mac_matches(Purpose.worker_lookup, connection.upgrade.credential.verifier, lookup)

    async def _ended(self, connection: Connection, end: Closed) -> None:
        log.info("worker disconnected", worker=str(connection.worker), code=end.code, reason=end.reason)
        if self.connections.get(connection.worker) is connection:
            del self.connections[connection.worker]
            self.presence.forget(connection.worker)
        with contextlib.suppress(*UNREACHABLE):
            async with self.ctx.db.transaction() as session:
                ended = await session.execute(
                    update(AgentSession)
                    .where(AgentSession.id == connection.id, AgentSession.ended_at.is_(None))
                    .values(ended_at=func.now(), ended_because=clean(f"{end.code} {end.reason}", 200))
                    .returning(AgentSession.id)
                )
                if ended.scalar_one_or_none() is not None:
                    announce(session, f"worker:{connection.worker}")

    # Loops

    async def _every(self, seconds: float, act: Any) -> None:
        while True:
            try:
                await act()
            except UNREACHABLE as error:
                log.warning("hub loop failed, trying again", loop=act.__name__, error=str(error))
            await asyncio.sleep(seconds)

    async def close_expired(self) -> None:
        """Close connections whose token expired more than 30 s ago and was not renewed."""
        now = self.ctx.clock.now().timestamp()
        for connection in list(self.connections.values()):
            if now > connection.deadline:
                connection.close(TOKEN_EXPIRED, "the token expired and was not renewed")

    async def close_revoked(self) -> None:
        """Close connections whose key was revoked or replaced: one look for all of them."""
        if not self.connections:
            return
        async with self.ctx.db.read() as session:
            changed = await repository.credentials_changed_within(session, CREDENTIALS_LOOK_BACK)
        for credential in changed:
            connection = self.connections.get(credential.worker_id)
            if connection is None:
                continue
            if credential.revoked_at is not None:
                connection.close(REVOKED, "this worker was revoked")
            elif not self._same_key(connection, credential.lookup):
                connection.close(REVOKED, "the key of this worker was replaced")

    async def flush(self) -> None:
        """Write the heartbeats since the last time and extend the leases of those workers' jobs."""
        if not self.presence.seen and not self.presence.reports:
            return
        async with self.ctx.db.transaction() as session:
            seen = await self.presence.flush(session)
            await jobs.renew(session, seen)

    async def _follow_routes(self) -> None:
        """Bring the mirror of the routing table up to date whenever routes change, then wake the ingress nodes' senders."""
        with self.ctx.events.listen("routes") as listener:
            while True:
                try:
                    await self.feed.refresh()
                    self.ctx.events.publish([TOPIC])
                except UNREACHABLE as error:
                    log.warning("cannot read routes, trying again", error=str(error))
                    await asyncio.sleep(1)
                    continue
                await listener.changed(POLL_SECONDS)


def _sendable(code: int) -> int:
    """Return a close code that may be sent: some only tell what happened."""
    return 1000 if code in {1005, 1006, 1015} else code
