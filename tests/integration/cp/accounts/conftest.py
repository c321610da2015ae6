"""The loopback provider, really served, and a control plane that signs in by it."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pyotp
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette

from wisehosting_cp.accounts.models import User
from wisehosting_cp.accounts.second_factor import totp
from wisehosting_cp.accounts.sign_in.admission import admit
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


@dataclass
class Enrolled:
    """A person with an authenticator app and recovery codes."""

    secret: str
    codes: list[str]
    clock: Any

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or so many steps away from now."""
        return pyotp.TOTP(self.secret).generate_otp(totp.step_at(self.clock.now()) + steps)

    def next_code(self) -> str:
        """What the app shows next, which is now then."""
        self.clock.forward(totp.PERIOD_SECONDS)
        return self.code()


Enrol = Callable[[Any], Awaitable[Enrolled]]
HalfSignIn = Callable[..., Awaitable[httpx2.AsyncClient]]


@pytest.fixture
def enrol(clock: Any) -> Enrol:
    """Set up an authenticator app for a person, by the API."""

    async def set_up(person: Any) -> Enrolled:
        begun = (await person.browser.post("/api/v1/account/second-factor/totp")).json()
        enrolled = Enrolled(begun["secret"], [], clock)
        confirmed = await person.browser.post(
            "/api/v1/account/second-factor/totp/confirm", json={"code": enrolled.code()}
        )
        assert confirmed.status_code == 200, confirmed.text
        enrolled.codes = confirmed.json()["recovery_codes"] or []
        return enrolled

    return set_up


@pytest.fixture
async def half_sign_in(app: FastAPI, context: Context) -> AsyncIterator[HalfSignIn]:
    """Make browsers that the provider has vouched for, as the way back from it does."""
    async with AsyncExitStack() as stack:

        async def come_back(person: Any, next_path: str = "/projects") -> httpx2.AsyncClient:
            async with context.db.transaction() as session:
                admitted = await admit(
                    session,
                    context,
                    await session.get_one(User, person.user_id),
                    next_path=next_path,
                    replaces="",
                    user_agent="test",
                    address="127.0.0.9",
                    request_id="half",
                )
            transport = httpx2.ASGITransport(app=app, client=("127.0.0.9", 1234))
            client = await stack.enter_async_context(
                httpx2.AsyncClient(transport=transport, base_url=context.settings.public_url)
            )
            client.cookies.set(admitted.cookie_name, admitted.cookie, domain="localhost.local")
            client.headers |= {"origin": context.settings.public_url, "x-wh-csrf": "1"}
            return client

        yield come_back
