"""An operator shuts somebody out, and lets them in again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.people import service as everybody
from wisehosting_cp.accounts.people.commands import people_app
from wisehosting_cp.accounts.sign_in.oidc import Claims
from wisehosting_cp.accounts.sign_in.service import user_for
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.app import build_context
from wisehosting_cp.errors import Conflict, Forbidden
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.settings import Settings

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
PEOPLE = "/api/v1/people"
PLATFORM = {"actor": "platform"}


async def _audit(context: Context, action: str) -> list[AuditEvent]:
    async with context.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.seq)
        return list((await session.execute(query)).scalars())


@asynccontextmanager
async def _watching(context: Context) -> AsyncIterator[None]:
    watcher = asyncio.create_task(epoch.watch(context))
    try:
        yield
    finally:
        watcher.cancel()


async def _until(what: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await what():
            await asyncio.sleep(0.02)


async def test_an_operator_disables_somebody_and_every_way_in_is_shut(
    people: People, context: Context, half_sign_in: Any, enrol: Any
) -> None:
    root, ada, bob = await people("root", operator=True), await people("ada"), await people("bob")
    await enrol(ada)
    half = await half_sign_in(ada)
    done = await root.browser.post(f"{PEOPLE}/{ada.user_id}/disable", json={})
    assert (done.status_code, done.json()["disabled_at"] is not None) == (200, True), done.text
    for client, path in (
        (ada.browser, "/api/v1/session"),
        (ada.script, "/api/v1/projects"),
        (half, "/api/v1/session/second-factor"),
    ):
        assert (await client.get(path)).status_code == 401, path
    claims = Claims("http://localhost:7001", "ada", "Ada", "ada@example.org", operator=False)
    with pytest.raises(Forbidden, match="disabled"):
        async with context.db.transaction() as session:
            await user_for(session, context, claims)
    assert (await bob.browser.get("/api/v1/session")).status_code == 200
    [row] = await _audit(context, "user.disable")
    assert (row.actor, row.subject, row.team_id) == (f"user:{root.user_id}", f"user:{ada.user_id}", None)
    assert row.detail == {"sessions": 1, "tokens": 1, "ownerless": []}
    again = await root.browser.post(f"{PEOPLE}/{ada.user_id}/disable", json={})
    assert again.json() == done.json(), "a second run changes nothing"
    assert len(await _audit(context, "user.disable")) == 1


async def test_another_process_hears_of_it_and_open_streams_end(people: People, context: Context) -> None:
    ada = await people("ada")
    settings: Settings = context.settings
    elsewhere = await build_context(settings)
    try:
        async with _watching(context), asyncio.TaskGroup() as group:
            stream = group.create_task(ada.browser.get("/api/v1/events"))

            async def open_() -> bool:
                return bool(context.events._listeners.get("deployment:*"))

            await _until(open_)
            async with elsewhere.db.transaction() as session:
                await everybody.disable(session, elsewhere, ada.user_id, asker=PLATFORM)

            async def refused() -> bool:
                # This process's clock stands still: what it remembers would be good for ever.
                return bool((await ada.browser.get("/api/v1/session")).status_code == 401)

            await _until(refused)
            assert (await stream).status_code == 200, "it ended"
    finally:
        await elsewhere.db.close()


async def test_enabled_again_they_sign_in_anew_and_what_ended_stays_ended(people: People, context: Context) -> None:
    root, ada = await people("root", operator=True), await people("ada")
    await root.browser.post(f"{PEOPLE}/{ada.user_id}/disable", json={})
    enabled = await root.browser.post(f"{PEOPLE}/{ada.user_id}/enable")
    assert (enabled.status_code, enabled.json()["disabled_at"]) == (200, None), enabled.text
    assert (await ada.browser.get("/api/v1/session")).status_code == 401
    assert (await ada.script.get("/api/v1/projects")).status_code == 401
    again = await people("ada")
    assert again.user_id == ada.user_id
    assert (await again.browser.get("/api/v1/session")).status_code == 200
    assert len(await _audit(context, "user.enable")) == 1
    await root.browser.post(f"{PEOPLE}/{ada.user_id}/enable")
    assert (await again.browser.get("/api/v1/session")).status_code == 200
    assert len(await _audit(context, "user.enable")) == 1, "a second run changes nothing"


async def test_only_operators_with_a_fresh_proof_in_a_browser_do_it(people: People, clock: Any) -> None:
    root, ada = await people("root", operator=True), await people("ada")
    for path in ("disable", "enable"):
        address = f"{PEOPLE}/{ada.user_id}/{path}"
        assert (await ada.browser.post(address, json={})).json()["code"] == "operators_only"
        assert (await root.script.post(address, json={})).json()["code"] == "browser_only"
    assert (await ada.browser.get(PEOPLE)).json()["code"] == "operators_only"
    clock.forward(601)
    for path in ("disable", "enable"):
        refused = await root.browser.post(f"{PEOPLE}/{ada.user_id}/{path}", json={})
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed")
    assert (await ada.browser.get("/api/v1/session")).status_code == 200


async def test_an_unknown_id_and_oneself_are_refused(people: People) -> None:
    root = await people("root", operator=True)
    await people("second", operator=True)
    own = await root.browser.post(f"{PEOPLE}/{root.user_id}/disable", json={})
    assert (own.status_code, own.json()["code"]) == (409, "yourself")
    for path in ("disable", "enable"):
        unknown = await root.browser.post(f"{PEOPLE}/{root.team_id}/{path}", json={})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "user_unknown")


async def test_the_list_shows_everybody_newest_first_in_pages(people: People) -> None:
    root, ada = await people("root", operator=True), await people("ada")
    await root.browser.post(f"{PEOPLE}/{ada.user_id}/disable", json={})
    first = (await root.browser.get(PEOPLE, params={"limit": 1})).json()
    second = (await root.browser.get(PEOPLE, params={"limit": 1, "cursor": first["next_cursor"]})).json()
    rows = first["items"] + second["items"]
    assert [(row["email"], row["operator"], row["disabled_at"] is not None) for row in rows] == [
        ("ada@example.org", False, True),
        ("root@example.org", True, False),
    ]
    assert second["next_cursor"] is None


async def test_of_two_operators_who_disable_each_other_at_once_one_stays(people: People, context: Context) -> None:
    one, two = await people("one", operator=True), await people("two", operator=True)
    answers = await asyncio.gather(
        one.browser.post(f"{PEOPLE}/{two.user_id}/disable", json={}),
        two.browser.post(f"{PEOPLE}/{one.user_id}/disable", json={}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert next(answer for answer in answers if answer.status_code == 409).json()["code"] == "last_operator"
    async with context.db.read() as session:
        assert await memberships.operators(session) == 1


async def test_a_team_with_others_in_it_keeps_an_owner_unless_one_says_otherwise(
    people: People, context: Context
) -> None:
    root, ada, bob = await people("root", operator=True), await people("ada"), await people("bob")
    alone = (await ada.browser.post("/api/v1/teams", json={"name": "alone"})).json()
    team = (await ada.browser.post("/api/v1/teams", json={"name": "crew"})).json()
    async with context.db.transaction() as session:
        await memberships.set_role(session, team["id"], bob.user_id, Role.admin)
    address = f"{PEOPLE}/{ada.user_id}/disable"
    refused = await root.browser.post(address, json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
    assert "crew" in refused.json()["detail"]
    assert alone["name"] not in refused.json()["detail"], "nobody else is in it"
    assert (await ada.browser.get("/api/v1/session")).status_code == 200
    assert (await root.browser.post(address, json={"although_last_owner": True})).status_code == 200
    assert [row.detail["ownerless"] for row in await _audit(context, "user.disable")] == [["crew"]]


async def test_a_disabled_owner_does_not_count_as_one(people: People, context: Context) -> None:
    root, ada, bob = await people("root", operator=True), await people("ada"), await people("bob")
    team = (await ada.browser.post("/api/v1/teams", json={"name": "crew"})).json()
    async with context.db.transaction() as session:
        await memberships.set_role(session, team["id"], bob.user_id, Role.owner)
        epoch.advance(session)
    assert (await root.browser.post(f"{PEOPLE}/{bob.user_id}/disable", json={})).status_code == 200
    left = await ada.browser.delete(f"/api/v1/teams/{team['id']}/members/{ada.user_id}")
    assert (left.status_code, left.json()["code"]) == (409, "last_owner")
    handed = await ada.browser.post(f"/api/v1/teams/{team['id']}/hand-over", json={"user_id": str(bob.user_id)})
    assert (handed.status_code, handed.json()["code"]) == (409, "member_disabled")
    removed = await ada.browser.delete(f"/api/v1/teams/{team['id']}/members/{bob.user_id}")
    assert removed.status_code == 204, "but they can be taken out"


async def test_the_invitations_of_who_is_disabled_open_nothing(people: People) -> None:
    root, ada = await people("root", operator=True), await people("ada")
    team = (await ada.browser.post("/api/v1/teams", json={"name": "crew"})).json()
    made = await ada.browser.post(f"/api/v1/teams/{team['id']}/invitations", json={"email": "new@example.org"})
    token = {"token": made.json()["link"].partition("#")[2]}
    assert (await root.browser.post("/api/v1/invitations/offer", json=token)).status_code == 200
    await root.browser.post(f"{PEOPLE}/{ada.user_id}/disable", json={})
    assert (await root.browser.post("/api/v1/invitations/offer", json=token)).status_code == 404


async def test_the_command_does_it_by_address_and_tells_what_ended(people: People, context: Context) -> None:
    root, ada = await people("root", operator=True), await people("ada")

    async def run(*words: str) -> str:
        found: list[Any] = []
        result = CliRunner().invoke(people_app(lambda _, work: found.append(work) or ""), words)
        assert result.exit_code == 0, result.output
        return str(await found[0](context))

    told = await run("disable", "ADA@example.org")
    assert told.startswith(f"ada@example.org ({ada.user_id}) is disabled. Ended: 1 sessions, 1 API tokens.")
    assert (await ada.browser.get("/api/v1/session")).status_code == 401
    assert (await run("enable", str(ada.user_id))) == f"ada@example.org ({ada.user_id}) can sign in again."
    assert [row.actor for row in await _audit(context, "user.disable")] == ["platform"]
    with pytest.raises(Conflict, match="only operator"):
        await run("disable", "root@example.org")
    async with context.db.read() as session:
        count = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "user.disable")
        assert (await session.execute(count)).scalar_one() == 1
    assert (await root.browser.get("/api/v1/session")).status_code == 200
