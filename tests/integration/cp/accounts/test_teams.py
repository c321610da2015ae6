"""Teams over the API: made, shared, changed, left, handed over, deleted and restored; whatever happens one has an owner."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from wisehosting_cp.accounts.models import Invitation, Role, Scope, User
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.accounts.sign_in.oidc import Claims
from wisehosting_cp.accounts.sign_in.service import user_for
from wisehosting_cp.accounts.teams import invitations
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.accounts.teams import service as teams
from wisehosting_cp.errors import Conflict, Forbidden, NotFound
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.kit.security import digest

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
TEAMS = "/api/v1/teams"
MANY = 50


async def _team(owner: Any, name: str = "crew") -> str:
    made = await owner.browser.post(TEAMS, json={"name": name})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _join(context: Context, team: str, person: Any, role: Role) -> None:
    async with context.db.transaction() as session:
        await memberships.set_role(session, team, person.user_id, role)  # type: ignore[arg-type]


async def _invite(owner: Any, team: str, email: str, role: str = "developer") -> str:
    made = await owner.browser.post(f"{TEAMS}/{team}/invitations", json={"email": email, "role": role})
    assert made.status_code == 201, made.text
    return str(made.json()["link"].partition("#")[2])


async def test_whoever_makes_a_team_owns_it_and_sees_it_at_once(people: People) -> None:
    ada = await people("ada")
    team = await _team(ada)
    rows = (await ada.browser.get(TEAMS)).json()["items"]
    assert [(row["name"], row["personal"], row["role"], row["members"]) for row in rows] == [
        ("ada", True, "owner", 1),
        ("crew", False, "owner", 1),
    ]
    assert [row["name"] for row in (await ada.browser.get("/api/v1/session")).json()["teams"]] == ["ada", "crew"]
    again = await ada.browser.post(TEAMS, json={"name": "crew"})
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")
    renamed = await ada.browser.patch(f"{TEAMS}/{team}", json={"name": "band"})
    assert renamed.json()["name"] == "band"


async def test_an_invited_address_joins_with_its_role_and_nobody_else_can(people: People, context: Context) -> None:
    ada, eve, bob = await people("ada"), await people("eve"), await people("bob")
    team = await _team(ada)
    token = await _invite(ada, team, "Bob@Example.org")
    assert (await ada.browser.get(f"{TEAMS}/{team}")).json()["invitations"][0]["email"] == "bob@example.org"
    offered = (await eve.browser.post("/api/v1/invitations/offer", json={"token": token})).json()
    assert (offered["team"], offered["role"], offered["invited_by"]) == ("crew", "developer", "Ada")
    stolen = await eve.browser.post("/api/v1/invitations/accept", json={"token": token})
    assert (stolen.status_code, stolen.json()["code"]) == (403, "invitation_of_another")
    taken = await bob.browser.post("/api/v1/invitations/accept", json={"token": token})
    assert taken.status_code == 200, taken.text
    again = await bob.browser.post("/api/v1/invitations/accept", json={"token": token})
    assert (again.status_code, again.json()["code"]) == (404, "invitation_gone")
    people_there = (await bob.browser.get(f"{TEAMS}/{team}")).json()
    assert [(one["name"], one["role"], one["you"]) for one in people_there["people"]] == [
        ("Ada", "owner", False),
        ("Bob", "developer", True),
    ]
    assert people_there["invitations"] == [], "who cannot invite sees no invitations"
    async with context.db.read() as session:
        row = (await session.execute(select(Invitation))).scalar_one()
    assert row.token_hash == digest(token), "only its hash is kept"


async def test_an_invitation_ends_when_it_is_old_taken_back_or_made_anew(people: People, clock: Any) -> None:
    ada, bob = await people("ada"), await people("bob")
    team = await _team(ada)
    first = await _invite(ada, team, "bob@example.org")
    second = await _invite(ada, team, "bob@example.org")
    shown = (await ada.browser.get(f"{TEAMS}/{team}")).json()["invitations"]
    assert len(shown) == 1
    assert (await ada.browser.delete(f"{TEAMS}/{team}/invitations/{shown[0]['id']}")).status_code == 204
    assert (await ada.browser.delete(f"{TEAMS}/{team}/invitations/{shown[0]['id']}")).status_code == 404
    third = await _invite(ada, team, "bob@example.org")
    clock.forward(timedelta(days=8).total_seconds())
    for token in (first, second, third, "x" * 43):
        answer = await bob.browser.post("/api/v1/invitations/accept", json={"token": token})
        assert (answer.status_code, answer.json()["code"]) == (404, "invitation_gone")


async def test_an_invitation_opens_nothing_once_whoever_made_it_may_invite_no_more(
    people: People, context: Context
) -> None:
    ada, bob, eve = await people("ada"), await people("bob"), await people("eve")
    team = await _team(ada)
    await _join(context, team, bob, Role.admin)
    token = await _invite(bob, team, "eve@example.org", "admin")
    assert (await ada.browser.delete(f"{TEAMS}/{team}/members/{bob.user_id}")).status_code == 204
    for path in ("offer", "accept"):
        answer = await eve.browser.post(f"/api/v1/invitations/{path}", json={"token": token})
        assert (answer.status_code, answer.json()["code"]) == (404, "invitation_gone"), path
    assert (await eve.browser.get(f"{TEAMS}/{team}")).status_code == 404


async def test_an_admin_cannot_make_or_touch_an_owner(people: People, context: Context) -> None:
    ada, bob = await people("ada"), await people("bob")
    team = await _team(ada)
    await _join(context, team, bob, Role.admin)
    asked = [
        bob.browser.post(f"{TEAMS}/{team}/invitations", json={"email": "x@example.org", "role": "owner"}),
        bob.browser.patch(f"{TEAMS}/{team}/members/{bob.user_id}", json={"role": "owner"}),
        bob.browser.patch(f"{TEAMS}/{team}/members/{ada.user_id}", json={"role": "viewer"}),
        bob.browser.delete(f"{TEAMS}/{team}/members/{ada.user_id}"),
        bob.browser.delete(f"{TEAMS}/{team}"),
    ]
    for request in asked:
        answer = await request
        assert (answer.status_code, answer.json()["code"]) == (403, "role_too_low")


async def test_a_team_keeps_an_owner_whoever_leaves_at_the_same_time(people: People, context: Context) -> None:
    ada, bob = await people("ada"), await people("bob")
    team = await _team(ada)
    alone = await ada.browser.delete(f"{TEAMS}/{team}/members/{ada.user_id}")
    assert (alone.status_code, alone.json()["code"]) == (409, "last_owner")
    await _join(context, team, bob, Role.owner)
    left = await asyncio.gather(
        *(person.browser.delete(f"{TEAMS}/{team}/members/{person.user_id}") for person in (ada, bob))
    )
    assert sorted(answer.status_code for answer in left) == [204, 409]
    async with context.db.read() as session:
        assert await memberships.owners(session, team) == 1  # type: ignore[arg-type]
    assert (await ada.browser.delete(f"{TEAMS}/{ada.team_id}/members/{ada.user_id}")).json()["code"] == "team_personal"


async def test_a_team_is_handed_over_and_its_former_owner_stays_as_admin(people: People, context: Context) -> None:
    ada, bob = await people("ada"), await people("bob")
    team = await _team(ada)
    await _join(context, team, bob, Role.viewer)
    done = await ada.browser.post(f"{TEAMS}/{team}/hand-over", json={"user_id": str(bob.user_id)})
    assert [(one["name"], one["role"]) for one in done.json()["people"]] == [("Ada", "admin"), ("Bob", "owner")]


async def test_a_removed_member_is_out_at_once_though_the_role_was_remembered(people: People, context: Context) -> None:
    ada, bob = await people("ada"), await people("bob")
    team = await _team(ada)
    await _join(context, team, bob, Role.viewer)
    assert (await bob.browser.get(f"{TEAMS}/{team}")).status_code == 200
    assert (await ada.browser.delete(f"{TEAMS}/{team}/members/{bob.user_id}")).status_code == 204
    assert (await bob.browser.get(f"{TEAMS}/{team}")).status_code == 404


async def test_a_team_without_projects_is_deleted_restored_and_in_the_end_gone(
    people: People, context: Context, clock: Any
) -> None:
    ada, bob = await people("ada"), await people("bob")
    team = await _team(ada)
    await _join(context, team, bob, Role.admin)
    body = {"name": "shop", "team": team, "source": {"url": "https://example.org/shop.git"}}
    project = (await ada.browser.post("/api/v1/projects", json=body)).json()
    busy = await ada.browser.delete(f"{TEAMS}/{team}")
    assert (busy.status_code, busy.json()["code"]) == (409, "team_has_projects")
    empty = await _team(ada, "empty")
    await _join(context, empty, bob, Role.admin)
    gone = await ada.browser.delete(f"{TEAMS}/{empty}")
    assert gone.status_code == 200
    assert gone.json()["purge_at"] > gone.json()["deleted_at"]
    assert (await bob.browser.get(f"{TEAMS}/{empty}")).status_code == 404
    assert (await ada.browser.post(f"{TEAMS}/{empty}/restore")).json()["deleted_at"] is None
    assert (await bob.browser.get(f"{TEAMS}/{empty}")).status_code == 200
    await ada.browser.delete(f"{TEAMS}/{empty}")
    assert await teams.purge_due(context) == 0
    clock.forward(timedelta(days=8).total_seconds())
    assert (await ada.browser.post(f"{TEAMS}/{empty}/restore")).status_code == 404
    assert [await teams.purge_due(context), await teams.purge_due(context)] == [1, 0]
    assert project["name"] == "shop"
    assert (await ada.browser.post(TEAMS, json={"name": "empty"})).status_code == 201, "the name is free again"


async def test_of_fifty_who_accept_one_invitation_at_once_one_gets_in(people: People, context: Context) -> None:
    ada, bob = await people("ada"), await people("bob")
    team = await _team(ada)
    token = await _invite(ada, team, "bob@example.org")
    assert await _race(context, token, bob.user_id) == 1


async def test_of_fifty_who_open_the_first_operator_s_link_one_gets_in(people: People, context: Context) -> None:
    person = await people("ada")
    async with context.db.transaction() as session:
        first = await invitations.bootstrap(session, context)
        link = await invitations.bootstrap(session, context)
    assert await _race(context, first.partition("#")[2], person.user_id) == 0, "a new link ends the one before"
    assert await _race(context, link.partition("#")[2], person.user_id) == 1
    assert (await person.browser.get("/api/v1/session")).json()["user"]["operator"] is True
    async with context.db.transaction() as session:
        with pytest.raises(Conflict, match="--another"):
            await invitations.bootstrap(session, context)


async def _race(context: Context, token: str, user_id: Any) -> int:
    async def accept() -> bool:
        try:
            async with context.db.transaction() as session:
                user = await session.get_one(User, user_id)
                await invitations.accept(session, context, user, digest(token), address="", request_id="")
        except NotFound:
            return False
        return True

    return sum(await asyncio.gather(*(accept() for _ in range(MANY))))


async def test_a_stranger_gets_an_account_by_an_invitation_of_their_address_only(
    people: People, context: Context
) -> None:
    ada = await people("ada")
    team = await _team(ada)
    token = await _invite(ada, team, "new@example.org", "viewer")
    context.settings.sign_up = "invitation"

    async def sign_in(name: str, *, invitation: str | None = None) -> None:
        claims = Claims("http://localhost:7001", name, name.title(), f"{name}@example.org", operator=False)
        async with context.db.transaction() as session:
            await user_for(session, context, claims, invitation_hash=digest(invitation) if invitation else None)

    for refused in (("eve", None), ("eve", token), ("new", None)):
        with pytest.raises(Forbidden, match="no invitation for this address"):
            await sign_in(refused[0], invitation=refused[1])
    await sign_in("new", invitation=token)
    names = [one["name"] for one in (await ada.browser.get(f"{TEAMS}/{team}")).json()["people"]]
    assert names == ["Ada", "New"]
    context.settings.sign_up = "closed"
    last = await _invite(ada, team, "late@example.org", "viewer")
    with pytest.raises(Forbidden, match="no invitation for this address"):
        await sign_in("late", invitation=last)
    async with context.db.transaction() as session:
        operators = await invitations.bootstrap(session, context)
    await sign_in("root", invitation=operators.partition("#")[2])
    context.settings.sign_in_domains = ["example.com"]
    with pytest.raises(Forbidden, match=r"addresses of example\.com"):
        await sign_in("new")


async def test_every_step_leaves_one_audit_row_without_the_link(people: People, context: Context) -> None:
    ada = await people("ada")
    team = await _team(ada)
    token = await _invite(ada, team, "bob@example.org")
    await _invite(ada, team, "bob@example.org")
    for _ in range(2):
        await ada.browser.patch(f"{TEAMS}/{team}", json={"name": "band"})
    await ada.browser.delete(f"{TEAMS}/{team}")
    async with context.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.team_id == team).order_by(AuditEvent.id)
        rows = (await session.execute(query)).scalars().all()
    assert [row.action for row in rows] == [
        "team.create",
        "invitation.create",
        "invitation.revoke",
        "invitation.create",
        "team.rename",
        "invitation.revoke",
        "team.delete",
    ]
    assert token not in str([row.detail for row in rows])


async def test_a_project_made_while_its_team_is_deleted_keeps_the_team_or_is_not_made(
    people: People, context: Context
) -> None:
    ada = await people("ada")
    for number in range(8):
        team = await _team(ada, f"crew-{number}")
        body = {"name": "shop", "team": team, "source": {"url": "https://example.org/shop.git"}}
        made, gone = await asyncio.gather(
            ada.browser.post("/api/v1/projects", json=body), ada.browser.delete(f"{TEAMS}/{team}")
        )
        assert (made.status_code, gone.status_code) in {(201, 409), (404, 200)}


async def test_a_team_that_asks_for_a_second_factor_is_closed_to_members_until_they_have_one(
    people: People, context: Context, enrol: Any
) -> None:
    ada, bob = await people("ada"), await people("bob")
    team = await _team(ada)
    await _join(context, team, bob, Role.developer)
    ask = {"second_factor_required": True}
    first = await ada.browser.patch(f"{TEAMS}/{team}", json=ask)
    assert (first.status_code, first.json()["code"]) == (409, "second_factor_first")
    assert (await bob.browser.get(f"{TEAMS}/{team}")).status_code == 200
    await enrol(ada)
    assert (await ada.browser.patch(f"{TEAMS}/{team}", json=ask)).status_code == 200
    for client in (bob.browser, bob.script):
        assert (await client.get(f"{TEAMS}/{team}")).status_code == 404
        session = (await client.get("/api/v1/session")).json()
        assert (session["closed_teams"], [row["name"] for row in session["teams"]]) == (["crew"], ["bob"])
    await enrol(bob)
    assert (await bob.browser.get(f"{TEAMS}/{team}")).status_code == 200
    assert (await bob.browser.delete("/api/v1/account/second-factor/totp")).status_code == 204
    assert (await bob.browser.get(f"{TEAMS}/{team}")).status_code == 404
    assert (await ada.browser.get(f"{TEAMS}/{team}")).status_code == 200


async def test_how_many_have_no_second_factor_is_told_to_those_who_may_ask_one_and_to_nobody_else(
    people: People, context: Context, enrol: Any
) -> None:
    ada, bob, eve, joe = [await people(name) for name in ("ada", "bob", "eve", "joe")]
    team = await _team(ada)
    for person, role in ((bob, Role.admin), (eve, Role.developer), (joe, Role.viewer)):
        await _join(context, team, person, role)

    async def told(client: Any) -> Any:
        return (await client.get(f"{TEAMS}/{team}")).json()["without_second_factor"]

    asked = (ada.browser, bob.browser, eve.browser, joe.browser)
    assert [await told(client) for client in asked] == [4, 4, None, None]
    begun = await eve.browser.post("/api/v1/account/second-factor/totp")
    assert begun.status_code == 200
    assert await told(ada.browser) == 4, "one that is not confirmed counts for nothing"
    await enrol(ada)
    assert [await told(client) for client in asked] == [3, 3, None, None]
    made = await bob.browser.post("/api/v1/account/tokens", json={"name": "looks", "scopes": ["read"]})
    assert made.status_code == 201, made.text
    bob.script.headers["authorization"] = f"Bearer {made.json()['token']}"
    assert await told(bob.script) is None, "a token that may change nothing is not told either"
    assert "second_factor" not in (await ada.browser.get(f"{TEAMS}/{team}")).json()["people"][0]


async def test_an_invitation_that_ran_out_is_shown_for_a_week_and_can_be_made_anew(people: People, clock: Any) -> None:
    ada = await people("ada")
    team = await _team(ada)

    async def shown() -> list[dict[str, Any]]:
        return list((await ada.browser.get(f"{TEAMS}/{team}")).json()["invitations"])

    await _invite(ada, team, "bob@example.org")
    (first,) = await shown()
    clock.forward(timedelta(days=8).total_seconds())
    assert await shown() == [first]
    await _invite(ada, team, "bob@example.org")
    (second,) = await shown()
    assert second["id"] != first["id"]
    clock.forward(timedelta(days=15).total_seconds())
    assert await shown() == []


async def test_an_admin_who_is_just_being_demoted_gives_no_roles_in_projects_any_more(
    people: People, context: Context
) -> None:
    ada, bob = await people("ada"), await people("bob")
    team = UUID(await _team(ada))
    await _join(context, str(team), bob, Role.admin)
    project = new_id()
    stale = Principal(
        user_id=bob.user_id,
        actor=f"user:{bob.user_id}",
        teams={team: Role.admin},
        scopes=frozenset(Scope),
        operator=False,
        address="127.0.0.1",
        request_id="r",
    )
    assert (await ada.browser.patch(f"{TEAMS}/{team}/members/{bob.user_id}", json={"role": "viewer"})).is_success
    with pytest.raises(Conflict, match="just been changed"):
        async with context.db.transaction() as session:
            await teams.set_project_role(
                session, stale, team_id=team, project_id=project, user_id=bob.user_id, role=Role.admin
            )
