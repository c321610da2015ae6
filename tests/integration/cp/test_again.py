"""A list that is ready is given before its route is looked for: the same answer, to the same people, and to nobody else."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from wisehosting_cp.accounts.access import declared
from wisehosting_cp.accounts.credentials import credentials_of
from wisehosting_cp.accounts.models import BrowserSession, User
from wisehosting_cp.app import READY
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.web import encode_cursor
from wisehosting_cp.sources import listing

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
LIST = "/api/v1/projects"
TOKENS = "/api/v1/account/tokens"
OF_EACH_REQUEST = {"x-request-id", "date"}


@pytest.fixture
async def ada(people: People) -> Any:
    """Somebody with a project whose list was asked for once, by browser and by token."""
    ada = await people("ada")
    body = {"name": "shop", "source": {"url": "https://example.org/shop.git"}, "deploy": False}
    assert (await ada.browser.post(LIST, json=body)).status_code == 201
    assert len((await ada.browser.get(LIST)).json()["items"]) == 1
    assert len((await ada.script.get(LIST)).json()["items"]) == 1
    return ada


@pytest.fixture
async def shop(ada: Any) -> str:
    """The id of her project."""
    return str((await ada.browser.get(LIST)).json()["items"][0]["id"])


@pytest.fixture
def no_route(ada: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the route of the list fails, so that what answers is something else."""

    async def fails(*_: Any) -> bytes:
        raise AssertionError("the route was asked")

    monkeypatch.setattr(listing, "page", fails)


async def test_what_is_ready_is_the_same_answer_with_the_same_headers(ada: Any, request: pytest.FixtureRequest) -> None:
    first = await ada.browser.get(LIST)
    request.getfixturevalue("no_route")
    for asks in (ada.browser, ada.script):
        again = await asks.get(LIST)
        assert (again.status_code, again.content) == (200, first.content)
        kept = {name: value for name, value in again.headers.items() if name not in OF_EACH_REQUEST}
        assert kept == {name: value for name, value in first.headers.items() if name not in OF_EACH_REQUEST}
        assert again.headers["x-request-id"] != first.headers["x-request-id"]


async def test_a_change_of_its_parts_is_followed_at_once(ada: Any, shop: str) -> None:
    await ada.browser.patch(f"{LIST}/{shop}", json={"source": {"branch": "next"}})
    assert (await ada.browser.get(LIST)).json()["items"][0]["source"]["branch"] == "next"


async def test_a_team_that_begins_to_own_something_is_in_the_list_of_its_members_at_once(
    people: People, ada: Any
) -> None:
    """The page of the teams that owned something may be fresh again, made for a colleague: it is not the asker's any more."""
    bob = await people("bob")
    crew = (await ada.browser.post("/api/v1/teams", json={"name": "crew"})).json()
    for person in (ada, bob):
        assert len((await person.browser.get(LIST)).json()["items"]) == (1 if person is ada else 0)
    body = {"name": "site", "source": {"url": "https://example.org/s.git"}, "deploy": False, "team": crew["id"]}
    made = await ada.browser.post(LIST, json=body)
    assert made.status_code == 201, made.text
    assert (await bob.browser.get(LIST)).json()["items"] == []
    assert {row["name"] for row in (await ada.browser.get(LIST)).json()["items"]} == {"shop", "site"}


@pytest.mark.usefixtures("no_route")
async def test_what_one_may_see_is_given_to_nobody_else(ada: Any, people: People, context: Context) -> None:
    eve = await people("eve")
    assert (await eve.browser.get(LIST)).status_code == 500  # the route was asked
    for cookie in ("", "x", ada.cookie + "x", ada.cookie[:-1]):
        ada.browser.cookies.set(context.settings.cookie_name, cookie)
        assert (await ada.browser.get(LIST)).status_code == 401
    ada.script.headers["authorization"] = f"Bearer {ada.token}x"
    assert (await ada.script.get(LIST)).status_code == 401


@pytest.mark.usefixtures("no_route")
async def test_it_ends_with_the_session_and_with_the_token(ada: Any) -> None:
    assert (await ada.script.get(LIST)).status_code == 200
    row = (await ada.browser.get(TOKENS)).json()["items"][0]
    assert (await ada.browser.delete(f"{TOKENS}/{row['id']}")).status_code == 204
    assert (await ada.script.get(LIST)).status_code == 401
    assert (await ada.browser.post("/api/v1/session/end")).status_code < 400
    assert (await ada.browser.get(LIST)).status_code == 401


@pytest.mark.usefixtures("no_route")
async def test_it_ends_when_the_session_does_by_the_clock(ada: Any, context: Context) -> None:
    async with context.db.transaction() as session:
        await session.execute(update(BrowserSession).values(expires_at=context.clock.now()))
        await session.execute(update(User).values(disabled_at=context.clock.now()))
    context.clock.forward(6)  # type: ignore[attr-defined]  # the tests' clock
    assert (await ada.browser.get(LIST)).status_code == 401


async def test_a_credential_is_looked_up_once_for_a_request_whoever_answers(ada: Any, context: Context) -> None:
    known = credentials_of(context)
    for token, status in (("wh_nobody", 401), (ada.token, 200)):
        ada.script.headers["authorization"] = f"Bearer {token}"
        known._known.clear()
        context.clock.forward(6)  # type: ignore[attr-defined]  # the tests' clock; no answer is ready any more
        before = known.lookups
        assert (await ada.script.get(LIST)).status_code == status
        assert known.lookups == before + 1


async def test_a_token_of_one_project_sees_that_one(ada: Any, shop: str) -> None:
    other = {"name": "other", "source": {"url": "https://example.org/o.git"}, "deploy": False}
    assert (await ada.browser.post(LIST, json=other)).status_code == 201
    asked = {"name": "one", "scopes": ["read"], "project_id": shop}
    ada.script.headers["authorization"] = f"Bearer {(await ada.browser.post(TOKENS, json=asked)).json()['token']}"
    for _ in range(2):
        assert [row["name"] for row in (await ada.script.get(LIST)).json()["items"]] == ["shop"]
        assert len((await ada.browser.get(LIST)).json()["items"]) == 2


@pytest.mark.usefixtures("no_route")
async def test_who_asks_too_often_waits_here_as_well(ada: Any, context: Context) -> None:
    context.settings.requests_per_minute = 3
    told = [(await ada.browser.get(LIST)).status_code for _ in range(5)]
    assert told[-1] == 429
    refused = await ada.browser.get(LIST)
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["retry-after"]) > 0


@pytest.mark.usefixtures("no_route")
async def test_a_foreign_name_of_the_host_is_refused_before_it(ada: Any) -> None:
    assert (await ada.browser.get(LIST, headers={"host": "evil.example"})).status_code == 400


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "limit=%EF%BC%93", "limit=", "cursor=x", "limit=-1", "limit=" + "9" * 5000],
)
async def test_a_query_that_is_refused_is_the_routes_to_refuse(ada: Any, query: str) -> None:
    assert listing.asked(query) is None
    refused = await ada.browser.get(f"{LIST}?{query}")
    assert refused.status_code in (400, 422)
    assert refused.json()["detail"]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["limit", "cursor", "Limit", "x"]), TEXTS | st.integers(-5, 300).map(str)), max_size=4
    )
)
def test_a_query_is_read_as_what_it_says_or_not_at_all(pairs: list[tuple[str, str]]) -> None:
    found = listing.asked(urlencode(pairs))
    if found is not None:
        said = dict(pairs)
        assert len(said) == len(pairs)
        assert set(said) <= {"limit", "cursor"}
        assert found[1] == int(said.get("limit", "50"))
        assert 1 <= found[1] <= 200
        assert not said.get("cursor") or encode_cursor(found[0]) == said["cursor"]  # type: ignore[arg-type]


async def test_each_of_them_is_a_route_that_declares_the_same_permission(app: FastAPI) -> None:
    routes = {route.path: route for route in iter_route_contexts(app.routes) if "GET" in (route.methods or ())}
    assert READY
    for path, ready in READY.items():
        assert declared(routes[path].dependant) == {ready.permission}, path
