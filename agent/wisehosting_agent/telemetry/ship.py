"""Ships logs of builds and instances: reads files, sends chunks, stores how far the control plane has them."""

import asyncio
from pathlib import Path

import structlog

from wisehosting_agent.link import Link
from wisehosting_agent.runtime.port import ObservedContainer
from wisehosting_agent.store import logs
from wisehosting_agent.store.database import Database, Transaction
from wisehosting_agent.store.logs import LogRow
from wisehosting_agent.telemetry.subject import Subject
from wisehosting_wire.messages import LogAck

POLL_SECONDS = 0.25
RESEND_SECONDS = 20.0
READS_PER_TURN = 8
READS_AT_END = 1024
_log = structlog.get_logger(__name__)


class Shipper:
    """Polls; nothing here waits for the control plane."""

    def __init__(self, store: Database, link: Link, *, folder: Path) -> None:
        self._store = store
        self._link = link
        self._folder = folder
        self._subjects: dict[str, Subject] = {}
        self._new: list[tuple[str, str, str]] = []
        self._ending: list[str] = []
        self._wake = asyncio.Event()
        self._connection = 0
        self._quiet_since: dict[str, float] = {}

    async def load(self) -> None:
        """Go on with what was under way when the agent ended."""
        for row in await self._store.run(logs.load):
            self._subjects[row.subject] = Subject(row)

    # What the rest of the agent says

    def build_log(self, build: str) -> Path:
        """File of this build's lines."""
        return self._folder / f"{build}.log"

    async def track_build(self, build: str) -> None:
        """Ship the build's file from now on; a second call changes nothing but that lines may follow again."""
        path = str(self.build_log(build))
        await self._store.run(lambda tx: logs.track(tx, build, "build", path))
        if build not in self._subjects:
            self._subjects[build] = Subject(LogRow(subject=build, kind="build", path=path))

    def track_container(self, observed: ObservedContainer) -> None:
        """Ship the container's file from now on, after the file of the container before it."""
        if observed.log_path is None:
            return
        subject = self._subjects.get(observed.instance)
        if subject is None:
            row = LogRow(subject=observed.instance, kind="instance", path=str(observed.log_path))
            self._subjects[observed.instance] = Subject(row)
        elif subject.path != observed.log_path:
            subject.move_to(observed.log_path)
        else:
            return
        self._new.append((observed.instance, "instance", str(observed.log_path)))
        self._wake.set()

    async def drain(self, instance: str) -> None:
        """Read what is in the instance's file now: it is about to go."""
        subject = self._subjects.get(instance)
        if subject is None:
            return
        for _ in range(READS_AT_END):
            if not subject.read():
                break
            await asyncio.sleep(0)

    def end(self, subject: str) -> None:
        """No line will follow."""
        self._ending.append(subject)
        self._wake.set()

    def lines_added(self) -> None:
        """Ship soon."""
        self._wake.set()

    def acknowledged(self, message: LogAck) -> None:
        """The control plane has these lines."""
        subject = self._subjects.get(message.subject)
        if subject is not None:
            subject.acknowledged(message.last)
            self._quiet_since.pop(message.subject, None)
            if subject.done or subject.outgoing() is not None:
                self._wake.set()

    async def run(self) -> None:
        """Read and ship until cancelled."""
        while True:
            self._wake.clear()
            more = self._read()
            self._send()
            await self._keep()
            if more:
                await asyncio.sleep(0)
                continue
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
                await asyncio.sleep(0.02)  # lines come in bursts; one chunk for a burst
            except TimeoutError:
                continue

    def _read(self) -> bool:
        more = False
        for name, subject in self._subjects.items():
            if name in self._ending and not subject.ended:
                subject.finish()
            for _ in range(READS_PER_TURN):
                if not subject.read():
                    break
            else:
                more = True
            if subject.dropped:
                _log.warning("log_lines_dropped", subject=name, lines=subject.dropped)
                subject.dropped = 0
        return more

    def _send(self) -> None:
        if not self._link.connected:
            return
        now = asyncio.get_running_loop().time()
        fresh = self._connection != self._link.connections
        self._connection = self._link.connections
        for name, subject in self._subjects.items():
            if fresh or (subject.under_way and now - self._quiet_since.setdefault(name, now) > RESEND_SECONDS):
                subject.resend()
                self._quiet_since.pop(name, None)
            while (chunk := subject.outgoing()) is not None:
                if not self._link.say(chunk):
                    return
                subject.sent(chunk)

    async def _keep(self) -> None:
        """Store new subjects and positions in one transaction, only when something moved."""
        new, self._new = self._new, []
        moved = [row for subject in self._subjects.values() if (row := subject.checkpoint()) is not None]
        ended = [name for name in self._ending if (one := self._subjects.get(name)) is None or one.ended]
        self._ending = [name for name in self._ending if name not in ended]
        done = [name for name, subject in self._subjects.items() if subject.done]
        if not (new or moved or ended or done):
            return

        def keep(tx: Transaction) -> None:
            for name, kind, path in new:
                logs.track(tx, name, kind, path)
            for row in moved:
                logs.acknowledged(tx, row)
            for name in ended:
                logs.ended(tx, name)
            for name in done:
                logs.forget(tx, name)

        await self._store.run(keep)
        for name in done:
            subject = self._subjects.pop(name)
            self._quiet_since.pop(name, None)
            subject.close()
            if subject.kind == "build":
                subject.path.unlink(missing_ok=True)
