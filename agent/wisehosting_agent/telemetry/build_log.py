"""Lines of a build go to a file first, so that a restart of the agent loses none."""

import os
import time
from collections.abc import Callable
from pathlib import Path

LIMIT_BYTES = 16 * 1024 * 1024


class BuildLog:
    """Appends; a build that begins again goes on in the same file. What the last agent tore is closed with a newline."""

    def __init__(self, path: Path, added: Callable[[], None]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        self._size = os.fstat(self._descriptor).st_size
        self._added = added
        if self._size and os.pread(self._descriptor, 1, self._size - 1) != b"\n":
            self._size += os.write(self._descriptor, b"\n")

    def write(self, text: str, stream: int, step: int) -> None:
        """Append text, one record per line in it. Past 16 MiB one last line says so and the rest is dropped."""
        if self._size > LIMIT_BYTES or self._descriptor < 0:
            return
        stamp = time.time_ns()
        lines = text.splitlines() or [""]
        record = b"".join(f"{stamp} {stream} {step} {line}\n".encode(errors="replace") for line in lines)
        if self._size + len(record) > LIMIT_BYTES:
            record = f"{stamp} 2 {step} The log is longer than 16 MiB; the rest is not kept.\n".encode()
            self._size = LIMIT_BYTES + 1
        try:
            self._size += os.write(self._descriptor, record)
        except OSError:
            return  # a full disk costs lines, not the build
        self._added()

    def close(self) -> None:
        """A second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
