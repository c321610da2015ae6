"""Runs the load in its own process and reads what it counted."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from running import ROOT, wait_for

RATE = 1000
"""Requests a second against the app that changes."""


@dataclass(frozen=True)
class App:
    """Whom the load asks."""

    host: str
    name: str
    """First word of its answers."""


@dataclass(frozen=True)
class Seen:
    """One window of the load, for both apps."""

    what: str
    changed: dict[str, Any]
    untouched: dict[str, Any]

    @property
    def sent(self) -> int:
        return int(self.changed["sent"] + self.untouched["sent"])

    @property
    def failed(self) -> int:
        return sum(self.changed["failed"].values()) + sum(self.untouched["failed"].values())

    @property
    def broken(self) -> int:
        return int(self.changed["streams"]["broken"] + self.untouched["streams"]["broken"])

    def __str__(self) -> str:
        mine, streams = self.changed, self.changed["streams"]
        late, slow = mine["lateness_ms"], mine["latency_ms"]
        failed = f"{self.failed} failed" + "".join(
            f" ({kind}: {count})" for found in (self.changed, self.untouched) for kind, count in found["failed"].items()
        )
        return (
            f"{self.what}: {self.sent} sent, {failed} in {mine['seconds']:.1f} s; latency p50 {slow['p50']} p99 {slow['p99']} "
            f"max {slow['max']} ms; load late p50 {late['p50']} p99 {late['p99']} max {late['max']} ms; longest gap "
            f"{mine['longest_gap_ms']} ms; answered {mine['answered']} by {len(mine['instances'])} instances, first at {mine['first_answers']} s; uploads {mine['posts']}, "
            f"over a switch {mine['posts_over_a_switch']}; idle connections closed {mine['idle_closed']}; streams opened "
            f"{streams['opened']}, ended {streams['ended']}, drained {streams['drained']}, broken {streams['broken']}, echoes "
            f"{mine['echoes']}; untouched app: {self.untouched['sent']} sent, {self.untouched['open_streams']} streams open, "
            f"{self.untouched['streams']['broken']} broken"
        )


class Load:
    """The load, from `with` to its end. Its own words are in `log`."""

    def __init__(self, port: int, changed: App, untouched: App, log: Path, *, rate: int = RATE) -> None:
        words = [str(port), changed.host, changed.name, untouched.host, untouched.name, str(rate)]
        self.log = log
        self.rate = rate
        self.sent = 0
        self.failed = 0
        self.longest_gap_ms = 0.0
        self._log = log.open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.load", *words],
            cwd=ROOT / "tests",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def __enter__(self) -> Self:
        wait_for(lambda: "deployment" in self.log.read_text(), within=15, what="the first answer")
        self.mark("start")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._log):
            if pipe is not None:
                pipe.close()

    def mark(self, what: str) -> Seen:
        """What was counted since the last mark; printed as one line."""
        return self._ask("mark", what)

    def draining(self) -> None:
        """Say that instances of the live deployment are about to drain."""
        self._order("drain")

    def stop(self, what: str) -> Seen:
        """Send nothing more, wait for what is under way, and count."""
        return self._ask("stop", what)

    def words(self) -> str:
        """Everything it said."""
        return self.log.read_text()

    def _order(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def _ask(self, word: str, what: str) -> Seen:
        assert self._process.stdout is not None
        self._order(word)
        line = self._process.stdout.readline()
        assert line, f"the load died: {self.words()[-2000:]}"
        seen = Seen(what, **json.loads(line))
        self.sent += seen.sent
        self.failed += seen.failed
        self.longest_gap_ms = max(self.longest_gap_ms, seen.changed["longest_gap_ms"])
        print(seen, flush=True)  # noqa: T201 - the figures are the point
        return seen
