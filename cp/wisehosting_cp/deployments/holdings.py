"""`wh-cp disk`: what each worker holds, and why, in a form for machines and one for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import Team
from wisehosting_cp.deployments import images
from wisehosting_cp.deployments.reachability import plain
from wisehosting_cp.errors import NotFound
from wisehosting_cp.workers import repository as workers
from wisehosting_cp.workers.models import Worker


@dataclass(frozen=True)
class HeldImage:
    """An image on a worker."""

    image: str
    size_bytes: int
    """What its removal would free."""
    built_for: list[str]
    """Environments; none for an image that only a cancelled build knew."""
    why: list[str]
    """Why it is kept; without a reason it goes."""


@dataclass(frozen=True)
class HeldByTeam:
    """A team's store on a worker."""

    team: str
    known: bool
    """False: nobody here knows this team, so its images are left alone."""
    building: bool
    """Nothing goes meanwhile."""
    shared_bytes: int
    cache_bytes: int
    package_cache_bytes: int
    images: list[HeldImage]


@dataclass(frozen=True)
class Holdings:
    """A worker's disk as of its last report."""

    worker: str
    reported_at: datetime | None
    """None: it has not reported yet."""
    budget_bytes: int | None = None
    floor_bytes: int = 0
    used_bytes: int = 0
    free_bytes: int = 0
    bases_bytes: int = 0
    containers_bytes: int = 0
    other_bytes: int = 0
    left_out: int = 0
    """Images the report had no room for."""
    teams: list[HeldByTeam] = field(default_factory=list)


async def holdings(session: AsyncSession, *, worker: str | None, kept: int) -> list[Holdings]:
    """Return what each worker holds, or the one of this name. Raises NotFound when there is none of that name."""
    rows = await workers.disks(session, worker)
    if worker is not None and not rows:
        raise NotFound("worker_not_found", f"There is no worker {worker}. Leave --worker out to see all of them.")
    return [
        await _of(session, row, disk.report, disk.reported_at, kept) if disk else Holdings(row.name, None)
        for row, disk in rows
    ]


async def _of(session: AsyncSession, worker: Worker, report: dict[str, Any], at: datetime, kept: int) -> Holdings:
    stores = [(UUID(store["team"]), store) for store in report.get("teams", [])]
    ids = [team for team, _ in stores]
    why = await images.why_kept(session, ids, kept=kept)
    busy = await images.building_on(session, worker.id)
    query = select(Team.id, Team.name).where(Team.id.in_(ids))
    names = {row.id: row.name for row in (await session.execute(query)).all()}
    listed = [image["image"] for _, store in stores for image in store.get("images", [])]
    built_for = await images.builders_of(session, listed)
    return Holdings(
        worker=worker.name,
        reported_at=at,
        budget_bytes=report.get("budget_bytes") or None,
        **{
            name: report.get(name, 0)
            for name in (
                "floor_bytes",
                "used_bytes",
                "free_bytes",
                "bases_bytes",
                "containers_bytes",
                "other_bytes",
                "left_out",
            )
        },
        teams=[
            HeldByTeam(
                team=names.get(team, str(team)),
                known=team in names,
                building=team in busy,
                shared_bytes=store.get("shared_bytes", 0),
                cache_bytes=store.get("cache_bytes", 0),
                package_cache_bytes=store.get("package_cache_bytes", 0),
                images=[
                    HeldImage(
                        image=image["image"],
                        size_bytes=image.get("size_bytes", 0),
                        built_for=sorted(built_for.get(plain(image["image"]), ())),
                        why=why.get(team, {}).get(plain(image["image"]), []),
                    )
                    for image in store.get("images", [])
                ],
            )
            for team, store in stores
        ],
    )


def lines(found: Sequence[Holdings]) -> Iterator[str]:
    """For people."""
    if not found:
        yield "There is no worker yet."
    for held in found:
        if held.reported_at is None:
            yield f"{held.worker}: has not reported its disk yet"
            continue
        budget = f"of {_size(held.budget_bytes)} budget" if held.budget_bytes else "without a budget"
        yield (
            f"{held.worker}: {_size(held.used_bytes)} used {budget}, {_size(held.free_bytes)} free on its disk "
            f"(no build begins below {_size(held.floor_bytes)}), as of {held.reported_at:%Y-%m-%d %H:%M:%S} UTC"
        )
        yield _row(held.bases_bytes, "base images")
        yield _row(held.containers_bytes, "containers: what they wrote, and their logs")
        for team in held.teams:
            yield from _team(team)
        yield _row(held.other_bytes, "of nobody: folders of the storage itself, and what a crash left behind")
        if held.left_out:
            yield f"  {held.left_out} more images are not listed; each report begins with others"


def _team(team: HeldByTeam) -> Iterator[str]:
    if not team.images and not (team.shared_bytes or team.cache_bytes or team.package_cache_bytes):
        return
    yield f"  team {team.team}" + ("" if team.known else ", which nobody here knows: its images are left alone")
    for image in sorted(team.images, key=lambda one: (one.built_for, not one.why, one.image)):
        where = ", ".join(image.built_for) or "a build without release"
        goes = "goes once no build is under way" if team.building else "goes"
        why = "; ".join(image.why) or (goes if team.known else "left alone")
        yield _row(image.size_bytes, f"{plain(image.image)[:12]} {where}: {why}", deeper=True)
    if team.shared_bytes:
        yield _row(team.shared_bytes, "shared by several of these images", deeper=True)
    if team.cache_bytes:
        yield _row(team.cache_bytes, "build cache of the last builds", deeper=True)
    if team.package_cache_bytes:
        yield _row(team.package_cache_bytes, "package caches of its projects", deeper=True)


def _row(size: int, text: str, *, deeper: bool = False) -> str:
    return f"{'    ' if deeper else '  '}{_size(size):>10}  {text}"


def _size(count: int) -> str:
    for unit, size in (("GB", 1024**3), ("MB", 1024**2)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1024:.0f} kB"
