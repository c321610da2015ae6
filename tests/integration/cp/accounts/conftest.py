"""The loopback provider, really served, and a control plane that signs in by it."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette

from wisehosting_cp.app import create_public_app
from wisehosting_cp.kit.context import Context
from wisehosting_cp.local.provider import create_provider
from wisehosting_cp.settings import Settings, read_secret


@pytest.fixture
def provider_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def settings(settings: Settings, provider_port: int) -> Settings:
    return settings.model_copy(update={"oidc_issuer": f"http://localhost:{provider_port}"})


@pytest.fixture(scope="session")
def made_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A provider's folder with key and operator, made once: both take a while."""
    folder = tmp_path_factory.mktemp("provider")
    create_provider(folder, "http://localhost:1", "client", "secret", [], "http://localhost:2/auth/login")
    return folder


@pytest.fixture
def provider_folder(tmp_path: Path, made_folder: Path) -> Path:
    return Path(shutil.copytree(made_folder, tmp_path / "provider"))


@pytest.fixture
def provider(settings: Settings, provider_folder: Path) -> Starlette:
    return create_provider(
        provider_folder,
        settings.oidc_issuer,
        settings.oidc_client_id,
        read_secret(settings.oidc_client_secret_file).get_secret_value(),
        [f"{settings.public_url}/auth/callback"],
        f"{settings.public_url}/auth/login",
    )


@pytest.fixture
async def served(provider: Starlette, provider_port: int) -> AsyncIterator[Starlette]:
    """The provider on its port."""
    server = uvicorn.Server(
        uvicorn.Config(provider, host="127.0.0.1", port=provider_port, lifespan="off", log_config=None)
    )
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield provider
    server.should_exit = True
    await task


@pytest.fixture
def app(context: Context) -> FastAPI:
    return create_public_app(context)


class Browser:
    """One cookie jar over the two sites, like a browser: cookies of localhost go to all its ports."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self._settings = settings
        self.client = httpx2.AsyncClient(
            mounts={
                settings.public_url: httpx2.ASGITransport(app=app),
                settings.oidc_issuer: httpx2.AsyncHTTPTransport(),
            },
            trust_env=False,
        )

    async def get(self, url: str) -> httpx2.Response:
        """Get a page, without following."""
        return await self.client.get(url if "://" in url else self._settings.public_url + url)

    async def follow(self, url: str, *, until: str = "\0") -> httpx2.Response:
        """Follow redirects until one leads to an address that contains `until`."""
        for _ in range(10):
            answer = await self.get(url)
            if not answer.is_redirect:
                return answer
            url = str(answer.url.join(answer.headers["location"]))
            if until in url:
                return answer
        raise AssertionError("too many redirects")


@pytest.fixture
async def browser(app: FastAPI, settings: Settings, served: Starlette) -> AsyncIterator[Browser]:
    browser = Browser(app, settings)
    async with browser.client:
        yield browser


@pytest.fixture
async def other_browser(app: FastAPI, settings: Settings, served: Starlette) -> AsyncIterator[Browser]:
    browser = Browser(app, settings)
    async with browser.client:
        yield browser
