"""The HAProxy process: a master with its worker, in a session of its own, so that it outlives the agent."""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

from wisehosting_agent.errors import ConfigurationError, IngressError

_LOG_LIMIT = 1024 * 1024
_STOP_SECONDS = 5.0
_LOOKS = 50


def find_binary() -> str:
    """Path of the haproxy program. Raises ConfigurationError when it is not installed."""
    binary = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin")
    if binary is None:
        raise ConfigurationError("HAProxy is not installed. Run: apt-get install haproxy")
    return binary


class Process:
    """Starts, adopts, reloads and ends the HAProxy of one folder. Nobody else's HAProxy is ever touched."""

    def __init__(self, folder: Path, binary: str) -> None:
        self._folder = folder
        self._binary = binary
        self.pid: int | None = None
        """The master."""
        self._started: int | None = None

    @property
    def config(self) -> Path:
        """The configuration in use."""
        return self._folder / "haproxy.cfg"

    @property
    def _log(self) -> Path:
        return self._folder / "haproxy.log"

    @property
    def _pid_file(self) -> Path:
        return self._folder / "haproxy.pid"

    def adopt(self) -> bool:
        """Find a running master of this folder by its pid file; HAProxy writes it itself, so no crash leaves it out."""
        try:
            pid = int(self._pid_file.read_text(encoding="ascii").split()[0])
        except (OSError, ValueError, IndexError):
            self.pid = None
            return False
        self._take(pid if self._ours(pid) else None)
        return self.pid is not None

    def _take(self, pid: int | None) -> None:
        self._started = _start_time(pid) if pid is not None else None
        self.pid = pid if self._started is not None else None

    def _ours(self, pid: int) -> bool:
        for _ in range(_LOOKS):
            try:
                arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                return False
            if arguments:
                return str(self.config).encode() in arguments.split(b"\0")
            time.sleep(
                0.001
            )  # the master executes itself anew after it forked a worker; for a moment it has no arguments
        return False

    def spawn(self) -> None:
        """Start a master. Its environment is empty: whoever reaches the admin socket could read it."""
        arguments = [self._binary, "-W", "-f", str(self.config), "-p", str(self._pid_file)]
        append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        try:
            self._pid_file.unlink(missing_ok=True)
            pid = os.posix_spawn(
                self._binary,
                arguments,
                {},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, str(self._log), append, 0o600),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                ],
                setsid=True,
                setsigmask=[],
                setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE],
            )
        except OSError as error:
            raise IngressError(f"start HAProxy ({self._binary}): {error.strerror}") from error
        self._take(pid)

    def alive(self) -> bool:
        """Whether the master runs. A dead child of ours is reaped."""
        if self.pid is None:
            return False
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        if _start_time(self.pid) != self._started:
            self.pid = None
            return False
        return True

    async def exited(self, timeout_seconds: float) -> bool:
        """Wait until the master is gone, at most so long; also for a master that another agent process started."""
        if self.pid is None:
            return True
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        except OSError as error:
            raise IngressError(f"watch HAProxy (pid {self.pid}): {error.strerror}") from error
        gone = asyncio.Event()
        loop = asyncio.get_running_loop()
        try:
            loop.add_reader(descriptor, gone.set)
            async with asyncio.timeout(timeout_seconds):
                await gone.wait()
            return not self.alive()
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)

    def signal_reload(self) -> None:
        """Ask the master to start a worker on the new configuration; the old one serves its connections to their end."""
        self._signal(signal.SIGUSR2)

    def workers(self) -> set[int]:
        """All workers, also old ones that still hold connections after a reload."""
        if self.pid is None:
            return set()
        try:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        except OSError:
            return set()
        return {int(pid) for pid in children.split()}

    async def stop(self) -> None:
        """End master and workers: politely, after 5 s by force. Nothing happens when none runs."""
        if not self.alive():
            return
        pids = [pid for pid in (self.pid, *self.workers()) if pid is not None]
        self._signal(signal.SIGTERM)
        await self.exited(_STOP_SECONDS)
        if not await self._left(pids):
            for pid in pids:
                if self._ours(pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            await self._left(pids)
        self._pid_file.unlink(missing_ok=True)

    async def _left(self, pids: list[int]) -> bool:
        """Wait until none of these runs: a worker may outlive its master for a moment."""
        end = asyncio.get_running_loop().time() + _STOP_SECONDS
        while any(self._ours(pid) for pid in pids):
            if asyncio.get_running_loop().time() > end:
                return False
            await asyncio.sleep(0.01)
        return True

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is None:
            raise IngressError(f"signal HAProxy ({number.name}): it does not run")
        try:
            os.kill(self.pid, number)
        except OSError as error:
            raise IngressError(f"signal HAProxy ({number.name}): {error.strerror}") from error

    async def check(self, config: Path) -> None:
        """Let HAProxy read a configuration without using it. Raises IngressError with its complaint."""
        try:
            process = await asyncio.create_subprocess_exec(
                self._binary,
                "-c",
                "-f",
                str(config),
                env={},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except OSError as error:
            raise IngressError(f"check HAProxy's configuration: {error.strerror}") from error
        output, _ = await process.communicate()
        if process.returncode != 0:
            complaint = output.decode("utf-8", "replace").strip()[-2000:]
            raise IngressError(f"check HAProxy's configuration {config}: {complaint}")

    def log_tail(self, count: int = 4000) -> str:
        """The end of what HAProxy said."""
        try:
            with self._log.open("rb") as file:
                file.seek(max(0, self._log.stat().st_size - count))
                return file.read().decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def trim_log(self) -> None:
        """Empty the log when it grew over 1 MiB; HAProxy appends, so it goes on in the same file."""
        with contextlib.suppress(OSError):
            if self._log.stat().st_size > _LOG_LIMIT:
                os.truncate(self._log, 0)


def _start_time(pid: int) -> int | None:
    """When a process began, in ticks since boot: tells it from a later one with the same number. None when it is dead."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return None if fields[0] in {"Z", "X"} else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None
