"""`./dev down`: asks the running supervisor to stop; cleans up after one that was killed."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.settings import Settings as AgentSettings
from wisehosting_cp.local import parts, processes
from wisehosting_cp.local.child import Child, run_once
from wisehosting_cp.local.console import Console
from wisehosting_cp.local.errors import LocalError, Unfit
from wisehosting_cp.local.state import State
from wisehosting_cp.local.supervisor import end_leftovers, require_root

STOP_SECONDS = 180.0


def stop(root: Path) -> None:
    """Stop the platform of a state folder and wait. Nothing running is success. Raises LocalError."""
    require_root()
    state, console = State(root), Console()
    if not state.root.exists():
        raise Unfit(f"There is no platform at {state.root}. Name its folder: ./dev down --state DIR")
    if state.locked():
        with console.phase("stopped"):
            _ask(state)
    elif processes.running(state.root):
        asyncio.run(_clean_up(state, console))
    else:
        console.line("  Nothing runs there.")


def erase(root: Path) -> None:
    """Delete the state folder of a stopped platform. Raises LocalError, also for a folder that is none."""
    state, console = State(root.absolute()), Console()
    if not state.number_file.exists() or state.locked():
        raise LocalError(f"{state.root} is not the folder of a stopped platform; nothing was deleted.")
    with console.phase("deleted"):
        for mount in _mounts_below(state.root):
            subprocess.run(["umount", mount], check=False, capture_output=True)
        if left := _mounts_below(state.root):
            raise LocalError(f"{left[0]} is still mounted and in use; nothing was deleted. Try: umount {left[0]}")
        shutil.rmtree(state.root)


def _mounts_below(root: Path) -> list[str]:
    """Podman leaves its storage's folder mounted on itself. Deepest first."""
    rows = Path("/proc/self/mountinfo").read_text().splitlines()
    return sorted((path for row in rows if Path(path := row.split()[4]).is_relative_to(root)), reverse=True)


def _ask(state: State) -> None:
    holder = (state.root / "lock").read_text().strip()
    try:
        os.kill(int(holder), signal.SIGTERM)
    except ValueError as error:
        raise LocalError(f"{state.root}/lock names no process; the start is only just beginning. Try again.") from error
    except ProcessLookupError:
        pass
    deadline = time.monotonic() + STOP_SECONDS
    while state.locked():
        if time.monotonic() > deadline:
            raise LocalError(
                f"Process {holder} did not stop within {STOP_SECONDS:.0f} s. Look at {state.logs}; to end it by force: "
                f"kill -9 {holder}, then ./dev down{state.option}"
            )
        time.sleep(0.1)


async def _clean_up(state: State, console: Console) -> None:
    """Stop what a killed `up` left: its processes, and the containers with Podman started once more for it."""
    with state.lock():
        end_leftovers(state, console)
        config = state.root / "agent.toml"
        if not config.exists():
            return
        import tomllib

        settings = AgentSettings.model_validate(tomllib.loads(config.read_text()))
        service = Child(parts.podman(PodmanHost(settings)), state, console.warn)
        with console.phase("stopped"):
            await service.start()
            try:
                await run_once(parts.agent(config, verb="stop-all"), state, within=90)
            finally:
                await service.end()
