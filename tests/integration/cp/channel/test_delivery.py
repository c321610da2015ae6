"""Durable messages: at least once on the wire, exactly once in effect, and only about what is placed on the worker."""

import asyncio
import uuid
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from wisehosting_cp.instances import service as instances
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.jobs.models import Job, JobStatus
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.projects.variables import Change, write
from wisehosting_cp.telemetry import service as telemetry
from wisehosting_cp.workers.models import InboxPosition, OutboxMessage
from wisehosting_wire.facts import ImageFacts
from wisehosting_wire.messages import (
    Ack,
    DesiredState,
    InstanceObserved,
    Inventory,
    JobAssigned,
    JobCancelled,
    JobFinished,
    JobProgress,
    LogAck,
    LogChunk,
    LogLine,
    Refused,
    Secrets,
    SecretsWanted,
)
from wisehosting_wire.workload import InstanceStatus

pytestmark = pytest.mark.anyio


async def row(mesh: Any, model: Any, key: Any) -> Any:
    async with mesh.context.db.read() as session:
        return await session.get(model, key)


async def start_build(mesh: Any, environment: UUID, worker: str, **changes: Any) -> Job:
    async with mesh.context.db.transaction() as session:
        found = await session.get_one(Environment, environment)
        project = await session.get_one(Project, found.project_id)
        payload = {
            "url": project.repository_url,
            "commit": "a" * 40,
            "branch": "main",
            "root_directory": "",
            "containerfile": None,
            "variables_version": 1,
            "team": str(project.team_id),
            "project": project.name,
            "environment_id": str(environment),
            "environment_number": found.number,
            "limits": {"seconds": 60},
            "allow_loopback": True,
            **changes,
        }
        return await jobs.start_build(session, build_id=uuid.uuid4(), worker_id=UUID(worker), payload=payload)


async def test_a_new_instance_reaches_the_worker_and_what_it_says_reaches_the_row(mesh: Any) -> None:
    agent = await mesh.connected()
    environment = await mesh.environment()
    instance = await mesh.instance(environment, agent.worker)
    state = await agent.get(DesiredState)
    assert [item.instance for item in state.workloads] == [str(instance.id)]
    assert (state.cp_epoch, state.generation) == (1, 1)
    assert state.workloads[0].environment.project == "shop"
    await agent.send(
        InstanceObserved(instance=str(instance.id), status=InstanceStatus.ready, port=20001, address="127.0.0.1"), 1
    )
    assert (await agent.get(Ack)).number == 1
    seen = await row(mesh, Instance, instance.id)
    assert (seen.status, seen.port) == (InstanceStatus.ready, 20001)

    async with mesh.context.db.transaction() as session:
        await instances.remove(session, await session.get_one(Instance, instance.id))
    state = await agent.get(DesiredState)
    assert state.generation == 2
    assert state.workloads == []
    assert [item.instance for item in state.tombstones] == [str(instance.id)]
    await agent.send(InstanceObserved(instance=str(instance.id), status=InstanceStatus.removed), 2)
    await agent.get(Ack)
    assert (await row(mesh, Instance, instance.id)).removed_at is not None


async def test_a_generation_the_worker_has_is_not_sent_again(mesh: Any) -> None:
    agent = await mesh.connected()
    await mesh.instance(await mesh.environment(), agent.worker)
    agent.generation = (await agent.get(DesiredState)).generation
    await agent.connect()
    await agent.silent(DesiredState)
    agent.generation = 0
    await agent.connect()
    assert (await agent.get(DesiredState)).generation == 1


async def test_a_worker_that_knows_a_higher_generation_gets_a_newer_one(mesh: Any) -> None:
    agent = await mesh.joined()
    agent.generation = 41
    await agent.connect()
    assert (await agent.get(DesiredState)).generation == 42


async def test_what_was_applied_is_not_applied_again_after_a_resume(mesh: Any) -> None:
    agent = await mesh.connected()
    instance = await mesh.instance(await mesh.environment(), agent.worker)
    crashed = InstanceObserved(instance=str(instance.id), status=InstanceStatus.exited, restarts=1)
    ready = InstanceObserved(instance=str(instance.id), status=InstanceStatus.ready, restarts=1)
    await agent.send(crashed, 1)
    await agent.send(ready, 2)
    await agent.get(Ack, lambda ack: ack.number == 2)
    welcome = await agent.connect()
    assert welcome.received == 2
    await agent.send(crashed, 1)
    assert (await agent.get(Ack)).number == 1
    assert (await row(mesh, Instance, instance.id)).status is InstanceStatus.ready
    await agent.send(InstanceObserved(instance=str(instance.id), status=InstanceStatus.unready), 7)
    assert (await agent.get(Ack)).number == 7
    assert (await row(mesh, Instance, instance.id)).status is InstanceStatus.unready
    assert (await row(mesh, InboxPosition, (UUID(agent.worker), "store-1"))).number == 7


async def test_a_message_whose_acknowledgement_was_lost_has_one_effect(mesh: Any) -> None:
    agent = await mesh.connected()
    environment = await mesh.environment()
    job = await start_build(mesh, environment, agent.worker)
    await agent.get(JobAssigned)
    finished = JobFinished(job=str(job.id), attempt=1, image=ImageFacts(image="sha256:1", size_bytes=5, command=["x"]))
    await agent.send(finished, 1)
    await agent.close()

    async def done() -> bool:
        return (await row(mesh, Job, job.id)).status is JobStatus.succeeded

    await mesh.eventually(done)
    welcome = await agent.connect()
    assert welcome.received == 1
    await agent.send(JobFinished(job=str(job.id), attempt=1, reason="build_failed", detail="second word"), 2)
    await agent.get(Ack)
    ended = await row(mesh, Job, job.id)
    assert ended.status is JobStatus.succeeded
    assert ended.result["command"] == ["x"]


async def test_a_new_store_begins_to_number_afresh(mesh: Any) -> None:
    agent = await mesh.connected()
    instance = await mesh.instance(await mesh.environment(), agent.worker)
    await agent.send(InstanceObserved(instance=str(instance.id), status=InstanceStatus.ready), 5)
    await agent.get(Ack)
    agent.store = "store-2"
    assert (await agent.connect()).received == 0
    await agent.send(InstanceObserved(instance=str(instance.id), status=InstanceStatus.exited), 1)
    await agent.get(Ack)
    assert (await row(mesh, Instance, instance.id)).status is InstanceStatus.exited


async def test_an_observation_of_a_foreign_instance_is_refused_and_audited(mesh: Any) -> None:
    agent = await mesh.connected()
    other = await mesh.joined("w2")
    instance = await mesh.instance(await mesh.environment(), other.worker)
    said = InstanceObserved(instance=str(instance.id), status=InstanceStatus.ready)
    for number, name in enumerate([str(instance.id), str(uuid.uuid4()), "no id at all\0"], start=1):
        await agent.send(InstanceObserved(instance=name, status=said.status), number)
        refused = await agent.get(Refused)
        assert (refused.reason, refused.number) == ("cannot", number)
        assert (await agent.get(Ack)).number == number
    assert (await row(mesh, Instance, instance.id)).status is InstanceStatus.pending
    async with mesh.context.db.read() as session:
        query = select(func.count()).where(AuditEvent.action == "worker.refused")
        assert (await session.execute(query)).scalar_one() == 3


async def test_an_assignment_is_sent_again_until_it_is_acknowledged(mesh: Any) -> None:
    agent = await mesh.connected()
    environment = await mesh.environment()
    job = await start_build(mesh, environment, agent.worker)
    number, assigned = await agent.numbered(JobAssigned)
    assert (assigned.job, assigned.attempt, number) == (str(job.id), 1, 1)
    team = UUID(assigned.build.environment.team)
    assert assigned.build.key_salt == mesh.context.keyring.key(Purpose.build_variables, team.bytes)
    assert assigned.build.limits.seconds == 60
    stored = (await row(mesh, OutboxMessage, (UUID(agent.worker), 1))).body
    assert assigned.build.key_salt not in stored
    await agent.connect()
    assert (await agent.numbered(JobAssigned))[0] == 1
    await agent.send(Ack(number=1))
    agent.received = 1
    await agent.connect()
    await agent.silent(JobAssigned)
    async with mesh.context.db.read() as session:
        assert (await session.execute(select(func.count()).select_from(OutboxMessage))).scalar_one() == 0
    assert (await row(mesh, Job, job.id)).sent_attempt == 1


async def test_a_job_that_was_not_sent_is_cancelled_at_once_and_one_that_was_when_the_worker_says_so(mesh: Any) -> None:
    agent = await mesh.joined()
    environment = await mesh.environment()
    unsent = await start_build(mesh, environment, agent.worker)
    async with mesh.context.db.transaction() as session:
        assert await jobs.cancel(session, unsent.id)
    assert (await row(mesh, Job, unsent.id)).status is JobStatus.cancelled
    await agent.connect()
    await agent.silent(JobAssigned)

    job = await start_build(mesh, environment, agent.worker)
    await agent.get(JobAssigned)
    for _ in range(2):
        async with mesh.context.db.transaction() as session:
            assert await jobs.cancel(session, job.id)
    assert (await agent.get(JobCancelled)).job == str(job.id)
    await agent.silent(JobCancelled)
    assert (await row(mesh, Job, job.id)).status is JobStatus.assigned
    await agent.send(JobFinished(job=str(job.id), attempt=1, reason="cancelled", detail=""), 1)
    await agent.get(Ack)
    assert (await row(mesh, Job, job.id)).status is JobStatus.cancelled


async def test_the_word_of_an_older_attempt_is_dropped(mesh: Any) -> None:
    agent = await mesh.connected()
    job = await start_build(mesh, await mesh.environment(), agent.worker)
    await agent.get(JobAssigned)
    async with mesh.context.db.transaction() as session:
        await jobs.reassign(session, job.id, UUID(agent.worker))
    assert (await agent.get(JobAssigned)).attempt == 2
    await agent.send(JobFinished(job=str(job.id), attempt=1, reason="build_failed"), 1)
    await agent.send(JobProgress(job=str(job.id), attempt=2, phase="checked_out", seconds=1.5, commit="b" * 40), 2)
    await agent.get(Ack, lambda ack: ack.number == 2)
    seen = await row(mesh, Job, job.id)
    assert seen.status is JobStatus.assigned
    assert seen.progress["checked_out"]["commit"] == "b" * 40


async def test_a_reason_we_do_not_know_becomes_worker_error_with_its_text_in_the_detail(mesh: Any) -> None:
    agent = await mesh.connected()
    job = await start_build(mesh, await mesh.environment(), agent.worker)
    await agent.get(JobAssigned)
    await agent.send(JobFinished(job=str(job.id), attempt=1, reason="disk_on_fire", detail="hot\0hot"), 1)
    await agent.get(Ack)
    seen = await row(mesh, Job, job.id)
    assert (seen.status, seen.reason) == (JobStatus.failed, "worker_error")
    assert seen.detail.startswith("disk_on_fire: hot")


async def test_a_job_the_worker_refuses_fails_instead_of_waiting_for_ever(mesh: Any) -> None:
    agent = await mesh.connected()
    job = await start_build(mesh, await mesh.environment(), agent.worker)
    number, _ = await agent.numbered(JobAssigned)
    await agent.send(Refused(seq=3, reason="unknown_message", detail="never heard of it", number=number))
    await agent.send(Ack(number=number))

    async def failed() -> bool:
        return (await row(mesh, Job, job.id)).status is JobStatus.failed

    await mesh.eventually(failed)


async def test_secrets_go_only_to_a_worker_that_holds_the_environment_in_that_version(mesh: Any) -> None:
    agent = await mesh.connected()
    environment = await mesh.environment()
    async with mesh.context.db.transaction() as session:
        found = await session.get_one(Environment, environment)
        project = await session.get_one(Project, found.project_id)
        await write(
            session,
            mesh.context,
            environment=found,
            project=project,
            changes={"KEY": Change("geheim")},
            removed=[],
            asker={"actor": "platform"},
        )
    await agent.send(SecretsWanted(environment=str(environment), version=2))
    assert (await agent.get(Refused)).reason == "cannot"
    await start_build(mesh, environment, agent.worker, variables_version=2)
    await agent.send(SecretsWanted(environment=str(environment), version=2))
    assert (await agent.get(Secrets)).run == {"KEY": "geheim"}
    await agent.send(SecretsWanted(environment=str(environment), version=1))
    assert (await agent.get(Refused)).reason == "cannot"


async def test_log_lines_are_kept_once_and_a_gap_is_told(mesh: Any) -> None:
    agent = await mesh.connected()
    instance = await mesh.instance(await mesh.environment(), agent.worker)

    def chunk(first: int, *texts: str, last: bool = False) -> LogChunk:
        lines = [LogLine(at=10**18, stream=0, text=text) for text in texts]
        return LogChunk(subject=str(instance.id), kind="instance", first=first, lines=lines, last=last)

    await agent.send(chunk(1, "a", "b"))
    assert (await agent.get(LogAck)).last == 2
    await agent.send(chunk(2, "b", "c"))
    assert (await agent.get(LogAck)).last == 3
    await agent.send(chunk(10, "later"))
    assert (await agent.get(LogAck)).last == 10
    await agent.send(chunk(11, last=True))
    assert (await agent.get(LogAck)).last == 10
    async with mesh.context.db.read() as session:
        page = await telemetry.lines(session, instance.id)
    assert [(item.n, item.line.text) for item in page.lines] == [(1, "a"), (2, "b"), (3, "c"), (10, "later")]
    assert page.closed


async def test_log_lines_of_a_foreign_subject_are_refused(mesh: Any) -> None:
    agent = await mesh.connected()
    other = await mesh.joined("w2")
    environment = await mesh.environment()
    instance = await mesh.instance(environment, other.worker)
    job = await start_build(mesh, environment, other.worker)
    for subject, kind in ((instance.id, "instance"), (job.subject_id, "build"), (uuid.uuid4(), "build")):
        await agent.send(LogChunk(subject=str(subject), kind=kind, first=1, lines=[LogLine(at=1, stream=0, text="x")]))
        assert (await agent.get(Refused)).reason == "cannot"
    await agent.send(LogChunk(subject=str(instance.id), kind="nonsense", first=1, lines=[]))
    assert (await agent.get(Refused)).reason == "cannot"


async def test_an_inventory_tells_which_generation_is_applied(mesh: Any) -> None:
    from wisehosting_cp.workers.models import Worker

    agent = await mesh.connected()
    await agent.send(Inventory(generation=7, instances={}, unknown=["wh-stray"]))

    async def applied() -> bool:
        return (await row(mesh, Worker, UUID(agent.worker))).generation_applied == 7

    await mesh.eventually(applied)


async def test_many_observations_at_once_are_applied_in_their_order(mesh: Any) -> None:
    agent = await mesh.connected()
    instance = await mesh.instance(await mesh.environment(), agent.worker)
    for number in range(1, 101):
        status = InstanceStatus.exited if number % 2 else InstanceStatus.starting
        await agent.send(InstanceObserved(instance=str(instance.id), status=status, restarts=number), number)
    await agent.get(Ack, lambda ack: ack.number == 100)
    seen = await row(mesh, Instance, instance.id)
    assert (seen.restarts, seen.status) == (100, InstanceStatus.starting)


async def test_two_connections_with_the_same_mail_apply_it_once(mesh: Any) -> None:
    agent = await mesh.connected()
    instance = await mesh.instance(await mesh.environment(), agent.worker)
    twin = mesh.agent()
    twin.key, twin.worker, twin.token = agent.key, agent.worker, agent.token
    await agent.send(InstanceObserved(instance=str(instance.id), status=InstanceStatus.exited, restarts=1), 1)
    await twin.connect()
    await asyncio.gather(
        twin.send(InstanceObserved(instance=str(instance.id), status=InstanceStatus.exited, restarts=1), 1),
    )
    await twin.get(Ack)
    assert (await row(mesh, InboxPosition, (UUID(agent.worker), "store-1"))).number == 1
