"""Heartbeats, in memory; the database hears of them in batches.

What decides whether a worker may take work (firewall, base images) is written at once when it changes.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE, announce
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.workers import repository
from wisehosting_cp.workers.service import LOST_SECONDS

log = logger(__name__)

FLUSH_SECONDS = 10
KEEP_SESSIONS_DAYS = 30


@dataclass(frozen=True)
class Report:
    """What a heartbeat says."""

    capacity: dict[str, Any]
    firewall: dict[str, Any] | None
    bases: list[dict[str, Any]]


@dataclass
class Presence:
    """The heartbeats of the workers connected to this process."""

    seen: set[UUID] = field(default_factory=set)
    """Heard of since the last flush."""
    reports: dict[UUID, Report] = field(default_factory=dict)
    """Newest report not written yet."""
    written: dict[UUID, tuple[Any, ...]] = field(default_factory=dict)
    """What of each worker's last written report decides about work."""

    def beat(self, worker_id: UUID, report: Report) -> bool:
        """Note a heartbeat; True when it should be written at once."""
        self.seen.add(worker_id)
        self.reports[worker_id] = report
        return self.written.get(worker_id) != _decisive(report)

    def forget(self, worker_id: UUID) -> None:
        """Drop what is known of a worker whose connection ended; its last words are still written."""
        self.written.pop(worker_id, None)

    async def flush(self, session: AsyncSession) -> list[UUID]:
        """Write what came in since the last time: one statement for who was heard of, one a changed report. Return who was."""
        seen, self.seen = self.seen, set()
        reports, self.reports = self.reports, {}
        for worker_id, report in reports.items():
            await self.write(session, worker_id, report)
        if seen:
            await repository.touch(session, seen)
        return list(seen)

    async def write(self, session: AsyncSession, worker_id: UUID, report: Report) -> None:
        """Write one report; listeners hear of it when it decides about work."""
        self.reports.pop(worker_id, None)
        values: dict[str, Any] = {"capacity": report.capacity, "bases": report.bases}
        if report.firewall is not None:
            values["firewall"] = report.firewall
        await repository.report(session, worker_id, values)
        decisive = _decisive(report)
        if self.written.get(worker_id) != decisive:
            self.written[worker_id] = decisive
            announce(session, f"worker:{worker_id}")


async def mark_lost(session: AsyncSession) -> list[UUID]:
    """Mark workers lost that were silent for 60 s; a second call finds none."""
    lost = await repository.mark_lost(session, LOST_SECONDS)
    announce(session, *(f"worker:{worker}" for worker in lost))
    return lost


async def watch(context: Context, period: float = FLUSH_SECONDS) -> None:
    """Mark lost workers and forget used nonces and old sessions, for ever."""
    while True:
        await asyncio.sleep(period)
        try:
            async with context.db.transaction() as session:
                lost = await mark_lost(session)
                await repository.forget_nonces(session, context.clock.now())
                await repository.forget_sessions(session, KEEP_SESSIONS_DAYS)
            for worker in lost:
                log.warning("worker lost", worker=str(worker))
        except UNREACHABLE as error:
            log.warning("cannot look after workers, trying again", error=str(error))


def _decisive(report: Report) -> tuple[Any, ...]:
    firewall = report.firewall or {}
    bases = tuple(sorted((base["name"], base.get("status"), base.get("detail", "")) for base in report.bases))
    return report.firewall is not None, firewall.get("closed"), firewall.get("detail", ""), bases
