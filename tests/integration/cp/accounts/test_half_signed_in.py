"""Between the provider and the second factor: good for nothing but giving it."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select

from wisehosting_cp.accounts.access import declared
from wisehosting_cp.accounts.half_signed_in import pending_cookie
from wisehosting_cp.accounts.models import BrowserSession, Identity, User
from wisehosting_cp.accounts.second_factor.models import PendingSignIn
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.security import digest
from wisehosting_cp.local.provider import new_link
from wisehosting_cp.sources.poller import tidy

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
HALF = "/api/v1/session/second-factor"


async def _count(context: Context, model: Any) -> int:
    async with context.db.read() as session:
        return int((await session.execute(select(func.count()).select_from(model))).scalar_one())


async def _sign_in(browser: Any, provider_folder: Path, start: str = "/auth/login") -> Any:
    await browser.get(f"{browser._settings.oidc_issuer}/link/{new_link(provider_folder)}")
    return await browser.get(str((await browser.follow(start, until="/auth/callback")).headers["location"]))


async def test_whoever_has_a_second_factor_gives_it_between_the_provider_and_the_dashboard(
    browser: Any, provider_folder: Path, context: Context, people: People, enrol: Any
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    async with context.db.transaction() as session:
        # The provider's one account is hers.
        session.add(Identity(user_id=ada.user_id, issuer=context.settings.oidc_issuer, subject="operator"))
    enrolled.clock.forward(60)
    back = await _sign_in(browser, provider_folder, "/auth/login?next=/projects/shop")
    assert back.headers["location"] == "/sign-in/second-factor?next=%2Fprojects%2Fshop"
    name = pending_cookie(context.settings.cookie_name)
    cookie = next(line for line in back.headers.get_list("set-cookie") if line.startswith(f"{name}="))
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly",
        "max-age=600",
        "path=/",
        "samesite=lax",
    }
    assert context.settings.cookie_name not in browser.client.cookies
    before = await _count(context, BrowserSession)
    shown = (await browser.get(HALF)).json()
    assert shown["factors"] == {"totp": True, "passkeys": 0, "recovery_codes": 10, "reset_at": None}
    browser.client.headers |= {"origin": context.settings.public_url, "x-wh-csrf": "1"}
    done = await browser.client.post(f"{context.settings.public_url}{HALF}", json={"code": enrolled.code()})
    assert done.json() == {"next": "/projects/shop", "recovery_codes": 10, "reset_at": None}
    assert name not in browser.client.cookies
    assert (await browser.get("/api/v1/session")).json()["user"]["id"] == str(ada.user_id)
    assert await _count(context, BrowserSession) == before + 1
    async with context.db.read() as session:
        query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(2)
        login, asked = (await session.execute(query)).scalars()
    assert (login.action, login.detail) == ("session.login", {"second_factor": "totp"})
    assert asked.action == "session.second_factor_needed"


async def test_a_half_signed_in_browser_reaches_the_second_factor_and_nothing_else(
    app: FastAPI, people: People, enrol: Any, half_sign_in: Any
) -> None:
    ada = await people()
    await enrol(ada)
    half = await half_sign_in(ada)
    refused = own = 0
    for route in iter_route_contexts(app.routes):
        says = declared(route.dependant)
        if "public" in says:
            continue
        path = re.sub(r"\{[^}]+\}", str(uuid4()), str(route.path))
        for method in sorted((route.methods or set()) - {"HEAD"}):
            if "half signed in" in says:
                own += 1
                continue
            answer = await half.request(method, path, json={})
            assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_needed"), (method, path)
            refused += 1
    assert refused >= 40
    assert own >= 3
    assert (await half.get(HALF)).status_code == 200, "it still stands"


async def test_only_the_hash_of_the_cookie_is_kept(
    people: People, enrol: Any, half_sign_in: Any, context: Context
) -> None:
    ada = await people()
    await enrol(ada)
    half = await half_sign_in(ada)
    cookie = half.cookies[pending_cookie(context.settings.cookie_name)]
    async with context.db.hot() as connection:
        [row] = await connection.fetch("SELECT * FROM pending_sign_ins")
    assert row["token_hash"] == digest(cookie)
    assert cookie not in str(row)


async def test_a_half_sign_in_runs_out_after_ten_minutes(
    people: People, enrol: Any, half_sign_in: Any, clock: Any, context: Context
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    half = await half_sign_in(ada)
    clock.forward(599)
    assert (await half.get(HALF)).status_code == 200
    clock.forward(2)
    for answer in (await half.get(HALF), await half.post(HALF, json={"code": enrolled.code()})):
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert (await half.get("/api/v1/projects")).json()["code"] == "not_signed_in"
    async with context.db.transaction() as session:
        await tidy(session, context)
    assert await _count(context, PendingSignIn) == 0


async def test_a_wrong_factor_makes_no_session_and_the_sign_in_may_go_on(
    people: People, enrol: Any, half_sign_in: Any, context: Context
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    half = await half_sign_in(ada)
    before = await _count(context, BrowserSession)
    for proof in ({"code": "000000"}, {"recovery_code": "no such code"}, {"code": enrolled.code()}):
        refused = await half.post(HALF, json=proof)
        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_refused")
    assert "set-cookie" not in refused.headers
    assert await _count(context, BrowserSession) == before
    done = await half.post(HALF, json={"recovery_code": enrolled.codes[3]})
    assert done.json() == {"next": "/projects", "recovery_codes": 9, "reset_at": None}
    assert (await half.get("/api/v1/session")).status_code == 200


async def test_a_half_sign_in_is_finished_once(people: People, enrol: Any, half_sign_in: Any, context: Context) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    half = await half_sign_in(ada)
    name = pending_cookie(context.settings.cookie_name)
    kept = half.cookies[name]
    assert (await half.post(HALF, json={"code": enrolled.next_code()})).status_code == 200
    half.cookies.clear()
    half.cookies.set(name, kept)
    again = await half.post(HALF, json={"code": enrolled.next_code()})
    assert (again.status_code, again.json()["code"]) == (401, "not_signed_in")


async def test_a_cancelled_sign_in_is_over(people: People, enrol: Any, half_sign_in: Any, context: Context) -> None:
    ada = await people()
    await enrol(ada)
    half = await half_sign_in(ada)
    name = pending_cookie(context.settings.cookie_name)
    kept = half.cookies[name]
    assert (await half.delete(HALF)).status_code == 204
    assert name not in half.cookies
    half.cookies.set(name, kept)
    assert (await half.get(HALF)).status_code == 401


async def test_the_session_the_browser_had_ends_when_the_new_one_begins(
    people: People, enrol: Any, half_sign_in: Any, context: Context
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    half = await half_sign_in(ada)
    half.cookies.set(context.settings.cookie_name, ada.cookie, domain="localhost.local")
    assert (await half.get("/api/v1/session")).status_code == 200, "half a sign-in takes nothing away"
    assert (await half.post(HALF, json={"code": enrolled.next_code()})).status_code == 200
    assert half.cookies[context.settings.cookie_name] != ada.cookie
    assert (await half.get("/api/v1/session")).status_code == 200
    assert (await ada.browser.get("/api/v1/session")).status_code == 401


@pytest.mark.parametrize("header", ["origin", "x-wh-csrf"])
async def test_another_site_cannot_finish_or_cancel_a_sign_in(
    people: People, enrol: Any, half_sign_in: Any, header: str
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    half = await half_sign_in(ada)
    del half.headers[header]
    for answer in (await half.post(HALF, json={"code": enrolled.next_code()}), await half.delete(HALF)):
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    assert (await half.get(HALF)).status_code == 200


async def test_who_is_disabled_meanwhile_does_not_get_in(
    people: People, enrol: Any, half_sign_in: Any, context: Context, clock: Any
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    half = await half_sign_in(ada)
    async with context.db.transaction() as session:
        (await session.get_one(User, ada.user_id)).disabled_at = clock.now()
    assert (await half.post(HALF, json={"code": enrolled.next_code()})).status_code == 401


async def test_a_full_session_is_no_half_one(people: People, enrol: Any) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    assert (await ada.browser.get(HALF)).status_code == 401
    assert (await ada.browser.post(HALF, json={"code": enrolled.next_code()})).status_code == 401
