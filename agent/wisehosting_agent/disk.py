"""The disk contract towards the control plane: reports go out, orders to remove come in. What is removed is the builder's."""

import asyncio

import msgspec
import structlog

from wisehosting_agent.build.port import Disk, DiskUse
from wisehosting_agent.errors import AgentError
from wisehosting_agent.link import Link
from wisehosting_agent.settings import Settings
from wisehosting_agent.store import jobs
from wisehosting_agent.store.database import Database, Transaction
from wisehosting_wire.facts import ImageUse, TeamDisk
from wisehosting_wire.messages import DiskReport, RemoveImages

_log = structlog.get_logger(__name__)
REPORT_SECONDS = 60.0
MOST_IMAGES = 4000
"""What a report lists: some 120 bytes each, so that it fits a frame."""


class DiskWatch:
    """Reports after each connection, build and removal, and every minute; does what it is ordered in between."""

    def __init__(self, disk: Disk, settings: Settings, store: Database, link: Link) -> None:
        self._disk = disk
        self._settings = settings
        self._store = store
        self._link = link
        self._wake = asyncio.Event()
        self._orders: list[RemoveImages] = []
        self._number = 0
        self._seen: dict[str, int] = {}
        """What had been built in each team's store when the last report was made."""

    def wake(self) -> None:
        """Something was built, or there is a new connection: report soon."""
        self._wake.set()

    def order(self, message: RemoveImages) -> None:
        """Take an order; only one that answers the last report is followed. What is not is ordered again after the next."""
        if message.report == self._number:
            self._orders.append(message)
            self._wake.set()

    async def run(self) -> None:
        """Report and remove, until cancelled."""
        while True:
            await self._link.wait_connected()
            self._wake.clear()
            try:
                await self._follow_orders()
                await self._disk.tidy()
                await self._report()
            except AgentError as error:
                _log.warning("disk_unknown", detail=str(error))
            try:
                async with asyncio.timeout(REPORT_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _follow_orders(self) -> None:
        orders, self._orders = self._orders, []
        if not orders:
            return
        building = await self._store.run(_teams_with_jobs)
        for order in orders:
            done = order.team not in building and await self._disk.remove(
                order.team, order.images, self._seen.get(order.team, 0)
            )
            _log.info("removal", team=order.team, images=len(order.images), done=done)

    async def _report(self) -> None:
        seen = self._disk.changes()  # before it is measured: what is built meanwhile voids what this report leads to
        use = await self._disk.use()
        self._number, self._seen = self._number + 1, seen
        self._link.say(report(self._number, use, budget=self._settings.disk_budget_bytes, floor=self._disk.floor_bytes))


def report(number: int, use: DiskUse, *, budget: int | None, floor: int, most: int = MOST_IMAGES) -> DiskReport:
    """What is said of the disk. With more than `most` images each report begins where the one before it ended."""
    listed = [(team.team, image) for team in use.teams for image in team.images]
    first = (number - 1) * most % len(listed) if len(listed) > most else 0
    chosen: dict[str, list[ImageUse]] = {}
    for team, image in [*listed[first:], *listed[:first]][:most]:
        chosen.setdefault(team, []).append(image)
    return DiskReport(
        number=number,
        budget_bytes=budget or 0,
        floor_bytes=floor,
        used_bytes=use.used,
        free_bytes=use.free,
        bases_bytes=use.bases,
        containers_bytes=use.containers,
        other_bytes=use.other,
        teams=[_of(team, chosen.get(team.team, [])) for team in use.teams],
        left_out=max(0, len(listed) - most),
    )


def _of(team: TeamDisk, images: list[ImageUse]) -> TeamDisk:
    return msgspec.structs.replace(team, images=images)


def _teams_with_jobs(tx: Transaction) -> set[str]:
    return {row.build.environment.team for row in jobs.open_jobs(tx)}
