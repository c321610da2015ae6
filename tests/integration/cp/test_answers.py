"""Lists that are given again: never past a change, and to nobody else."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from wisehosting_cp.kit import answers
from wisehosting_cp.kit.answers import Answers, answers_of
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
PARTS = ("project:*",)


class Made:
    """Counts what was made, and may be held while it is."""

    def __init__(self) -> None:
        self.count = 0
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self) -> bytes:
        self.count += 1
        made = str(self.count).encode()
        await self.go.wait()
        return made


async def test_an_answer_is_made_once_until_a_change_of_its_parts_is_announced(context: Context) -> None:
    kept, made = Answers(), Made()
    for _ in range(3):
        assert await kept.of(context, "a", PARTS, made) == b"1"
    context.events.publish(["worker:1"])
    assert await kept.of(context, "a", PARTS, made) == b"1"
    context.events.publish(["project:1"])
    assert await kept.of(context, "a", PARTS, made) == b"2"
    assert await kept.of(context, "b", PARTS, made) == b"3"


async def test_an_answer_read_while_a_change_was_committed_is_not_given_again(context: Context) -> None:
    kept, made = Answers(), Made()
    made.go.clear()
    reading = asyncio.create_task(kept.of(context, "a", PARTS, made))
    while made.count == 0:
        await asyncio.sleep(0)
    context.events.publish(["project:1"])
    made.go.set()
    assert await reading == b"1"
    assert await kept.of(context, "a", PARTS, made) == b"2"


async def test_many_who_ask_at_once_wait_for_the_first_and_go_on_when_it_gives_up(context: Context) -> None:
    kept, made = Answers(), Made()
    made.go.clear()
    asking = [asyncio.create_task(kept.of(context, "a", PARTS, made)) for _ in range(5)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert made.count == 1
    asking[0].cancel()
    made.go.set()
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(told[0], asyncio.CancelledError)
    assert set(told[1:]) <= {b"2", b"3", b"4", b"5"}
    assert await kept.of(context, "a", PARTS, made) in told


async def test_nobody_waits_for_an_answer_that_began_before_a_change(context: Context) -> None:
    kept, made = Answers(), Made()
    made.go.clear()
    first = asyncio.create_task(kept.of(context, "a", PARTS, made))
    while made.count == 0:
        await asyncio.sleep(0)
    context.events.publish(["project:1"])
    second = asyncio.create_task(kept.of(context, "a", PARTS, made))
    while made.count == 1:
        await asyncio.sleep(0)
    made.go.set()
    assert (await first, await second) == (b"1", b"2")
    assert await kept.of(context, "a", PARTS, made) == b"2"


async def test_an_answer_is_given_again_for_some_seconds_only(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, made = Answers(), Made()
    monkeypatch.setattr(answers, "REMEMBER_SECONDS", 0.0)
    assert [await kept.of(context, "a", PARTS, made) for _ in range(2)] == [b"1", b"2"]


async def test_what_is_kept_has_a_most(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, made = Answers(), Made()
    monkeypatch.setattr(answers, "REMEMBER_BYTES", 3 * (answers.ENTRY_BYTES + 1))
    for asked in ("a", "b", "c", "d", "d", "b"):
        await kept.of(context, asked, PARTS, made)
    assert made.count == 4
    assert await kept.of(context, "a", PARTS, made) == b"5"


async def test_answers_without_a_byte_have_a_most_too(context: Context) -> None:
    kept = Answers()

    async def nothing() -> bytes:
        return b""

    for number in range(20_000):
        await kept.of(context, number, PARTS, nothing)
    assert len(kept._known) * answers.ENTRY_BYTES <= answers.REMEMBER_BYTES


async def test_the_list_of_projects_is_read_once_for_all_tabs_of_a_team_and_follows_each_change(
    people: People, context: Context
) -> None:
    ada, eve = await people("ada"), await people("eve")
    shop = {"name": "shop", "source": {"url": "https://example.org/shop.git"}}
    made = (await ada.browser.post("/api/v1/projects", json=shop)).json()
    first = (await ada.browser.get("/api/v1/projects")).json()
    assert [each["id"] for each in first["items"]] == [made["id"]]
    assert (await eve.browser.get("/api/v1/projects")).json()["items"] == []
    known = dict(answers_of(context)._known)
    assert (await ada.browser.get("/api/v1/projects")).json() == first
    assert dict(answers_of(context)._known) == known
    changed = await ada.browser.patch(f"/api/v1/projects/{made['id']}", json={"source": {"branch": "next"}})
    assert changed.status_code == 200
    (row,) = (await ada.browser.get("/api/v1/projects")).json()["items"]
    assert row == changed.json()
    async with context.db.transaction() as session:
        announce(session, f"deployment:{made['environments'][0]['latest']['id']}")
    assert (await ada.browser.get("/api/v1/projects")).json()["items"] == [row]
    assert dict(answers_of(context)._known) != known
