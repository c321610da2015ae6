"""Processes that outlive a killed `up`: who they are is written down, so that the next `up` ends exactly those.

A process is ours when its pid, its start time and the marker in its environment all match; a reused pid never does.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from wisehosting_cp.local.state import read_json, write_private

MARKER = "WISEHOSTING_LOCAL_STATE"
"""Environment variable of every process that an `up` starts; its value is the state folder."""


@dataclass(frozen=True)
class Identity:
    """One process, told apart from a later one with the same pid."""

    pid: int
    started: int
    """Clock ticks since boot, from /proc/PID/stat."""


def identity(pid: int) -> Identity | None:
    """Who has this pid now; None when nobody, or only a zombie that waits for its parent."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else Identity(pid, int(fields[19]))


def marked(pid: int, state: Path) -> bool:
    """Whether the process was started by an `up` on this state folder."""
    try:
        environ = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return f"{MARKER}={state}".encode() in environ.split(b"\0")


def belongs_to(pid: int, state: Path) -> bool:
    """Whether the process is one of this state folder: by our marker, or by a path of the folder in its command line."""
    if marked(pid, state):
        return True
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return any(argument.startswith(f"{state}/".encode()) for argument in arguments)


def write_down(folder: Path, name: str, pid: int) -> None:
    """Keep a started process's identity in a file named after its part."""
    found = identity(pid)
    if found is not None:
        text = f'{{"pid": {found.pid}, "started": {found.started}}}'
        write_private(folder / f"{name}.json", text.encode())


def forget(folder: Path, name: str) -> None:
    """Drop what was written down; nothing there is success."""
    (folder / f"{name}.json").unlink(missing_ok=True)


def read_down(folder: Path, name: str) -> Identity | None:
    """The identity written down for a part, alive or not."""
    found = read_json(folder / f"{name}.json")
    try:
        return None if found is None else Identity(int(found["pid"]), int(found["started"]))
    except (KeyError, TypeError, ValueError):
        return None


def alive(folder: Path, name: str, state: Path) -> int | None:
    """Pid of the part's process if it is still the one that was written down."""
    known = read_down(folder, name)
    if known is None or identity(known.pid) != known or not marked(known.pid, state):
        return None
    return known.pid


def leftovers(folder: Path, state: Path) -> dict[str, int]:
    """Part to pid of what a killed `up` left running."""
    names = sorted(path.stem for path in folder.glob("*.json"))
    found = {name: alive(folder, name, state) for name in names}
    return {name: pid for name, pid in found.items() if pid is not None}


def running(state: Path) -> set[int]:
    """Every process of this state folder, written down or not: containers' monitors and HAProxy are nobody's children."""
    found = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()} - {os.getpid(), os.getppid()}
    return {pid for pid in found if identity(pid) is not None and belongs_to(pid, state)}


def end(pid: int, *, first: signal.Signals = signal.SIGTERM, patience: float = 10) -> None:
    """Ask a process to stop, then kill it after `patience` seconds. A process that is gone is success."""
    known = identity(pid)
    if known is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, first)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if identity(pid) != known:
            return
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    while identity(pid) == known:
        time.sleep(0.02)
