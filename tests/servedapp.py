"""An app of ours on a socket of its own, for what an in-process transport cannot show: streams, slow readers, broken ends."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from wisehosting_cp.settings import Settings


def on_free_port(settings: Settings, **changed: Any) -> Settings:
    """Return the settings of a platform that browsers reach at a port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return settings.model_copy(update={"public_url": f"http://localhost:{port}", "public_port": port, **changed})


@asynccontextmanager
async def served_at(app: Any, port: int) -> AsyncIterator[None]:
    """Serve an app meanwhile; what is still open at the end is given a second."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task
