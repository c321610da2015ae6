"""When a deployment began to drain, and what was cut at its deadline."""

from collections.abc import Callable, Iterable


class Drains:
    """Deadlines by deployment on an injected monotonic clock. A restart of the agent begins them again."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._since: dict[str, float] = {}
        self._closed: dict[str, int] = {}

    def keep(self, deployments: Iterable[str]) -> None:
        """These drain now, all others no longer; who drained before keeps its deadline."""
        now = self._clock()
        self._since = {deployment: self._since.get(deployment, now) for deployment in deployments}
        self._closed = {deployment: count for deployment, count in self._closed.items() if deployment in self._since}

    def past(self, deployment: str) -> bool:
        """Whether the deadline is over."""
        return self._clock() - self._since.get(deployment, self._clock()) >= self._seconds

    def cut(self, deployment: str, count: int) -> None:
        """Note streams that were closed."""
        self._closed[deployment] = self._closed.get(deployment, 0) + count

    def closed(self, deployment: str) -> int:
        """Streams closed so far."""
        return self._closed.get(deployment, 0)
