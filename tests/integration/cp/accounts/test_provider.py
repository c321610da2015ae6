"""The loopback provider refuses what a real one refuses."""

import base64
import hashlib
import secrets
import stat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.applications import Starlette

from wisehosting_cp.local.provider import AccountStore, NameRefused, new_link
from wisehosting_cp.settings import Settings, read_secret

pytestmark = pytest.mark.anyio

VERIFIER = secrets.token_urlsafe(48)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Asking:
    """A client of the provider that may ask for anything."""

    def __init__(self, provider: Starlette, settings: Settings) -> None:
        self.settings = settings
        self.secret = read_secret(settings.oidc_client_secret_file).get_secret_value()
        self.redirect_uri = f"{settings.public_url}/auth/callback"
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=provider), base_url=settings.oidc_issuer, trust_env=False
        )

    async def authorize(self, **changed: str | None) -> httpx2.Response:
        asked = {
            "response_type": "code",
            "client_id": self.settings.oidc_client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid email profile",
            "state": "state",
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | changed
        return await self.client.get(
            "/authorize", params={name: value for name, value in asked.items() if value is not None}
        )

    async def code(self) -> str:
        answer = await self.authorize()
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    async def token(self, code: str, *, secret: str | None = None, **changed: str | None) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
        } | changed
        return await self.client.post(
            "/token",
            data={name: value for name, value in form.items() if value is not None},
            auth=(self.settings.oidc_client_id, secret or self.secret),
        )


@pytest.fixture
async def asking(provider: Starlette, settings: Settings, provider_folder: Path) -> Any:
    asking = Asking(provider, settings)
    async with asking.client:
        await asking.client.get(f"/link/{new_link(provider_folder)}")
        yield asking


async def test_a_code_buys_one_token_that_opens_the_userinfo(asking: Asking) -> None:
    token = (await asking.token(await asking.code())).json()
    assert {"access_token", "id_token", "expires_in", "scope", "token_type"} <= token.keys()
    info = await asking.client.get("/userinfo", headers={"authorization": f"Bearer {token['access_token']}"})
    assert info.json()["sub"] == "operator"
    assert info.json()["email_verified"] is True
    assert (await asking.client.get("/userinfo")).status_code == 401


async def test_a_reused_code_is_refused_and_ends_what_it_bought(asking: Asking) -> None:
    code = await asking.code()
    bought = (await asking.token(code)).json()["access_token"]
    again = await asking.token(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    gone = await asking.client.get("/userinfo", headers={"authorization": f"Bearer {bought}"})
    assert gone.status_code == 401


async def test_an_expired_code_is_refused(asking: Asking, provider: Starlette) -> None:
    code = await asking.code()
    now = provider.state.provider.clock()
    provider.state.provider.clock = lambda: now + 61
    assert (await asking.token(code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "x" * 64}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:7000/elsewhere"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"secret": "wrong"}, "invalid_client"),
    ],
)
async def test_a_wrong_token_request_is_refused(asking: Asking, changed: dict[str, Any], error: str) -> None:
    answer = await asking.token(await asking.code(), **changed)
    assert answer.status_code in {400, 401}
    assert answer.json()["error"] == error


@pytest.mark.parametrize("uri", ["http://evil.example/auth/callback", "http://localhost:7000/auth/callback/", None])
async def test_an_unknown_redirect_uri_is_not_redirected_to(asking: Asking, uri: str | None) -> None:
    answer = await asking.authorize(redirect_uri=uri)
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
async def test_a_wrong_authorization_request_is_refused_at_the_client(
    asking: Asking, changed: dict[str, Any], error: str
) -> None:
    answer = await asking.authorize(**changed)
    assert answer.headers["location"].startswith(asking.redirect_uri)
    assert f"error={error}" in answer.headers["location"]


async def test_nobody_signed_in_is_asked_for_name_and_password(asking: Asking) -> None:
    asking.client.cookies.clear()
    page = await asking.authorize()
    assert page.status_code == 200
    assert 'name="password"' in page.text
    assert "<script" not in page.text
    assert f"form-action 'self' {asking.settings.public_url}" in page.headers["content-security-policy"]
    silent = await asking.authorize(prompt="none")
    assert "error=login_required" in silent.headers["location"]


async def test_an_account_added_while_the_provider_runs_signs_in_by_password(
    asking: Asking, provider_folder: Path
) -> None:
    asking.client.cookies.clear()
    AccountStore(provider_folder).add("ada.l", "correct horse battery", full_name="Ada L.")
    form = {"name": "ada.l", "password": "wrong horse battery", "query": "response_type=code"}
    origin = {"origin": asking.settings.oidc_issuer}
    assert (await asking.client.post("/sign-in", data=form, headers=origin)).status_code == 403
    form["password"] = "correct horse battery"
    assert (await asking.client.post("/sign-in", data=form)).status_code == 403, "without the right Origin"
    signed_in = await asking.client.post("/sign-in", data=form, headers=origin)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/authorize?response_type=code")
    token = (await asking.token(await asking.code())).json()["access_token"]
    info = (await asking.client.get("/userinfo", headers={"authorization": f"Bearer {token}"})).json()
    assert (info["name"], "wisehosting_operator" in info) == ("Ada L.", False)


async def test_passwords_cannot_be_guessed_for_long(asking: Asking, provider_folder: Path) -> None:
    AccountStore(provider_folder).add("ada", "correct horse battery")
    origin = {"origin": asking.settings.oidc_issuer}
    for _ in range(10):
        await asking.client.post("/sign-in", data={"name": "ada", "password": "wrong"}, headers=origin)
    late = await asking.client.post(
        "/sign-in", data={"name": "ada", "password": "correct horse battery"}, headers=origin
    )
    assert late.status_code == 429


async def test_the_form_goes_on_only_within_the_provider(asking: Asking, provider_folder: Path) -> None:
    AccountStore(provider_folder).add("ada", "correct horse battery")
    answer = await asking.client.post(
        "/sign-in",
        data={"name": "ada", "password": "correct horse battery", "query": "//evil.example\r\nx: y"},
        headers={"origin": asking.settings.oidc_issuer},
    )
    assert answer.headers["location"].startswith("/authorize?")
    assert "x" not in answer.headers


async def test_the_provider_answers_to_its_own_names_only(asking: Asking) -> None:
    assert (await asking.client.get("/keys", headers={"host": "evil.example"})).status_code == 400


def test_what_the_provider_keeps_is_for_its_owner_and_holds_no_password(provider_folder: Path) -> None:
    store = AccountStore(provider_folder)
    store.add("ada", "correct horse battery")
    code = new_link(provider_folder)
    for path in provider_folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert b"correct horse" not in path.read_bytes()
        assert code.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("name", "password"),
    [("Ada", "long enough words"), ("a b", "long enough words"), ("", "long enough words"), ("ada", "short")],
)
def test_an_account_with_a_bad_name_or_short_password_is_refused(
    provider_folder: Path, name: str, password: str
) -> None:
    with pytest.raises(NameRefused):
        AccountStore(provider_folder).add(name, password)


def test_an_account_is_not_made_twice(provider_folder: Path) -> None:
    store = AccountStore(provider_folder)
    store.add("ada", "correct horse battery")
    with pytest.raises(NameRefused, match="already"):
        AccountStore(provider_folder).add("ada", "another password")
    assert store.check("ada", "correct horse battery") is not None
    assert store.check("operator", "") is None
