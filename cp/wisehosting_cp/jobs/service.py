"""Jobs: durable work for a worker, leased while assigned, fenced by its attempt."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.jobs import repository
from wisehosting_cp.jobs.models import Job, JobKind, JobStatus
from wisehosting_cp.kit.db import announce
from wisehosting_cp.workers.errors import Misplaced

DETAIL_LIMIT = 4000


async def start_build(session: AsyncSession, *, build_id: UUID, worker_id: UUID, payload: dict[str, Any]) -> Job:
    """Give a build to a worker. Each call makes a job; the payload holds everything of a BuildSpec but ids and keys."""
    job = Job(
        kind=JobKind.build,
        status=JobStatus.assigned,
        subject_id=build_id,
        worker_id=worker_id,
        attempt=1,
        lease_until=func.now() + repository.LEASE,
        payload=payload,
    )
    session.add(job)
    await session.flush()
    await session.refresh(job)
    _announce(session, job)
    return job


async def reassign(session: AsyncSession, job_id: UUID, worker_id: UUID) -> Job | None:
    """Give an open job to another worker as a new attempt; what the old one says of it is dropped from now on."""
    job = await repository.locked(session, job_id)
    if job is None or job.status not in repository.OPEN or job.cancel_wanted:
        return None
    job.worker_id, job.attempt, job.status, job.progress = worker_id, job.attempt + 1, JobStatus.assigned, {}
    job.lease_until = func.now() + repository.LEASE
    await session.flush()
    await session.refresh(job)
    _announce(session, job)
    return job


async def progress(
    session: AsyncSession, worker_id: UUID, *, job_id: UUID, attempt: int, phase: str, facts: dict[str, Any]
) -> bool:
    """Note that a job reached a phase. False when the attempt is over. Raises Misplaced for another worker's job."""
    job = await _current(session, worker_id, job_id, attempt)
    if job is None:
        return False
    job.progress = {**job.progress, phase: facts}
    _announce(session, job)
    return True


async def finish(
    session: AsyncSession,
    worker_id: UUID,
    *,
    job_id: UUID,
    attempt: int,
    result: dict[str, Any] | None = None,
    reason: str = "",
    detail: str = "",
) -> bool:
    """End a job by what its worker says: with a result, or with a reason (`cancelled` when it was asked to stop).

    False when the attempt is over: the second report changes nothing. Raises Misplaced for another worker's job.
    """
    job = await _current(session, worker_id, job_id, attempt)
    if job is None:
        return False
    if result is not None:
        await _end(session, job, JobStatus.succeeded, result=result)
    elif job.cancel_wanted or reason == "cancelled":
        await _end(session, job, JobStatus.cancelled, reason=reason, detail=detail)
    else:
        await _end(session, job, JobStatus.failed, reason=reason or "worker_error", detail=detail)
    return True


async def give_up(session: AsyncSession, job_id: UUID, *, reason: str, detail: str) -> bool:
    """End an open job from here (its worker is lost, its time is over); a worker that has it is told to stop. Twice is once."""
    job = await repository.locked(session, job_id)
    if job is None or job.status not in repository.OPEN:
        return False
    status = JobStatus.cancelled if job.cancel_wanted else JobStatus.failed
    job.cancel_wanted = job.cancel_wanted or job.sent_attempt > 0
    await _end(session, job, status, reason=reason, detail=detail)
    return True


async def cancel(session: AsyncSession, job_id: UUID) -> bool:
    """Stop a job: at once when its worker does not know of it yet, else when the worker says so. Twice is once."""
    job = await repository.locked(session, job_id)
    if job is None or job.status not in repository.OPEN:
        return False
    if job.sent_attempt == 0:
        await _end(session, job, JobStatus.cancelled, reason="cancelled", detail="Cancelled before it began.")
    elif not job.cancel_wanted:
        job.cancel_wanted = True
        _announce(session, job)
    return True


async def renew(session: AsyncSession, workers: Iterable[UUID]) -> None:
    """Extend the leases of these workers' jobs; the hub calls it with whoever sent a heartbeat."""
    await repository.renew(session, workers)


async def renew_all(session: AsyncSession) -> None:
    """Extend all leases: this process was blind, so that nobody's silence says anything."""
    await repository.renew_all(session)


async def expired(session: AsyncSession, limit: int = 100) -> list[Job]:
    """Return assigned jobs whose worker was silent for the length of a lease, locked for this transaction."""
    return await repository.expired(session, limit)


async def lock_builders(session: AsyncSession) -> None:
    """Before a build is given to a worker: nobody else gives one until this transaction ends, so that counts stay true."""
    await repository.lock_builders(session)


async def open_by_worker(session: AsyncSession) -> dict[UUID, int]:
    """Return how many open jobs each worker has, the `load` of `workers.choose_builder`."""
    return await repository.open_by_worker(session)


async def _current(session: AsyncSession, worker_id: UUID, job_id: UUID, attempt: int) -> Job | None:
    job = await repository.locked(session, job_id)
    if job is None or (job.worker_id != worker_id and attempt >= job.attempt):
        raise Misplaced(f"job {job_id}")
    if job.worker_id != worker_id or job.attempt != attempt or job.status is not JobStatus.assigned:
        return None
    return job


async def _end(
    session: AsyncSession,
    job: Job,
    status: JobStatus,
    *,
    result: dict[str, Any] | None = None,
    reason: str = "",
    detail: str = "",
) -> None:
    job.status = status
    job.result = result or {}
    job.reason = reason[:40] or None
    job.detail = detail[:DETAIL_LIMIT] or None
    job.lease_until = None
    job.finished_at = func.now()
    await session.flush()
    await session.refresh(job)
    _announce(session, job)
    announce(session, "builders")


def _announce(session: AsyncSession, job: Job) -> None:
    topics = ["jobs", f"job:{job.id}", f"build:{job.subject_id}"]
    if job.worker_id is not None:
        topics.append(f"worker:{job.worker_id}")
    if environment := job.payload.get("environment_id"):
        topics.append(f"environment:{environment}")
    announce(session, *topics)
