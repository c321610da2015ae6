"""The list over the API: what it is filtered by, who sees what, and that no act is done without its row."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.models import ApiToken, Role, Team, User
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.audit import repository
from wisehosting_cp.kit.audit import AuditEvent, record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects.models import Project

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
LIST = "/api/v1/audit-events"
TOKENS = "/api/v1/account/tokens"


async def _items(person: Any, **asked: Any) -> list[dict[str, Any]]:
    answer = await person.browser.get(LIST, params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def _team(owner: Any, name: str) -> str:
    return str((await owner.browser.post("/api/v1/teams", json={"name": name})).json()["id"])


async def test_a_list_is_filtered_by_everything_that_can_be_asked(people: People, context: Context) -> None:
    ada = await people()
    crew = await _team(ada, "crew")
    async with context.db.transaction() as session:
        for number, action in enumerate(["door.open", "door.openly", "door_open", "doorbell.ring"]):
            team = crew if number % 2 else ada.team_id
            subject = f"door:{number}"
            record(session, actor=f"user:{number}", action=action, subject=subject, team_id=team)  # type: ignore[arg-type]

    async def actions(**asked: Any) -> list[str]:
        return [item["action"] for item in await _items(ada, **asked) if item["action"].startswith("door")]

    assert await actions() == ["doorbell.ring", "door_open", "door.openly", "door.open"]
    assert await actions(action="door.") == ["door.openly", "door.open"]
    assert await actions(action="door_") == ["door_open"]
    assert await actions(action="%") == []
    assert await actions(team=crew) == ["doorbell.ring", "door.openly"]
    assert {item["team_id"] for item in await _items(ada, team=crew)} == {crew}
    assert await actions(actor="user:2") == ["door_open"]
    assert await actions(subject="door:0", action="door") == ["door.open"]
    now = datetime.now(UTC)
    assert len(await actions(since=(now - timedelta(hours=1)).isoformat())) == 4
    assert await actions(until=(now - timedelta(hours=1)).isoformat()) == []
    exact = (await _items(ada, subject="door:0"))[0]["at"]
    assert len(await actions(since=exact)) == 4
    assert await actions(until=exact) == []


async def test_the_pages_of_a_filtered_list_hold_each_row_once(people: People, context: Context) -> None:
    ada = await people()
    async with context.db.transaction() as session:
        for number in range(7):
            record(session, actor="user:1", action="door.open", subject=f"door:{number}", team_id=ada.team_id)
            record(session, actor="user:1", action="other", subject="", team_id=ada.team_id)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await ada.browser.get(LIST, params={"action": "door.open", "limit": 3} | cursor)).json()
        seen += [item["subject"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [f"door:{number}" for number in reversed(range(7))]


@pytest.mark.parametrize(
    "asked",
    [
        {"team": "crew"},
        {"actor": "\0"},
        {"action": "x" * 61},
        {"since": "2026-01-01T00:00:00"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-14:00"},
        {"limit": 0},
    ],
)
async def test_what_cannot_be_asked_is_refused(people: People, asked: dict[str, Any]) -> None:
    ada = await people()
    assert (await ada.browser.get(LIST, params=asked)).status_code == 422


async def test_the_list_of_one_team_shows_nothing_of_another(people: People, context: Context) -> None:
    ada, eve, root = await people("ada"), await people("eve"), await people("root", operator=True)
    crew = await _team(ada, "crew")
    async with context.db.transaction() as session:
        await memberships.set_role(session, crew, eve.user_id, Role.developer)  # type: ignore[arg-type]
        record(session, actor="platform", action="platform.act", subject="platform")
        row = (await session.execute(select(AuditEvent.subject).where(AuditEvent.team_id == crew))).scalars().first()
    assert row
    foreign = [{"team": crew}, {"team": str(ada.team_id)}, {"team": str(uuid4())}, {"subject": row}]
    for person in (eve, root):
        for asked in foreign:
            assert (await person.browser.get(LIST, params=asked)).json() == {"items": [], "next_cursor": None}
        assert {item["team_id"] for item in await _items(person, limit=200)} <= {str(person.team_id), None}
    assert await _items(eve, actor=f"user:{ada.user_id}") == []
    assert [item["action"] for item in await _items(root, action="platform.")] == ["platform.act"]
    assert await _items(root, action="platform.", team=crew) == []
    assert await _items(ada, action="platform.") == []
    async with context.db.transaction() as session:
        await memberships.set_role(session, crew, eve.user_id, Role.admin)  # type: ignore[arg-type]
        epoch.advance(session)
    assert {item["team_id"] for item in await _items(eve, team=crew)} == {crew}


async def test_with_the_trail_broken_nothing_privileged_is_done(people: People, context: Context) -> None:
    ada = await people()

    async def counts() -> list[int]:
        async with context.db.read() as session:
            query = select(
                *(select(func.count()).select_from(kind).scalar_subquery() for kind in (Team, Project, ApiToken))
            )
            return list((await session.execute(query)).one())

    before = await counts()
    async with context.db.transaction() as session:
        for statement in (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space'; END $$",
            "CREATE TRIGGER refuse BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse()",
        ):
            await session.execute(text(statement))
    shop = {"name": "shop", "source": {"url": "https://example.org/a.git"}, "deploy": False}
    acts = {"/api/v1/teams": {"name": "crew"}, "/api/v1/projects": shop, TOKENS: {"name": "ci", "scopes": ["read"]}}
    for path, body in acts.items():
        assert (await ada.browser.post(path, json=body)).status_code == 500
    token = (await ada.browser.get(TOKENS)).json()["items"][0]["id"]
    assert (await ada.browser.delete(f"{TOKENS}/{token}")).status_code == 500
    assert (await ada.script.get("/api/v1/teams")).status_code == 200
    assert await counts() == before
    async with context.db.transaction() as session:
        await session.execute(text("DROP TRIGGER refuse ON audit_events"))
    for path, body in acts.items():
        assert (await ada.browser.post(path, json=body)).status_code == 201
    assert await counts() == [count + 1 for count in before]


async def test_people_and_tokens_are_named_and_machines_are_not(people: People, context: Context) -> None:
    ada = await people("ada")
    await ada.browser.post("/api/v1/projects", json={"name": "shop", "source": {"url": "https://example.org/a.git"}})
    async with context.db.transaction() as session:
        gone = f"user:{uuid4()}"
        record(session, actor=gone, action="door.open", subject="door:1", team_id=ada.team_id)
        record(session, actor="platform", action="door.shut", subject="door:1", team_id=ada.team_id)
    named = {item["actor"]: item["actor_name"] for item in await _items(ada)}
    async with context.db.read() as session:
        name = (await session.execute(select(User.name).where(User.id == ada.user_id))).scalar_one()
        token = (
            await session.execute(select(ApiToken.id, ApiToken.name).where(ApiToken.user_id == ada.user_id))
        ).first()
    assert named[f"user:{ada.user_id}"] == name
    assert (named[gone], named["platform"]) == (None, None)
    assert token is not None
    answer = await ada.script.post(
        "/api/v1/projects", json={"name": "till", "source": {"url": "https://example.org/b.git"}}
    )
    assert answer.status_code == 201, answer.text
    assert {item["actor"]: item["actor_name"] for item in await _items(ada)}[f"token:{token.id}"] == token.name


async def test_an_export_is_what_the_list_says_whole_and_in_order(
    people: People, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "BATCH", 2)
    ada, eve = await people("ada"), await people("eve")
    async with context.db.transaction() as session:
        for number in range(5):
            team = eve.team_id if number == 3 else ada.team_id
            record(session, actor="platform", action="door.open", subject=f"door:{number}", team_id=team, number=number)
    answer = await ada.browser.get(f"{LIST}/export", params={"action": "door."})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["content-disposition"].startswith('attachment; filename="audit-all-2')
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["subject"] for row in told] == ["door:0", "door:1", "door:2", "door:4"]
    assert [row["detail"] for row in told] == [{"number": number} for number in (0, 1, 2, 4)]
    assert all(len(bytes.fromhex(row["mac"])) == 32 for row in told)
    one = await ada.browser.get(f"{LIST}/export", params={"team": str(eve.team_id)})
    assert (one.status_code, one.text) == (200, "")
    refused = await ada.browser.get(f"{LIST}/export", params={"since": "yesterday"})
    assert refused.status_code == 422
