"""Who may do what: every route times every principal."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.routing import iter_route_contexts

from wisehosting_cp.accounts.access import Declaration, ProjectReader, assert_authorized, declared

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]

ANYBODY = {
    "/auth/login",
    "/auth/callback",
    "/auth/invitation",
    "/api/v1/invitations/offer",
    "/hooks/{hook_id}",
    "/healthz",
    "/readyz",
    "/api/openapi.json",
    "/api/{rest:path}",
}


def _routes(app: FastAPI) -> list[tuple[str, str, set[Declaration]]]:
    return [
        (method, str(route.path), declared(route.dependant))
        for route in iter_route_contexts(app.routes)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def _filled(path: str, value: str) -> str:
    return re.sub(r"\{[^}]+\}", value, path)


async def test_every_route_that_is_not_public_refuses_the_anonymous(app: FastAPI, anyone: httpx2.AsyncClient) -> None:
    walked = 0
    for method, path, says in _routes(app):
        if "public" in says:
            assert path in ANYBODY
            continue
        answer = await anyone.request(method, _filled(path, str(uuid4())), json={})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        walked += 1
    assert walked >= 20


async def test_every_route_refuses_a_wrong_token(app: FastAPI, anyone: httpx2.AsyncClient) -> None:
    for method, path, says in _routes(app):
        if "public" not in says:
            answer = await anyone.request(
                method, _filled(path, str(uuid4())), json={}, headers={"authorization": f"Bearer wh_{'x' * 43}"}
            )
            assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid"), (method, path)


async def test_workers_are_for_operators(people: People) -> None:
    ada, root = await people("ada"), await people("root", operator=True)
    for path in ("/api/v1/workers", "/api/v1/jobs"):
        assert (await ada.browser.get(path)).json()["code"] == "operators_only"
        assert (await root.browser.get(path)).status_code == 200


async def test_a_token_may_do_what_its_scopes_say_and_no_more(people: People) -> None:
    ada = await people()
    made = await ada.browser.post("/api/v1/account/tokens", json={"name": "read", "scopes": ["read"]})
    reading = {"authorization": f"Bearer {made.json()['token']}"}
    body = {"name": "shop", "source": {"url": "https://example.org/shop.git"}}
    ada.browser.cookies.clear()
    assert (await ada.browser.get("/api/v1/projects", headers=reading)).status_code == 200
    refused = await ada.browser.post("/api/v1/projects", json=body, headers=reading)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    more = await ada.browser.post("/api/v1/account/tokens", json={"name": "x", "scopes": ["admin"]}, headers=reading)
    assert more.json()["code"] == "scope_missing"


async def test_an_app_with_a_route_or_websocket_that_declares_nothing_does_not_start() -> None:
    app, router = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter(prefix="/x")

    @router.get("/declared")
    async def fine(asker: ProjectReader) -> None: ...

    @router.get("/bare")
    async def bare() -> None: ...

    @router.websocket("/socket")
    async def socket(websocket: WebSocket) -> None: ...

    app.include_router(router)
    with pytest.raises(RuntimeError, match="GET /x/bare, WebSocket /x/socket"):
        assert_authorized(app)
