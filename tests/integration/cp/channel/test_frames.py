"""The hub speaks the vectors of the norm to the byte, and what fits no frame costs neither connection nor mail."""

import asyncio
import base64
import contextlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from wisehosting_cp.channel import frames
from wisehosting_cp.channel.frames import Connection, Upgrade
from wisehosting_cp.instances import service as instances
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.jobs.models import Job, JobStatus
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.workers import repository as worker_rows
from wisehosting_cp.workers.enrolment import Credential
from wisehosting_cp.workers.models import OutboxMessage
from wisehosting_wire.codec import MAX_FRAME, Opener, to_agent_decoder
from wisehosting_wire.keys import Direction
from wisehosting_wire.messages import (
    Ack,
    DesiredState,
    JobAssigned,
    JobCancelled,
    NetworkPolicy,
    Refused,
    TokenRenewed,
    TokenWanted,
    Welcome,
)

pytestmark = pytest.mark.anyio

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[4] / "agent" / "wire" / "vectors" / "v1.json").read_text())
WORKER = UUID(VECTORS["worker"])


@pytest.fixture
def _as_in_the_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the hub draws by lot is what the vectors were made with."""
    nonce = bytes.fromhex(VECTORS["nonce_cp"])
    monkeypatch.setattr(frames, "os", SimpleNamespace(urandom=lambda size: nonce[:size]))
    monkeypatch.setattr(frames, "new_id", lambda: UUID(hex=VECTORS["connection"]))
    monkeypatch.setattr(worker_rows, "new_id", lambda: WORKER)


@pytest.mark.usefixtures("_as_in_the_vectors")
async def test_the_hub_understands_every_frame_a_worker_sends_in_the_vectors(mesh: Any) -> None:
    agent = mesh.agent()
    agent.key = bytes.fromhex(VECTORS["raw_key"])
    assert (await agent.register(await mesh.mint(), mesh.secret)).status_code == 200
    assert agent.worker == VECTORS["worker"]
    challenge = await agent.open(headers={"X-WH-Nonce": VECTORS["nonce_worker_header"]})
    assert challenge.encode().hex() == VECTORS["challenge"]
    agent.opener = Opener(
        bytes.fromhex(VECTORS["keys"]["c2w"]),
        to_agent_decoder,
        protocol=VECTORS["protocol"],
        direction=Direction.to_worker,
        worker=VECTORS["worker"],
        connection=challenge.connection,
    )
    sent = VECTORS["frames"]["w2c"]
    await agent.raw(base64.b64decode(sent[0]["frame"]))
    assert (await agent.get(Welcome)).received == 0
    for vector in sent[1:]:
        await agent.raw(base64.b64decode(vector["frame"]))
    await agent.get(TokenRenewed)  # answers the last of them
    heard = [message for _, message in agent.inbox]
    durable = [vector["number"] for vector in sent if vector["number"]]
    assert [message.number for message in heard if isinstance(message, Ack)] == durable
    # Its ids name nothing here; but none of it was unknown or out of place.
    assert {message.reason for message in heard if isinstance(message, Refused)} == {"cannot"}


@pytest.mark.usefixtures("_as_in_the_vectors")
async def test_the_hub_seals_every_message_of_the_vectors_to_the_same_bytes() -> None:
    sent: list[bytes] = []

    class Socket:
        async def send_bytes(self, data: bytes) -> None:
            sent.append(data)

    upgrade = Upgrade(
        credential=Credential(worker=WORKER, name="w1", verifier=bytes.fromhex(VECTORS["verifier"])),
        nonce=bytes.fromhex(VECTORS["nonce_worker"]),
        protocol=VECTORS["protocol"],
        expires_at=0,
        expired=False,
        address="",
    )
    connection = Connection(Socket(), upgrade, deadline=0)  # type: ignore[arg-type]
    writing = asyncio.create_task(connection.write())
    expected = VECTORS["frames"]["c2w"]
    for vector in expected:
        await connection.send(to_agent_decoder.decode(base64.b64decode(vector["message"])), vector["number"])
    async with asyncio.timeout(10):
        while len(sent) < len(expected):
            await asyncio.sleep(0.01)
    writing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writing
    assert sent == [base64.b64decode(vector["frame"]) for vector in expected]


async def test_a_message_that_fits_no_frame_is_named_in_the_log_and_the_connection_goes_on(mesh: Any) -> None:
    agent = await mesh.connected()
    await agent.get(NetworkPolicy)
    with capture_logs() as lines:
        await mesh.hub.connections[UUID(agent.worker)].send(NetworkPolicy(allow=["x" * MAX_FRAME]))
        await agent.send(TokenWanted())
        assert await agent.get(TokenRenewed)
    (line,) = [line for line in lines if "does not fit" in line["event"]]
    assert (line["log_level"], line["type"], line["number"]) == ("error", "NetworkPolicy", 0)
    assert line["worker"] == agent.worker
    await agent.silent(NetworkPolicy, 0.1)


async def _job(mesh: Any, worker: str, **changes: Any) -> Job:
    environment = await mesh.environment()
    async with mesh.context.db.transaction() as session:
        found = await session.get_one(Environment, environment)
        project = await session.get_one(Project, found.project_id)
        payload = {
            "url": project.repository_url,
            "commit": "a" * 40,
            "branch": "main",
            "variables_version": 1,
            "team": str(project.team_id),
            "project": project.name,
            "environment_id": str(environment),
            "environment_number": found.number,
            **changes,
        }
        return await jobs.start_build(session, build_id=environment, worker_id=UUID(worker), payload=payload)


async def test_a_job_that_fits_no_frame_fails_with_a_sentence_and_never_enters_the_outbox(mesh: Any) -> None:
    agent = await mesh.connected()
    job = await _job(mesh, agent.worker, root_directory="x" * MAX_FRAME)

    async def failed() -> Any:
        async with mesh.context.db.read() as session:
            found = await session.get_one(Job, job.id)
            return found if found.status is JobStatus.failed else None

    ended = await mesh.eventually(failed)
    assert ended.reason == "worker_error"
    assert "too large to be sent" in ended.detail
    async with mesh.context.db.read() as session:
        assert (await session.execute(select(func.count()).select_from(OutboxMessage))).scalar_one() == 0
    await agent.send(TokenWanted())
    assert await agent.get(TokenRenewed)
    await agent.silent(JobAssigned, 0.1)


async def test_mail_that_fits_no_frame_leaves_the_outbox_with_what_is_acknowledged_after_it(mesh: Any) -> None:
    from wisehosting_cp.channel import outbox

    agent = await mesh.connected()
    async with mesh.context.db.transaction() as session:
        await outbox.post(session, UUID(agent.worker), JobCancelled(job="j", reason="x" * MAX_FRAME))
        await outbox.post(session, UUID(agent.worker), JobCancelled(job="j", reason="cancelled"))
    mesh.context.events.publish([f"worker:{agent.worker}"])
    number, said = await agent.numbered(JobCancelled)
    assert (number, said.reason) == (2, "cancelled")
    await agent.send(Ack(number=2))

    async def empty() -> bool:
        async with mesh.context.db.read() as session:
            return (await session.execute(select(func.count()).select_from(OutboxMessage))).scalar_one() == 0

    await mesh.eventually(empty)


async def test_a_worker_with_more_instances_than_fit_is_sent_the_older_ones_and_every_tombstone(mesh: Any) -> None:
    agent = await mesh.joined()
    environment = await mesh.environment()
    command = ["x" * 32 * 1024]
    async with mesh.context.db.transaction() as session:
        made = [
            await instances.create(
                session,
                environment_id=environment,
                deployment_id=environment,
                worker_id=UUID(agent.worker),
                process="web",
                spec={"image": "sha256:1", "variables_version": 1, "command": command},
            )
            for _ in range(40)
        ]
        await instances.remove(session, made[0])
    with capture_logs() as lines:
        await agent.connect()
        state = await agent.get(DesiredState)
    assert len(msgspec.msgpack.encode(state)) < MAX_FRAME
    assert [item.instance for item in state.tombstones] == [str(made[0].id)]
    sent = [item.instance for item in state.workloads]
    assert 25 < len(sent) < 39
    assert sent == [str(item.id) for item in made[1 : 1 + len(sent)]]
    (line,) = [line for line in lines if line["log_level"] == "error"]
    assert line["instances"] == [str(item.id) for item in made[1 + len(sent) :]]
