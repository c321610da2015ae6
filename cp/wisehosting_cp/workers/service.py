"""Workers: who they are, which of them may take work, and their generations."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.errors import NotFound
from wisehosting_cp.kit.db import announce
from wisehosting_cp.workers import repository
from wisehosting_cp.workers.enrolment import JoinTicket, mint_join_token, refresh, register, revoke
from wisehosting_cp.workers.models import Worker, WorkerAdmin, WorkerHealth

__all__ = [
    "PRESENT_SECONDS",
    "Choice",
    "JoinTicket",
    "choose_builder",
    "choose_runner",
    "connected_ingress",
    "get",
    "mint_join_token",
    "next_generation",
    "page",
    "refresh",
    "register",
    "revoke",
    "why_no_work",
]

PRESENT_SECONDS = 30
"""A worker not heard of for so long gets no new work."""
CANDIDATES = 50
"""A choice is made among so many; it costs the same in a large fleet."""
LOST_SECONDS = 60
"""A worker not heard of for so long is lost."""


@dataclass(frozen=True)
class Choice:
    """The worker chosen, or why there is none."""

    worker_id: UUID | None
    why: str = ""
    """A sentence that says what to do, without a worker only."""
    busy: bool = False
    """There are workers, and each has as much as it takes: one is free before long."""


async def next_generation(session: AsyncSession, worker_id: UUID) -> int:
    """Raise the worker's generation because its instances changed, and wake its sender."""
    generation = await repository.next_generation(session, worker_id)
    announce(session, f"worker:{worker_id}")
    return generation


async def page(session: AsyncSession, *, after: UUID | None, limit: int) -> list[tuple[Worker, bool]]:
    """Return a page of workers, oldest first, with whether each is connected."""
    return await repository.page(session, after=after, limit=limit, present_seconds=PRESENT_SECONDS)


async def get(session: AsyncSession, worker_id: UUID) -> tuple[Worker, bool]:
    """Return a worker with whether it is connected. Raises NotFound."""
    found = await repository.one(session, worker_id, PRESENT_SECONDS)
    if found is None:
        raise NotFound
    return found


async def choose_builder(session: AsyncSession, *, load: Mapping[UUID, int] | None = None) -> Choice:
    """Choose a worker for a build: the one with the smallest `load` (open jobs by worker), then the most free disk.

    None that has as many builds as it runs at once. To give it one, hold `jobs.lock_builders` since before `load` was read.
    """
    load = load or {}
    full = await repository.full(session, load)
    choice = await _choose(session, "builds", "build", load, without=full)
    if choice.worker_id is None and full and (await _choose(session, "builds", "build", load)).worker_id is not None:
        count = sum(load[worker] for worker in full)
        what = "1 build is" if count == 1 else f"{count} builds are"
        return Choice(
            None, f"All workers that build are busy: {what} under way. The next one begins when one ends.", busy=True
        )
    return choice


async def choose_runner(
    session: AsyncSession, *, load: Mapping[UUID, int] | None = None, only: UUID | None = None
) -> Choice:
    """Choose a worker for instances; `only` asks about the one that holds the image."""
    return await _choose(session, "apps", "run apps", load or {}, only)


async def connected_ingress(session: AsyncSession) -> list[UUID]:
    """Return the ingress nodes that are not lost: a route is in force when all of these say so."""
    return await repository.ingress_nodes(session)


async def why_no_work(session: AsyncSession, worker_id: UUID) -> str | None:
    """Say why this worker takes no new work now, or None when it does."""
    worker, connected = await get(session, worker_id)
    return _why_not(worker, connected=connected)


async def _choose(
    session: AsyncSession,
    role: str,
    verb: str,
    load: Mapping[UUID, int],
    only: UUID | None = None,
    without: Collection[UUID] = (),
) -> Choice:
    fit = await repository.fit(
        session, role, present_seconds=PRESENT_SECONDS, only=only, without=without, limit=CANDIDATES
    )
    if fit:
        return Choice(min(fit, key=lambda worker: load.get(worker.id, 0)).id)
    return Choice(None, await _why_none(session, role, verb, only))


async def _why_none(session: AsyncSession, role: str, verb: str, only: UUID | None) -> str:
    """Say why nobody takes work: the refusal of the worker that comes closest, among some."""
    if only is not None:
        found = await repository.one(session, only, PRESENT_SECONDS)
        rows = [found] if found else []
    else:
        rows = await repository.page(session, after=None, limit=CANDIDATES, present_seconds=PRESENT_SECONDS)
    if not rows:
        return "There is no worker yet. Add one with wh-cp worker-token NAME --address MESH_ADDRESS."
    able = [row for row in rows if role in row[0].roles or not row[0].versions]
    if not able:
        return f"No worker has the role to {verb}. Give one the role {role}."
    worker, connected = max(
        able, key=lambda row: (row[0].health is WorkerHealth.ready, row[1], row[0].admin == "active")
    )
    return _why_not(worker, connected=connected) or f"The worker {worker.name} has just become ready; try again."


def _why_not(worker: Worker, *, connected: bool) -> str | None:
    if worker.admin is not WorkerAdmin.active:
        return f"The worker {worker.name} is {worker.admin}; it takes no new work until it is active again."
    if worker.health is WorkerHealth.joining:
        return f"The worker {worker.name} has not connected yet. Look at the log of its agent."
    if worker.health is WorkerHealth.lost or not connected:
        return (
            f"The worker {worker.name} is not connected. It takes work again once its agent reaches the mesh address."
        )
    if not worker.firewall:
        return f"The worker {worker.name} has not checked its tenant firewall yet; this takes a few seconds."
    if worker.firewall.get("closed") is not True:
        detail = str(worker.firewall.get("detail") or "a forbidden address answered")
        return (
            f"The tenant firewall of the worker {worker.name} is open: {detail}. It takes no work until it is closed."
        )
    return None
