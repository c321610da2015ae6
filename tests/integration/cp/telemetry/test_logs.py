"""Log lines: kept once, read in pages, followed live, resumed by number, held to a size."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.instances import service as instances
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.telemetry import service as telemetry
from wisehosting_cp.telemetry import stream

pytestmark = pytest.mark.anyio


async def read(logs: Any, subject: UUID, after: int = 0, limit: int = 1000) -> telemetry.LogPage:
    async with logs.context.db.read() as session:
        return await telemetry.lines(session, subject, after, limit)


def numbers(page: telemetry.LogPage) -> list[int]:
    return [item.n for item in page.lines]


async def test_the_same_chunk_twice_is_kept_once(logs: Any) -> None:
    subject = uuid4()
    assert await logs.write(subject, 1, "a", "b") == 2
    assert await logs.write(subject, 1, "a", "b") == 2
    assert numbers(await read(logs, subject)) == [1, 2]


async def test_the_same_chunk_twice_at_the_same_time_is_kept_once(logs: Any) -> None:
    subject = uuid4()
    await asyncio.gather(*[logs.write(subject, 1, "a", "b") for _ in range(5)])
    assert numbers(await read(logs, subject)) == [1, 2]


async def test_lines_that_overlap_what_is_kept_are_cut(logs: Any) -> None:
    subject = uuid4()
    await logs.write(subject, 1, "a", "b", "c")
    assert await logs.write(subject, 2, "b", "c", "d") == 4
    assert [item.line.text for item in (await read(logs, subject)).lines] == ["a", "b", "c", "d"]


async def test_lines_may_follow_an_end_that_was_announced_too_early(logs: Any) -> None:
    subject = uuid4()
    await logs.write(subject, 1, "a")
    await logs.write(subject, 2, closes=True)
    assert (await read(logs, subject)).closed
    await logs.write(subject, 2, "b")
    page = await read(logs, subject)
    assert numbers(page) == [1, 2]
    assert not page.closed


async def test_pages_go_on_where_the_last_one_ended(logs: Any) -> None:
    subject = uuid4()
    for first in range(1, 1001, 10):
        await logs.write(subject, first, *[str(number) for number in range(first, first + 10)])
    seen: list[int] = []
    after = 0
    while page := await read(logs, subject, after, 70):
        if not page.lines:
            break
        seen += numbers(page)
        after = page.last
    assert seen == list(range(1, 1001))


async def test_an_impossible_number_is_refused(logs: Any) -> None:
    with pytest.raises(ValueError, match="out of range"):
        await logs.write(uuid4(), 2**62, "a")


async def test_a_log_is_followed_live_and_ends_with_the_status(logs: Any, events: Any) -> None:
    subject = uuid4()
    status: list[str | None] = [None]

    async def ended(_: AsyncSession) -> str | None:
        return status[0]

    await logs.write(subject, 1, "first")
    stream = events(telemetry.log_stream(logs.context, subject, 0, ended))
    assert await stream.lines(1) == ["first"]
    following = asyncio.create_task(stream.lines(1))
    await logs.write(subject, 2, "second")
    assert await following == ["second"]
    status[0] = "live"
    await logs.write(subject, 5, "after a gap", closes=True)
    assert await stream.next() == ("gap", {"from": 3, "to": 4}, None)
    name, data, number = await stream.next()
    assert (name, number, data["stream"]) == ("line", "5", "stdout")
    assert data["at"].endswith("Z")
    assert (await stream.next())[:2] == ("end", {"status": "live"})
    with pytest.raises(StopAsyncIteration):
        await stream.next()


async def test_a_log_resumes_after_the_number_it_was_left_at(logs: Any, events: Any) -> None:
    subject = uuid4()
    await logs.write(subject, 1, "a", "b", "c", closes=True)

    async def ended(_: AsyncSession) -> str | None:
        return "failed"

    stream = events(telemetry.log_stream(logs.context, subject, 2, ended))
    assert await stream.lines(1) == ["c"]
    assert (await stream.next())[1] == {"status": "failed"}


async def test_a_log_that_has_no_subject_yet_waits_for_it(logs: Any, events: Any) -> None:
    subject = uuid4()
    known: list[UUID | None] = [None]

    async def look(_: AsyncSession) -> telemetry.Followed:
        return telemetry.Followed(known[0])

    stream = events(telemetry.follow(logs.context, look, topics=("deployment:x",), after=0))
    following = asyncio.create_task(stream.lines(1))
    await asyncio.sleep(0)
    known[0] = subject
    await logs.write(subject, 1, "begun")
    logs.context.events.publish(["deployment:x"])
    assert await following == ["begun"]


async def test_a_log_that_was_never_closed_ends_after_a_grace(logs: Any, events: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(stream, "GRACE_SECONDS", 0.2)

    async def ended(_: AsyncSession) -> str | None:
        return "cancelled"

    followed = events(telemetry.log_stream(logs.context, uuid4(), 0, ended))
    assert (await followed.next())[:2] == ("end", {"status": "cancelled"})


async def test_an_environments_log_has_all_instances_and_new_ones_from_their_first_line(logs: Any, events: Any) -> None:
    old = await logs.instance()
    await logs.write(old.id, 1, *[f"old {number}" for number in range(1, 11)])
    stream = events(telemetry.follow_environment(logs.context, logs.environment, resume="", tail=3))
    assert await stream.lines(3) == ["old 8", "old 9", "old 10"]
    following = asyncio.create_task(stream.next())
    new = await logs.instance()
    await logs.write(new.id, 1, "new 1")
    name, data, number = await following
    assert (name, data["text"], data["instance"], data["process"]) == ("line", "new 1", str(new.id), "web")
    assert number == f"{new.id}:1"
    following = asyncio.create_task(stream.lines(1))
    await logs.write(old.id, 11, "old 11")
    assert await following == ["old 11"]


async def test_an_environments_log_resumes_without_missing_a_line_of_any_instance(logs: Any, events: Any) -> None:
    one, two = await logs.instance(), await logs.instance()
    await logs.write(one.id, 1, "one 1", "one 2", at=1 * 10**18)
    await logs.write(two.id, 1, "two 1", at=2 * 10**18)
    stream = events(telemetry.follow_environment(logs.context, logs.environment, resume=f"{one.id}:1", tail=0))
    assert sorted(await stream.lines(2)) == ["one 2", "two 1"]


async def test_the_last_words_of_a_removed_instance_stay_readable(logs: Any, events: Any) -> None:
    gone = await logs.instance()
    await logs.write(gone.id, 1, "Traceback", closes=True)
    async with logs.context.db.transaction() as session:
        await instances.remove(session, await session.get_one(Instance, gone.id))
        removed = instances.Observation(instance_id=gone.id, status=instances.InstanceStatus.removed)
        await instances.observe(session, logs.worker, removed, now=logs.context.clock.now())
    stream = events(telemetry.follow_environment(logs.context, logs.environment, resume="", tail=10))
    assert await stream.lines(1) == ["Traceback"]


async def test_the_oldest_lines_go_when_a_log_is_over_its_size_and_all_when_too_old(logs: Any, clock: Any) -> None:
    subject, other = uuid4(), uuid4()
    for number in range(1, 11):
        await logs.write(subject, number, f"{number} " + "x" * 10)
    await logs.write(other, 1, "kept")
    settings = logs.context.settings
    async with logs.context.db.read() as session:
        body = (await session.execute(text("SELECT max(octet_length(body)) FROM log_chunks"))).scalar_one()
    object.__setattr__(settings, "log_bytes", body * 3)
    async with logs.context.db.transaction() as session:
        assert await telemetry.retain(session, logs.context, since=timedelta(minutes=1)) == 7
    assert numbers(await read(logs, subject)) == [8, 9, 10]
    assert numbers(await read(logs, other)) == [1]
    clock.forward(settings.log_days * 86400 + 60)
    async with logs.context.db.transaction() as session:
        assert await telemetry.retain(session, logs.context, since=timedelta(minutes=1)) == 4
    assert numbers(await read(logs, subject)) == []
