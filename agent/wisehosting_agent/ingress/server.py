"""Brings HAProxy up with the right configuration: start, adopt, reload, revive. Routes come from the files it loads."""

import asyncio
import errno
import socket
import time
from pathlib import Path

import structlog

from wisehosting_agent.errors import IngressError
from wisehosting_agent.ingress.config import Rendered, render
from wisehosting_agent.ingress.model import Pool
from wisehosting_agent.ingress.process import Process
from wisehosting_agent.ingress.runtime import Runtime
from wisehosting_agent.ingress.state import Files, write_file

_log = structlog.get_logger(__name__)
_START_SECONDS = 15.0
_ADOPT_SECONDS = 3.0


class Server:
    """One HAProxy with its configuration. Map and state files must be on disk before any call here."""

    def __init__(self, files: Files, process: Process, runtime: Runtime, address: str, port: int) -> None:
        self._files = files
        self._process = process
        self._runtime = runtime
        self._address = address
        self._port = port

    async def ensure(self, pool: Pool) -> None:
        """HAProxy runs with the configuration for this pool: adopted, reloaded, or started.

        A second call changes nothing. Raises IngressError when it does not come up, with what HAProxy said;
        ConfigurationError when the settings cannot work.
        """
        rendered = render(self._files.folder, self._address, self._port, pool)
        running = await self._mark() if self._process.alive() or self._process.adopt() else None
        if running == rendered.mark:
            return
        await self._install(rendered)
        if running is not None:
            _log.info("ingress.reload", mark=rendered.mark, pid=self._process.pid)
            self._process.signal_reload()
        else:
            await self._process.stop()
            await self._free_port()
            self._process.spawn()
            _log.info("ingress.start", mark=rendered.mark, pid=self._process.pid)
        await self._until(rendered.mark)

    async def _mark(self) -> str | None:
        """Which configuration the running worker loaded; None when it does not answer."""
        end = time.monotonic() + _ADOPT_SECONDS
        while True:
            try:
                return (await self._runtime.information()).get("description", "")
            except IngressError:
                if time.monotonic() > end or not self._process.alive():
                    return None
                await asyncio.sleep(0.05)

    async def _install(self, rendered: Rendered) -> None:
        for name, page in rendered.pages.items():
            self._files.put(self._files.folder / "pages" / f"{name}.html", page)
        candidate = self._files.folder / "haproxy.cfg.next"
        write_file(candidate, rendered.config)
        await self._process.check(candidate)
        try:
            candidate.replace(self._process.config)
        except OSError as error:
            raise IngressError(f"install HAProxy's configuration: {error.strerror}") from error

    async def _free_port(self) -> None:
        """Refuse a port somebody listens on: HAProxy's SO_REUSEPORT would silently share it with another HAProxy."""
        end = time.monotonic() + 2
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        while True:
            with socket.socket(family, socket.SOCK_STREAM) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    trial.bind((self._address, self._port))
                except OSError as error:
                    if error.errno != errno.EADDRINUSE or time.monotonic() > end:
                        raise IngressError(self._cannot_listen(error)) from error
                else:
                    return
            await asyncio.sleep(0.05)

    def _cannot_listen(self, error: OSError) -> str:
        where = f"{self._address}:{self._port}"
        if error.errno == errno.EADDRINUSE:
            return (
                f"HAProxy cannot listen on {where}: the port is taken. Free it (`ss -ltnp`), or set another apps port."
            )
        if error.errno == errno.EACCES:
            return f"HAProxy cannot listen on {where}: ports below 1024 need root. Set another apps port."
        return f"HAProxy cannot listen on {where}: {error.strerror}. Set the apps address to one of this host."

    async def _until(self, mark: str) -> None:
        end = time.monotonic() + _START_SECONDS
        last = ""
        while time.monotonic() < end:
            if not self._process.alive():
                raise IngressError(f"start HAProxy: it ended at once. It said: {self._process.log_tail()}")
            try:
                last = (await self._runtime.information()).get("description", "")
            except IngressError as error:
                last = str(error)
            if last == mark:
                return
            await asyncio.sleep(0.02)
        raise IngressError(
            f"bring HAProxy up with {mark}: after {_START_SECONDS:.0f} s it still says {last!r}. It said: "
            f"{self._process.log_tail()}"
        )

    async def draining_workers(self) -> int:
        """Workers of earlier configurations that still hold connections, which the admin socket cannot count."""
        workers = self._process.workers()
        if len(workers) < 2:
            return 0
        current = (await self._runtime.information()).get("Pid", "")
        return len([pid for pid in workers if str(pid) != current])


def ingress_folder(state_dir: Path) -> Path:
    """Where HAProxy's files are."""
    return state_dir / "ingress"
