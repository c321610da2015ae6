"""When an instance that ended is started again."""

from wisehosting_agent.backoff import ends_before, restart_delay


def delays(ups: list[float]) -> list[float]:
    """Seconds before each start, for an app that stays up so long each time."""
    counted, waits = 0, []
    for up in ups:
        before = ends_before(counted, up)
        waits.append(restart_delay(before))
        counted = before + 1
    return waits


def test_an_app_that_keeps_ending_waits_twice_as_long_each_time_up_to_five_minutes() -> None:
    assert delays([0.5] * 11) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_a_crash_after_an_hour_is_a_first_one_again() -> None:
    assert delays([0.5, 0.5, 0.5, 3600, 0.5]) == [1, 2, 4, 1, 2]


def test_nine_minutes_up_are_no_proof_of_health_and_ten_are() -> None:
    assert delays([0.5, 0.5, 540]) == [1, 2, 4]
    assert delays([0.5, 0.5, 600]) == [1, 2, 1]
