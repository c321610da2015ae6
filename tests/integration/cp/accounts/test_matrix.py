"""Every route of the app times every kind of asker: what the table of permissions says, and nothing else."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from every_way import GIT, STREAMS, Way, World, made_world, ways
from fastapi import FastAPI

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.models import Role, Scope, User
from wisehosting_cp.accounts.permissions import IMPLIED, PERMISSIONS, Permission, at_least
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]


@pytest.fixture
async def world(people: People, context: Context) -> World:
    return await made_world(people, context)


async def test_every_role_may_do_what_the_table_says_and_no_more(app: FastAPI, world: World) -> None:
    allowed = refused = 0
    for way in ways(app):
        needs = PERMISSIONS[way.permission]
        for role in (Role.viewer, Role.developer, Role.admin, Role.owner):
            may = not needs.operator and (needs.role is None or at_least(role, needs.role) or _of_ones_own(way))
            if may and (way.path in STREAMS or way.path in GIT):
                continue
            answer = await world.ask(world.members[role].browser, way)
            assert answer.status_code != 422, (way, answer.text)
            assert answer.status_code < 500 or answer.status_code == 503, (way, answer.text)
            if may:
                assert answer.status_code not in {401, 403}, (way, role, answer.text)
                allowed += 1
            else:
                expected = "operators_only" if needs.operator else "role_too_low"
                assert (answer.status_code, answer.json()["code"]) == (403, expected), (way, role, answer.text)
                refused += 1
    print(f"{allowed} acts allowed, {refused} refused by role")  # noqa: T201 - the figure belongs to the test
    assert allowed >= 90
    assert refused >= 30


def _of_ones_own(way: Way) -> bool:
    # Everybody is the owner of a personal team: what names no thing of a team is asked of that one.
    return "{" not in way.path and way.path != "/api/v1/projects"


def _bare(answer: httpx2.Response) -> tuple[list[tuple[str, str]], str]:
    """Return headers and body without what tells any two requests apart: the request's id and the date."""
    headers = [(name, value) for name, value in answer.headers.multi_items() if name not in {"x-request-id", "date"}]
    return sorted(headers), answer.text.replace(answer.json()["request_id"], "")


async def test_another_team_s_things_are_not_there(app: FastAPI, world: World) -> None:
    walked = 0
    for way in ways(app):
        names = set(re.findall(r"\{([a-z_]+)\}", way.path))
        if not names & world.ids.keys() or PERMISSIONS[way.permission].operator:
            continue
        foreign = await world.ask(world.stranger.browser, way)
        random = await world.stranger.browser.request(
            way.method, re.sub(r"\{[a-z_]+\}", str(uuid4()), way.path), json=world.body(way)
        )
        assert (foreign.status_code, random.status_code) == (404, 404), (way, foreign.text)
        assert _bare(foreign) == _bare(random), way
        walked += 1
    print(f"{walked} routes tell a foreign id like a random one")  # noqa: T201 - the figure belongs to the test
    assert walked >= 25


@pytest.mark.parametrize("scope", list(Scope))
async def test_a_token_may_do_what_its_scope_says(app: FastAPI, world: World, scope: Scope) -> None:
    owner = world.members[Role.owner]
    made = await owner.browser.post("/api/v1/account/tokens", json={"name": scope.value, "scopes": [scope.value]})
    assert made.status_code == 201, made.text
    bearer = {"authorization": f"Bearer {made.json()['token']}"}
    owner.script.headers.clear()
    allowed = refused = 0
    for way in ways(app):
        if PERMISSIONS[way.permission].scope in IMPLIED[scope]:
            if way.path in STREAMS or way.path in GIT or PERMISSIONS[way.permission].operator:
                continue
            answer = await world.ask(owner.script, way, headers=bearer)
            code = answer.json().get("code") if answer.status_code >= 400 else ""
            assert code not in {"scope_missing", "token_invalid", "not_signed_in"} or way.path == (
                "/api/v1/invitations/accept"
            ), (way, answer.text)
            allowed += 1
        else:
            answer = await world.ask(owner.script, way, headers=bearer)
            assert answer.status_code == 403, (way, answer.text)
            assert answer.json()["code"] in {"scope_missing", "browser_only"}, (way, answer.text)
            refused += 1
    print(f"scope {scope}: {allowed} allowed, {refused} refused")  # noqa: T201 - the figure belongs to the test
    assert allowed >= 15
    assert refused >= (0 if scope == Scope.admin else 10)


async def test_a_token_of_one_project_sees_that_one_alone(app: FastAPI, world: World, context: Context) -> None:
    owner = world.members[Role.owner]
    other = await owner.browser.post(
        "/api/v1/projects",
        json={"name": "other", "team": world.ids["team_id"], "source": {"url": "https://example.org/other.git"}},
    )
    made = await owner.browser.post(
        "/api/v1/account/tokens", json={"name": "ci", "scopes": ["admin"], "project_id": other.json()["id"]}
    )
    assert made.status_code == 201, made.text
    bearer = {"authorization": f"Bearer {made.json()['token']}"}
    owner.script.headers.clear()
    listed = (await owner.script.get("/api/v1/projects", headers=bearer)).json()["items"]
    assert [project["name"] for project in listed] == ["other"]
    assert (await owner.script.get("/api/v1/session", headers=bearer)).status_code == 200
    async with context.db.transaction() as session:
        (await session.get_one(User, owner.user_id)).operator = True
        epoch.advance(session)
    walked = 0
    for way in ways(app):
        inside = PERMISSIONS[way.permission].in_project
        if inside and "{" not in way.path:
            continue
        answer = await world.ask(owner.script, way, headers=bearer)
        expected = {404} if inside else {403}
        assert answer.status_code in expected, (way, answer.text)
        walked += 1
    assert walked >= 40
    refused = await owner.script.post(
        "/api/v1/projects", headers=bearer, json=world.body(Way("POST", "/api/v1/projects", Permission.project_create))
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "token_of_project")
    more = await owner.script.post("/api/v1/account/tokens", headers=bearer, json={"name": "x", "scopes": ["admin"]})
    assert (more.status_code, more.json()["code"]) == (403, "token_of_project")


async def test_what_is_revoked_or_expired_is_nobody(app: FastAPI, world: World, context: Context, clock: Any) -> None:
    developer, viewer = world.members[Role.developer], world.members[Role.viewer]
    tokens = (await developer.browser.get("/api/v1/account/tokens")).json()["items"]
    assert (await developer.browser.delete(f"/api/v1/account/tokens/{tokens[0]['id']}")).status_code == 204
    assert (await viewer.browser.post("/api/v1/session/end")).status_code == 204
    viewer.browser.cookies.set(context.settings.cookie_name, viewer.cookie)
    for way in ways(app):
        for client, code in ((developer.script, "token_invalid"), (viewer.browser, "not_signed_in")):
            answer = await world.ask(client, way)
            assert (answer.status_code, answer.json()["code"]) == (401, code), way
    clock.forward(timedelta(days=31).total_seconds())
    for way in ways(app):
        answer = await world.ask(world.members[Role.admin].browser, way)
        assert answer.status_code == 401, way


async def test_a_project_s_own_role_counts_there_and_only_there(world: World) -> None:
    owner, viewer, developer = (world.members[role] for role in (Role.owner, Role.viewer, Role.developer))
    other = await owner.browser.post(
        "/api/v1/projects",
        json={"name": "other", "team": world.ids["team_id"], "source": {"url": "https://example.org/other.git"}},
    )
    roles = f"/api/v1/projects/{world.ids['project_id']}/roles"
    more = await owner.browser.put(f"{roles}/{viewer.user_id}", json={"role": "developer"})
    less = await owner.browser.put(f"{roles}/{developer.user_id}", json={"role": "viewer"})
    assert (more.status_code, less.status_code) == (200, 200), less.text
    assert {(row["name"], row["role"], row["team_role"]) for row in less.json()["items"]} == {
        ("Viewer", "developer", "viewer"),
        ("Developer", "viewer", "developer"),
    }

    async def deploys(person: Any, project: str) -> int:
        return int((await person.browser.post(f"/api/v1/projects/{project}/deployments", json={})).status_code)

    mine, theirs = world.ids["project_id"], other.json()["id"]
    assert [await deploys(viewer, mine), await deploys(viewer, theirs)] == [202, 403]
    assert [await deploys(developer, mine), await deploys(developer, theirs)] == [403, 202]
    assert (await owner.browser.delete(f"{roles}/{developer.user_id}")).json()["items"][0]["name"] == "Viewer"
    assert await deploys(developer, mine) == 202
    admin = world.members[Role.admin]
    refused = await owner.browser.put(f"{roles}/{admin.user_id}", json={"role": "viewer"})
    assert (refused.status_code, refused.json()["code"]) == (409, "role_of_team")
    gone = f"/api/v1/teams/{world.ids['team_id']}/members/{viewer.user_id}"
    assert (await owner.browser.delete(gone)).status_code == 204
    assert await deploys(viewer, mine) == 404, "who left has no role there either"
