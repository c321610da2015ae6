"""Every route of both apps times everybody who is not, or not any more, signed in: one refusal, the same byte for byte."""

import json
import os
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgicalls import Answer, call, knock
from fastapi import FastAPI
from fastapi.routing import APIWebSocketRoute, iter_route_contexts

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.access import declared
from wisehosting_cp.accounts.half_signed_in import pending_cookie
from wisehosting_cp.accounts.models import User
from wisehosting_cp.channel.hub import Hub
from wisehosting_cp.channel.mesh import create_mesh_app
from wisehosting_cp.kit.context import Context
from wisehosting_cp.settings import read_secret
from wisehosting_cp.workers import tokens

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
APP_HOST = "shop.localhost:7080"
"""Where an app of the platform is reached."""
REGISTER, REFRESH, CONNECT = (f"/v1/workers/{act}" for act in ("register", "refresh-token", "connect"))


@dataclass(frozen=True)
class Refusal:
    """What a kind of asker must be told, wherever they ask."""

    code: str
    detail: str


NOBODY = Refusal("not_signed_in", "Sign in, or send an API token.")
NO_TOKEN = Refusal("token_invalid", "This token is unknown, expired or revoked. Make a new one.")
HALF = Refusal("second_factor_needed", "Give your second factor to finish signing in.")

KINDS = {
    "nobody": NOBODY,
    "a cookie that was never given": NOBODY,
    "a revoked session": NOBODY,
    "an expired session": NOBODY,
    "the session of a disabled person": NOBODY,
    "a half signed-in browser": HALF,
    "a token that was never given": NO_TOKEN,
    "a worker's token": NO_TOKEN,
    "a revoked token": NO_TOKEN,
    "an expired token": NO_TOKEN,
    "the token of a disabled person": NO_TOKEN,
    "a bad token beside a good session": NO_TOKEN,
}
SOME = ["signed in", "nobody", "a revoked session", "a half signed-in browser", "an expired token"]


@dataclass(frozen=True)
class Door:
    """A way into an app."""

    method: str
    """`WebSocket` for one."""
    path: str
    says: str
    """`public`, `half signed in`, or what it needs."""


def doors(app: FastAPI) -> list[Door]:
    found = []
    for route in iter_route_contexts(app.routes):
        says = "/".join(sorted(str(one) for one in declared(route.dependant))) or "proves itself"
        socket = isinstance(route.original_route, APIWebSocketRoute)
        methods = ["WebSocket"] if socket else sorted((route.methods or set()) - {"HEAD"})
        found += [Door(method, str(route.path), says) for method in methods]
    return found


class Asker:
    """Headers of one who asks, and a person's project to ask for."""

    def __init__(self, context: Context, headers: dict[str, str], ids: dict[str, str]) -> None:
        self.context, self.headers, self.ids = context, headers, ids

    def path(self, path: str, *, real: bool) -> str:
        ids = self.ids if real else {}
        return re.sub(r"\{([a-z_]+)(:path)?\}", lambda found: ids.get(found[1], str(uuid4())), path)

    async def ask(
        self, app: FastAPI, door: Door, *, real: bool = True, base: str | None = None, body: bytes = b"{}"
    ) -> Answer:
        url = (base or self.context.settings.public_url) + self.path(door.path, real=real)
        headers = self.headers | {"content-type": "application/json"}
        if door.method == "WebSocket":
            return await knock(app, url, headers)
        return await call(app, door.method, url, headers, body)


class Kinds:
    """A person with a project, and everybody who would like to see it: `await kinds.make("an expired token")`."""

    def __init__(self, context: Context, clock: Any, ada: Any, ids: dict[str, str], half: Any) -> None:
        self.context, self.clock, self.ada, self.ids, self.half = context, clock, ada, ids, half

    async def make(self, kind: str) -> Asker:
        """Let happen what makes the kind, and return who asks then."""
        await {
            "a revoked session": self._sign_out,
            "an expired session": self._wait,
            "an expired token": self._wait,
            "a revoked token": self._revoke,
            "the session of a disabled person": self._disable,
            "the token of a disabled person": self._disable,
        }.get(kind, self._nothing)()
        own = {"origin": self.context.settings.public_url, "x-wh-csrf": "1"}
        cookie = {"cookie": f"{self.context.settings.cookie_name}={self.ada.cookie}"}
        bad = "x" * 43
        headers = {
            "nobody": own,
            "a cookie that was never given": own | {"cookie": f"{self.context.settings.cookie_name}={bad}"},
            "a token that was never given": {"authorization": f"Bearer wh_{bad}"},
            "a bad token beside a good session": own | cookie | {"authorization": f"Bearer wh_{bad}"},
        }
        if kind == "a half signed-in browser":
            headers[kind] = own | {"cookie": await self.half(self.ada)}
        elif kind == "a worker's token":
            token, _ = tokens.issue(self.context.keyring, uuid4(), self.clock.now())
            assert not tokens.read(self.context.keyring, token, self.clock.now()).expired, "the mesh takes it"
            headers[kind] = {"authorization": f"Bearer {token}"}
        usual = {"authorization": f"Bearer {self.ada.token}"} if "token" in kind else own | cookie
        return Asker(self.context, headers.get(kind, usual), self.ids)

    async def _nothing(self) -> None: ...

    async def _wait(self) -> None:
        self.clock.forward(timedelta(days=91).total_seconds())

    async def _sign_out(self) -> None:
        assert (await self.ada.browser.post("/api/v1/session/end")).status_code == 204

    async def _revoke(self) -> None:
        revoked = await self.ada.browser.delete(f"/api/v1/account/tokens/{self.ids['token_id']}")
        assert revoked.status_code == 204

    async def _disable(self) -> None:
        async with self.context.db.transaction() as session:
            (await session.get_one(User, self.ada.user_id)).disabled_at = self.clock.now()
            epoch.advance(session)


@pytest.fixture
async def kinds(people: People, context: Context, clock: Any, enrol: Any, half_sign_in: Any) -> Kinds:
    ada = await people()
    body = {"name": "shop", "source": {"url": "https://example.org/shop.git"}}
    project = (await ada.browser.post("/api/v1/projects", json=body)).json()
    environment = project["environments"][0]
    ids = {
        "team_id": str(ada.team_id),
        "user_id": str(ada.user_id),
        "project_id": project["id"],
        "environment_id": environment["id"],
        "deployment_id": environment["latest"]["id"],
        "token_id": (await ada.browser.get("/api/v1/account/tokens")).json()["items"][0]["id"],
        "session_id": (await ada.browser.get("/api/v1/account/sessions")).json()["items"][0]["id"],
    }

    async def half(person: Any) -> str:
        await enrol(person)
        name = pending_cookie(context.settings.cookie_name)
        return f"{name}={(await half_sign_in(person)).cookies[name]}"

    return Kinds(context, clock, ada, ids, half)


def bare(answer: Answer) -> tuple[int, tuple[tuple[bytes, bytes], ...], bytes]:
    """Return an answer without what tells two requests apart: the request's id and the date."""
    body = json.loads(answer.body)
    request_id = body.pop("request_id").encode()
    kept = [(name, value) for name, value in answer.headers if name not in {b"x-request-id", b"date"}]
    return answer.status, tuple(sorted(kept)), answer.body.replace(request_id, b"")


@pytest.mark.parametrize("kind", KINDS)
async def test_who_is_not_signed_in_gets_one_answer_everywhere(app: FastAPI, kinds: Kinds, kind: str) -> None:
    asker, expected = await kinds.make(kind), KINDS[kind]
    found: Counter[Any] = Counter()
    for door in doors(app):
        # What a half sign-in is good for has a test of its own.
        if door.says == "public" or (expected is HALF and door.says == "half signed in"):
            continue
        for real in (True, False):
            answer = await asker.ask(app, door, real=real)
            assert answer.status == 401, door
            told = json.loads(answer.body)
            if door.says == "half signed in" and expected is NO_TOKEN:
                assert told["code"] == "token_invalid"
                continue
            assert Refusal(told["code"], told["detail"]) == expected, door
            found[bare(answer)] += 1
    assert len(found) == 1, "a route tells itself apart"
    print(f"{kind}: {sum(found.values())} requests, one answer")  # noqa: T201 - the figure belongs to the test
    assert sum(found.values()) >= 120


@pytest.mark.parametrize("kind", SOME)
async def test_a_public_route_answers_nobody_otherwise_than_anybody(app: FastAPI, kinds: Kinds, kind: str) -> None:
    asker, nobody = await kinds.make(kind), await kinds.make("nobody")
    walked = 0
    for door in doors(app):
        if door.says == "public":
            told = [(await each.ask(app, door, real=False)).status for each in (asker, nobody)]
            assert told[0] == told[1], door
            walked += 1
    assert walked >= 13


@pytest.mark.parametrize("host", [APP_HOST, "shop.localhost", "localhost.evil.example:7000", "10.50.0.1:7443"])
async def test_by_the_name_of_an_app_no_route_is_there_at_all(app: FastAPI, kinds: Kinds, host: str) -> None:
    asker = await kinds.make("signed in")
    found: Counter[Any] = Counter()
    for door in doors(app):
        answer = await asker.ask(app, door, base=f"http://{host}")
        assert (answer.status, json.loads(answer.body)["code"]) == (400, "host_unknown"), door
        found[bare(answer)] += 1
    assert len(found) == 1
    assert sum(found.values()) >= 80


async def test_a_page_of_an_app_changes_nothing_with_its_visitor_s_session(app: FastAPI, kinds: Kinds) -> None:
    asker = await kinds.make("signed in")
    found: Counter[Any] = Counter()
    for origin in (f"http://{APP_HOST}", "null", ""):
        asker.headers["origin"] = origin
        for door in doors(app):
            if door.method in {"GET", "WebSocket"}:
                continue
            answer = await asker.ask(app, door)
            assert (answer.status, json.loads(answer.body)["code"]) == (403, "cross_site"), door
            found[bare(answer)] += 1
    assert len(found) == 1
    assert sum(found.values()) >= 100


async def test_what_a_page_of_an_app_asks_for_it_cannot_read(app: FastAPI, kinds: Kinds) -> None:
    asker = await kinds.make("signed in")
    asker.headers |= {"origin": f"http://{APP_HOST}"}
    answer = await asker.ask(app, Door("GET", "/api/v1/session", "session.read"))
    assert answer.status == 200
    names = {name.lower() for name, _ in answer.headers}
    assert not {name for name in names if name.startswith(b"access-control-")}
    assert (b"cross-origin-resource-policy", b"same-origin") in answer.headers


@pytest.mark.parametrize("kind", SOME)
async def test_the_mesh_knows_no_person_and_no_app(kinds: Kinds, context: Context, kind: str) -> None:
    mesh = create_mesh_app(context, Hub(context))
    asker = await kinds.make(kind)
    own_way = {
        REGISTER: {
            "join_token": "x" * 43,
            "api_server_secret": read_secret(context.settings.api_server_secret_file).get_secret_value()[:-1] + "!",
            "api_key": "A" * 43,
            "name": "w1",
        },
        REFRESH: {"nonce": "A" * 43, "mac": "A" * 43},
    }
    refused = 0
    for door in doors(mesh):
        if door.says == "public":
            assert door.path == "/healthz"
            continue
        for base in ("https://10.50.0.1:7443", f"https://{APP_HOST}"):
            body = json.dumps(own_way.get(door.path, {})).encode()
            answer = await asker.ask(mesh, door, base=base, body=body)
            assert answer.status == 401, (door, answer.body)
            assert json.loads(answer.body)["code"] in {"secret_wrong", "worker_token_missing", "worker_token_invalid"}
            refused += 1
    assert refused == 6
    assert {door.path for door in doors(mesh)} == {REGISTER, REFRESH, CONNECT, "/healthz"}


async def test_no_listener_serves_what_is_the_other_s(app: FastAPI, kinds: Kinds, context: Context) -> None:
    mesh = create_mesh_app(context, Hub(context))
    asker = await kinds.make("signed in")
    paths = {door.path for door in doors(app)} - {"/healthz"}
    for door in doors(app):
        if door.path in paths:
            assert (await asker.ask(mesh, door)).status in {404, 405}, door
    nothing: set[int] = set()
    for path in (REGISTER, REFRESH, CONNECT):
        nothing.add((await asker.ask(app, Door("POST", path, ""), body=os.urandom(8))).status)
        nothing.add((await asker.ask(app, Door("WebSocket", path, ""))).status)
    assert nothing <= {403, 404, 405}, "no way from the public app to the workers"
