"""A message too large for a frame is known before it is sealed, and something true is said in its place."""

from typing import Any

import pytest

from wisehosting_wire import messages as m
from wisehosting_wire.codec import MAX_FRAME, Sealer, encode_message
from wisehosting_wire.errors import FrameTooLarge
from wisehosting_wire.fitting import MAX_MESSAGE, fits, in_its_place
from wisehosting_wire.keys import Direction
from wisehosting_wire.workload import AppSettings, InstanceStatus

HUGE = "x" * MAX_FRAME


def sealer() -> Sealer:
    return Sealer(b"k" * 32, protocol=1, direction=Direction.to_cp, worker="w" * 36, connection=b"c" * 16)


def policy(size: int) -> m.NetworkPolicy:
    """A message whose encoding has this many bytes."""
    empty = len(encode_message(m.NetworkPolicy(allow=["x" * 70_000]))) - 70_000
    return m.NetworkPolicy(allow=["x" * (size - empty)])


def test_the_largest_message_that_fits_can_be_sealed_with_the_largest_numbers() -> None:
    largest = policy(MAX_MESSAGE)
    assert len(encode_message(largest)) == MAX_MESSAGE
    assert fits(largest)
    assert len(sealer().seal(largest, 2**63 - 1)) <= MAX_FRAME
    assert not fits(policy(MAX_MESSAGE + 1))


def test_a_message_too_large_does_not_move_the_sequence() -> None:
    writer, other = sealer(), sealer()
    with pytest.raises(FrameTooLarge):
        writer.seal(policy(MAX_FRAME))
    assert writer.seal(m.TokenWanted()) == other.seal(m.TokenWanted())


@pytest.mark.parametrize(
    "message",
    [
        m.InstanceObserved(instance="i", status=InstanceStatus.exited, reason="crashed", detail=HUGE, exit_code=3),
        m.JobProgress(job="j", attempt=2, phase="checked_out", seconds=1, commit=HUGE, subject=HUGE, author=HUGE),
        m.JobFinished(job="j", attempt=2, image=m.ImageFacts(image="a", size_bytes=1, user=HUGE), seconds=2.5),
        m.JobFinished(
            job="j", attempt=2, image=m.ImageFacts(image="a", size_bytes=1), settings=AppSettings(command=[HUGE])
        ),
        m.JobFinished(job="j", attempt=2, reason="build_failed", detail=HUGE),
        m.JobFinished(
            job="j", attempt=2, reason="build_failed", report=m.BuildReport(failed_step=3, last_lines=[HUGE])
        ),
        m.RouteAck(revision=9, digest=b"d", refused=[f"{number:036}:pool_empty" for number in range(40_000)]),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_stands_for_a_durable_message_fits_and_keeps_what_decides(message: Any) -> None:
    assert not fits(message)
    other = in_its_place(message)
    assert other is not None
    assert type(other) is type(message)
    assert fits(other)
    for name in ("job", "attempt", "phase", "exit_code", "instance", "status", "revision", "digest"):
        assert getattr(other, name, None) == getattr(message, name, None)


def test_a_job_whose_result_does_not_fit_fails_with_a_sentence() -> None:
    image = m.ImageFacts(image="a", size_bytes=1, command=[HUGE])
    other = in_its_place(m.JobFinished(job="j", attempt=1, image=image))
    assert isinstance(other, m.JobFinished)
    assert (other.image, other.reason) == (None, "worker_error")
    assert "Shorten the image's command" in other.detail


def test_a_job_that_failed_keeps_its_reason() -> None:
    other = in_its_place(m.JobFinished(job="j", attempt=1, reason="build_failed", detail=HUGE))
    assert isinstance(other, m.JobFinished)
    assert other.reason == "build_failed"


def test_a_text_that_was_cut_says_so() -> None:
    other = in_its_place(m.InstanceObserved(instance="i", status=InstanceStatus.exited, detail=HUGE))
    assert isinstance(other, m.InstanceObserved)
    assert other.detail.startswith("xxx")
    assert f"{len(HUGE)} characters do not fit" in other.detail


def test_nothing_stands_for_what_is_said_again_anyway() -> None:
    assert in_its_place(m.Inventory(generation=1, instances={HUGE: InstanceStatus.ready})) is None
