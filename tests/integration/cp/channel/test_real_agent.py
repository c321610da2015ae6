"""The agent's own session against the hub: pin, registration, mail both ways, a cut connection, a restart of either side."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from wisehosting_agent.enrolment import Enrolment
from wisehosting_agent.errors import EnrolmentError
from wisehosting_agent.identity import Identity
from wisehosting_agent.link import Link
from wisehosting_agent.session import Session
from wisehosting_agent.store import mail
from wisehosting_agent.store.database import Database
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.workers import service as workers
from wisehosting_wire.errors import UnknownMessage
from wisehosting_wire.facts import Capacity, Versions
from wisehosting_wire.messages import (
    Ack,
    DesiredState,
    Heartbeat,
    Hello,
    InstanceObserved,
    Inventory,
    TokenRenewed,
    TokenWanted,
)
from wisehosting_wire.workload import InstanceStatus

pytestmark = pytest.mark.anyio

CAPACITY = Capacity(cpus=2, memory_bytes=2**34, disk_bytes=2**40, disk_free_bytes=2**39)


class Voice:
    """An agent that holds nothing and keeps what it hears."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.heard_messages: asyncio.Queue[Any] = asyncio.Queue()
        self.connected = asyncio.Event()
        self.welcomes = 0
        self.session: Session | None = None

    async def hello(self) -> Hello:
        received = await self.store.run(mail.received)
        return Hello(
            store="real",
            boot="b",
            received=received,
            generation=0,
            routes_revision=0,
            versions=Versions(agent="0.1.0"),
            capacity=CAPACITY,
            roles=["apps", "builds"],
        )

    def heartbeat(self) -> Heartbeat:
        return Heartbeat(capacity=CAPACITY)

    def inventory(self) -> Inventory:
        return Inventory(generation=0, instances={})

    async def heard(self, message: Any, seq: int, number: int) -> None:
        assert self.session
        if isinstance(message, Ack):
            await self.store.run(lambda tx: mail.acknowledged(tx, message.number))
            self.session.acknowledged(message.number)
        if isinstance(message, TokenRenewed):
            self.session.renewed(message.token, message.expires_at)
        self.heard_messages.put_nowait(message)

    async def not_understood(self, error: UnknownMessage) -> None:
        raise AssertionError(error)

    async def linked(self, *, connected: bool, detail: str) -> None:
        if connected:
            self.welcomes += 1
            self.connected.set()
        else:
            self.connected.clear()

    async def get(self, kind: type[Any]) -> Any:
        async with asyncio.timeout(10):
            while True:
                message = await self.heard_messages.get()
                if isinstance(message, kind):
                    return message


class Worker:
    """The real session with its files."""

    def __init__(self, mesh: Any, folder: Path) -> None:
        self.mesh = mesh
        self.identity = Identity(folder)
        self.store = Database(folder / "store.db")
        self.link = Link()
        self.voice = Voice(self.store)
        self.token_file = folder / "join.json"
        self.secret_file = folder / "api_server.secret"
        self.enrolment = Enrolment(
            self.identity,
            mesh.url,
            name="real",
            join_token_file=self.token_file,
            api_server_secret_file=self.secret_file,
        )
        self.session = Session(self.identity, self.enrolment, self.store, self.link, self.voice, url=mesh.url, cap=0.2)
        self.voice.session = self.session

    async def prepare(self, pin: str | None = None) -> None:
        async with self.mesh.context.db.transaction() as session:
            ticket = await workers.mint_join_token(session, self.mesh.context, "real", "127.0.0.1")
        self.token_file.write_text(json.dumps({"token": ticket.token, "pin": pin or ticket.pin}))
        self.secret_file.write_text(self.mesh.secret)
        for path in (self.token_file, self.secret_file):
            path.chmod(0o600)

    @property
    def id(self) -> str:
        token = self.identity.token()
        assert token
        return token.worker

    async def linked(self) -> None:
        async with asyncio.timeout(10):
            await self.voice.connected.wait()


@pytest.fixture
async def worker(mesh: Any, tmp_path: Path) -> AsyncIterator[Worker]:
    worker = Worker(mesh, tmp_path / "agent")
    (tmp_path / "agent").mkdir(mode=0o700)
    await worker.store.open()
    await worker.prepare()
    running = asyncio.create_task(worker.session.run())
    try:
        yield worker
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await worker.store.close()


async def test_the_real_agent_joins_by_its_pin_and_deletes_its_secrets(mesh: Any, worker: Worker) -> None:
    await worker.linked()
    assert not worker.token_file.exists()
    assert not worker.secret_file.exists()

    async def ready() -> bool:
        async with mesh.context.db.read() as session:
            row, connected = await workers.get(session, UUID(worker.id))
            return connected and row.health == "ready"

    await mesh.eventually(ready)


async def test_the_real_agent_refuses_a_certificate_that_is_not_the_pinned_one(mesh: Any, tmp_path: Path) -> None:
    folder = tmp_path / "wary"
    folder.mkdir(mode=0o700)
    wary = Worker(mesh, folder)
    await wary.prepare(pin="0" * 64)
    with pytest.raises(EnrolmentError, match="sha256"):
        await wary.enrolment.register()


async def test_what_the_real_agent_posts_while_cut_off_arrives_once(mesh: Any, worker: Worker) -> None:
    await worker.linked()
    instance = await mesh.instance(await mesh.environment(), worker.id)
    while not (state := await worker.voice.get(DesiredState)).workloads:
        pass
    assert state.workloads[0].instance == str(instance.id)
    for restarts in range(1, 6):
        if restarts == 3:
            mesh.hub.connections[UUID(worker.id)].close(1013, "cut by the test")
        said = InstanceObserved(instance=str(instance.id), status=InstanceStatus.exited, restarts=restarts)
        await worker.store.run(lambda tx, said=said: tx.post(said))  # type: ignore[misc]

    async def empty() -> bool:
        return await worker.store.run(mail.length) == 0

    await mesh.eventually(empty)
    async with mesh.context.db.read() as session:
        row = await session.get_one(Instance, instance.id)
    assert row.restarts == 5
    assert worker.voice.welcomes == 2


async def test_the_real_agent_renews_in_band_and_by_http(mesh: Any, worker: Worker, clock: Any) -> None:
    await worker.linked()
    before = worker.identity.token()
    assert before
    clock.forward(60)
    worker.link.say(TokenWanted())
    await worker.voice.get(TokenRenewed)
    renewed = worker.identity.token()
    assert renewed
    assert renewed.expires_at > before.expires_at
    refreshed = await worker.enrolment.refresh()
    assert refreshed.token != renewed.token
