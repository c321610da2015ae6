"""Merged changes lead to the same table as the steps did; tables are cut to fit frames."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.channel import routes
from wisehosting_cp.channel.routes import RouteFeed, messages
from wisehosting_cp.channel.sender import RouteStream
from wisehosting_wire.codec import MAX_FRAME, encode_message
from wisehosting_wire.facts import Capacity, Versions
from wisehosting_wire.messages import Hello, RouteAck
from wisehosting_wire.routes import routes_digest
from wisehosting_wire.workload import RouteApp

NAMES = ["a", "b", "c", "d"]
Step = tuple[dict[str, int], set[str]]

steps_strategy = st.lists(
    st.tuples(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 9), max_size=3), st.sets(st.sampled_from(NAMES))),
    min_size=1,
    max_size=12,
)


def app(name: str, live: int = 0) -> RouteApp:
    return RouteApp(app=name, hosts=[f"{name}.test"], live=str(live), deployments=[])


class Rows:
    """Stands where `ingress.service` is asked."""

    def __init__(self) -> None:
        self.revision = 0
        self.step: tuple[list[RouteApp], list[str]] = ([], [])

    async def table(self, _: Any) -> tuple[int, list[RouteApp]]:
        return 0, []

    async def changes(self, _: Any, __: int) -> tuple[int, list[RouteApp], list[str]]:
        return self.revision, *self.step


class NoDatabase:
    """Gives out sessions nobody uses."""

    class db:  # noqa: N801 - the attribute of a context
        class read:  # noqa: N801 - its method
            async def __aenter__(self) -> None:
                return None

            async def __aexit__(self, *_: object) -> None:
                return None


async def feed_of(steps: list[Step], monkeypatch: pytest.MonkeyPatch) -> tuple[RouteFeed, list[dict[str, RouteApp]]]:
    """A feed that went through these steps, and the table after each."""
    rows = Rows()
    monkeypatch.setattr(routes, "ingress", rows)
    feed = RouteFeed(cast("Any", NoDatabase))
    await feed.refresh()
    tables: list[dict[str, RouteApp]] = [{}]
    for number, (changed, removed) in enumerate(steps, start=1):
        apps = {name: app(name, live) for name, live in changed.items() if name not in removed}
        rows.revision, rows.step = number, (list(apps.values()), sorted(removed))
        await feed.refresh()
        tables.append({name: value for name, value in (tables[-1] | apps).items() if name not in removed})
    return feed, tables


@given(steps=steps_strategy)
def test_a_merged_change_leads_from_any_revision_to_the_newest_table(steps: list[Step]) -> None:
    import asyncio

    with pytest.MonkeyPatch.context() as monkeypatch:
        feed, tables = asyncio.run(feed_of(steps, monkeypatch))
    assert feed.apps == tables[-1]
    for revision, table in enumerate(tables[:-1]):
        change = feed.since(revision)
        assert change is not None
        assert (change.base, change.revision) == (revision, len(steps))
        assert not change.removed & change.apps.keys()
        merged = {name: value for name, value in (table | change.apps).items() if name not in change.removed}
        assert merged == tables[-1]


async def _long(monkeypatch: pytest.MonkeyPatch) -> RouteFeed:
    feed, _ = await feed_of([({"a": number}, set()) for number in range(routes.HISTORY + 10)], monkeypatch)
    return feed


@pytest.mark.anyio
async def test_a_revision_too_old_brings_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = await _long(monkeypatch)
    assert feed.since(5) is None
    assert feed.since(feed.revision) is None
    assert feed.since(feed.revision - 1) is not None


def test_parts_fit_frames_and_hold_everything_once() -> None:
    apps = [app("x" * 1000 + str(number)) for number in range(2000)]
    parts = messages(revision=9, base=3, snapshot=False, apps=apps, removed=["gone"])
    assert len(parts) > 1
    assert [part.part for part in parts] == list(range(1, len(parts) + 1))
    assert {part.parts for part in parts} == {len(parts)}
    assert [part.removed for part in parts] == [["gone"]] + [[]] * (len(parts) - 1)
    assert all(len(encode_message(part)) < MAX_FRAME for part in parts)
    assert routes_digest(item for part in parts for item in part.apps) == routes_digest(apps)


def test_an_empty_table_is_one_message() -> None:
    [only] = messages(revision=1, base=0, snapshot=True, apps=[])
    assert (only.apps, only.part, only.parts) == ([], 1, 1)


class Sent:
    """A connection that keeps what it was given."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def send(self, message: Any) -> None:
        self.messages.append(message)


def _hello(revision: int, digest: bytes) -> Hello:
    return Hello(
        store="s",
        boot="b",
        received=0,
        generation=0,
        routes_revision=revision,
        routes_digest=digest,
        versions=Versions(agent="1"),
        capacity=Capacity(cpus=1, memory_bytes=1, disk_bytes=1, disk_free_bytes=1),
        roles=["ingress"],
    )


@pytest.mark.anyio
async def test_of_many_answers_to_a_missed_change_one_brings_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    feed, tables = await feed_of([({"a": 1}, set()), ({"b": 1}, set()), ({"c": 1}, set())], monkeypatch)
    stream = RouteStream(feed, _hello(1, routes_digest(tables[1].values())))
    sent = Sent()
    await stream.next(cast("Any", sent))
    assert sent.messages[0].snapshot
    held = RouteAck(revision=1, digest=routes_digest(tables[1].values()))
    assert not stream.acknowledged(held)
    assert not stream.acknowledged(held)
    await stream.next(cast("Any", sent))
    assert len(sent.messages) == 1
    assert not stream.acknowledged(RouteAck(revision=3, digest=feed.digest()))
    assert stream.acknowledged(held)
    await stream.next(cast("Any", sent))
    assert sent.messages[1].snapshot


@pytest.mark.anyio
async def test_an_answer_from_before_the_connection_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    feed, tables = await feed_of([({"a": 1}, set()), ({"b": 1}, set())], monkeypatch)
    stream = RouteStream(feed, _hello(2, feed.digest()))
    sent = Sent()
    await stream.next(cast("Any", sent))
    assert sent.messages == []
    assert not stream.acknowledged(RouteAck(revision=1, digest=routes_digest(tables[1].values())))
    await stream.next(cast("Any", sent))
    assert sent.messages == []
