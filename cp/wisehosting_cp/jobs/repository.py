"""SQL of jobs. Leases are measured by the database's clock."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.jobs.models import Job, JobStatus

OPEN = (JobStatus.queued, JobStatus.assigned)
LEASE = timedelta(seconds=90)


async def lock_builders(session: AsyncSession) -> None:
    """Let one transaction at a time decide which worker builds, until its end."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("wisehosting/builders"))))


async def locked(session: AsyncSession, job_id: UUID) -> Job | None:
    """Return a job, locked until the end of the transaction."""
    query = select(Job).where(Job.id == job_id).with_for_update().execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def renew(session: AsyncSession, workers: Iterable[UUID]) -> None:
    """Extend the leases of these workers' jobs: one statement for all."""
    await session.execute(
        update(Job)
        .where(Job.worker_id.in_(list(workers)), Job.status == JobStatus.assigned)
        .values(lease_until=func.now() + LEASE)
        .execution_options(synchronize_session=False)
    )


async def renew_all(session: AsyncSession) -> None:
    """Extend the leases of all assigned jobs."""
    await session.execute(
        update(Job)
        .where(Job.status == JobStatus.assigned)
        .values(lease_until=func.now() + LEASE)
        .execution_options(synchronize_session=False)
    )


async def expired(session: AsyncSession, limit: int) -> list[Job]:
    """Return assigned jobs whose lease ran out, locked; rows that somebody else works on are left to them."""
    query = (
        select(Job)
        .where(Job.status == JobStatus.assigned, Job.lease_until < func.now())
        .order_by(Job.lease_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list((await session.execute(query)).scalars())


async def to_send(session: AsyncSession, worker_id: UUID, limit: int) -> list[Job]:
    """Return this worker's jobs with an assignment or a cancellation that is not in its outbox yet, locked."""
    query = (
        select(Job)
        .where(
            Job.worker_id == worker_id,
            or_(
                and_(Job.status == JobStatus.assigned, Job.sent_attempt < Job.attempt),
                # also of a job that was given up: its worker may still be at it
                and_(Job.cancel_wanted.is_(True), Job.cancel_sent.is_(False), Job.sent_attempt > 0),
            ),
        )
        .order_by(Job.id)
        .limit(limit)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(query)).scalars())


async def open_by_worker(session: AsyncSession) -> dict[UUID, int]:
    """Return how many open jobs each worker has."""
    query = select(Job.worker_id, func.count()).where(Job.status.in_(OPEN)).group_by(Job.worker_id)
    return {worker: count for worker, count in (await session.execute(query)).all() if worker is not None}


async def on_worker(
    session: AsyncSession, worker_id: UUID, *, subject_id: UUID | None = None, open_only: bool = False
) -> list[Job]:
    """Return jobs given to this worker."""
    query = select(Job).where(Job.worker_id == worker_id)
    if subject_id is not None:
        query = query.where(Job.subject_id == subject_id)
    if open_only:
        query = query.where(Job.status.in_(OPEN))
    return list((await session.execute(query)).scalars())


async def page(session: AsyncSession, *, before: UUID | None, limit: int) -> list[Job]:
    """Return jobs, newest first."""
    query = select(Job).order_by(Job.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Job.id < before)
    return list((await session.execute(query)).scalars())
