"""What people see of `./dev up`: calm lines, one per phase, with seconds."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from wisehosting_cp.local.preflight import Finding

WIDTH = 34


class Console:
    """Writes lines; rewrites the last one only on a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._live = self._stream.isatty()
        self._open = False

    @contextmanager
    def phase(self, title: str) -> Iterator[None]:
        """Show a phase while it runs, then its seconds; a failing one is marked and its error goes on."""
        started = time.monotonic()
        if self._live:
            self._rewrite(f"  … {title}")
        try:
            yield
        except BaseException:
            self.line(f"  ✗ {title:<{WIDTH}}{time.monotonic() - started:7.1f} s")
            raise
        self.line(f"  ✓ {title:<{WIDTH}}{time.monotonic() - started:7.1f} s")

    def line(self, text: str = "") -> None:
        """One line."""
        if self._open:
            self._stream.write("\r\033[K")
            self._open = False
        self._stream.write(text + "\n")
        self._stream.flush()

    def warn(self, text: str) -> None:
        """Something happened while running."""
        self.line(f"  ! {text}")

    def progress(self, text: str) -> None:
        """A line that the next one takes the place of; on a stream that is no terminal it is left out."""
        if self._live:
            self._rewrite(f"  … {text}")

    def finding(self, finding: Finding) -> None:
        """What pre-flight found: what, why, and the command."""
        self.line(f"  {'✗' if finding.fatal else '·'} {finding.what}")
        self.line(f"      {finding.why}")
        if finding.fix:
            self.line(f"      {finding.fix}")

    def _rewrite(self, text: str) -> None:
        self._stream.write("\r\033[K" + text[:200])
        self._stream.flush()
        self._open = True
