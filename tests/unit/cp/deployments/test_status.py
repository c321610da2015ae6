"""The status table: what moves, what ends, and that nothing else writes a status."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wisehosting_agent.reasons
import wisehosting_cp
from wisehosting_cp.deployments.sentences import NEXT_STEP
from wisehosting_cp.deployments.status import (
    ACTIVE,
    DEADLINES,
    MOVES,
    NEEDS_REASON,
    RUNNING,
    DeploymentReason,
    DeploymentStatus,
    MoveRefused,
    may_move,
    move_to,
    reason_of,
)

NOW = datetime(2026, 12, 1, tzinfo=UTC)
STATUSES = list(DeploymentStatus)


@dataclass
class Row:
    status: DeploymentStatus = DeploymentStatus.queued
    reason: DeploymentReason | None = None
    detail: str | None = None
    deadline_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@pytest.mark.parametrize("old", STATUSES)
@pytest.mark.parametrize("new", STATUSES)
def test_every_pair_outside_the_table_is_refused(old: DeploymentStatus, new: DeploymentStatus) -> None:
    row = Row(status=old)
    reason = DeploymentReason.build_failed if new in NEEDS_REASON else None
    if may_move(old, new):
        move_to(row, new, now=NOW, reason=reason, detail="why")
        assert (row.status, row.reason, row.detail) == (new, reason, "why")
    else:
        with pytest.raises(MoveRefused):
            move_to(row, new, now=NOW, reason=reason)
        assert row == Row(status=old)


def test_every_status_has_a_row_in_the_table() -> None:
    assert set(MOVES) == set(DeploymentStatus)


def test_every_active_status_has_a_deadline_and_can_end() -> None:
    assert set(DEADLINES) == set(ACTIVE)
    for status in ACTIVE:
        assert {DeploymentStatus.failed, DeploymentStatus.cancelled} <= MOVES[status]


def test_an_ended_deployment_never_becomes_active_again() -> None:
    for status in set(DeploymentStatus) - ACTIVE:
        assert not MOVES[status] & ACTIVE


@given(st.lists(st.sampled_from(STATUSES), max_size=12))
def test_times_deadline_and_reason_always_fit_the_status(walk: list[DeploymentStatus]) -> None:
    row = Row()
    for new in walk:
        if may_move(row.status, new):
            reason = DeploymentReason.cancelled if new in NEEDS_REASON else None
            move_to(row, new, now=NOW, reason=reason)
        assert (row.reason is not None) == (row.status in NEEDS_REASON)
        assert (row.deadline_at is not None) == (row.status in RUNNING)
        assert (row.finished_at is not None) == (row.status not in ACTIVE)


@pytest.mark.parametrize("status", sorted(NEEDS_REASON))
def test_an_end_without_a_reason_is_refused(status: DeploymentStatus) -> None:
    with pytest.raises(ValueError, match="needs reason"):
        move_to(Row(), status, now=NOW)


def test_live_takes_no_reason() -> None:
    with pytest.raises(ValueError, match="takes no reason"):
        move_to(
            Row(status=DeploymentStatus.verifying), DeploymentStatus.live, now=NOW, reason=DeploymentReason.cancelled
        )


def test_every_reason_says_what_to_do_next() -> None:
    assert set(NEXT_STEP) == set(DeploymentReason)
    for sentence in NEXT_STEP.values():
        assert re.fullmatch(r"[A-Z].*\.", sentence)


def test_every_reason_a_worker_gives_is_known_here() -> None:
    for reason in wisehosting_agent.reasons.Reason:
        assert DeploymentReason(reason.value)
    assert reason_of("made-up", DeploymentReason.worker_error) is DeploymentReason.worker_error
    assert reason_of(None, DeploymentReason.worker_error) is DeploymentReason.worker_error


def test_only_the_setter_writes_a_deployment_status() -> None:
    room = Path(wisehosting_cp.__file__).parent / "deployments"
    writers = [
        f"{path.name}: {line.strip()}"
        for path in room.glob("*.py")
        if path.name != "status.py"
        for line in path.read_text().splitlines()
        if re.search(r"\.status\s*=[^=]", line)
    ]
    assert writers == []
