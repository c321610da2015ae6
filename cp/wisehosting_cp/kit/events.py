"""Wake-ups inside one process. They are published after the commit and say only what to look at again; rows are the truth."""

import asyncio
import contextlib
import secrets
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import NamedTuple

SECURITY = "security:epoch"
"""Somebody may do less than before: what is remembered of credentials goes, and streams ask again."""
KEPT = 20_000
"""So many wake-ups are remembered for those who come back, in a few MB. Who was away for longer loads anew."""


class Published(NamedTuple):
    """One wake-up: its number in this process's life, when (monotonic seconds), and what it is about."""

    number: int
    at: float
    topic: str


class Events:
    """Topics such as `deployment:<id>`; a listener gets each changed topic once, however often it changed meanwhile."""

    def __init__(self, kept: int = KEPT, clock: Callable[[], float] = time.monotonic) -> None:
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._clock = clock
        self._life = secrets.token_hex(4)
        self._began = clock()
        self._number = 0
        self._recent: deque[Published] = deque(maxlen=kept)

    @property
    def position(self) -> str:
        """Where the wake-ups stand now; of use to `after` in this process only."""
        return f"{self._life}-{self._number}"

    def after(self, position: str, *topics: str) -> list[str] | None:
        """Return what was published after a position, each topic once; None where that cannot be told any more."""
        life, _, number = position.partition("-")
        if life != self._life or not number.isdecimal() or int(number) > self._number:
            return None
        first = int(number) + 1
        if first > self._number:
            return []
        if first < self._recent[0].number:
            return None
        return self._of(topics, lambda each: each.number >= first)

    def within(self, seconds: float, *topics: str) -> list[str] | None:
        """Return what was published in the last seconds, each topic once; None where that cannot be told."""
        since = self._clock() - seconds
        forgotten = len(self._recent) == self._recent.maxlen and self._recent[0].at >= since
        if self._began > since or forgotten:
            return None
        return self._of(topics, lambda each: each.at >= since)

    def _of(self, topics: Iterable[str], wanted: Callable[[Published], bool]) -> list[str]:
        found: dict[str, None] = {}
        for each in reversed(self._recent):
            if not wanted(each):
                break
            if not {each.topic, _kind(each.topic)}.isdisjoint(topics):
                found[each.topic] = None
        return list(reversed(found))

    def publish(self, topics: Iterable[str]) -> None:
        """Wake the listeners of these topics, and of their kinds (`deployment:*`)."""
        for topic in topics:
            self._number += 1
            self._recent.append(Published(self._number, self._clock(), topic))
            for name in (topic, _kind(topic), "*"):
                for listener in self._listeners.get(name, ()):
                    listener.wake(topic)

    def subscribe(self, *topics: str) -> "Listener":
        """Subscribe for as long as these events live. `kind:*` hears a whole kind, `*` all."""
        listener = Listener()
        for topic in topics:
            self._listeners[topic].add(listener)
        return listener

    @contextlib.contextmanager
    def listen(self, *topics: str) -> Iterator["Listener"]:
        """Subscribe for the length of the block. `kind:*` hears a whole kind, `*` all."""
        listener = self.subscribe(*topics)
        try:
            yield listener
        finally:
            for topic in topics:
                self._listeners[topic].discard(listener)
                if not self._listeners[topic]:
                    del self._listeners[topic]


def _kind(topic: str) -> str:
    return topic.split(":", 1)[0] + ":*"


class Listener:
    """Coalesces: what changed since the last look."""

    def __init__(self) -> None:
        self._changed: dict[str, None] = {}
        self._event = asyncio.Event()

    def wake(self, topic: str) -> None:
        """Note a changed topic."""
        self._changed[topic] = None
        self._event.set()

    async def changed(self, timeout: float | None = None) -> list[str]:  # noqa: ASYNC109 - an empty list is the answer, not an error
        """Wait for a change, at most `timeout` seconds; return the changed topics in order, or an empty list."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._event.wait()
        return self.take()

    def take(self) -> list[str]:
        """Return the topics that changed since the last look, without waiting."""
        self._event.clear()
        topics, self._changed = list(self._changed), {}
        return topics

    async def __aiter__(self) -> AsyncIterator[list[str]]:
        """Yield batches of changed topics for ever."""
        while True:
            if topics := await self.changed():
                yield topics
