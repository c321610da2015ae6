"""`./dev up --detach`: a supervisor of its own session; this process shows its lines until the platform is ready."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from wisehosting_cp.local import logs
from wisehosting_cp.local.state import State
from wisehosting_cp.local.supervisor import require_root

LOOK_SECONDS = 0.1


def run_detached(root: Path, argv: list[str]) -> int:
    """Start the supervisor and wait until it is ready (0) or has ended (its exit code, at least 1). Raises Unfit."""
    require_root()
    state = State(root)
    state.prepare()
    log = logs.open_log(state.logs, "up")
    seen = logs.size(state.logs, "up")
    reader, writer = os.pipe()
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "wisehosting_cp.local", *argv, "--ready-fd", str(writer)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(writer,),
            start_new_session=True,
            cwd="/",
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
        )
    finally:
        os.close(writer)
        os.close(log)
    with (state.logs / "up.log").open("rb") as lines:
        lines.seek(seen)
        try:
            ready = _follow(reader, lines.read)
        except KeyboardInterrupt:
            child.send_signal(signal.SIGTERM)
            child.wait()
            return 130
        finally:
            os.close(reader)
        if ready:
            return 0
        code = child.wait()
        _show(lines.read())
    return code or 1


def _follow(reader: int, read: Callable[[], bytes]) -> bool:
    """Show lines until the pipe says ready (True) or is closed by the child's end (False)."""
    while True:
        readable, _, _ = select.select([reader], [], [], LOOK_SECONDS)
        said = os.read(reader, 1) if readable else None
        _show(read())
        if said is not None:
            return said == b"1"


def _show(text: bytes) -> None:
    if text:
        sys.stdout.write(text.decode(errors="replace"))
        sys.stdout.flush()
