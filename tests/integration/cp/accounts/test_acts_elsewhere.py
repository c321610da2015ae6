"""Acts that need more than a team and a project: each leaves its row in the audit trail, and is not done without it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import audittrail
import httpx2
import pytest
from every_way import ACCOUNT, ELSEWHERE, ENVIRONMENT, NO_ACTS, PROJECT, SESSION, TEAM
from webauthnkey import Authenticator

from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.second_factor import resets
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

API = "/api/v1"
FACTOR, KEYS = f"{ACCOUNT}/second-factor", f"{ACCOUNT}/second-factor/passkeys"
WITH_A_WORKER = {("POST", f"{ENVIRONMENT}/rollback"), ("POST", f"{ENVIRONMENT}/restart")}
"""In `deployments/test_audit.py`."""
NEVER = {("DELETE", ENVIRONMENT), ("POST", f"{ENVIRONMENT}/restore")}
"""Production stays as long as its project, and there is no other."""
CHALLENGES = {("POST", f"{KEYS}/options"), ("POST", f"{FACTOR}/totp"), ("POST", f"{SESSION}/step-up/passkey-options")}


@dataclass
class Scene:
    """Ada, who owns and operates everything, Bob, and what makes more of them."""

    people: Any
    enrol: Any
    context: Context
    ada: Any
    bob: Any

    async def team(self) -> str:
        made = await self.ada.browser.post(f"{API}/teams", json={"name": "crew"})
        return str(made.json()["id"])

    async def project(self) -> Any:
        body = {"name": "shop", "source": {"url": "https://example.org/shop.git"}, "deploy": False}
        return (await self.ada.browser.post(f"{API}/projects", json=body)).json()

    async def passkey(self) -> tuple[Authenticator, str]:
        key = Authenticator(self.context.settings.public_url)
        options = (await self.ada.browser.post(f"{KEYS}/options")).json()
        made = await self.ada.browser.post(KEYS, json={"name": "Blue key", "passkey": key.create(options)})
        assert made.status_code == 200, made.text
        return key, str(made.json()["passkey"]["id"])

    def asks(self, method: str, path: str, body: Any = None, *, who: Any = None) -> "Act":
        return lambda: (who or self.ada).browser.request(method, f"{path}", json=body)


Act = Callable[[], Awaitable[httpx2.Response]]
Prepared = Callable[[Scene], Awaitable[Act]]


async def _team_delete(scene: Scene) -> Act:
    return scene.asks("DELETE", f"{API}/teams/{await scene.team()}", {"name": "crew"})


async def _team_restore(scene: Scene) -> Act:
    team = await scene.team()
    assert (await scene.asks("DELETE", f"{API}/teams/{team}", {"name": "crew"})()).is_success
    return scene.asks("POST", f"{API}/teams/{team}/restore")


async def _project_restore(scene: Scene) -> Act:
    path = f"{API}/projects/{(await scene.project())['id']}"
    assert (await scene.asks("DELETE", path)()).is_success
    return scene.asks("POST", f"{path}/restore")


async def _enable(scene: Scene) -> Act:
    path = f"{API}/people/{scene.bob.user_id}"
    assert (await scene.asks("POST", f"{path}/disable", {})()).is_success
    return scene.asks("POST", f"{path}/enable")


async def _accept(scene: Scene) -> Act:
    body = {"email": "bob@example.org"}
    made = await scene.ada.browser.post(f"{API}/teams/{await scene.team()}/invitations", json=body)
    token = made.json()["link"].partition("#")[2]
    return scene.asks("POST", f"{API}/invitations/accept", {"token": token}, who=scene.bob)


async def _hand_over(scene: Scene) -> Act:
    team = await scene.team()
    async with scene.context.db.transaction() as session:
        await memberships.set_role(session, team, scene.bob.user_id, Role.admin)  # type: ignore[arg-type]  # an id
    return scene.asks("POST", f"{API}/teams/{team}/hand-over", {"user_id": str(scene.bob.user_id)})


async def _step_up(scene: Scene) -> Act:
    enrolled = await scene.enrol(scene.ada)
    return scene.asks("POST", f"{SESSION}/step-up", {"code": enrolled.next_code()})


async def _confirm(scene: Scene) -> Act:
    first = await scene.enrol(scene.bob)
    begun = (await scene.ada.browser.post(f"{FACTOR}/totp")).json()
    first.secret = begun["secret"]
    return scene.asks("POST", f"{FACTOR}/totp/confirm", {"code": first.code()})


async def _remove_totp(scene: Scene) -> Act:
    await scene.enrol(scene.ada)
    return scene.asks("DELETE", f"{FACTOR}/totp")


async def _cancel_reset(scene: Scene) -> Act:
    await scene.enrol(scene.ada)
    async with scene.context.db.transaction() as session:
        await resets.ask(session, scene.context, scene.ada.user_id)
    return scene.asks("DELETE", f"{FACTOR}/reset")


async def _new_codes(scene: Scene) -> Act:
    await scene.enrol(scene.ada)
    return scene.asks("POST", f"{FACTOR}/recovery-codes")


async def _register(scene: Scene) -> Act:
    key = Authenticator(scene.context.settings.public_url)
    options = (await scene.ada.browser.post(f"{KEYS}/options")).json()
    return scene.asks("POST", KEYS, {"name": "Blue key", "passkey": key.create(options)})


async def _rename(scene: Scene) -> Act:
    _, passkey = await scene.passkey()
    return scene.asks("PATCH", f"{KEYS}/{passkey}", {"name": "Red key"})


async def _remove_passkey(scene: Scene) -> Act:
    _, passkey = await scene.passkey()
    return scene.asks("DELETE", f"{KEYS}/{passkey}")


async def _revoke(scene: Scene) -> Act:
    await scene.people("ada")
    rows = (await scene.ada.browser.get(f"{ACCOUNT}/sessions")).json()["items"]
    other = next(row["id"] for row in rows if not row["current"])
    return scene.asks("DELETE", f"{ACCOUNT}/sessions/{other}")


async def _revoke_others(scene: Scene) -> Act:
    await scene.people("ada")
    return scene.asks("POST", f"{ACCOUNT}/sessions/revoke-others")


ACTS: dict[tuple[str, str], tuple[Prepared, set[str]]] = {
    ("DELETE", TEAM): (_team_delete, {"team.delete"}),
    ("POST", f"{TEAM}/restore"): (_team_restore, {"team.restore"}),
    ("POST", f"{PROJECT}/restore"): (_project_restore, {"project.restore"}),
    ("POST", f"{API}/people/{{user_id}}/enable"): (_enable, {"user.enable"}),
    ("POST", f"{API}/invitations/accept"): (_accept, {"invitation.accept"}),
    ("POST", f"{TEAM}/hand-over"): (_hand_over, {"team.hand_over"}),
    ("POST", f"{SESSION}/step-up"): (_step_up, {"session.step_up"}),
    ("POST", f"{FACTOR}/totp/confirm"): (_confirm, {"second_factor.add"}),
    ("DELETE", f"{FACTOR}/totp"): (_remove_totp, {"second_factor.remove"}),
    ("DELETE", f"{FACTOR}/reset"): (_cancel_reset, {"second_factor.reset_cancelled"}),
    ("POST", f"{FACTOR}/recovery-codes"): (_new_codes, {"second_factor.new_recovery_codes"}),
    ("POST", KEYS): (_register, {"second_factor.add"}),
    ("PATCH", f"{KEYS}/{{passkey_id}}"): (_rename, {"second_factor.rename"}),
    ("DELETE", f"{KEYS}/{{passkey_id}}"): (_remove_passkey, {"second_factor.remove"}),
    ("DELETE", f"{ACCOUNT}/sessions/{{session_id}}"): (_revoke, {"session.revoke"}),
    ("POST", f"{ACCOUNT}/sessions/revoke-others"): (_revoke_others, {"session.revoke"}),
}
"""What each needs, and actions that are among its rows."""


@pytest.fixture
async def scene(people: Any, enrol: Any, context: Context) -> Scene:
    return Scene(people, enrol, context, await people("ada", operator=True), await people("bob"))


def test_every_act_that_was_put_off_is_here() -> None:
    assert ACTS.keys() | WITH_A_WORKER | NEVER | CHALLENGES == ELSEWHERE.keys() | NO_ACTS.keys()


@pytest.mark.parametrize("act", ACTS, ids=" ".join)
async def test_the_act_leaves_its_row(scene: Scene, act: tuple[str, str]) -> None:
    prepared, actions = ACTS[act]
    do = await prepared(scene)
    before = await audittrail.count(scene.context)
    answer = await do()
    assert answer.is_success, answer.text
    assert actions <= set(await audittrail.actions(scene.context, after=before))


@pytest.mark.parametrize("act", ACTS, ids=" ".join)
async def test_the_act_is_not_done_without_its_row(scene: Scene, act: tuple[str, str]) -> None:
    do = await ACTS[act][0](scene)
    await audittrail.refuse(scene.context)
    before = await audittrail.content(scene.context)
    answer = await do()
    assert answer.status_code == 500, answer.text
    assert await audittrail.content(scene.context) == before
