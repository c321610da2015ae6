"""Which worker gets work, and the sentence when none does; heartbeats in batches; workers that fall silent."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, update

from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.jobs.models import Job, JobStatus
from wisehosting_cp.kit.context import Context
from wisehosting_cp.workers import presence, service
from wisehosting_cp.workers.models import AgentSession, Worker, WorkerAdmin, WorkerHealth

pytestmark = pytest.mark.anyio

CLOSED = {"closed": True}


async def worker(context: Context, name: str = "w1", *, connected: bool = True, seen: float = 0, **facts: Any) -> UUID:
    async with context.db.transaction() as session:
        values = {"health": WorkerHealth.ready, "roles": ["apps", "builds"], "firewall": CLOSED, **facts}
        row = Worker(name=name, mesh_address="127.0.0.1", last_seen_at=func.now() - timedelta(seconds=seen), **values)
        session.add(row)
        await session.flush()
        if connected:
            session.add(AgentSession(worker_id=row.id, protocol=1))
        return row.id


async def builder(context: Context, **load: Any) -> service.Choice:
    async with context.db.read() as session:
        return await service.choose_builder(session, **load)


async def test_without_a_worker_the_sentence_says_how_to_add_one(context: Context) -> None:
    assert "wh-cp worker-token" in (await builder(context)).why


async def test_a_ready_connected_closed_worker_takes_work(context: Context) -> None:
    ready = await worker(context)
    assert (await builder(context)).worker_id == ready
    async with context.db.read() as session:
        assert await service.why_no_work(session, ready) is None


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"health": WorkerHealth.joining}, "has not connected yet"),
        ({"health": WorkerHealth.lost}, "is not connected"),
        ({"connected": False}, "is not connected"),
        ({"seen": 31}, "is not connected"),
        ({"admin": WorkerAdmin.cordoned}, "is cordoned"),
        ({"admin": WorkerAdmin.retired}, "is retired"),
        ({"firewall": {}}, "has not checked its tenant firewall"),
        ({"firewall": {"closed": False, "detail": "169.254.169.254 answered"}}, "169.254.169.254 answered"),
        ({"roles": ["apps"], "versions": {"agent": "1"}}, "role builds"),
    ],
)
async def test_a_worker_that_cannot_take_work_is_passed_over_with_a_sentence(
    context: Context, facts: dict[str, Any], words: str
) -> None:
    await worker(context, **facts)
    choice = await builder(context)
    assert choice.worker_id is None
    assert words in choice.why
    fit = await worker(context, "w2")
    assert (await builder(context)).worker_id == fit


async def test_the_least_loaded_worker_is_chosen_then_the_one_with_most_free_disk(context: Context) -> None:
    small = await worker(context, "small", capacity={"disk_free_bytes": 10})
    large = await worker(context, "large", capacity={"disk_free_bytes": 1000})
    assert (await builder(context)).worker_id == large
    assert (await builder(context, load={large: 2})).worker_id == small
    async with context.db.read() as session:
        assert (await service.choose_runner(session, only=small)).worker_id == small


async def test_a_worker_with_as_many_builds_as_it_runs_at_once_gets_no_other(context: Context) -> None:
    one = await worker(context, "one", capacity={"disk_free_bytes": 10, "builds": 2})
    assert (await builder(context, load={one: 1})).worker_id == one
    choice = await builder(context, load={one: 2})
    assert (choice.worker_id, choice.busy) == (None, True)
    assert "2 builds are under way" in choice.why
    silent = await worker(context, "silent", capacity={"disk_free_bytes": 5})
    assert (await builder(context, load={one: 2, silent: 9})).worker_id == silent, "an agent that does not say"
    async with context.db.transaction() as session:
        await session.execute(update(Worker).values(admin=WorkerAdmin.cordoned))
    cordoned = await builder(context, load={one: 2})
    assert not cordoned.busy
    assert "is cordoned" in cordoned.why


async def test_heartbeats_are_written_in_one_batch_and_what_decides_at_once(context: Context) -> None:
    ready = await worker(context, seen=50)
    beats = presence.Presence()
    report = presence.Report(capacity={"cpus": 4}, firewall=CLOSED, bases=[])
    assert beats.beat(ready, report)
    async with context.db.transaction() as session:
        await beats.write(session, ready, report)
    assert not beats.beat(ready, presence.Report(capacity={"cpus": 5}, firewall=CLOSED, bases=[]))
    assert beats.beat(ready, presence.Report(capacity={"cpus": 5}, firewall={"closed": False}, bases=[]))
    assert (await builder(context)).worker_id is None
    beats.beat(ready, presence.Report(capacity={"cpus": 6}, firewall=CLOSED, bases=[]))
    async with context.db.transaction() as session:
        assert await beats.flush(session) == [ready]
    assert (await builder(context)).worker_id == ready
    async with context.db.read() as session:
        assert (await session.get_one(Worker, ready)).capacity == {"cpus": 6}
    async with context.db.transaction() as session:
        assert await beats.flush(session) == []


async def test_a_worker_silent_for_a_minute_is_lost_once(context: Context) -> None:
    silent = await worker(context, "silent", seen=61)
    await worker(context, "alive", seen=50)
    with context.events.listen(f"worker:{silent}") as listener:
        async with context.db.transaction() as session:
            assert await presence.mark_lost(session) == [silent]
        assert await listener.changed(1) == [f"worker:{silent}"]
    async with context.db.transaction() as session:
        assert await presence.mark_lost(session) == []


async def test_generations_rise_one_by_one_under_contention(context: Context) -> None:
    import asyncio

    ready = await worker(context)

    async def raise_it() -> int:
        async with context.db.transaction() as session:
            return await service.next_generation(session, ready)

    assert sorted(await asyncio.gather(*[raise_it() for _ in range(10)])) == list(range(1, 11))


async def test_a_jobs_lease_lasts_while_its_worker_is_heard_of(context: Context) -> None:
    ready = await worker(context)
    async with context.db.transaction() as session:
        job = await jobs.start_build(session, build_id=uuid4(), worker_id=ready, payload={})
        assert (job.status, job.attempt) == (JobStatus.assigned, 1)
        await session.execute(update(Job).values(lease_until=func.now() - timedelta(seconds=1)))
    async with context.db.transaction() as session:
        assert [item.id for item in await jobs.expired(session)] == [job.id]
    async with context.db.transaction() as session:
        await jobs.renew(session, [ready])
        assert await jobs.expired(session) == []
        assert await jobs.open_by_worker(session) == {ready: 1}
    for first in (True, False):
        async with context.db.transaction() as session:
            assert await jobs.give_up(session, job.id, reason="worker_lost", detail="gone") is first
    async with context.db.read() as session:
        assert (await session.get_one(Job, job.id)).reason == "worker_lost"
