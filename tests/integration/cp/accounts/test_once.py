"""Idempotency-Key: the same call again gets the same answer, and nothing happens twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select

from wisehosting_cp.accounts.models import ApiToken, IdempotencyKey
from wisehosting_cp.accounts.once import once
from wisehosting_cp.deployments.models import Deployment
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects.models import Project
from wisehosting_cp.sources.poller import tidy

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
PROJECTS = "/api/v1/projects"
TOKENS = "/api/v1/account/tokens"
KEYED = {"idempotency-key": "a-key-of-mine"}
DAY = 24 * 3600


def _shop(name: str = "shop", **more: Any) -> dict[str, Any]:
    return {"name": name, "source": {"url": "https://example.org/shop.git"}} | more


async def _count(context: Context, model: Any) -> int:
    async with context.db.read() as session:
        return int((await session.execute(select(func.count()).select_from(model))).scalar_one())


def _calls(dependant: Any) -> set[Any]:
    return {dependant.call}.union(*(_calls(inner) for inner in dependant.dependencies))


async def test_every_call_that_creates_or_starts_something_takes_a_key(app: FastAPI) -> None:
    asked = [
        (str(route.path), once in _calls(route.dependant))
        for route in iter_route_contexts(app.routes)
        if "POST" in (route.methods or ()) and (route.status_code in {201, 202} or "hook-secret" in str(route.path))
    ]
    # A provider's call has a delivery id instead.
    assert [path for path, takes in asked if not takes] == ["/hooks/{hook_id}"]
    assert len(asked) >= 7


async def test_a_project_asked_for_twice_with_one_key_is_made_once(people: People, context: Context) -> None:
    ada = await people()
    first = await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)
    again = await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert ("idempotent-replayed" in first.headers, "idempotent-replayed" in again.headers) == (False, True)
    assert (await _count(context, Project), await _count(context, Deployment)) == (1, 1)


async def test_a_deployment_asked_for_twice_with_one_key_is_started_once(people: People, context: Context) -> None:
    ada = await people()
    project = (await ada.browser.post(PROJECTS, json=_shop(deploy=False))).json()
    path = f"{PROJECTS}/{project['id']}/deployments"
    answers = [await ada.browser.post(path, json={}, headers=KEYED) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await _count(context, Deployment) == 1
    await ada.browser.post(path, json={}, headers={"idempotency-key": "another"})
    await ada.browser.post(path, json={})
    await ada.browser.post(path, json={})
    assert await _count(context, Deployment) == 4


async def test_of_twenty_at_once_with_one_key_one_acts_and_all_get_its_answer(people: People, context: Context) -> None:
    ada = await people()
    answers = await asyncio.gather(*(ada.browser.post(PROJECTS, json=_shop(), headers=KEYED) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await _count(context, Project) == 1
    assert await _count(context, IdempotencyKey) == 1


@pytest.mark.parametrize("other", ["body", "route"])
async def test_a_key_used_for_another_request_is_a_conflict(people: People, context: Context, other: str) -> None:
    ada = await people()
    assert (await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)).status_code == 201
    path, body = (PROJECTS, _shop("other")) if other == "body" else (TOKENS, _shop())
    refused = await ada.browser.post(path, json=body, headers=KEYED)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
    assert refused.json()["detail"].endswith("Send a new key with a new request.")
    assert await _count(context, Project) == 1


async def test_a_refused_call_keeps_nothing_so_its_key_may_be_tried_again(people: People, context: Context) -> None:
    ada = await people()
    assert (await ada.browser.post(PROJECTS, json=_shop("Bad name"), headers=KEYED)).status_code == 400
    assert (await ada.browser.post(PROJECTS, json={"name": 1}, headers=KEYED)).status_code == 422
    assert await _count(context, IdempotencyKey) == 0
    assert (await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)).status_code == 201


async def test_when_the_commit_fails_neither_the_act_nor_its_answer_is_kept(people: People, context: Context) -> None:
    ada = await people()
    async with context.db.hot() as connection:
        await connection.execute(
            "ALTER TABLE audit_events ADD CONSTRAINT broken CHECK (action <> 'project.create') NOT VALID"
        )
    assert (await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)).status_code == 500
    assert (await _count(context, Project), await _count(context, IdempotencyKey)) == (0, 0)
    async with context.db.hot() as connection:
        await connection.execute("ALTER TABLE audit_events DROP CONSTRAINT broken")
    assert (await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)).status_code == 201


async def test_the_same_key_of_somebody_else_is_another_key(people: People, context: Context) -> None:
    ada, eve = await people("ada"), await people("eve")
    mine = await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)
    theirs = await eve.browser.post(PROJECTS, json=_shop(), headers=KEYED)
    by_token = await ada.script.post(PROJECTS, json=_shop("other"), headers=KEYED)
    assert [answer.status_code for answer in (mine, theirs, by_token)] == [201] * 3
    assert await _count(context, Project) == 3


async def test_a_kept_answer_is_for_those_only_who_may_still_ask(people: People) -> None:
    ada = await people()
    made = await ada.browser.post(TOKENS, json={"name": "ci", "scopes": ["admin"]})
    ci = {"authorization": f"Bearer {made.json()['token']}"} | KEYED
    assert (await ada.script.post(PROJECTS, json=_shop(), headers=ci)).status_code == 201
    assert (await ada.script.post(PROJECTS, json=_shop(), headers=ci)).status_code == 201
    await ada.browser.delete(f"{TOKENS}/{made.json()['id']}")
    assert (await ada.script.post(PROJECTS, json=_shop(), headers=ci)).status_code == 401


async def test_a_secret_is_told_again_and_kept_sealed(people: People, context: Context) -> None:
    ada = await people()
    body = {"name": "ci", "scopes": ["read"]}
    tokens = [(await ada.browser.post(TOKENS, json=body, headers=KEYED)).json()["token"] for _ in range(2)]
    project = (await ada.browser.post(PROJECTS, json=_shop())).json()
    path = f"{PROJECTS}/{project['id']}/hook-secret"
    secrets = [(await ada.browser.post(path, headers={"idempotency-key": "hook"})).json()["secret"] for _ in range(2)]
    assert tokens[0] == tokens[1]
    assert secrets[0] == secrets[1]
    assert await _count(context, ApiToken) == 2, "the one of the test, and ours"
    async with context.db.hot() as connection:
        rows = await connection.fetch("SELECT * FROM idempotency_keys")
    assert len(rows) == 2
    for secret in (tokens[0], secrets[0], "ci"):
        assert all(secret.encode() not in row["sealed_body"] for row in rows)


async def test_a_repetition_leaves_no_audit_row(people: People, context: Context) -> None:
    ada = await people()
    await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)
    before = await _count(context, AuditEvent)
    await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)
    assert await _count(context, AuditEvent) == before


async def test_a_key_is_free_again_after_a_day_also_before_it_is_cleared_away(
    people: People, context: Context, clock: Any
) -> None:
    ada = await people()
    await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)
    clock.forward(DAY - 1)
    assert (await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)).status_code == 201
    clock.forward(2)
    assert (await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)).json()["code"] == "name_taken"
    assert (await ada.browser.post(PROJECTS, json=_shop("other"), headers=KEYED)).status_code == 201


async def test_old_keys_are_cleared_away(people: People, context: Context, clock: Any) -> None:
    ada = await people()
    await ada.browser.post(PROJECTS, json=_shop(), headers=KEYED)
    clock.forward(DAY - 60)
    await ada.browser.post(PROJECTS, json=_shop("other"), headers={"idempotency-key": "young"})
    clock.forward(120)
    async with context.db.transaction() as session:
        await tidy(session, context)
    async with context.db.read() as session:
        assert (await session.execute(select(IdempotencyKey.key))).scalars().all() == ["young"]


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "k\u00e9y"])
async def test_a_key_of_another_form_is_refused(people: People, context: Context, key: str) -> None:
    ada = await people()
    refused = await ada.browser.post(PROJECTS, json=_shop(), headers={"idempotency-key": key.encode()})
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_invalid")
    assert await _count(context, Project) == 0
