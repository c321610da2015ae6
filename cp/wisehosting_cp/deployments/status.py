"""The status of a deployment: one table of allowed moves, one setter. Nothing else writes `status`."""

import enum
from datetime import datetime, timedelta
from typing import Protocol


class DeploymentStatus(enum.StrEnum):
    """Where an attempt to make a release live stands."""

    queued = "queued"
    building = "building"
    starting = "starting"
    verifying = "verifying"
    live = "live"
    replaced = "replaced"
    failed = "failed"
    cancelled = "cancelled"


class DeploymentReason(enum.StrEnum):
    """Why a deployment ended as it did."""

    newer_push = "newer_push"
    rolled_back = "rolled_back"
    cancelled_by_user = "cancelled_by_user"
    cancelled = "cancelled"
    deleted = "deleted"

    repository_unreachable = "repository_unreachable"
    repository_not_found = "repository_not_found"
    repository_private = "repository_private"
    repository_empty = "repository_empty"
    repository_too_large = "repository_too_large"
    branch_gone = "branch_gone"
    root_directory_missing = "root_directory_missing"
    no_containerfile = "no_containerfile"
    not_detected = "not_detected"
    containerfile_refused = "containerfile_refused"
    settings_refused = "settings_refused"
    build_failed = "build_failed"
    build_out_of_memory = "build_out_of_memory"
    build_out_of_time = "build_out_of_time"
    build_out_of_disk = "build_out_of_disk"
    disk_full = "disk_full"
    base_image_missing = "base_image_missing"
    crashed_at_start = "crashed_at_start"
    crash_loop = "crash_loop"
    nothing_listens = "nothing_listens"
    wrong_port = "wrong_port"
    never_ready = "never_ready"
    out_of_memory = "out_of_memory"
    needs_capability = "needs_capability"
    no_start_command = "no_start_command"
    isolation_broken = "isolation_broken"
    image_missing = "image_missing"
    pool_empty = "pool_empty"
    worker_error = "worker_error"

    no_worker = "no_worker"
    too_many_instances = "too_many_instances"
    probe_failed = "probe_failed"
    deadline_passed = "deadline_passed"
    worker_lost = "worker_lost"


def reason_of(text: str | None, otherwise: DeploymentReason) -> DeploymentReason:
    """Read a reason a worker gave; one we do not know becomes `otherwise`."""
    try:
        return DeploymentReason(text or "")
    except ValueError:
        return otherwise


S = DeploymentStatus

MOVES: dict[DeploymentStatus, frozenset[DeploymentStatus]] = {
    S.queued: frozenset({S.building, S.starting, S.failed, S.cancelled}),
    S.building: frozenset({S.starting, S.failed, S.cancelled}),
    S.starting: frozenset({S.verifying, S.failed, S.cancelled}),
    S.verifying: frozenset({S.live, S.failed, S.cancelled}),
    S.live: frozenset({S.replaced}),
    S.replaced: frozenset(),
    S.failed: frozenset(),
    S.cancelled: frozenset(),
}
"""All allowed moves. A release that exists already (rollback, restart) goes from queued to starting."""

ACTIVE = frozenset({S.queued, S.building, S.starting, S.verifying})
RUNNING = ACTIVE - {S.queued}
NEEDS_REASON = frozenset({S.failed, S.cancelled})

DEADLINES: dict[DeploymentStatus, timedelta] = {
    S.queued: timedelta(minutes=10),
    S.building: timedelta(minutes=25),
    S.starting: timedelta(minutes=5),
    S.verifying: timedelta(minutes=2),
}
"""How long each active status may last. A queued deadline starts when the row is next in line. Building leaves room
for the checkout, the wait for a base image and the build's own limit of 15 minutes."""


class Movable(Protocol):
    """What the setter needs of a deployment."""

    status: DeploymentStatus
    reason: DeploymentReason | None
    detail: str | None
    deadline_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


class MoveRefused(Exception):
    """The table does not allow this move."""

    def __init__(self, old: DeploymentStatus, new: DeploymentStatus) -> None:
        super().__init__(f"a deployment cannot go from {old} to {new}")
        self.old = old
        self.new = new


def may_move(old: DeploymentStatus, new: DeploymentStatus) -> bool:
    """Tell whether the table allows this move."""
    return new in MOVES[old]


def move_to(
    deployment: Movable,
    new: DeploymentStatus,
    *,
    now: datetime,
    reason: DeploymentReason | None = None,
    detail: str | None = None,
) -> None:
    """Move a deployment: status, reason, detail, deadline and times together. Raises MoveRefused, also for the status it has."""
    if not may_move(deployment.status, new):
        raise MoveRefused(deployment.status, new)
    if (new in NEEDS_REASON) != (reason is not None):
        raise ValueError(f"{new} {'needs' if new in NEEDS_REASON else 'takes no'} reason")
    deployment.status = new
    deployment.reason = reason
    deployment.detail = detail
    deployment.deadline_at = now + DEADLINES[new] if new in RUNNING else None
    if new in RUNNING and deployment.started_at is None:
        deployment.started_at = now
    if new not in ACTIVE and deployment.finished_at is None:
        deployment.finished_at = now
