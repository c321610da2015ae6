"""One control-plane process: its servers, the hub, the reconciler and the loops, from start to SIGTERM."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.credentials import credentials_of
from wisehosting_cp.app import build_context, create_public_app
from wisehosting_cp.audit.refusals import write_refusals
from wisehosting_cp.audit.verifying import follow as follow_audit
from wisehosting_cp.channel.hub import Hub
from wisehosting_cp.channel.mesh import create_mesh_app
from wisehosting_cp.deployments.edge import Edge
from wisehosting_cp.deployments.reconciler import Reconciler, reap
from wisehosting_cp.kit import key_versions
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.settings import Settings, check_secrets
from wisehosting_cp.sources import hooks, poller
from wisehosting_wire.codec import MAX_FRAME

log = logger(__name__)

LAST_USED_SECONDS = 30
SHUTDOWN_SECONDS = 3


async def serve(settings: Settings, *, web: Path | None = None) -> None:
    """Run until SIGTERM or SIGINT: the public listener, the mesh listener with TLS, and the loops.

    Raises ValueError for a bad secret, OSError when a port is taken, and what ended a loop.
    """
    check_secrets(settings)
    ctx = await build_context(settings)
    hub = Hub(ctx)
    edge = Edge(ctx)
    reconciler = Reconciler(ctx, edge.probe)
    servers = [
        _server(create_public_app(ctx, web=web), settings.public_address, settings.public_port, ws="none"),
        _server(
            create_mesh_app(ctx, hub),
            settings.mesh_address,
            settings.mesh_port,
            ssl_certfile=str(settings.mesh_certificate_file),
            ssl_keyfile=str(settings.mesh_key_file),
            ws="websockets-sansio",
            ws_max_size=MAX_FRAME,
            ws_per_message_deflate=False,
        ),
    ]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        async with running(loops_of(ctx, hub, reconciler)), asyncio.TaskGroup() as group:
            for server in servers:
                group.create_task(_until_stopped(server, stop))
    finally:
        await hooks.hints_of(ctx).close()
        await reconciler.close()
        await edge.close()
        await ctx.db.close()


def loops_of(ctx: Context, hub: Hub, reconciler: Reconciler) -> list[Coroutine[Any, Any, None]]:
    """What runs as long as the process does. None of it ends because the database does not answer."""
    return [
        key_versions.watch(ctx),
        hub.run(),
        reconciler.run(),
        reap(ctx, reconciler),
        poller.run(ctx),
        note_used_tokens(ctx),
        epoch.watch(ctx),
        follow_audit(ctx),
        write_refusals(ctx),
    ]


async def note_used_tokens(ctx: Context) -> None:
    """Write when API tokens and sessions were last used, for ever, a batch at a time; what fails goes with the next."""
    while True:
        await asyncio.sleep(LAST_USED_SECONDS)
        try:
            await credentials_of(ctx).flush_used(ctx)
        except UNREACHABLE:
            log.exception("could not note when tokens and sessions were used")


@contextlib.asynccontextmanager
async def running(loops: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run the loops for the length of the block. A loop that ends by an error ends the block with it."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop) for loop in loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


class _Server(uvicorn.Server):
    """Leaves the signals to `serve`, which has two of these."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: ASGIApp, address: str, port: int, **options: Any) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            host=address,
            port=port,
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            **options,
        )
    )


async def _until_stopped(server: _Server, stop: Callable[[], None]) -> None:
    try:
        await server.serve()
    except SystemExit as error:
        raise OSError(f"cannot listen on {server.config.host}:{server.config.port}; is the port taken?") from error
    finally:
        stop()
