"""Two control-plane processes on one database: own keyring, own connections, own port, each hearing of keys by itself."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import uvicorn

from wisehosting_cp.app import build_context, create_public_app
from wisehosting_cp.kit import key_versions
from wisehosting_cp.kit.context import Context
from wisehosting_cp.settings import Settings

WATCH = 0.05
SETTLE = 0.4
"""Eight looks: the same proportion as in the product, twice over, for two busy cores."""


@dataclass
class Process:
    """One of several control-plane processes."""

    ctx: Context
    url: str

    def client(self, token: str) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(base_url=self.url, headers=headers, trust_env=False, timeout=30)


@contextlib.asynccontextmanager
async def _process(settings: Settings) -> AsyncIterator[Process]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    ctx = await build_context(settings.model_copy(update={"public_url": url, "public_port": port}))
    config = uvicorn.Config(
        create_public_app(ctx),
        host="127.0.0.1",
        port=port,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    tasks = [asyncio.create_task(server._serve()), asyncio.create_task(key_versions.watch(ctx))]
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield Process(ctx, url)
    finally:
        server.should_exit = True
        await tasks[0]
        tasks[1].cancel()
        await asyncio.gather(tasks[1], return_exceptions=True)
        await ctx.db.close()


@pytest.fixture
async def processes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Process]]:
    monkeypatch.setattr(key_versions, "WATCH_SECONDS", WATCH)
    async with _process(settings) as first, _process(settings) as second:
        yield [first, second]


@pytest.fixture
def said() -> list[str]:
    """What a rotation told of its progress."""
    return []


@pytest.fixture
def told(said: list[str]) -> Any:
    return said.append
