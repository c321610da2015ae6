"""Each act of the table of dangers, by the routes of the app: not without a fresh proof, and no other act asks for one."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from wisehosting_cp.accounts.access import declared
from wisehosting_cp.accounts.dangers import DANGERS
from wisehosting_cp.accounts.models import Scope
from wisehosting_cp.accounts.permissions import PERMISSIONS, Permission
from wisehosting_cp.accounts.second_factor.step_up import step_up
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
SOMEBODY = str(uuid4())
BODIES: dict[str, Any] = {
    "create_token": {"name": "ci", "scopes": ["admin"]},
    "change_team": {"second_factor_required": False},
    "change_member": {"role": "owner"},
    "invite": {"email": "new@example.org", "role": "owner"},
    "hand_over_team": {"user_id": SOMEBODY},
    "disable_person": {},
}
HARMLESS: dict[str, Any] = {
    "create_token": {"name": "ci", "scopes": ["deploy"]},
    "change_team": {"name": "renamed"},
    "change_member": {"role": "admin"},
    "invite": {"email": "new@example.org", "role": "admin"},
}
"""The same acts as they are no danger."""


@dataclass(frozen=True)
class Act:
    method: str
    path: str
    permission: Permission
    always: bool
    """The route asks for a step-up whatever is asked of it."""


def acts(app: FastAPI) -> dict[str, Act]:
    """Return what all routes of the app do, by operation id."""
    found = {}
    for route in iter_route_contexts(app.routes):
        says = next(iter(declared(route.dependant)))
        if isinstance(says, Permission):
            [method] = (route.methods or set()) - {"HEAD"}
            always = any(inner.call is step_up for inner in route.dependant.dependencies)
            found[str(route.operation_id)] = Act(method, str(route.path), says, always)
    return found


@pytest.fixture
async def ids(people: People) -> dict[str, Any]:
    root = await people("root", operator=True)
    team = (await root.browser.post("/api/v1/teams", json={"name": "crew"})).json()
    made = await root.browser.post(
        "/api/v1/projects", json={"name": "shop", "team": team["id"], "source": {"url": "https://example.org/shop.git"}}
    )
    return {"root": root, "team_id": team["id"], "project_id": made.json()["id"], "user_id": SOMEBODY}


async def _do(client: Any, act: Act, ids: dict[str, Any], body: Any) -> Any:
    path = re.sub(r"\{([a-z_]+)\}", lambda name: str(ids.get(name[1]) or uuid4()), act.path)
    return await client.request(act.method, path, json=body)


def test_the_routes_and_the_table_name_the_same_acts(app: FastAPI) -> None:
    known = acts(app)
    assert set(DANGERS) <= set(known), "the table names what no route does"
    assert {name for name, act in known.items() if act.always} == {
        name for name, danger in DANGERS.items() if not danger.when
    }
    assert set(HARMLESS) == {name for name, danger in DANGERS.items() if danger.when}


@pytest.mark.parametrize("factor", [False, True])
async def test_no_dangerous_act_goes_without_a_fresh_proof_and_each_goes_with_one(
    app: FastAPI, ids: dict[str, Any], enrol: Any, clock: Any, factor: bool
) -> None:
    root, known = ids["root"], acts(app)
    enrolled = await enrol(root) if factor else None
    for name in DANGERS:
        fresh = await _do(root.browser, known[name], {}, BODIES.get(name))
        assert fresh.json()["code"] != "step_up_needed" if fresh.status_code == 403 else True, (name, fresh.text)
        if enrolled and name == "remove_totp":
            enrolled = await enrol(root)
    clock.forward(601)
    for name in DANGERS:
        refused = await _do(root.browser, known[name], ids, BODIES.get(name))
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed"), (name, refused.text)
        assert ("second factor" if factor else "Sign in again") in refused.json()["detail"]
    print(f"{len(DANGERS)} acts refused without a fresh proof")  # noqa: T201 - the figure belongs to the test
    if enrolled:
        given = await root.browser.post("/api/v1/session/step-up", json={"code": enrolled.code()})
        assert given.status_code == 200, given.text
        assert (await _do(root.browser, known["delete_project"], ids, None)).status_code == 202
    assert (await root.browser.get(f"/api/v1/projects/{ids['project_id']}")).json()["name"] == "shop"


async def test_what_is_no_danger_asks_for_none(app: FastAPI, ids: dict[str, Any], clock: Any) -> None:
    clock.forward(3600)
    for name, act in acts(app).items():
        if name in DANGERS and name not in HARMLESS:
            continue
        if act.method == "GET" or act.path == "/api/v1/session/end":
            continue
        answer = await _do(ids["root"].browser, act, {**ids, "project_id": None}, HARMLESS.get(name, {}))
        assert "step_up" not in answer.text, (name, answer.text)


async def test_a_token_does_only_what_the_table_lets_it(
    app: FastAPI, ids: dict[str, Any], context: Context, clock: Any
) -> None:
    known = acts(app)
    clock.forward(3600)
    for name, danger in DANGERS.items():
        answer = await _do(ids["root"].script, known[name], {"user_id": SOMEBODY}, BODIES.get(name))
        refused = answer.status_code == 403 and answer.json()["code"] == "browser_only"
        assert refused == danger.browser_only, (name, answer.text)
        assert "step_up" not in answer.text
        if not danger.browser_only:
            assert PERMISSIONS[known[name].permission].scope == Scope.admin, "making such a token took a step-up"
