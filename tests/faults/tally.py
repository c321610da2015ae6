"""What the load saw, counted: requests, failures by kind, gaps, who answered; streams apart. No input or output here."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

DRAIN_SECONDS = 30.0
"""Streams of a deployment that was replaced may be closed this long after."""
CLOCKS = 1.5
"""The switch is seen here a little later than where the drain is timed."""


def at(share: float, sorted_values: list[float]) -> float:
    """A percentile in milliseconds; 0 of nothing."""
    return (
        round(sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))] * 1000, 1)
        if sorted_values
        else 0.0
    )


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": at(0.5, ordered), "p99": at(0.99, ordered), "max": at(1, ordered)}


@dataclass
class Streams:
    """Long answers. `drained` were closed at the drain deadline; `broken` ended in any other way than by themselves."""

    opened: int = 0
    ended: int = 0
    drained: int = 0
    broken: int = 0


@dataclass
class Window:
    """From one mark to the next."""

    begun: float = field(default_factory=time.monotonic)
    sent: int = 0
    succeeded: int = 0
    posts: int = 0
    """Slow uploads that were sent."""
    idle_closed: int = 0
    """Kept connections found closed before anything was written to them: another one was taken."""
    failed: Counter[str] = field(default_factory=Counter)
    latency: list[float] = field(default_factory=list)
    """From the due time, seconds."""
    lateness: list[float] = field(default_factory=list)
    """Of the load itself."""
    longest_gap: float = 0.0
    answered: Counter[int] = field(default_factory=Counter)
    """By deployment number."""
    instances: Counter[str] = field(default_factory=Counter)
    """By what an instance calls itself."""
    posts_over_a_switch: int = 0
    """Uploads under way when the first answer of a newer deployment came, that the older one answered."""
    streams: Streams = field(default_factory=Streams)
    echoes: int = 0


class Tally:
    """Counts for one app. `say` gets one line per failure and per deployment that answers for the first time."""

    def __init__(self, name: str, say: Any) -> None:
        self.name = name
        self.window = Window()
        self.first_answers: dict[int, float] = {}
        self.open_streams = 0
        self.posting: set[Any] = set()
        self._say = say
        self._versions: dict[int, str] = {}
        self._last_success = time.monotonic()
        self._excused: list[float] = []

    def succeeded(self, number: int, due: float | None) -> None:
        """A right answer; `due` of short requests, whose latency counts."""
        now = time.monotonic()
        self.window.succeeded += 1
        if due is not None:
            self.window.latency.append(now - due)
        self.window.answered[number] += 1
        self.window.longest_gap = max(self.window.longest_gap, now - self._last_success)
        self._last_success = now
        self.met(number)

    def met(self, number: int) -> None:
        """A deployment answered, with whatever."""
        if number not in self.first_answers:
            self.first_answers[number] = time.monotonic()
            self._say(
                f"{self.name}: deployment {number} answers; {len(self.posting)} uploads and {self.open_streams} streams are under way"
            )
            for post in self.posting:
                post.over_a_switch = True

    def failed(self, kind: str, what: str) -> None:
        self.window.failed[kind] += 1
        self._say(f"{self.name}: FAILED {kind}: {what}")

    def wrong(self, number: int, text: str) -> str | None:
        """Why this is not what the app answers: another app, or two versions of one deployment."""
        name, _, version = text.partition(" ")
        if name != self.name:
            return f"another app's answer: {text[:80]!r}"
        known = self._versions.setdefault(number, version)
        return None if known == version else f"deployment {number} answered as {version!r} and as {known!r}"

    def drain_begins(self) -> None:
        """Instances of the live deployment itself begin to drain."""
        self._excused.append(time.monotonic())

    def cut(self, number: int, what: str) -> None:
        """A stream ended that should have gone on."""
        newer = [seen for other, seen in self.first_answers.items() if other > number]
        begins = [*newer, *self._excused]
        now = time.monotonic()
        if any(now - begin >= DRAIN_SECONDS - CLOCKS for begin in begins):
            self.window.streams.drained += 1
            return
        self.window.streams.broken += 1
        self._say(f"{self.name}: BROKEN stream of deployment {number}: {what}")

    def turn(self) -> dict[str, Any]:
        """The window that ends now, as plain values; a new one begins."""
        window, self.window = self.window, Window()
        gap = max(window.longest_gap, time.monotonic() - max(self._last_success, window.begun))
        return {
            "seconds": round(time.monotonic() - window.begun, 2),
            "sent": window.sent,
            "succeeded": window.succeeded,
            "failed": dict(window.failed),
            "posts": window.posts,
            "posts_over_a_switch": window.posts_over_a_switch,
            "idle_closed": window.idle_closed,
            "latency_ms": spread(window.latency),
            "lateness_ms": spread(window.lateness),
            "longest_gap_ms": round(gap * 1000, 1),
            "answered": {str(number): count for number, count in sorted(window.answered.items())},
            "instances": dict(window.instances),
            "first_answers": {
                str(number): round(seen - window.begun, 3)
                for number, seen in self.first_answers.items()
                if seen >= window.begun
            },
            "streams": vars(window.streams),
            "open_streams": self.open_streams,
            "echoes": window.echoes,
        }
