"""What the desk does with desired states: the newest counts, whatever comes after it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from wisehosting_agent.inbound import Desk
from wisehosting_agent.link import Link
from wisehosting_agent.store import desired, meta
from wisehosting_agent.store.database import Database
from wisehosting_wire.messages import Ack, DesiredState, Message, Refused
from wisehosting_wire.workload import Tombstone

pytestmark = pytest.mark.anyio

HELD = DesiredState(cp_epoch=2, generation=7, workloads=[], tombstones=[Tombstone(instance="i-held")])


class Rig:
    """A desk over a real store; what it answers is in the open connection's queue."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.link = Link()
        self.queue = self.link.open()
        self.woken = 0
        rest: Any = SimpleNamespace()
        reconciler: Any = SimpleNamespace(wake=self.wake)
        names = ("jobs", "router", "guard", "variables", "shipper", "builder", "disk", "versions")
        self.desk = Desk(rest, store, self.link, reconciler=reconciler, **dict.fromkeys(names, rest))

    def wake(self) -> None:
        self.woken += 1

    async def held(self) -> tuple[DesiredState, int, int]:
        """The stored state, and the numbers that the next Hello would say."""
        return await self.store.run(
            lambda tx: (desired.load(tx), meta.number(tx, "cp_epoch"), meta.number(tx, "generation"))
        )

    def answers(self) -> list[Message | bytes]:
        return [self.queue.get_nowait()[0] for _ in range(self.queue.qsize())]


@contextlib.asynccontextmanager
async def rig(folder: Path) -> AsyncIterator[Rig]:
    store = Database(folder / "agent.db")
    await store.open()
    try:
        made = Rig(store)
        await made.desk.heard(HELD, 3, 0)
        assert (made.woken, made.answers()) == (1, [])
        yield made
    finally:
        await store.close()


@pytest.mark.parametrize(("cp_epoch", "generation"), [(2, 6), (1, 7), (1, 99)])
async def test_an_older_desired_state_is_refused_and_the_stored_one_stays(
    tmp_path: Path, cp_epoch: int, generation: int
) -> None:
    async with rig(tmp_path) as desk:
        await desk.desk.heard(DesiredState(cp_epoch=cp_epoch, generation=generation, workloads=[], tombstones=[]), 4, 0)
        (refused,) = desk.answers()
        assert isinstance(refused, Refused)
        assert (refused.seq, refused.reason, refused.number) == (4, "stale_generation", 0)
        assert refused.detail == f"this worker holds (2, 7), got ({cp_epoch}, {generation})"
        assert await desk.held() == (HELD, 2, 7)
        assert desk.woken == 1


async def test_an_equal_desired_state_is_taken_without_a_word(tmp_path: Path) -> None:
    async with rig(tmp_path) as desk:
        await desk.desk.heard(HELD, 4, 0)
        assert desk.answers() == []
        assert await desk.held() == (HELD, 2, 7)


@pytest.mark.parametrize(("cp_epoch", "generation"), [(2, 8), (3, 1)])
async def test_a_newer_desired_state_takes_the_place_of_the_stored_one(
    tmp_path: Path, cp_epoch: int, generation: int
) -> None:
    newer = msgspec.structs.replace(HELD, cp_epoch=cp_epoch, generation=generation, tombstones=[])
    async with rig(tmp_path) as desk:
        await desk.desk.heard(newer, 4, 0)
        assert desk.answers() == []
        assert await desk.held() == (newer, cp_epoch, generation)
        assert desk.woken == 2


async def test_a_refused_durable_message_is_acknowledged_as_well(tmp_path: Path) -> None:
    async with rig(tmp_path) as desk:
        await desk.desk.heard(msgspec.structs.replace(HELD, generation=1), 4, 9)
        refused, ack = desk.answers()
        assert isinstance(refused, Refused)
        assert (refused.number, ack) == (9, Ack(number=9))
