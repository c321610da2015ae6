"""How often somebody may ask: token buckets in memory, bounded, one set a process; and how much they may hold open."""

import contextlib
import math
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from wisehosting_cp.errors import TooManyRequests

MOST_BUCKETS = 20_000


@dataclass(frozen=True)
class Limit:
    """So many at once, and as many again over a time, spread evenly."""

    name: str
    most: int
    seconds: float


class Limits:
    """Counts by limit and subject. A subject unseen for long is forgotten, and then has its whole allowance."""

    def __init__(self, most_buckets: int = MOST_BUCKETS) -> None:
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._most = most_buckets
        self._open: Counter[tuple[str, str]] = Counter()

    def take(self, limit: Limit, subject: str, now: float) -> None:
        """Count one; `now` is monotonic, in seconds. Raises TooManyRequests with the seconds to wait.

        A refused one is not counted, so that asking on does not prolong the wait.
        """
        key = (limit.name, subject)
        left, at = self._buckets.pop(key, (float(limit.most), now))
        left = min(float(limit.most), left + (now - at) * limit.most / limit.seconds)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        if not allowed:
            wait = math.ceil((1 - left) * limit.seconds / limit.most)
            raise TooManyRequests(
                "too_many_requests", f"Too many requests in a short time. Try again in {wait} s.", retry_after=wait
            )

    @contextlib.contextmanager
    def hold(self, name: str, subject: str, most: int, *, refusal: str) -> Iterator[None]:
        """Count one as open for the length of the block. Raises TooManyRequests with `refusal` when there are `most`."""
        key = (name, subject)
        if self._open.get(key, 0) >= most:
            raise TooManyRequests(f"too_many_{name}", refusal)
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]
