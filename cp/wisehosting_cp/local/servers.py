"""The two small servers inside the supervisor's own process: the sign-in provider and the example's Git repository."""

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from wisehosting_cp.local.errors import PartFailed

STOP_SECONDS = 2


class _Quiet(uvicorn.Server):
    """Leaves the signals to the supervisor."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class LoopbackServer:
    """One ASGI application on 127.0.0.1."""

    def __init__(self, title: str, app: ASGIApp, port: int) -> None:
        self._title = title
        self._port = port
        self._server = _Quiet(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=port,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws="none",
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen. Raises PartFailed when the port is taken."""
        self._task = asyncio.create_task(self._serve(), name=self._title)
        while not self._server.started:
            if self._task.done():
                self._task.result()
            await asyncio.sleep(0.01)

    async def end(self) -> None:
        """Stop; stopping a stopped server is success."""
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _serve(self) -> None:
        try:
            await self._server.serve()
        except SystemExit as error:
            raise PartFailed(f"{self._title} cannot listen on 127.0.0.1:{self._port}.") from error
