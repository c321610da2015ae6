"""Out of memory by the kernel's log: this run of the container, not one before it."""

import time
from pathlib import Path

import pytest

from wisehosting_agent.runtime import oom

CONTAINER = "6ddb836b0b491e56b2756b3cd26580e8e5e6eb68b9aa6aa1c2ab7640ca193f9a"


def log_of(folder: Path, at: float) -> Path:
    """One record as /dev/kmsg has it, written at this unix time."""
    since_boot = time.clock_gettime(time.CLOCK_MONOTONIC) - (time.time() - at)
    path = folder / "kmsg"
    path.write_text(
        f"6,1234,{int(since_boot * 1_000_000)},-;oom-kill:constraint=CONSTRAINT_MEMCG,task_memcg=/{CONTAINER}\n"
    )
    return path


def test_a_kill_of_this_run_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(oom, "KERNEL_LOG", log_of(tmp_path, at=now - 5))
    assert oom.killed(CONTAINER, 137, since=now - 60, stopped_by_us=False)


def test_a_kill_of_an_earlier_run_of_the_same_container_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(oom, "KERNEL_LOG", log_of(tmp_path, at=now - 3600))
    assert not oom.killed(CONTAINER, 1, since=now - 60, stopped_by_us=False)


def test_without_a_log_only_a_kill_that_was_not_ours_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oom, "KERNEL_LOG", tmp_path / "missing")
    assert oom.killed(CONTAINER, 137, since=0, stopped_by_us=False)
    assert not oom.killed(CONTAINER, 137, since=0, stopped_by_us=True)
    assert not oom.killed(CONTAINER, 1, since=0, stopped_by_us=False)
