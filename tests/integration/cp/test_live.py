"""`GET /events` over a real socket: whole views, one's own teams only, closed when the session ends."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from servedapp import on_free_port, served_at

from wisehosting_cp import live
from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce
from wisehosting_cp.settings import Settings

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return on_free_port(settings)


@pytest.fixture
async def served(app: FastAPI, settings: Settings) -> AsyncIterator[FastAPI]:
    async with served_at(app, settings.public_port):
        yield app


class Tab:
    """Reads the stream of one tab."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._lines = answer.aiter_lines()
        self.last_id = ""

    async def next(self) -> tuple[str, Any]:
        """The next event; comments are skipped. StopAsyncIteration when the stream ended."""
        event = ""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: "):
                    return event, json.loads(line[6:])
                elif line.startswith("id: "):
                    self.last_id = line[4:]
        raise StopAsyncIteration

    async def marked(self) -> str:
        """Where the stream stands after what was read last."""
        self.last_id = ""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("id: "):
                    self.last_id = line[4:]
                    return self.last_id
        raise StopAsyncIteration


@asynccontextmanager
async def _tab(person: Any, context: Context, last_id: str = "", query: str = "") -> AsyncIterator[Tab]:
    headers = {"cookie": f"{context.settings.cookie_name}={person.cookie}"}
    if last_id:
        headers["last-event-id"] = last_id
    async with (
        httpx2.AsyncClient(base_url=context.settings.public_url, trust_env=False, timeout=20) as client,
        client.stream("GET", f"/api/v1/events{query}", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        tab = Tab(answer)
        assert [(await tab.next())[0], (await tab.next())[0]] == ["platform", "access"]
        yield tab


async def _make(person: Any, name: str = "shop") -> dict[str, Any]:
    made = await person.browser.post(
        "/api/v1/projects", json={"name": name, "source": {"url": "https://example.org/shop.git"}}
    )
    return dict(made.json())


async def test_a_change_comes_whole_and_as_the_api_says_it(served: FastAPI, people: People, context: Context) -> None:
    ada = await people()
    async with _tab(ada, context) as tab:
        project = await _make(ada)
        found = dict([await tab.next(), await tab.next()])
    assert found["project"] == project
    assert found["deployment"] == project["environments"][0]["latest"]


async def test_a_tab_hears_of_its_own_teams_only(served: FastAPI, people: People, context: Context) -> None:
    ada, eve = await people("ada"), await people("eve")
    async with _tab(eve, context) as tab:
        await _make(ada, "secret-of-ada")
        mine = await _make(eve)
        heard = [await tab.next(), await tab.next()]
    assert {event for event, _ in heard} == {"project", "deployment"}
    assert all(data.get("project_id", data["id"]) == mine["id"] for _, data in heard)


async def test_many_changes_at_once_come_as_one(served: FastAPI, people: People, context: Context) -> None:
    ada = await people()
    project = await _make(ada)
    async with _tab(ada, context) as tab:
        for _ in range(50):
            async with context.db.transaction() as session:
                announce(session, f"project:{project['id']}")
        await _make(ada, "last")
        events = [await tab.next()]
        while events[-1][1].get("name") != "last":
            events.append(await tab.next())
    assert len(events) < 10


async def test_the_stream_ends_when_the_session_does(
    served: FastAPI, people: People, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AUTHORIZE_SECONDS", 0.2)
    ada = await people()
    async with _tab(ada, context) as tab:
        assert (await ada.browser.post("/api/v1/session/end")).status_code == 204
        with pytest.raises((StopAsyncIteration, RuntimeError)):
            await tab.next()


async def test_a_tab_that_is_closed_leaves_no_listener(served: FastAPI, people: People, context: Context) -> None:
    ada = await people()
    async with _tab(ada, context):
        assert context.events._listeners["project:*"]
    async with asyncio.timeout(5):
        while context.events._listeners.get("project:*"):
            await asyncio.sleep(0.02)


async def test_an_idle_stream_is_kept_alive(
    served: FastAPI, people: People, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AUTHORIZE_SECONDS", 0.1)
    monkeypatch.setattr(live, "KEEP_ALIVE_SECONDS", 0.2)
    ada = await people()
    async with _tab(ada, context) as tab, asyncio.timeout(5):
        async for line in tab._lines:
            if line == ": keep-alive":
                break


async def _crew(owner: Any, context: Context, member: Any, role: Role) -> str:
    team = str((await owner.browser.post("/api/v1/teams", json={"name": "crew"})).json()["id"])
    async with context.db.transaction() as session:
        await memberships.set_role(session, UUID(team), member.user_id, role)
        epoch.advance(session)
    return team


async def test_a_tab_hears_at_once_what_its_person_may_do_and_when_that_changes(
    served: FastAPI, people: People, context: Context
) -> None:
    ada, bob = await people("ada"), await people("bob")
    team = await _crew(ada, context, bob, Role.viewer)
    shop = {"name": "shop", "team": team, "source": {"url": "https://example.org/shop.git"}}
    project = (await ada.browser.post("/api/v1/projects", json=shop)).json()["id"]
    member = f"/api/v1/teams/{team}/members/{bob.user_id}"
    own = {str(bob.team_id): "owner"}
    async with _tab(bob, context) as tab:
        assert (await ada.browser.patch(member, json={"role": "developer"})).status_code == 200
        assert await tab.next() == (
            "access",
            {"operator": False, "teams": {**own, team: "developer"}, "projects": {}},
        )
        event, heard = await tab.next()
        assert (event, heard["id"], heard["role"]) == ("team", team, "developer")
        roles = f"/api/v1/projects/{project}/roles/{bob.user_id}"
        assert (await ada.browser.put(roles, json={"role": "viewer"})).status_code == 200
        assert (await tab.next())[1]["projects"] == {project: "viewer"}
        assert (await ada.browser.delete(member)).status_code == 204
        assert await tab.next() == ("access", {"operator": False, "teams": own, "projects": {}})
        # What happens in the team from now on is not for this tab.
        assert (await ada.browser.post(f"/api/v1/projects/{project}/deployments", json={})).status_code == 202
        mine = await _make(bob, "mine")
        assert {(await tab.next())[1].get("project_id", mine["id"]) for _ in range(2)} == {mine["id"]}


async def test_who_is_in_a_team_and_invited_is_told_to_it_as_each_may_see_it_and_to_no_other(
    served: FastAPI, people: People, context: Context
) -> None:
    ada, bob, eve = await people("ada"), await people("bob"), await people("eve")
    team = await _crew(ada, context, bob, Role.viewer)
    address = f"/api/v1/teams/{team}"
    async with _tab(ada, context) as hers, _tab(bob, context) as his, _tab(eve, context) as foreign:
        made = await ada.browser.post(f"{address}/invitations", json={"email": "new@example.org"})
        assert made.status_code == 201
        for person, tab, invited in ((ada, hers, ["new@example.org"]), (bob, his, [])):
            event, heard = await tab.next()
            assert (event, [each["email"] for each in heard["invitations"]]) == ("team", invited)
            assert heard == (await person.browser.get(address)).json()
        taken_back = await ada.browser.delete(f"{address}/invitations/{made.json()['id']}")
        assert taken_back.status_code == 204
        assert (await hers.next())[1]["invitations"] == []
        await his.next()
        assert (await bob.browser.delete(f"{address}/members/{bob.user_id}")).status_code == 204
        event, heard = await hers.next()
        assert (event, [each["name"] for each in heard["people"]]) == ("team", ["Ada"])
        # Of what happens in the team from now on he hears as little as those who were never in it.
        assert (await his.next())[0] == "access"
        assert (await ada.browser.patch(address, json={"name": "band"})).status_code == 200
        for person, tab in ((bob, his), (eve, foreign)):
            await _make(person, "mine")
            assert {event for event, _ in [await tab.next(), await tab.next()]} == {"project", "deployment"}


async def test_what_changes_for_others_is_not_told(served: FastAPI, people: People, context: Context) -> None:
    ada, bob, eve = await people("ada"), await people("bob"), await people("eve")
    async with _tab(eve, context) as tab:
        await _crew(ada, context, bob, Role.viewer)
        project = await _make(eve, "mine")
        assert {event for event, _ in [await tab.next(), await tab.next()]} == {"project", "deployment"}
    assert project["name"] == "mine"


async def test_a_tab_that_comes_back_hears_what_changed_meanwhile_and_nothing_else(
    served: FastAPI, people: People, context: Context
) -> None:
    ada, eve = await people("ada"), await people("eve")
    async with _tab(ada, context) as tab:
        await tab.marked()
        await _make(ada, "before")
        await tab.next()
        await tab.next()
        last_id = await tab.marked()
    meanwhile = await _make(ada, "meanwhile")
    await _make(eve, "secret-of-eve")
    async with _tab(ada, context, last_id) as tab:
        found = dict([await tab.next(), await tab.next()])
        assert found["project"] == meanwhile
        after = await tab.marked()
    async with _tab(ada, context, after) as tab:
        assert await tab.marked() == after
        last = await _make(ada, "last")
        assert dict([await tab.next(), await tab.next()])["project"] == last


async def test_a_tab_that_the_stream_cannot_resume_is_told_that_it_missed_something(
    served: FastAPI, people: People, context: Context
) -> None:
    ada = await people()
    for query, last_id in (("", "0a1b2c3d-4"), ("?within=3600", "")):
        async with _tab(ada, context, last_id, query) as tab:
            assert await tab.next() == ("missed", {})
            await tab.marked()


async def test_a_new_tab_hears_what_changed_while_its_page_was_loading(
    served: FastAPI, people: People, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context.events, "_began", 0.0)
    ada = await people()
    made = await _make(ada)
    async with _tab(ada, context, query="?within=60") as tab:
        assert dict([await tab.next(), await tab.next()])["project"] == made
    async with _tab(ada, context, query="?within=0") as tab:
        await tab.marked()
