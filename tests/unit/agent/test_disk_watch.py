"""Reports and orders between agent and control plane: an order counts for the report it answers, and no other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from wisehosting_agent.build.port import DiskUse
from wisehosting_agent.disk import MOST_IMAGES, DiskWatch, report
from wisehosting_agent.errors import DiskUnknown
from wisehosting_agent.link import Link
from wisehosting_agent.store import jobs
from wisehosting_agent.store.database import Database
from wisehosting_wire.codec import MAX_FRAME, encode_message
from wisehosting_wire.facts import ImageUse, TeamDisk
from wisehosting_wire.messages import DiskReport, RemoveImages
from wisehosting_wire.workload import BuildSpec, EnvironmentRef, Source

pytestmark = pytest.mark.anyio

USE = DiskUse(used=10, free=20, total=40, teams=[TeamDisk(team="t1", images=[ImageUse(image="a", size_bytes=4)])])
SPEC = BuildSpec(
    build="b",
    environment=EnvironmentRef(id="e", team="t2", project="shop", number=1),
    source=Source(url="https://git.test/x.git", commit="", branch="main"),
    variables_version=1,
)


class Stores:
    """Image stores that only say what is done to them."""

    floor_bytes = 7

    def __init__(self) -> None:
        self.built: dict[str, int] = {"t1": 3}
        self.done: list[str] = []
        self.broken = False

    def changes(self) -> dict[str, int]:
        return dict(self.built)

    async def use(self) -> DiskUse:
        if self.broken:
            raise DiskUnknown("not now")
        return USE

    async def remove(self, team: str, images: Iterable[str], changes: int) -> bool:
        self.done.append(f"{team} {','.join(images)} {changes}")
        return True

    async def tidy(self) -> None:
        self.done.append("tidy")


class Rig:
    def __init__(self, store: Database) -> None:
        self.store, self.stores, self.link = store, Stores(), Link()
        self.queue = self.link.open()
        settings: Any = SimpleNamespace(disk_budget_bytes=None)
        self.watch = DiskWatch(self.stores, settings, store, self.link)

    async def next(self) -> DiskReport:
        async with asyncio.timeout(5):
            message, number = await self.queue.get()
        assert isinstance(message, DiskReport)
        assert number == 0
        return message


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Rig]:
    store = Database(folder / "agent.db")
    await store.open()
    rig = Rig(store)
    task = asyncio.create_task(rig.watch.run())
    try:
        yield rig
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.close()


async def test_an_order_for_the_last_report_is_followed_with_what_was_built_by_then(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        assert (await rig.next()).number == 1
        rig.stores.built["t1"] = 5
        rig.watch.order(RemoveImages(report=1, team="t1", images=["a"]))
        assert (await rig.next()).number == 2
        assert rig.stores.done == ["tidy", "t1 a 3", "tidy"]


async def test_an_order_for_another_report_is_left(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.next()
        rig.watch.wake()
        await rig.next()
        rig.watch.order(RemoveImages(report=1, team="t1", images=["a"]))
        rig.watch.wake()
        await rig.next()
        assert "t1" not in " ".join(rig.stores.done)


async def test_an_order_for_a_team_with_an_open_job_is_left(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.next()
        await rig.store.run(lambda tx: jobs.assign(tx, "j", 1, SPEC))
        rig.watch.order(RemoveImages(report=1, team="t2", images=["b"]))
        rig.watch.order(RemoveImages(report=1, team="t1", images=["a"]))
        await rig.next()
        assert [line for line in rig.stores.done if line != "tidy"] == ["t1 a 3"]


async def test_stores_that_cannot_be_read_now_are_reported_when_they_can(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.next()
        rig.stores.broken = True
        rig.watch.wake()
        await asyncio.sleep(0.05)
        rig.stores.broken = False
        rig.watch.wake()
        assert (await rig.next()).number == 2


def test_reports_of_too_many_images_fit_a_frame_and_together_list_all_of_them() -> None:
    count = 2 * MOST_IMAGES + 500
    images = [ImageUse(image=f"{number:064x}", size_bytes=2**40) for number in range(count)]
    teams = [
        TeamDisk(team=f"00000000-0000-7000-8000-{team:012d}", images=images[team * 100 : team * 100 + 100])
        for team in range(count // 100)
    ]
    use = DiskUse(used=1, free=1, total=1, teams=teams)
    listed = set[str]()
    for number in range(1, 4):
        said = report(number, use, budget=None, floor=0)
        assert len(encode_message(said)) < MAX_FRAME - 1024
        assert said.left_out == count - MOST_IMAGES
        assert [team.team for team in said.teams] == [team.team for team in teams]
        listed |= {image.image for team in said.teams for image in team.images}
    assert listed == {image.image for image in images}
