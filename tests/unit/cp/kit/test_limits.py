"""Token buckets: what gets through in any order of asking, and how much they remember."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.errors import TooManyRequests
from wisehosting_cp.kit.limits import Limit, Limits

LIMIT = Limit("tries", 5, 60)


def _allowed(limits: Limits, subject: str, now: float) -> bool:
    try:
        limits.take(LIMIT, subject, now)
    except TooManyRequests:
        return False
    return True


@given(st.lists(st.floats(min_value=0, max_value=20), max_size=200))
def test_no_order_of_asking_gets_more_through_than_the_burst_and_what_came_back(pauses: list[float]) -> None:
    limits, now, through = Limits(), 0.0, 0
    for pause in pauses:
        now += pause
        through += _allowed(limits, "ada", now)
    assert through <= LIMIT.most + now * LIMIT.most / LIMIT.seconds + 1e-6


def test_whoever_waits_as_long_as_told_gets_through() -> None:
    limits = Limits()
    while _allowed(limits, "ada", 0.0):
        pass
    with pytest.raises(TooManyRequests, match=r"Try again in 12 s") as refused:
        limits.take(LIMIT, "ada", 0.0)
    assert refused.value.retry_after == 12
    assert not _allowed(limits, "ada", 11.5)
    assert _allowed(limits, "ada", 12.0)


def test_one_subject_does_not_use_up_another_s() -> None:
    limits = Limits()
    while _allowed(limits, "eve", 0.0):
        pass
    assert _allowed(limits, "ada", 0.0)


def test_what_is_remembered_is_bounded() -> None:
    limits = Limits(most_buckets=100)
    for number in range(1000):
        limits.take(LIMIT, str(number), 0.0)
    assert len(limits._buckets) == 100
