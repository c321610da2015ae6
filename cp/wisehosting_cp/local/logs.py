"""One log file per part, kept small. Children write to them themselves, so their logs survive a killed supervisor."""

import os
import shutil
from pathlib import Path

LOG_BYTES = 10 * 1024 * 1024
"""A larger file is moved to `.1`, one generation."""
TAIL_BYTES = 64 * 1024


def open_log(folder: Path, name: str) -> int:
    """Descriptor that appends to the part's log; the caller closes it."""
    return os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def rotate(folder: Path, *, limit: int = LOG_BYTES) -> list[str]:
    """Cut every log above the limit; its writers go on at the (now empty) file's end. Returns the names cut."""
    cut = []
    for path in sorted(folder.glob("*.log")):
        if path.stat().st_size > limit:
            shutil.copyfile(path, path.with_suffix(".log.1"))
            path.with_suffix(".log.1").chmod(0o600)
            os.truncate(path, 0)  # O_APPEND: a writer continues at the new end, not at its old offset
            cut.append(path.name)
    return cut


def tail(folder: Path, name: str, *, lines: int = 15, since: int = 0) -> str:
    """Last lines of a part's log, none from before the offset `since`; empty when there is no log."""
    path = folder / f"{name}.log"
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(since if since <= size else 0, size - TAIL_BYTES)
            file.seek(start)
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def size(folder: Path, name: str) -> int:
    """Bytes in the part's log now."""
    try:
        return (folder / f"{name}.log").stat().st_size
    except OSError:
        return 0
