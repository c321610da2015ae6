"""Signing in by the loopback provider: the way there and back, and what must not work."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import func, select

from wisehosting_cp.accounts.models import BrowserSession, Identity, OauthState, Team, User
from wisehosting_cp.accounts.sign_in import service as sign_in
from wisehosting_cp.accounts.sign_in.api import provider_of, sign_in_cookie
from wisehosting_cp.accounts.sign_in.oidc import Claims
from wisehosting_cp.accounts.tokens import local
from wisehosting_cp.app import create_public_app
from wisehosting_cp.errors import Forbidden
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.security import digest
from wisehosting_cp.local.provider import new_link

pytestmark = pytest.mark.anyio


async def _count(context: Context, model: Any) -> int:
    async with context.db.read() as session:
        return int((await session.execute(select(func.count()).select_from(model))).scalar_one())


async def _callback(browser: Any, provider_folder: Path, start: str = "/auth/login") -> str:
    """Sign in at the provider and return the address of the control plane's callback, not opened yet."""
    issuer_link = f"{browser._settings.oidc_issuer}/link/{new_link(provider_folder)}"
    await browser.get(issuer_link)
    return str((await browser.follow(start, until="/auth/callback")).headers["location"])


async def test_the_one_use_link_leads_to_a_signed_in_dashboard(
    browser: Any, provider_folder: Path, context: Context
) -> None:
    link = f"{context.settings.oidc_issuer}/link/{new_link(provider_folder)}"
    at_home = await browser.follow(link, until="/nowhere")
    assert urlsplit(str(at_home.url)).path == "/"
    session = (await browser.get("/api/v1/session")).json()
    assert session["user"]["name"] == "Operator"
    assert session["user"]["operator"] is True
    assert session["team"]["name"] == "operator"
    assert session["platform"]["local"] is True


async def test_the_link_works_once(browser: Any, other_browser: Any, provider_folder: Path, context: Context) -> None:
    link = f"{context.settings.oidc_issuer}/link/{new_link(provider_folder)}"
    assert (await browser.get(link)).status_code == 303
    again = await other_browser.get(link)
    assert again.status_code == 403
    assert "works once" in again.text
    assert (await browser.get(link)).status_code == 303, "whoever is signed in goes on"


async def test_a_new_link_ends_the_one_before(browser: Any, provider_folder: Path, context: Context) -> None:
    old, new = new_link(provider_folder), new_link(provider_folder)
    assert (await browser.get(f"{context.settings.oidc_issuer}/link/{old}")).status_code == 403
    assert (await browser.get(f"{context.settings.oidc_issuer}/link/{new}")).status_code == 303


async def test_the_session_cookie_is_for_this_site_only_and_kept_as_a_hash(
    browser: Any, provider_folder: Path, context: Context
) -> None:
    answer = await browser.get(await _callback(browser, provider_folder, "/auth/login?next=/projects"))
    assert answer.headers["location"] == "/projects"
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("wh_session="))
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly",
        "max-age=2592000",
        "path=/",
        "samesite=lax",
    }
    secret = cookie.partition("=")[2].partition(";")[0]
    async with context.db.read() as session:
        row = (await session.execute(select(BrowserSession))).scalar_one()
    assert row.token_hash == digest(secret)


async def test_each_sign_in_makes_a_session_of_its_own_and_an_audit_row(
    browser: Any, provider_folder: Path, context: Context
) -> None:
    for _ in range(2):
        await browser.get(await _callback(browser, provider_folder))
    assert (await _count(context, User), await _count(context, Team), await _count(context, BrowserSession)) == (
        1,
        1,
        2,
    )
    async with context.db.read() as session:
        actions = (await session.execute(select(AuditEvent.action))).scalars().all()
    assert actions == ["user.create", "session.login", "session.login"]


async def test_signing_out_ends_the_session_at_once(browser: Any, provider_folder: Path, context: Context) -> None:
    await browser.get(await _callback(browser, provider_folder))
    kept = browser.client.cookies["wh_session"]
    assert (await browser.get("/api/v1/session")).status_code == 200
    ended = await browser.client.post(
        f"{context.settings.public_url}/api/v1/session/end",
        headers={"origin": context.settings.public_url, "x-wh-csrf": "1"},
    )
    assert ended.status_code == 204
    assert "wh_session" not in browser.client.cookies
    browser.client.cookies.set("wh_session", kept)
    assert (await browser.get("/api/v1/session")).status_code == 401


async def test_a_session_ends_after_thirty_days(
    browser: Any, provider_folder: Path, context: Context, clock: Any
) -> None:
    await browser.get(await _callback(browser, provider_folder))
    clock.forward(30 * 86400 - 10)
    assert (await browser.get("/api/v1/session")).status_code == 200
    clock.forward(20)
    assert (await browser.get("/api/v1/session")).status_code == 401


async def test_a_code_of_another_browser_is_refused(
    browser: Any, other_browser: Any, provider_folder: Path, context: Context
) -> None:
    stolen = await _callback(browser, provider_folder)
    refused = await other_browser.get(stolen)
    assert refused.status_code == 403
    await other_browser.get("/auth/login")
    refused = await other_browser.get(stolen)
    assert refused.status_code == 403
    assert "another browser" in refused.text
    assert "wh_session" not in other_browser.client.cookies
    assert (await browser.get(stolen)).status_code == 302, "the attempt did not use it up"


async def test_a_state_is_used_once(browser: Any, provider_folder: Path, context: Context) -> None:
    back = await _callback(browser, provider_folder)
    kept = browser.client.cookies[sign_in_cookie(context)]
    assert (await browser.get(back)).status_code == 302
    browser.client.cookies.set(sign_in_cookie(context), kept, domain="localhost.local", path="/auth")
    assert (await browser.get(back)).status_code == 403
    assert await _count(context, OauthState) == 0


async def test_a_sign_in_that_found_no_database_is_ended_by_loading_the_page_again(
    browser: Any, provider_folder: Path, away: Any
) -> None:
    back = await _callback(browser, provider_folder)
    async with away():
        assert (await browser.get(back)).status_code == 503
    assert (await browser.get(back)).status_code == 302


async def test_a_sign_in_that_took_longer_than_ten_minutes_is_refused(
    browser: Any, provider_folder: Path, clock: Any
) -> None:
    back = await _callback(browser, provider_folder)
    clock.forward(601)
    assert (await browser.get(back)).status_code == 403


async def test_a_refused_sign_in_is_tried_again_for_the_same_page(browser: Any, provider_folder: Path) -> None:
    back = httpx2.URL(await _callback(browser, provider_folder, "/auth/login?next=/projects%23newest"))
    refused = await browser.get(str(back.copy_remove_param("code")))
    assert refused.status_code == 403
    assert 'href="/auth/login?next=%2Fprojects%23newest"' in refused.text


async def test_the_way_to_the_provider_carries_state_nonce_and_pkce(browser: Any) -> None:
    asked = parse_qs(urlsplit((await browser.get("/auth/login")).headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 43
    assert len(asked["nonce"][0]) >= 43


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/%2f%2fevil.example",
        "javascript:alert(1)",
        "/a\r\nb",
    ],
)
async def test_next_never_leaves_the_site(browser: Any, provider_folder: Path, wanted: str) -> None:
    start = str(httpx2.URL("/auth/login", params={"next": wanted}))
    answer = await browser.get(await _callback(browser, provider_folder, start))
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        ("nonce", "another"),
        ("nonce", None),
        ("iss", "https://accounts.example.org"),
        ("aud", ["somebody-else"]),
        ("azp", "somebody-else"),
        ("exp", 1),
        ("sub", None),
        ("sub", ""),
        ("email_verified", False),
        ("email_verified", "true"),
        ("email", None),
        ("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
    ],
)
async def test_an_identity_that_says_something_wrong_is_refused(
    browser: Any, served: Any, provider_folder: Path, context: Context, wrong: str, value: Any
) -> None:
    key = served.state.provider.key
    identity = served.state.provider._token_grants[0][1][1]
    encode = identity.encode_id_token

    def lie(token: Any, request: Any) -> str:
        body = jwt.decode(encode(token, request), key).claims
        body[wrong] = value
        if value is None:
            del body[wrong]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, body, key)

    identity.encode_id_token = lie
    refused = await browser.get(await _callback(browser, provider_folder))
    assert refused.status_code == 403, refused.text
    assert (await _count(context, User), await _count(context, BrowserSession)) == (0, 0)


@pytest.mark.parametrize("attack", ["none", "hs256", "other key", "cut"])
async def test_an_identity_with_a_wrong_signature_is_refused(
    browser: Any, served: Any, provider_folder: Path, context: Context, attack: str
) -> None:
    identity = served.state.provider._token_grants[0][1][1]
    encode = identity.encode_id_token

    def forge(token: Any, request: Any) -> str:
        raw = str(encode(token, request))
        head, body, signature = raw.split(".")
        if attack == "cut":
            return f"{head}.{body}.{signature[:-8]}AAAAAAAA"
        if attack == "other key":
            key = RSAKey.generate_key(2048)
            return jwt.encode({"alg": "RS256", "kid": served.state.provider.key.kid}, _claims(body), key)
        header = {"alg": "none"} if attack == "none" else {"alg": "HS256", "kid": served.state.provider.key.kid}
        return f"{_b64(json.dumps(header).encode())}.{body}.{'' if attack == 'none' else signature}"

    identity.encode_id_token = forge
    refused = await browser.get(await _callback(browser, provider_folder))
    assert refused.status_code == 403
    assert await _count(context, User) == 0


def _claims(body: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(body + "==")))


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def test_a_changed_email_is_the_same_account_and_the_same_email_is_not(
    browser: Any, served: Any, provider_folder: Path, context: Context
) -> None:
    await browser.get(await _callback(browser, provider_folder))
    identity = served.state.provider._token_grants[0][1][1]
    honest = identity.generate_user_info
    identity.generate_user_info = lambda user, scope: honest(user, scope) | {"email": "new@example.org"}
    await browser.get(await _callback(browser, provider_folder))
    assert await _count(context, User) == 1
    identity.generate_user_info = lambda user, scope: honest(user, scope) | {"sub": "other", "email": "new@example.org"}
    await browser.get(await _callback(browser, provider_folder))
    assert (await _count(context, User), await _count(context, Identity)) == (2, 2)
    async with context.db.read() as session:
        assert sorted((await session.execute(select(Team.name))).scalars()) == ["operator", "operator-2"]


async def test_only_the_provider_of_local_mode_can_name_operators(context: Context) -> None:
    provider = provider_of(context)
    assert provider._local is True
    claims = Claims("https://accounts.example.org", "1", "Ada", "ada@example.org", operator=True)
    for sign_up in ("invitation", "open"):
        production = context.settings.model_copy(update={"environment": "production", "sign_up": sign_up})
        async with context.db.transaction() as session:
            if sign_up == "invitation":
                with pytest.raises(Forbidden, match="Ask its operator"):
                    await sign_in.user_for(session, replace(context, settings=production), claims)
            else:
                user = await sign_in.user_for(session, replace(context, settings=production), claims)
                assert user.operator is False


async def test_a_provider_that_is_away_is_said_so(app: Any, context: Context) -> None:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=context.settings.public_url) as client:
        answer = await client.get("/auth/login")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


async def test_the_local_token_belongs_to_the_operator_of_the_provider(
    browser: Any, provider_folder: Path, context: Context
) -> None:
    first = await local.create_local_token(context)
    second = await local.create_local_token(context)
    await browser.get(await _callback(browser, provider_folder))
    assert await _count(context, User) == 1
    for token, status in ((first, 401), (second, 200)):
        browser.client.headers["authorization"] = f"Bearer {token}"
        assert (await browser.get("/api/v1/workers")).status_code == status


async def test_a_user_made_and_a_changed_operator_right_each_leave_one_audit_row(context: Context) -> None:
    issuer = context.settings.oidc_issuer
    for operator in (False, False, True, True, False):
        async with context.db.transaction() as session:
            claims = Claims(issuer, "ada", "Ada", "ada@example.org", operator)
            user = await sign_in.user_for(session, context, claims, address="127.0.0.9", request_id="r")
    async with context.db.read() as session:
        rows = (await session.execute(select(AuditEvent).order_by(AuditEvent.id))).scalars().all()
    assert [(row.action, row.detail) for row in rows] == [
        ("user.create", {"issuer": issuer, "operator": False}),
        ("user.operator_changed", {"operator": True}),
        ("user.operator_changed", {"operator": False}),
    ]
    assert {(row.actor, row.subject, row.team_id, row.address, row.request_id) for row in rows} == {
        (f"user:{user.id}", f"user:{user.id}", None, "127.0.0.9", "r")
    }


async def test_the_operator_that_the_platform_makes_for_itself_is_recorded_as_its_act(context: Context) -> None:
    for _ in range(2):
        await local.create_local_token(context)
    async with context.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action.startswith("user."))
        rows = (await session.execute(query)).scalars().all()
    assert [(row.action, row.actor, row.detail["operator"]) for row in rows] == [("user.create", "platform", True)]


async def test_whom_the_provider_vouches_for_and_who_is_not_let_in_leaves_a_row_for_operators(
    browser: Any, provider_folder: Path, context: Context
) -> None:
    context.settings.sign_in_domains = ["example.org"]
    refused = await browser.get(await _callback(browser, provider_folder))
    assert refused.status_code == 403
    async with context.db.read() as session:
        (row,) = (await session.execute(select(AuditEvent))).scalars().all()
    assert (row.actor, row.action, row.team_id) == ("stranger", "session.refuse", None)
    assert row.subject == f"issuer:{context.settings.oidc_issuer}"
    assert row.detail == {"code": "domain_not_allowed", "email": "operator@localhost"}


@pytest.mark.parametrize(
    ("issuer", "hosted", "let_in"),
    [
        ("https://accounts.google.com", "example.org", True),
        ("https://accounts.google.com", None, False),
        ("https://accounts.google.com", "elsewhere.org", False),
        ("https://id.example.org", None, True),
    ],
    ids=["the organization's", "a personal account", "another organization's", "another provider"],
)
async def test_of_google_an_account_with_an_allowed_address_must_be_the_organization_s_own(
    context: Context, issuer: str, hosted: str | None, let_in: bool
) -> None:
    context.settings.sign_in_domains, context.settings.sign_up = ["example.org"], "open"
    claims = Claims(issuer, "ada", "Ada", "ada@example.org", operator=False, hosted_domain=hosted)
    async with context.db.transaction() as session:
        if let_in:
            assert (await sign_in.user_for(session, context, claims)).email == "ada@example.org"
        else:
            with pytest.raises(Forbidden, match="This platform is for addresses"):
                await sign_in.user_for(session, context, claims)


@pytest.mark.usefixtures("served")
async def test_over_https_no_other_host_can_plant_a_cookie(context: Context) -> None:
    settings = context.settings.model_copy(update={"public_url": "https://wise.example.org"})
    secure = create_public_app(replace(context, settings=settings))
    transport = httpx2.ASGITransport(app=secure)
    async with httpx2.AsyncClient(transport=transport, base_url=settings.public_url) as client:
        begun = await client.get("/auth/login")
        ended = await client.get("/auth/callback", params={"state": "unknown"})
    for answer in (begun, ended):
        (cookie,) = answer.headers.get_list("set-cookie")
        name, _, rest = cookie.partition("=")
        assert name == "__Host-wh_session_sign_in"
        attributes = {part.strip().lower() for part in rest.split(";")[1:]}
        assert {"secure", "path=/", "httponly", "samesite=lax"} <= attributes
        assert not any(attribute.startswith("domain") for attribute in attributes)


async def test_what_comes_back_without_the_provider_s_word_leaves_no_row(
    browser: Any, served: Any, context: Context
) -> None:
    begun = await browser.get("/auth/login")
    (state,) = parse_qs(urlsplit(begun.headers["location"]).query)["state"]
    refused = await browser.get(f"/auth/callback?state={state}&error=access_denied")
    assert refused.status_code == 403
    assert await _count(context, AuditEvent) == 0
