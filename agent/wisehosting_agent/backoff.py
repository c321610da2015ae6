"""How long to wait before trying again."""

import random

START_BACKOFF_SECONDS = 1.0
START_BACKOFF_CAP_SECONDS = 300.0
START_BACKOFF_RESET_SECONDS = 600.0
"""An instance that stayed up this long starts again at once when it dies."""


def reconnect_delay(attempt: int, *, cap: float, base: float = 1.0) -> float:
    """Full jitter: a random time up to base x 2^attempt seconds, at most cap."""
    return random.uniform(0, min(cap, base * float(1 << min(attempt, 16))))  # noqa: S311  # spreads load, guards nothing


def restart_delay(doublings: int) -> float:
    """Seconds before an instance that died is started again: 1, 2, 4 … 300."""
    return min(START_BACKOFF_CAP_SECONDS, START_BACKOFF_SECONDS * float(1 << min(doublings, 16)))


def ends_before(counted: int, up_seconds: float) -> int:
    """How many ends count before this one: those so far, or none when it had stayed up for ten minutes."""
    return 0 if up_seconds >= START_BACKOFF_RESET_SECONDS else counted
