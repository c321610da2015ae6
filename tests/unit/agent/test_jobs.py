"""The job runner over a real store: one end per job, one that can be reported, and lines that name the build."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from wisehosting_agent import jobs as runner_module
from wisehosting_agent.build.port import Built, CheckedOut
from wisehosting_agent.jobs import JobRunner
from wisehosting_agent.store import mail
from wisehosting_agent.store.database import Database
from wisehosting_agent.store.vault import Variables
from wisehosting_wire.codec import from_agent_decoder
from wisehosting_wire.facts import BaseImage, ImageFacts
from wisehosting_wire.fitting import fits
from wisehosting_wire.messages import JobAssigned, JobFinished, JobProgress
from wisehosting_wire.workload import BuildSpec, EnvironmentRef, Source

pytestmark = pytest.mark.anyio

SPEC = BuildSpec(
    build="build-one",
    environment=EnvironmentRef(id="env", team="team", project="shop", number=1),
    source=Source(url="https://git.test/x.git", commit="c" * 40, branch="main"),
    variables_version=1,
)


class Surroundings:
    """Guard, variables, logs and builder, as far as the runner asks them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.image = ImageFacts(image="ab" * 32, size_bytes=1)
        self.subject = "First light"

    async def wait_closed(self) -> None:
        pass

    async def need(self, environment: str, version: int) -> Variables:
        return Variables(run={}, build={})

    def build_log(self, build: str) -> Path:
        return self.folder / f"{build}.log"

    async def track_build(self, build: str) -> None:
        pass

    def end(self, subject: str) -> None:
        pass

    def lines_added(self) -> None:
        pass

    async def sweep(self) -> None:
        pass

    def bases(self) -> list[BaseImage]:
        return []

    async def build(self, spec: BuildSpec, variables: Any, line: Any, progress: Any) -> Built:
        await progress.checked_out(CheckedOut(commit="c" * 40, subject=self.subject, author=self.subject, seconds=0.5))
        structlog.get_logger("deep inside").info("built")
        return Built(image=self.image, content_key="key", reused=False, seconds=1)


@contextlib.asynccontextmanager
async def ended(around: Surroundings, folder: Path) -> AsyncIterator[dict[type, Any]]:
    """What the outbox holds once the one job of the test has ended, by type."""
    store = Database(folder / "agent.db")
    await store.open()
    runner = JobRunner(around, store, around, around, around, concurrency=1)  # type: ignore[arg-type]
    await store.run(lambda tx: runner.assign(tx, JobAssigned(job="job-one", attempt=1, build=SPEC)))
    task = asyncio.create_task(runner.run())
    try:
        async with asyncio.timeout(10):
            while True:
                rows = await store.run(lambda tx: mail.waiting(tx, 0, 100))
                said = [from_agent_decoder.decode(body) for _, body in rows]
                if any(isinstance(message, JobFinished) for message in said):
                    break
                await asyncio.sleep(0.01)
        yield {type(message): message for message in said}
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.close()


async def test_a_build_whose_result_fits_no_frame_fails_with_a_sentence_before_it_is_stored(tmp_path: Path) -> None:
    around = Surroundings(tmp_path)
    around.image = ImageFacts(image="ab" * 32, size_bytes=1, command=["x" * 2**20])
    async with ended(around, tmp_path) as said:
        report = said[JobFinished]
    assert (report.image, report.reason) == (None, "worker_error")
    assert "Shorten the image's command" in report.detail
    assert "Shorten the image's command" in around.build_log("build-one").read_text()


async def test_a_commit_without_a_short_subject_is_reported_with_the_beginning_of_it(tmp_path: Path) -> None:
    around = Surroundings(tmp_path)
    around.subject = "y" * 2**20
    async with ended(around, tmp_path) as said:
        assert said[JobFinished].image is not None
        assert isinstance(said[JobProgress], JobProgress)
        assert all(fits(message) for message in said.values())


async def test_every_line_of_a_build_names_it_whoever_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[Any] = []

    def keep(_: Any, __: str, event: Any) -> Any:
        lines.append(dict(event))
        raise structlog.DropEvent

    monkeypatch.setattr(runner_module, "_log", structlog.get_logger("jobs"))
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, keep])
    try:
        async with ended(Surroundings(tmp_path), tmp_path):
            pass
    finally:
        structlog.reset_defaults()
    assert {line["event"]: line.get("build") for line in lines} == {"built": "build-one", "build_ended": "build-one"}


async def test_a_worker_that_fails_itself_tries_the_job_again_after_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around, tries = Surroundings(tmp_path), list[str]()

    async def track_build(build: str) -> None:
        tries.append(build)
        if len(tries) < 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(runner_module, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(around, "track_build", track_build)
    async with ended(around, tmp_path) as said:
        assert said[JobFinished].image is not None
    assert len(tries) == 3


async def test_what_a_crash_left_behind_never_keeps_the_agent_from_building(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = Surroundings(tmp_path)

    async def sweep() -> None:
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr(around, "sweep", sweep)
    async with ended(around, tmp_path) as said:
        assert said[JobFinished].image is not None
