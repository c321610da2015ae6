"""A secret of its own in every place that keeps one; then every GET as everybody, the log, tracebacks and the tables."""

import base64
import io
import json
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import structlog
from asgicalls import call
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import text

from wisehosting_cp.accounts.models import Scope
from wisehosting_cp.accounts.sign_in import service as signing_in
from wisehosting_cp.accounts.tokens import service as tokens
from wisehosting_cp.keys.columns import SEALED
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.kit.logging import configure
from wisehosting_cp.local.certificate import ensure_certificate
from wisehosting_cp.settings import read_secret
from wisehosting_cp.workers import enrolment
from wisehosting_wire.enrolment import RegisterRequest
from wisehosting_wire.keys import verifier

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
PUBLIC: frozenset[str] = frozenset()
"""`table.column` that may hold one of the secrets as it is. None does."""
HASHED = ("api_tokens", "sessions", "oauth_states", "join_tokens", "worker_credentials")
"""Tables that keep what is left of a secret; each has a row, or the walk through the tables would prove nothing."""


@dataclass
class Canaries:
    """Secrets by name, each in every writing in which it could come out."""

    known: dict[str, set[bytes]] = field(default_factory=dict)

    def add(self, name: str, secret: str | bytes) -> None:
        raw = secret.encode() if isinstance(secret, str) else secret
        plain = base64.b64encode(raw)
        self.known[name] = {
            raw,
            raw.hex().encode(),
            plain.rstrip(b"="),
            base64.urlsafe_b64encode(raw).rstrip(b"="),
            repr(raw)[2:-1].encode(),
            json.dumps(raw.decode("latin-1"))[1:-1].encode(),
        }

    def in_it(self, where: bytes) -> list[str]:
        return [name for name, forms in self.known.items() if any(form in where for form in forms)]


@dataclass
class Asker:
    name: str
    headers: dict[str, str]


@dataclass
class World:
    """Everything that was seeded, and who may ask."""

    app: FastAPI
    context: Context
    canaries: Canaries
    askers: list[Asker]
    ids: dict[str, str]

    async def ask(self, method: str, path: str, asker: Asker, body: Any = None) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        headers = {**asker.headers, "content-type": "application/json"}
        return await call(self.app, method, self.context.settings.public_url + path, headers, content)

    def gets(self) -> list[str]:
        """Addresses of every route that answers GET: with what there is, and with what nobody has."""
        found = []
        for route in iter_route_contexts(self.app.routes):
            if "GET" not in (route.methods or ()):
                continue
            assert route.path is not None
            for ids in (self.ids, dict.fromkeys(self.ids, str(uuid4()))):
                path = route.path.replace("{rest:path}", "nothing")
                for name, value in ids.items():
                    path = path.replace(f"{{{name}}}", value)
                assert "{" not in path, f"{path}: what is this in the canaries' world?"
                found.append(path)
        return list(dict.fromkeys(found))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as it is in production, kept."""
    root = logging.getLogger()
    handlers, level, ours = root.handlers, root.level, structlog.get_config()
    kept = io.StringIO()
    configure("json", stream=kept)
    yield kept
    root.handlers, root.level = handlers, level
    structlog.configure(**ours)


async def _register(context: Context, canaries: Canaries) -> str:
    ensure_certificate(context.settings.mesh_certificate_file, context.settings.mesh_key_file)
    raw = os.urandom(32)
    key = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    secret = read_secret(context.settings.api_server_secret_file).get_secret_value()
    async with context.db.transaction() as session:
        ticket = await enrolment.mint_join_token(session, context, "w1", "127.0.0.1")
        asked = RegisterRequest(join_token=ticket.token, api_server_secret=secret, api_key=key, name="w1")
        reply = await enrolment.register(session, context, asked, address="127.0.0.1")
    for name, value in {
        "join token": ticket.token,
        "api_server.secret": secret,
        "raw worker key": raw,
        "sha256 of the worker key": verifier(raw),
        "worker token": reply.token,
    }.items():
        canaries.add(name, value)
    return reply.worker


@pytest.fixture
async def world(app: FastAPI, context: Context, people: People, log: io.StringIO) -> World:
    canaries = Canaries()
    settings = context.settings
    assert settings.master_key_file is not None
    canaries.add("master key", settings.master_key_file.read_bytes())
    canaries.add("OpenID client secret", settings.oidc_client_secret_file.read_text())
    for purpose in Purpose:
        canaries.add(f"key of {purpose.name}", context.keyring.key(purpose))

    askers = [Asker("anonymous", {})]
    everybody = {
        "owner": await people("ada"),
        "operator": await people("otto", operator=True),
        "other team": await people("eve"),
    }
    for name, person in everybody.items():
        canaries.add(f"cookie of {name}", person.cookie)
        canaries.add(f"token of {name}", person.token)
        cookie = {
            "cookie": f"{settings.cookie_name}={person.cookie}",
            "origin": settings.public_url,
            "x-wh-csrf": "1",
        }
        askers.append(Asker(f"{name}, browser", cookie))
        for scope in Scope:
            async with context.db.transaction() as session:
                _, token = await tokens.issue_token(
                    session, context, user_id=person.user_id, name=scope, scopes=[scope], asker={"actor": "platform"}
                )
            canaries.add(f"token {scope} of {name}", token)
            askers.append(Asker(f"{name}, token {scope}", {"authorization": f"Bearer {token}"}))

    world = World(app, context, canaries, askers, {})
    owner = askers[1]
    source = {"url": "http://127.0.0.1:9/a.git"}
    made = await world.ask("POST", "/api/v1/projects", owner, {"name": "shop", "source": source, "deploy": False})
    project = json.loads(made.body)
    environment = project["environments"][0]["id"]
    values = {}
    for scope_name in ("run", "build", "both"):
        value = f"canary {os.urandom(12).hex()} of {scope_name}"
        canaries.add(f"variable {scope_name}", value)
        values[f"KEY_{scope_name.upper()}"] = {"value": value, "scope": scope_name}
    written = await world.ask("PUT", f"/api/v1/environments/{environment}/variables", owner, {"set": values})
    assert written.status == 200, written.body
    started = await world.ask("POST", f"/api/v1/projects/{project['id']}/deployments", owner, {})
    assert started.status == 202, started.body
    once = Asker("once", {**owner.headers, "idempotency-key": f"canary-{uuid4().hex}"})
    hook = await world.ask("POST", f"/api/v1/projects/{project['id']}/hook-secret", once)
    assert hook.status == 200, hook.body
    canaries.add("hook secret, also in a kept answer", json.loads(hook.body)["secret"])
    async with context.db.transaction() as session:
        sign_in = await signing_in.start_sign_in(session, context, next_path="/projects")
    for name in ("state", "browser", "nonce", "verifier"):
        canaries.add(f"sign-in's {name}", getattr(sign_in, name))
    team = await world.ask("POST", "/api/v1/teams", owner, {"name": "crew"})
    assert team.status == 201, team.body
    invited = await world.ask(
        "POST", f"/api/v1/teams/{json.loads(team.body)['id']}/invitations", owner, {"email": "new@example.org"}
    )
    assert invited.status == 201, invited.body
    canaries.add("invitation", json.loads(invited.body)["link"].partition("#")[2])
    begun = await world.ask("POST", "/api/v1/account/second-factor/totp", owner, {})
    assert begun.status == 200, begun.body
    canaries.add("secret of the authenticator app", json.loads(begun.body)["secret"])
    world.ids = {
        "team_id": json.loads(team.body)["id"],
        "project_id": project["id"],
        "environment_id": environment,
        "deployment_id": json.loads(started.body)["id"],
        "worker_id": await _register(context, canaries),
    }
    return world


async def test_no_get_of_anybody_shows_a_secret_and_neither_do_log_and_tables(world: World, log: io.StringIO) -> None:
    paths = world.gets()
    found: list[str] = []
    answered: dict[int, int] = {}
    for path in paths:
        for asker in world.askers:
            answer = await world.ask("GET", path, asker)
            assert answer.status != 500, f"GET {path} of {asker.name}: {log.getvalue()[-3000:]}"
            answered[answer.status] = answered.get(answer.status, 0) + 1
            found += [f"{name} in GET {path} of {asker.name}" for name in world.canaries.in_it(answer.all)]
    columns, rows = await _walk_tables(world, found)
    found += [f"{name} in the log" for name in world.canaries.in_it(log.getvalue().encode())]
    print(  # noqa: T201 - what was walked is the point
        f"{len(paths)} addresses as {len(world.askers)} askers ({dict(sorted(answered.items()))}), "
        f"{len(world.canaries.known)} canaries, {columns} columns with {rows} values, {len(log.getvalue())} bytes of log"
    )
    assert found == []
    assert len(paths) > 20
    assert len(world.askers) == 13
    assert len(world.canaries.known) > 25
    assert answered[200] > 100
    assert answered[401] > 10
    assert columns > 100
    assert log.getvalue().count("\n") > 100


async def _walk_tables(world: World, found: list[str]) -> tuple[int, int]:
    """Read every column of every table as text, as a dump has it. Every sealed column and kept hash has a row."""
    columns = rows = 0
    async with world.context.db.read() as session:
        query = text("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
        filled = set()
        for table, column in (await session.execute(query)).all():
            columns += 1
            values = (await session.execute(text(f'SELECT "{column}"::text FROM "{table}"'))).scalars().all()  # noqa: S608 - names of the catalogue
            values = [value for value in values if value is not None]
            rows += len(values)
            if values:
                filled |= {table, f"{table}.{column}"}
            hits = world.canaries.in_it("\n".join(values).encode())
            if f"{table}.{column}" not in PUBLIC:
                found += [f"{name} in {table}.{column}" for name in hits]
    assert {str(sealed) for sealed in SEALED} | set(HASHED) <= filled
    return columns, rows


async def test_forced_errors_show_no_secret_in_answer_log_or_traceback(world: World, log: io.StringIO) -> None:
    owner = world.askers[1]
    variables = f"/api/v1/environments/{world.ids['environment_id']}/variables"
    secret = f"canary-{os.urandom(12).hex()}"
    world.canaries.add("variable of a request that fails", secret)
    good = {"set": {"KEY_RUN": {"value": secret}}}
    answers = [
        await world.ask("PUT", variables, owner, {"set": {"KEY": {"value": {"nested": secret}}}}),
        await world.ask("PUT", variables, owner, {"set": {"KEY": {"value": secret, "scope": secret}}}),
        await world.ask("PUT", variables, owner, {"set": {"KEY": secret}, "more": secret}),
        await world.ask("PUT", variables, owner, f'{{"set": {{"KEY": "{secret}'.encode()),
        await world.ask("GET", f"/auth/callback?state={secret}&code={secret}", owner),
        await world.ask("POST", "/hooks/unknown", owner, {"secret": secret}),
    ]
    assert all(400 <= answer.status < 500 for answer in answers), [answer.status for answer in answers]
    # A sealed value that was changed, then a table that is gone: both are errors nobody foresaw.
    async with world.context.db.transaction() as session:
        await session.execute(text("UPDATE variables SET sealed_value = sealed_value || '\\x00'::bytea"))
    answers.append(await world.ask("PUT", variables, owner, good))
    async with world.context.db.transaction() as session:
        await session.execute(text("ALTER TABLE variables ALTER COLUMN sealed_value TYPE text USING 'gone'"))
        await session.execute(text("DELETE FROM variables"))
    answers.append(await world.ask("PUT", variables, owner, good))
    async with world.context.db.transaction() as session:
        await session.execute(text("ALTER TABLE sessions RENAME COLUMN token_hash TO gone"))
    world.context.clock.forward(60)  # type: ignore[attr-defined]  # what is remembered of credentials ends
    answers.append(await world.ask("GET", "/api/v1/session", owner))
    unforeseen = [answer for answer in answers if answer.status >= 500]
    found = [name for answer in answers for name in world.canaries.in_it(answer.all)]
    said = log.getvalue()
    found += [f"{name} in the log" for name in world.canaries.in_it(said.encode())]
    print(f"{len(answers)} errors, {len(unforeseen)} unforeseen, {said.count('Traceback')} tracebacks")  # noqa: T201
    assert found == []
    assert len(unforeseen) == 3
    assert said.count("Traceback") >= 3


def test_a_secret_is_recognised_in_each_of_its_writings() -> None:
    canaries = Canaries()
    canaries.add("one", b"\x00\xff secret")
    for shown in (b"\x00\xff secret", b"00ff20736563726574", b"AP8gc2VjcmV0", rb"b'\x00\xff secret'"):
        assert canaries.in_it(b"before " + shown + b" after") == ["one"]
    assert canaries.in_it(b"nothing") == []
