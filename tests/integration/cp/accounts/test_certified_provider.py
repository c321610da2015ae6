"""Signing in by a certified OpenID Connect provider that nobody here wrote, and what it must be refused for."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx2
import pytest
from fastapi import FastAPI
from joserfc.jwk import RSAKey
from sqlalchemy import select

from tests.integration.cp.accounts.conftest import Browser
from wisehosting_cp.accounts.models import Identity, User
from wisehosting_cp.kit.context import Context
from wisehosting_cp.settings import Settings, read_secret

pytestmark = pytest.mark.anyio

FILES = Path(__file__).parents[3] / "provider"
BIN = Path(sys.prefix) / "bin"
Serve = Callable[..., Awaitable[None]]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The provider's package in a folder of its own."""
    folder = Path(shutil.copytree(FILES, tmp_path_factory.mktemp("certified") / "provider"))
    subprocess.run(
        [BIN / "npm", "install", "--no-save", "--silent", "--no-audit", "--no-fund"],
        cwd=folder,
        check=True,
        env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"},
    )
    return folder


@asynccontextmanager
async def _running(folder: Path, port: int, settings: Settings, **changed: Any) -> AsyncIterator[None]:
    secret = read_secret(settings.oidc_client_secret_file).get_secret_value()
    callback = [f"{settings.public_url}/auth/callback"]
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": changed.get("kid", "first")}, private=True)
    configuration = {
        "port": port,
        "account": changed.get("account", "ada"),
        "secondsBehind": changed.get("seconds_behind", 0),
        "keys": [key.as_dict(private=True)],
        "clients": [
            {"client_id": name, "client_secret": secret, "redirect_uris": callback}
            for name in (settings.oidc_client_id, "another")
        ],
    }
    process = await asyncio.create_subprocess_exec(
        BIN / "node", "serve.mjs", json.dumps(configuration), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.terminate()
        await process.communicate()


@pytest.fixture
async def serve(installed: Path, settings: Settings, provider_port: int) -> AsyncIterator[Serve]:
    """Start the provider, in the place of the one before."""
    async with AsyncExitStack() as last:

        async def start(**changed: Any) -> None:
            await last.aclose()
            await last.enter_async_context(_running(installed, provider_port, settings, **changed))

        yield start


@pytest.fixture
async def visitor(app: FastAPI, settings: Settings) -> AsyncIterator[Browser]:
    browser = Browser(app, settings)
    async with browser.client:
        yield browser


async def _sign_in(browser: Browser, **changed: str) -> httpx2.Response:
    """Go to the provider with an address in which some parameters are others, and come back."""
    start = str((await browser.get("/auth/login")).headers["location"])
    parts = urlsplit(start)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
    back = await browser.follow(urlunsplit(parts._replace(query=urlencode(asked))), until="/auth/callback")
    return await browser.get(str(back.headers["location"]))


async def _signed_in(browser: Browser) -> Any:
    return (await browser.get("/api/v1/session")).json()


async def test_a_certified_provider_signs_people_in_by_issuer_and_subject(
    serve: Serve, visitor: Browser, context: Context
) -> None:
    await serve()
    assert (await _sign_in(visitor)).headers["location"] == "/"
    user = (await _signed_in(visitor))["user"]
    assert (user["name"], user["email"], user["operator"]) == ("Ada Lovelace", "ada@example.org", False)
    async with context.db.read() as session:
        identity = (await session.execute(select(Identity))).scalar_one()
    assert (identity.issuer, identity.subject) == (context.settings.oidc_issuer, "ada")


async def test_an_identity_for_another_sign_in_is_refused(serve: Serve, visitor: Browser) -> None:
    await serve()
    answer = await _sign_in(visitor, nonce="of-another-sign-in")
    assert (answer.status_code, "did not pass the checks" in answer.text) == (403, True)
    assert (await visitor.get("/api/v1/session")).status_code == 401


@pytest.mark.parametrize("sender", [None, "https://evil.example"])
async def test_a_way_back_without_the_name_that_is_announced_is_refused(
    serve: Serve, visitor: Browser, context: Context, sender: str | None
) -> None:
    await serve()
    back = await visitor.follow("/auth/login", until="/auth/callback")
    parts = urlsplit(str(back.headers["location"]))
    told = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert told.pop("iss") == context.settings.oidc_issuer, "it names itself"
    told |= {"iss": sender} if sender else {}
    refused = await visitor.get(urlunsplit(parts._replace(query=urlencode(told))))
    assert (refused.status_code, "does not come from the sign-in provider" in refused.text) == (403, True)
    assert (await visitor.get("/api/v1/session")).status_code == 401


async def test_an_identity_that_ran_out_is_refused(serve: Serve, visitor: Browser) -> None:
    await serve(seconds_behind=400)
    answer = await _sign_in(visitor)
    assert (answer.status_code, "did not pass the checks" in answer.text) == (403, True)


async def test_a_code_for_another_client_is_refused(serve: Serve, visitor: Browser, context: Context) -> None:
    await serve()
    answer = await _sign_in(visitor, client_id="another")
    assert (answer.status_code, "invalid_grant" in answer.text) == (403, True)
    async with context.db.read() as session:
        assert (await session.execute(select(User))).first() is None


async def test_a_sign_in_without_our_proof_of_the_verifier_is_refused(serve: Serve, visitor: Browser) -> None:
    await serve()
    answer = await _sign_in(visitor, code_challenge="x" * 43)
    assert (answer.status_code, "invalid_grant" in answer.text) == (403, True)


async def test_an_address_that_is_not_verified_is_refused(serve: Serve, visitor: Browser) -> None:
    await serve(account="unverified")
    answer = await _sign_in(visitor)
    assert (answer.status_code, "is not verified" in answer.text) == (403, True)


async def test_new_keys_of_the_provider_are_taken_without_a_restart(
    serve: Serve, visitor: Browser, other: Browser
) -> None:
    await serve(kid="first")
    assert (await _sign_in(visitor)).headers["location"] == "/"
    await serve(kid="second")
    async with asyncio.timeout(10):
        # A set of keys is fetched anew at most once a second.
        while (await _sign_in(other)).status_code != 302:
            await asyncio.sleep(0.2)
    assert (await _signed_in(other))["user"]["name"] == "Ada Lovelace"


@pytest.fixture
async def other(app: FastAPI, settings: Settings) -> AsyncIterator[Browser]:
    browser = Browser(app, settings)
    async with browser.client:
        yield browser
