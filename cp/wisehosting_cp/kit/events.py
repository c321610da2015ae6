"""Wake-ups inside one process. They are published after the commit and say only what to look at again; rows are the truth."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator

SECURITY = "security:epoch"
"""Somebody may do less than before: what is remembered of credentials goes, and streams ask again."""


class Events:
    """Topics such as `deployment:<id>`; a listener gets each changed topic once, however often it changed meanwhile."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = defaultdict(set)

    def publish(self, topics: Iterable[str]) -> None:
        """Wake the listeners of these topics, and of their kinds (`deployment:*`)."""
        for topic in topics:
            kind = topic.split(":", 1)[0] + ":*"
            for name in (topic, kind, "*"):
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
