"""How far something is, on standard error: a live line on a terminal, plain lines in a pipe."""

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from wisehosting_client.api import Json
from wisehosting_client.escapes import coloured, plain
from wisehosting_client.follow import OVER, stage
from wisehosting_client.moments import took

TURN = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
REPAINT = 0.1
CLEAR = "\r\x1b[2K"
SHORTEST = 0.05
"""Seconds below which a phase is not worth a line."""


def is_terminal() -> bool:
    """Whether a person looks at standard error, on a terminal that can rewrite its last line."""
    return sys.stderr.isatty() and os.environ.get("TERM") not in {None, "", "dumb"}


def may_colour(stream_is_terminal: bool) -> bool:
    """Whether colours of apps are kept: on a terminal, unless NO_COLOR says otherwise."""
    return stream_is_terminal and not os.environ.get("NO_COLOR")


class Course:
    """Shows the course of a deployment: each status, each phase with its seconds, each line of its log."""

    def __init__(self, *, terminal: bool | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = is_terminal() if terminal is None else terminal
        self._text = coloured if may_colour(self._terminal) else plain
        self._clock = clock
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._said: set[str] = set()
        self._status = ""
        self._now, self._since = "", clock()
        self._painter = threading.Thread(target=self._paint, daemon=True)

    def __enter__(self) -> Self:
        if self._terminal:
            self._painter.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._terminal:
            self._painter.join(1)
            with self._lock:
                self._write(CLEAR)

    def line(self, text: str) -> None:
        """Show a line of the build's log."""
        self._print(f"  {self._text(text)}")

    def gap(self, lines: int) -> None:
        """Show that so many lines are missing."""
        self._print(f"  {gap(lines)}")

    def say(self, text: str) -> None:
        """Show a step."""
        self._print(f"  {plain(text)}")

    def state(self, deployment: Json) -> None:
        """Show the status when it is another one, and the phases that ended since the last look."""
        with self._lock:
            for phase in deployment["phases"]:
                name, seconds = phase["phase"], phase["seconds"]
                if seconds is not None and name not in self._said:
                    self._said.add(name)
                    if seconds >= SHORTEST:
                        self._print(f"  {phase_name(name):<12} {took(seconds):>7}")
            status = stage(deployment)
            if status == self._status or deployment["status"] in OVER:
                return
            self._status, self._now, self._since = status, status, self._clock()
            self._print(f"  {plain(status)}")

    def _print(self, text: str) -> None:
        with self._lock:
            self._write(f"{CLEAR if self._terminal else ''}{text}\n")

    def _paint(self) -> None:
        turn = 0
        while not self._over.wait(REPAINT):
            with self._lock:
                if self._now and not self._over.is_set():
                    text = f"{TURN[turn % len(TURN)]} {plain(self._now)}  {self._clock() - self._since:.0f} s"
                    self._write(CLEAR + text[: shutil.get_terminal_size().columns - 1])
            turn += 1

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


def gap(lines: int) -> str:
    """Say that so many lines of a log are missing."""
    return f"— {lines} line{'' if lines == 1 else 's'} dropped —"


def phase_name(phase: str) -> str:
    """Return a phase as people read it."""
    return phase.replace("_", " ")
