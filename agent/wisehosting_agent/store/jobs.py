"""Build jobs: assigned, running, finished. A job that was running when the agent died is done again from scratch.

The key under which a team's build variables are hashed is sealed, as the variables are.
"""

import time

import msgspec

from wisehosting_agent.reasons import Reason
from wisehosting_agent.store.database import Transaction
from wisehosting_wire.messages import JobFinished
from wisehosting_wire.workload import BuildSpec

KEPT_SECONDS = 7 * 24 * 3600
"""Finished jobs are remembered this long, so that a late copy of an assignment is not built again."""


class JobRow(msgspec.Struct, frozen=True):
    """A job that has not ended."""

    job: str
    attempt: int
    build: BuildSpec
    status: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(BuildSpec).decode


def assign(tx: Transaction, job: str, attempt: int, build: BuildSpec) -> bool:
    """Take a job. False when this attempt or a later one is already known."""
    row = tx.execute("SELECT attempt FROM jobs WHERE job = ?", job).fetchone()
    if row is not None and row[0] >= attempt:
        return False
    assert tx.seal is not None  # noqa: S101  # whoever writes opened the store, and with it the host's key
    salt = tx.seal.close(build.key_salt, *_place(job, attempt))
    tx.execute("DELETE FROM jobs WHERE status = 'finished' AND created < ?", time.time() - KEPT_SECONDS)
    tx.execute(
        "INSERT INTO jobs (job, attempt, spec, status, created) VALUES (?, ?, ?, 'assigned', ?) ON CONFLICT (job) "
        "DO UPDATE SET attempt = excluded.attempt, spec = excluded.spec, status = 'assigned', result = ''",
        job,
        attempt,
        _encode(msgspec.structs.replace(build, key_salt=salt)),
        time.time(),
    )
    return True


def open_jobs(tx: Transaction) -> list[JobRow]:
    """Jobs that have not ended, oldest first. One whose salt does not open any more is ended and reported.

    A reader without the host's key sees salts as they lie there.
    """
    rows = tx.execute("SELECT job, attempt, spec, status FROM jobs WHERE status != 'finished' ORDER BY created, job")
    found = []
    for job, attempt, spec, status in rows.fetchall():
        build = _decode(spec)
        salt = tx.seal.open(build.key_salt, *_place(job, attempt)) if tx.seal else build.key_salt
        if salt is None:
            detail = "A key of this build cannot be read any more: the worker's host key was replaced. Deploy again."
            finish(tx, JobFinished(job=job, attempt=attempt, reason=str(Reason.worker_error), detail=detail))
        else:
            found.append(JobRow(job, attempt, msgspec.structs.replace(build, key_salt=salt), status))
    return found


def started(tx: Transaction, job: str, attempt: int) -> bool:
    """Mark as running; False when it ended or was replaced meanwhile."""
    cursor = tx.execute(
        "UPDATE jobs SET status = 'running' WHERE job = ? AND attempt = ? AND status != 'finished'", job, attempt
    )
    return cursor.rowcount == 1


def finish(tx: Transaction, report: JobFinished) -> bool:
    """End the job and post the report, once: False when it had already ended or was replaced."""
    cursor = tx.execute(
        "UPDATE jobs SET status = 'finished', result = ?, spec = x'' WHERE job = ? AND attempt = ? AND status != 'finished'",
        report.reason or "built",
        report.job,
        report.attempt,
    )
    if cursor.rowcount == 0:
        return False
    tx.post(report)
    return True


def running_attempt(tx: Transaction, job: str) -> int | None:
    """Attempt of a job that has not ended, or None."""
    row = tx.execute("SELECT attempt FROM jobs WHERE job = ? AND status != 'finished'", job).fetchone()
    return None if row is None else int(row[0])


def _place(job: str, attempt: int) -> tuple[str | int, ...]:
    return "jobs", "key_salt", job, attempt
