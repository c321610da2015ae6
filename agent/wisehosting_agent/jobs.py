"""The job runner: builds, a few at once, each ended by exactly one JobFinished."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import structlog

from wisehosting_agent.build.port import Builder, CheckedOut
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.guard import Guard
from wisehosting_agent.hands import VariablesNeeded
from wisehosting_agent.reasons import Reason
from wisehosting_agent.store import jobs
from wisehosting_agent.store.database import Database, Transaction
from wisehosting_agent.store.jobs import JobRow
from wisehosting_agent.telemetry.build_log import BuildLog
from wisehosting_wire.facts import BuildPlan, BuildReport
from wisehosting_wire.fitting import fits, in_its_place
from wisehosting_wire.messages import JobAssigned, JobCancelled, JobFinished, JobProgress

_log = structlog.get_logger(__name__)
DETAIL_CHARACTERS = 4000
RETRY_SECONDS = 5.0
SUBJECT_CHARACTERS = 500


class BuildLogs(Protocol):
    """Where lines of builds go."""

    def build_log(self, build: str) -> Path:
        """File of this build's lines."""

    async def track_build(self, build: str) -> None:
        """Ship the file's lines from now on."""

    def end(self, subject: str) -> None:
        """No line will follow."""

    def lines_added(self) -> None:
        """Ship soon."""


class JobRunner:
    """Jobs are rows first: what is assigned is begun now or after the next start of the agent."""

    def __init__(
        self,
        builder: Builder,
        store: Database,
        variables: VariablesNeeded,
        logs: BuildLogs,
        guard: Guard,
        *,
        concurrency: int,
    ) -> None:
        self._builder = builder
        self._store = store
        self._variables = variables
        self._logs = logs
        self._guard = guard
        self._concurrency = concurrency
        self.on_end: Callable[[], None] = lambda: None
        """Called after each build, whatever its outcome."""
        self._wake = asyncio.Event()
        self._tasks: dict[str, tuple[int, asyncio.Task[None]]] = {}

    def assign(self, tx: Transaction, message: JobAssigned) -> None:
        """Store the job; the same attempt or a lower one is known already and changes nothing."""
        jobs.assign(tx, message.job, message.attempt, message.build)

    def cancel(self, tx: Transaction, message: JobCancelled) -> None:
        """End the job in the store and report it; a job that had ended stays as it ended."""
        attempt = jobs.running_attempt(tx, message.job)
        if attempt is not None:
            jobs.finish(
                tx,
                JobFinished(job=message.job, attempt=attempt, reason=str(Reason.cancelled), detail=message.reason),
            )

    def changed(self) -> None:
        """After the commit of `assign` or `cancel`: look at the rows."""
        self._wake.set()

    async def run(self) -> None:
        """Clean up after a crash, then do what is assigned, until cancelled. Running builds are given up then, unreported."""
        try:
            await self._builder.sweep()
        except Exception:  # noqa: BLE001  # what strangers left behind must not keep the agent from starting
            _log.exception("sweep_failed")
        try:
            while True:
                self._wake.clear()
                rows = {row.job: row for row in await self._store.run(jobs.open_jobs)}
                for job, (attempt, task) in list(self._tasks.items()):
                    if task.done():
                        del self._tasks[job]
                    elif job not in rows or rows[job].attempt != attempt:
                        task.cancel()
                for row in rows.values():
                    if len(self._tasks) >= self._concurrency:
                        break
                    if row.job not in self._tasks:
                        task = asyncio.create_task(self._do(row), name=f"build {row.build.build}")
                        task.add_done_callback(lambda _: self._wake.set())
                        self._tasks[row.job] = (row.attempt, task)
                await self._wake.wait()
        finally:
            tasks = [task for _, task in self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _do(self, row: JobRow) -> None:
        """One job, from its row to its end. Every line that is logged meanwhile names the build.

        When the worker itself fails (a full disk below its store), the job stays open and is tried again after a pause.
        """
        with structlog.contextvars.bound_contextvars(build=row.build.build):
            try:
                await self._work(row)
            except Exception:  # noqa: BLE001  # the row stays open: whatever it was, the next attempt may work
                _log.exception("job_broke")
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self.on_end()

    async def _work(self, row: JobRow) -> None:
        began = time.monotonic()
        log = BuildLog(self._logs.build_log(row.build.build), self._logs.lines_added)
        ended = False
        try:
            await self._logs.track_build(row.build.build)
            await self._guard.wait_closed()
            if row.status == "running":
                log.write("The worker's agent was restarted; the build begins again.", 2, 0)
            if not await self._store.run(lambda tx: jobs.started(tx, row.job, row.attempt)):
                return
            report = await self._build(row, log, began)
            if not fits(report):
                report = _too_large(report)
                log.write(report.detail, 2, 0)
            ended = await self._store.run(lambda tx: _finish(tx, report))
            _log.info("build_ended", reason=report.reason, seconds=round(report.seconds, 1))
        except asyncio.CancelledError:
            ended = await asyncio.shield(self._was_cancelled(row))
            if ended:
                log.write("The build was cancelled.", 2, 0)
            raise
        finally:
            log.close()
            if ended:
                self._logs.end(row.build.build)

    async def _build(self, row: JobRow, log: BuildLog, began: float) -> JobFinished:
        try:
            variables = await self._variables.need(row.build.environment.id, row.build.variables_version)
            built = await self._builder.build(row.build, dict(variables.build), log.write, _Told(self._store, row))
        except WorkFailed as error:
            log.write(_end_of_log(error), 2, 0)
            return _failed(row, error.reason, error.detail, began, error.report)
        except Exception as error:  # noqa: BLE001  # a job must end, whatever broke; the sentence names it
            _log.exception("build_broke")
            detail = f"The worker could not build: {type(error).__name__}: {error}. Deploy again; tell the operator if it lasts."
            log.write(detail, 2, 0)
            return _failed(row, Reason.worker_error, detail, began)
        return JobFinished(
            job=row.job,
            attempt=row.attempt,
            image=built.image,
            content_key=built.content_key,
            reused=built.reused,
            settings=built.settings,
            seconds=time.monotonic() - began,
            report=built.report,
        )

    async def _was_cancelled(self, row: JobRow) -> bool:
        """Cancelled by the control plane; not replaced by a later attempt, not given up because this agent ends."""
        return await self._store.run(lambda tx: jobs.running_attempt(tx, row.job)) is None


class _Told:
    """A build's progress, as messages to the control plane."""

    def __init__(self, store: Database, row: JobRow) -> None:
        self._store = store
        self._row = row

    async def checked_out(self, found: CheckedOut) -> None:
        await self._post(
            JobProgress(
                job=self._row.job,
                attempt=self._row.attempt,
                phase="checked_out",
                seconds=found.seconds,
                commit=found.commit,
                subject=found.subject[:SUBJECT_CHARACTERS],
                author=found.author[:SUBJECT_CHARACTERS],
            )
        )

    async def planned(self, plan: BuildPlan) -> None:
        await self._post(
            JobProgress(job=self._row.job, attempt=self._row.attempt, phase="planned", seconds=0, plan=plan)
        )

    async def _post(self, message: JobProgress) -> None:
        await self._store.run(lambda tx: tx.post(message))


def _finish(tx: Transaction, report: JobFinished) -> bool:
    if report.image is not None and jobs.running_attempt(tx, report.job) == report.attempt:
        tx.post(JobProgress(job=report.job, attempt=report.attempt, phase="built", seconds=report.seconds))
    jobs.finish(tx, report)
    return True


def _end_of_log(error: WorkFailed) -> str:
    """Return the sentence and the hint: what the failing step said stands in the log already."""
    if not error.report.last_lines:
        return error.detail
    hint = error.report.hint
    sentence = error.detail.partition("\n")[0]
    return f"{sentence}\n{hint.title}. {hint.sentence}" if hint else sentence


def _too_large(report: JobFinished) -> JobFinished:
    """The end of a job whose result no frame can carry; decided before it is stored, so that both sides hold the same."""
    shorter = in_its_place(report)
    assert isinstance(shorter, JobFinished)  # noqa: S101  # the end of a job always has a stand-in
    return shorter


def _failed(row: JobRow, reason: Reason, detail: str, began: float, report: BuildReport | None = None) -> JobFinished:
    return JobFinished(
        job=row.job,
        attempt=row.attempt,
        reason=str(reason),
        detail=detail[:DETAIL_CHARACTERS],
        seconds=time.monotonic() - began,
        report=report or BuildReport(),
    )
