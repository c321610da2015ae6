"""Every act leaves its row in the audit trail, and is not done when it cannot. A new way joins, or says why it does not."""

import audittrail
import pytest
from every_way import (
    ACCOUNT,
    ELSEWHERE,
    ENVIRONMENT,
    NO_ACTS,
    NOT_ASKED,
    PROJECT,
    STREAMS,
    TEAM,
    People,
    Way,
    World,
    made_world,
    ways,
)
from fastapi import FastAPI

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.models import Role, User
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

READS = {"GET", "HEAD"}
ROWS = {("POST", "/api/v1/projects"): 2, ("DELETE", PROJECT): 2}
"""With their first deployment, and with their environment. All others leave one."""
# A new deployment would cancel the one that waits, in the same act.
FIRST = ("/api/v1/deployments/{deployment_id}/cancel",)
# They end what the others are asked of, the widest last.
LAST = (ENVIRONMENT, f"{PROJECT}/", PROJECT, ACCOUNT, f"{TEAM}/", TEAM)


def _unsafe(app: FastAPI) -> list[Way]:
    def order(way: Way) -> int:
        if way.path in FIRST:
            return -2
        if way.path == "/api/v1/people/{user_id}/disable":
            return len(LAST)
        return next(
            (at for at, begins in enumerate(LAST) if way.method == "DELETE" and way.path.startswith(begins)), -1
        )

    unsafe = [way for way in ways(app) if way.method not in READS and way.path not in STREAMS]
    return sorted((way for way in unsafe if (way.method, way.path) not in NOT_ASKED), key=order)


def _acts(app: FastAPI) -> list[Way]:
    return [way for way in _unsafe(app) if (way.method, way.path) not in NO_ACTS.keys() | ELSEWHERE.keys()]


@pytest.fixture
async def world(people: People, context: Context) -> World:
    """Whatever an act is done to is there: also a token, an invitation and a role in the project."""
    world = await made_world(people, context)
    owner, developer = world.members[Role.owner], world.members[Role.developer]
    async with context.db.transaction() as session:
        (await session.get_one(User, owner.user_id)).operator = True
        epoch.advance(session)
    token = await owner.browser.post(f"{ACCOUNT}/tokens", json={"name": "spare", "scopes": ["read"]})
    team = f"/api/v1/teams/{world.ids['team_id']}"
    invitation = await owner.browser.post(f"{team}/invitations", json={"email": "late@example.org"})
    role = f"/api/v1/projects/{world.ids['project_id']}/roles/{developer.user_id}"
    assert (await owner.browser.put(role, json={"role": "developer"})).status_code == 200
    world.ids |= {
        "user_id": str(developer.user_id),
        "token_id": token.json()["id"],
        "invitation_id": invitation.json()["id"],
    }
    return world


async def test_every_act_leaves_its_row(app: FastAPI, world: World, context: Context) -> None:
    done = 0
    for way in _unsafe(app):
        key = (way.method, way.path)
        before = await audittrail.count(context)
        answer = await world.ask(world.members[Role.owner].browser, way)
        if key in ELSEWHERE:
            assert answer.status_code == ELSEWHERE[key], (way, answer.text)
            continue
        assert answer.is_success, (way, answer.text)
        wanted = 0 if key in NO_ACTS else ROWS.get(key, 1)
        assert await audittrail.count(context) - before == wanted, way
        done += wanted > 0
    print(f"{done} acts done, each with its row")  # noqa: T201 - the figure belongs to the test
    assert done == len(_acts(app)) > 0


async def test_what_is_listed_as_no_act_or_as_tested_elsewhere_is_there(app: FastAPI) -> None:
    known = {(way.method, way.path) for way in ways(app)}
    assert NOT_ASKED.keys() | NO_ACTS.keys() | ELSEWHERE.keys() | ROWS.keys() <= known
    assert NO_ACTS.keys() & ELSEWHERE.keys() == set()


async def test_no_act_is_done_without_its_row(app: FastAPI, world: World, context: Context) -> None:
    await audittrail.refuse(context)
    before = await audittrail.content(context)
    for way in _acts(app):
        answer = await world.ask(world.members[Role.owner].browser, way)
        assert answer.status_code == 500, (way, answer.text)
        assert await audittrail.content(context) == before, way
    print(f"{len(_acts(app))} acts rolled back")  # noqa: T201 - the figure belongs to the test
