"""Runs the supervisor in this process: on a terminal, or as the background half of `--detach`."""

import asyncio
import os
import sys

from wisehosting_cp.local import logs
from wisehosting_cp.local.console import Console
from wisehosting_cp.local.state import State
from wisehosting_cp.local.supervisor import Options, Supervisor


def run_here(options: Options, ready_fd: int | None) -> None:
    """Run until Ctrl-C or SIGTERM. `ready_fd` gets one byte when the platform is ready. Raises LocalError."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")  # a terminal without UTF-8 shows ? instead of ending the platform

    def ready() -> None:
        if ready_fd is not None:
            os.write(ready_fd, b"1")
            os.close(ready_fd)

    async def main() -> None:
        await Supervisor(options, Console(), on_ready=ready).run()

    _log_to(State(options.state))
    asyncio.run(main())


def _log_to(state: State) -> None:
    """Messages of the servers inside this process go to `logs/local.log`, not between the lines of the console."""
    from wisehosting_cp.kit.logging import configure

    if os.geteuid() != 0 or not state.root.parent.exists():
        configure("json")
        return
    state.prepare()
    configure("json", stream=os.fdopen(logs.open_log(state.logs, "local"), "a"))
