"""What goes to a worker: woken by what changed, it looks at the rows and sends what the worker lacks."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.channel import builds, desired, outbox
from wisehosting_cp.channel.frames import REVOKED, TRY_AGAIN, Closed, Connection
from wisehosting_cp.channel.routes import TOPIC, RouteFeed, messages
from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.jobs import repository as job_rows
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.workers.models import Worker, WorkerAdmin
from wisehosting_wire.messages import DesiredState, Hello, JobCancelled, NetworkPolicy, Probe, RouteAck
from wisehosting_wire.workload import RouteApp

log = logger(__name__)

POLL_SECONDS = 15
"""Wake-ups are hints; this finds what another process wrote, and what a lost hint left."""
PROBE_SECONDS = 0.5
WINDOW = 256
"""Durable messages under way without acknowledgement."""
JOBS_A_PASS = 32


class RouteStream:
    """Where one ingress node stands in the table."""

    def __init__(self, feed: RouteFeed, hello: Hello) -> None:
        self.wanted = "ingress" in hello.roles
        self._feed = feed
        self._sent: int | None = None
        self._under_way: set[int] = set()
        self._snapshot: int | None = None
        self._holds = (hello.routes_revision, hello.routes_digest)
        self._first = hello.routes_revision

    def may_stand(self, said: RouteAck) -> bool:
        """Tell whether an acknowledged table is the one of that revision, as far as that is still known."""
        known = self._feed.digest_of(said.revision)
        return known is None or known == said.digest

    def acknowledged(self, said: RouteAck) -> bool:
        """Take note. True when a snapshot is due: the table is not ours, or its revision was not sent."""
        good = self.may_stand(said)
        if good and (said.revision in self._under_way or said.revision == self._sent):
            self._under_way = {revision for revision in self._under_way if revision > said.revision}
            if self._snapshot is not None and said.revision >= self._snapshot:
                self._snapshot = None
            return False
        if good and said.revision < self._first:
            # Written before this connection, sent again.
            return False
        if self._snapshot is not None and said.revision != self._snapshot:
            # One snapshot at a time: answers to what was sent before it are on their way still.
            return False
        self._sent = self._snapshot = None
        self._holds = (-1, b"")
        return True

    async def next(self, connection: Connection) -> None:
        """Send what the node lacks: nothing, a change, or the whole table."""
        await self._feed.ensure()
        revision = self._feed.revision
        if self._sent is None and self._holds == (revision, self._feed.digest()):
            self._sent = revision
        if self._sent == revision:
            return
        change = self._feed.since(self._sent) if self._sent is not None else None
        apps: list[RouteApp]
        if change is None:
            apps = list(self._feed.apps.values())
            self._snapshot = revision
            parts = messages(revision=revision, base=0, snapshot=True, apps=apps)
        else:
            apps, revision = list(change.apps.values()), change.revision
            parts = messages(revision=revision, base=change.base, snapshot=False, apps=apps, removed=change.removed)
        self._sent = revision
        self._under_way.add(revision)
        for part in parts:
            await connection.send(part)


class Sender:
    """Sends on one connection."""

    def __init__(self, ctx: Context, connection: Connection, hello: Hello, feed: RouteFeed) -> None:
        self._ctx = ctx
        self._connection = connection
        self._worker = connection.worker
        self.routes = RouteStream(feed, hello)
        self._state = (hello.cp_epoch, hello.generation)
        """Desired state the worker has, or was sent."""
        self._posted = hello.received
        self._confirmed = hello.received
        self._blocked = False

    def acknowledged(self, number: int) -> None:
        """Everything up to `number` is durable on the worker: there may be room for more."""
        self._confirmed = max(self._confirmed, number)
        if self._blocked:
            self._wake()

    def route_acknowledged(self, said: RouteAck) -> None:
        """Take note of the table a node has in force; send the whole one when it is not ours."""
        if self.routes.acknowledged(said):
            self._wake()

    def _wake(self) -> None:
        self._ctx.events.publish([f"worker:{self._worker}"])

    async def run(self) -> None:
        """Look and send, for ever. Raises Closed."""
        topics = [f"worker:{self._worker}", *([TOPIC] if self.routes.wanted else [])]
        with self._ctx.events.listen(*topics) as listener:
            await self._connection.send(NetworkPolicy(allow=list(self._ctx.settings.network_allow)))
            probing = False
            while True:
                try:
                    await self._look()
                    if self.routes.wanted:
                        await self.routes.next(self._connection)
                        probing = await self._probe()
                except UNREACHABLE as error:
                    raise Closed(TRY_AGAIN, "the control plane's database does not answer") from error
                await listener.changed(PROBE_SECONDS if probing else POLL_SECONDS)

    async def _look(self) -> None:
        state: DesiredState | None = None
        room = max(0, WINDOW - self._under_way())
        async with self._ctx.db.transaction() as session:
            query = select(Worker.admin, Worker.generation).where(Worker.id == self._worker)
            admin, generation = (await session.execute(query)).one()
            if admin is WorkerAdmin.retired:
                raise Closed(REVOKED, "this worker is retired")
            await self._post_jobs(session)
            if self._state != (desired.CP_EPOCH, generation):
                state = await desired.load(session, self._worker)
            mail = await outbox.waiting(session, self._worker, after=self._posted, limit=room) if room else []
        self._blocked = len(mail) == room
        if state is not None:
            await self._connection.send(state)
            self._state = (state.cp_epoch, state.generation)
        for number, message in mail:
            await self._connection.send(builds.salted(message, self._ctx.keyring), number)
            self._posted = number

    def _under_way(self) -> int:
        return max(0, self._posted - self._confirmed)

    async def _post_jobs(self, session: AsyncSession) -> None:
        """Move assignments and cancellations into the outbox, in the transaction that notes it."""
        for job in await job_rows.to_send(session, self._worker, JOBS_A_PASS):
            if job.sent_attempt < job.attempt:
                try:
                    await outbox.post(session, self._worker, builds.assignment(job))
                except ValueError as error:
                    log.exception("job cannot be said", job=str(job.id))
                    await jobs.give_up(
                        session, job.id, reason="worker_error", detail=f"The build job is broken: {error}"
                    )
                    continue
                job.sent_attempt = job.attempt
            if job.cancel_wanted and not job.cancel_sent:
                await outbox.post(session, self._worker, JobCancelled(job=str(job.id), reason="cancelled"))
                job.cancel_sent = True
        await session.flush()

    async def _probe(self) -> bool:
        """Ask for the probes this node still owes; True when there are any, so that they are asked again soon."""
        async with self._ctx.db.read() as session:
            wanted = await ingress.probes_wanted(session, self._worker)
        for probe in wanted:
            await self._connection.send(
                Probe(revision=probe.revision, deployment=str(probe.deployment), host=probe.host, path=probe.path)
            )
        return bool(wanted)
