"""Joining over HTTPS: one token, one worker, whatever is repeated or raced."""

import asyncio
import os
import warnings
from typing import Any
from uuid import UUID

import jwt
import pytest
from sqlalchemy import func, select, update

from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.keyring import Keyring, Purpose
from wisehosting_cp.local.certificate import pin
from wisehosting_cp.workers import service as workers
from wisehosting_cp.workers.models import Worker, WorkerAdmin, WorkerCredential
from wisehosting_wire.keys import verifier

pytestmark = pytest.mark.anyio


async def count(mesh: Any, model: Any) -> int:
    async with mesh.context.db.read() as session:
        number: int = (await session.execute(select(func.count()).select_from(model))).scalar_one()
        return number


async def test_the_ticket_holds_the_certificates_pin(mesh: Any) -> None:
    async with mesh.context.db.transaction() as session:
        ticket = await workers.mint_join_token(session, mesh.context, "w1", "10.50.0.2")
    assert ticket.pin == pin(mesh.context.settings.mesh_certificate_file)


@pytest.mark.parametrize(("name", "address"), [("W1", "10.50.0.2"), ("", "10.50.0.2"), ("w1", "example.com")])
async def test_a_bad_name_or_address_gets_no_token(mesh: Any, name: str, address: str) -> None:
    from wisehosting_cp.errors import Invalid

    with pytest.raises(Invalid):
        async with mesh.context.db.transaction() as session:
            await workers.mint_join_token(session, mesh.context, name, address)


async def test_the_same_token_and_key_again_give_the_same_worker(mesh: Any) -> None:
    agent = mesh.agent()
    token = await mesh.mint()
    first = await agent.register(token, mesh.secret)
    again = await agent.register(token, mesh.secret)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["worker"] == again.json()["worker"]
    assert await count(mesh, Worker) == 1


async def test_a_reused_join_token_is_refused(mesh: Any) -> None:
    token = await mesh.mint()
    assert (await mesh.agent().register(token, mesh.secret)).status_code == 200
    reply = await mesh.agent().register(token, mesh.secret)
    assert reply.status_code == 409
    assert reply.headers["content-type"] == "application/problem+json"
    assert "wh-cp worker-token" in reply.json()["detail"]
    assert await count(mesh, Worker) == 1


async def test_of_fifty_keys_at_once_with_one_token_exactly_one_wins(mesh: Any) -> None:
    token = await mesh.mint()
    agents = [mesh.agent() for _ in range(50)]
    mesh_attempts = [agent.register(token, mesh.secret) for agent in agents]
    replies = await asyncio.gather(*mesh_attempts)
    statuses = [reply.status_code for reply in replies]
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 409, 429}
    assert await count(mesh, Worker) == 1
    winner = agents[statuses.index(200)]
    async with mesh.context.db.read() as session:
        row = await session.get_one(WorkerCredential, UUID(winner.worker))
        opened = mesh.context.sealer.open(
            row.api_key_hash, table="worker_credentials", column="api_key_hash", row=winner.worker
        )
    assert opened == verifier(winner.key)


async def test_fifty_retries_of_one_registration_give_one_worker(mesh: Any) -> None:
    token = await mesh.mint()
    agent = mesh.agent()
    replies = await asyncio.gather(*[agent.register(token, mesh.secret) for _ in range(50)])
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json()["worker"] for reply in replies}) == 1


@pytest.mark.parametrize("wrong", ["secret", "token", "name", "expired"])
async def test_a_registration_with_something_wrong_is_refused_and_audited(mesh: Any, clock: Any, wrong: str) -> None:
    token = await mesh.mint()
    agent = mesh.agent("other" if wrong == "name" else "w1")
    if wrong == "expired":
        clock.forward(3601)
    reply = await agent.register(
        "nonsense" if wrong == "token" else token, "x" * 40 if wrong == "secret" else mesh.secret
    )
    assert reply.status_code == 401
    assert reply.json()["detail"].endswith(".")
    assert await count(mesh, Worker) == 0
    async with mesh.context.db.read() as session:
        assert "worker.registration_refused" in (await session.execute(select(AuditEvent.action))).scalars().all()


async def test_a_database_that_is_away_makes_no_failed_attempt_and_no_row_of_a_refusal(mesh: Any, away: Any) -> None:
    token = await mesh.mint()
    agent = mesh.agent()
    async with away():
        replies = [await agent.register(token, mesh.secret) for _ in range(25)]
    assert {(reply.status_code, reply.json()["code"]) for reply in replies} == {(503, "database_unavailable")}
    assert (await agent.register(token, mesh.secret)).status_code == 200
    async with mesh.context.db.read() as session:
        assert "worker.registration_refused" not in (await session.execute(select(AuditEvent.action))).scalars().all()


async def test_a_body_of_another_shape_is_refused(mesh: Any) -> None:
    agent = mesh.agent()
    async with agent.client() as client:
        assert (await client.post("/v1/workers/register", json={"join_token": "x"})).status_code == 422
        assert (await client.post("/v1/workers/register", content=b"{")).status_code == 422
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        assert (await client.get("/api/v1/projects")).status_code == 404


async def test_a_body_that_is_too_large_is_refused_as_the_public_app_does(mesh: Any) -> None:
    async with mesh.agent().client() as client:
        for path in ("register", "refresh-token"):
            refused = await client.post(f"/v1/workers/{path}", content=b"x" * 20000)
            assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
            assert refused.json()["title"] == "Too large"


async def test_an_address_that_fails_too_often_waits(mesh: Any, clock: Any) -> None:
    agent = mesh.agent()
    statuses = [(await agent.register("nonsense", mesh.secret)).status_code for _ in range(21)]
    assert statuses == [401] * 20 + [429]
    clock.forward(61)
    assert (await agent.register(await mesh.mint(), mesh.secret)).status_code == 200


async def test_a_retired_workers_name_is_not_given_out_again(mesh: Any) -> None:
    from wisehosting_cp.errors import Conflict

    agent = await mesh.joined()
    async with mesh.context.db.transaction() as session:
        await session.execute(update(Worker).values(admin=WorkerAdmin.retired))
    with pytest.raises(Conflict):
        await mesh.mint()
    assert (await agent.refresh(token_id=_jti(agent.token))).status_code == 403


async def test_a_refresh_with_proof_of_key_gives_a_new_token(mesh: Any, clock: Any) -> None:
    agent = await mesh.joined()
    clock.forward(13 * 60)
    reply = await agent.refresh(token_id=_jti(agent.token))
    assert reply.status_code == 200
    assert reply.json()["expires_at"] > agent.expires_at
    agent.token = reply.json()["token"]
    await agent.connect()


async def test_a_refresh_nonce_counts_once(mesh: Any) -> None:
    agent = await mesh.joined()
    nonce = os.urandom(32)
    replies = await asyncio.gather(*[agent.refresh(nonce=nonce, token_id=_jti(agent.token)) for _ in range(5)])
    assert sorted(reply.status_code for reply in replies) == [200, 401, 401, 401, 401]


@pytest.mark.parametrize("wrong", ["key", "token_id", "expired", "revoked", "dumped"])
async def test_a_refresh_without_proof_is_refused(mesh: Any, clock: Any, wrong: str) -> None:
    agent = await mesh.joined()
    key = os.urandom(32) if wrong == "key" else None
    if wrong == "expired":
        clock.forward(15 * 60)
    if wrong == "revoked":
        async with mesh.context.db.transaction() as session:
            await workers.revoke(session, mesh.context, UUID(agent.worker), actor="platform")
    if wrong == "dumped":
        async with mesh.context.db.read() as session:
            key = (await session.get_one(WorkerCredential, UUID(agent.worker))).lookup
    reply = await agent.refresh(key=key, token_id="another" if wrong == "token_id" else _jti(agent.token))
    assert reply.status_code == (403 if wrong == "revoked" else 401)


async def test_a_token_made_by_somebody_else_is_refused(mesh: Any) -> None:
    agent = await mesh.joined()
    claims = jwt.decode(agent.token, options={"verify_signature": False})
    header = {"typ": "wh-worker+jwt", "kid": "1"}
    ours = mesh.context.keyring.key(Purpose.worker_token)
    stranger = Keyring(os.urandom(32)).key(Purpose.worker_token)
    assert mesh.context.clock.now().timestamp() < claims["exp"]
    with warnings.catch_warnings():
        # PyJWT finds our key short for HS512, which is why nobody should accept that.
        warnings.simplefilter("ignore")
        forged = [
            jwt.encode(claims, stranger, "HS256", headers=header),
            jwt.encode(claims, "", "none", headers=header),
            jwt.encode(claims, ours, "HS512", headers=header),
            jwt.encode(claims, ours, "HS256"),
            jwt.encode(claims, ours, "HS256", headers={**header, "kid": "2"}),
            jwt.encode({**claims, "aud": "browser"}, ours, "HS256", headers=header),
            jwt.encode({**claims, "iss": "somebody"}, ours, "HS256", headers=header),
            jwt.encode({**claims, "sub": "no id"}, ours, "HS256", headers=header),
            jwt.encode({**claims, "iat": claims["iat"] + 3600}, ours, "HS256", headers=header),
            jwt.encode({key: claims[key] for key in claims if key != "exp"}, ours, "HS256", headers=header),
        ]
    for token in forged:
        agent.token = token
        assert (await agent.refresh(token_id=claims["jti"])).status_code == 401
    agent.token = jwt.encode(claims, ours, "HS256", headers=header)
    assert (await agent.refresh(token_id=claims["jti"])).status_code == 200


def _jti(token: str) -> str:
    jti: str = jwt.decode(token, options={"verify_signature": False})["jti"]
    return jti
