"""One child process: started with our marker, written down, started again with a growing pause when it dies."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wisehosting_cp.local import logs
from wisehosting_cp.local.errors import PartFailed
from wisehosting_cp.local.processes import MARKER, forget, write_down
from wisehosting_cp.local.state import State

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 10.0
"""A part that ran this long begins with the shortest pause again."""
KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
)
"""What parts get of the caller's environment."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """How a part is run."""

    name: str
    """Also the name of its log and of its identity file."""
    title: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False
    """Gets `environment` alone, nothing of the caller's."""
    account: tuple[int, int] | None = None
    """User and group to run as; None stays root."""
    folder: Path = Path("/")
    """Working directory."""
    stop: signal.Signals = signal.SIGTERM
    patience: float = 15
    """Seconds from `stop` to SIGKILL."""
    may_end: bool = False
    """Ends by itself with code 0 as part of its work; then it is started again without a word."""


class Child:
    """A running part. `failed` tells the first start apart from a later death."""

    def __init__(self, part: Part, state: State, tell: Callable[[str], None]) -> None:
        self.part = part
        self._state = state
        self._tell = tell
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False
        self._log_start = 0
        self.restarts = 0
        self.ready = False
        """Set by who waited for it; only then a death is worth a line and a new start."""

    @property
    def pid(self) -> int | None:
        """The process now, None while it is down."""
        running = self._process
        return None if running is None or running.returncode is not None else running.pid

    async def start(self) -> None:
        """Start it and keep it running until `end`. Raises PartFailed when it cannot be started at all."""
        self._log_start = logs.size(self._state.logs, self.part.name)
        await self._spawn()
        self._watch = asyncio.create_task(self._keep(), name=f"keep {self.part.name}")

    def tail(self, lines: int = 15) -> str:
        """Last lines of the log since the start."""
        return logs.tail(self._state.logs, self.part.name, lines=lines, since=self._log_start)

    def failed(self) -> PartFailed | None:
        """Why the part does not run, when it has died since the start; None while it never did."""
        if self.restarts == 0 and self.pid is not None:
            return None
        return PartFailed(f"{self.part.title} ended right after its start.", self.tail())

    def late(self, what: str, seconds: float) -> PartFailed:
        """Why the part is not waited for any longer."""
        return PartFailed(f"{self.part.title} did not {what} within {seconds:.0f} s.", self.tail())

    async def end(self) -> None:
        """Stop it: politely, then by force after its patience. Stopping a stopped part is success."""
        self._stopping = True
        if self._watch is not None:
            self._watch.cancel()
        running = self._process
        if running is not None and running.returncode is None:
            _signal(running.pid, self.part.stop)
            try:
                async with asyncio.timeout(self.part.patience):
                    await running.wait()
            except TimeoutError:
                self._tell(f"{self.part.title} did not stop within {self.part.patience:.0f} s and was killed.")
                _signal(running.pid, signal.SIGKILL)
                await running.wait()
        forget(self._state.processes, self.part.name)

    async def _spawn(self) -> None:
        part = self.part
        inherited = {} if part.bare else {name: os.environ[name] for name in KEPT if name in os.environ}
        log = logs.open_log(self._state.logs, part.name)
        user, group = part.account or (None, None)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *part.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**inherited, **part.environment, MARKER: str(self._state.root)},
                cwd=part.folder,
                start_new_session=True,
                extra_groups=None if part.account is None else [],
                user=user,
                group=group,
            )
        except OSError as error:
            raise PartFailed(f"{part.title} could not be started ({part.argv[0]}): {error}") from error
        finally:
            os.close(log)
        write_down(self._state.processes, part.name, self._process.pid)

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            running = self._process
            if running is None:
                return
            began = time.monotonic()
            code = await running.wait()
            if self._stopping:
                return
            self.restarts += 1
            if not self.ready:
                return
            lasted = time.monotonic() - began
            pause = FIRST_PAUSE if lasted > STEADY_SECONDS else min(pause * 2, LONGEST_PAUSE)
            if not (self.part.may_end and code == 0):
                log = self._state.logs / f"{self.part.name}.log"
                self._tell(
                    f"{self.part.title} ended ({_how(code)}); starting it again in {pause:.1f} s. Its log: {log}"
                )
            await asyncio.sleep(pause)
            await self._again()

    async def _again(self) -> None:
        while True:
            try:
                await self._spawn()
            except PartFailed as error:
                self._tell(str(error))
                await asyncio.sleep(LONGEST_PAUSE)
            else:
                return


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


async def run_once(part: Part, state: State, *, within: float = 120) -> str:
    """Run a part that ends by itself; return its standard output. Raises PartFailed with the end of its log."""
    inherited = {name: os.environ[name] for name in KEPT if name in os.environ}
    before = logs.size(state.logs, part.name)
    log = logs.open_log(state.logs, part.name)
    try:
        process = await asyncio.create_subprocess_exec(
            *part.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={**inherited, **part.environment, MARKER: str(state.root)},
            cwd="/",
            start_new_session=True,
        )
    finally:
        os.close(log)
    try:
        async with asyncio.timeout(within):
            output, _ = await process.communicate()
    except TimeoutError as error:
        raise PartFailed(f"{part.title} took longer than {within:.0f} s.", _tail(state, part, before)) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise PartFailed(f"{part.title} failed (exit code {process.returncode}).", _tail(state, part, before))
    return output.decode()


def _tail(state: State, part: Part, since: int) -> str:
    return logs.tail(state.logs, part.name, since=since)


def command(name: str) -> str:
    """Path of a program that lies beside our Python."""
    return str(Path(sys.executable).with_name(name))
