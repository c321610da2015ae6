"""Making projects: names, addresses, hostnames."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects.models import HostnameHold

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
PROJECTS = "/api/v1/projects"


def _body(name: str = "shop", **source: Any) -> dict[str, Any]:
    return {"name": name, "source": {"url": "https://example.org/shop.git"} | source}


async def test_a_new_project_has_production_a_url_and_a_queued_deployment(people: People) -> None:
    ada = await people()
    made = await ada.browser.post(PROJECTS, json=_body(root_directory="/apps//web/./", branch="release/1"))
    assert made.status_code == 201
    project = made.json()
    assert project["source"] == {
        "provider": "git",
        "url": "https://example.org/shop.git",
        "branch": "release/1",
        "root_directory": "apps/web",
        "submodules": False,
        "large_files": False,
    }
    (environment,) = project["environments"]
    assert (environment["name"], environment["hostname"], environment["live"]) == ("production", "shop.localhost", None)
    assert environment["url"] == "http://shop.localhost:8080/"
    latest = environment["latest"]
    assert (latest["status"], latest["cause"], latest["number"], latest["ref"]) == ("queued", "first", 1, "release/1")
    assert project["hook"]["url"].startswith("http://localhost:7000/hooks/")
    assert project["last_seen"] is None
    assert (await ada.browser.get(f"{PROJECTS}/{project['id']}")).json() == project
    assert (await ada.script.get(PROJECTS)).json()["items"] == [project]


async def test_a_project_can_be_made_without_a_deployment(people: People) -> None:
    ada = await people()
    made = await ada.browser.post(PROJECTS, json=_body() | {"deploy": False})
    assert made.json()["environments"][0]["latest"] is None


@pytest.mark.parametrize(
    "name",
    ["", "Shop", "1shop", "-shop", "shop-", "sh op", "shöp", "shop_1", "a" * 40, "xn--abc", "shop.example", "shop\n"],
)
async def test_a_bad_name_is_refused_with_a_sentence(people: People, name: str) -> None:
    ada = await people()
    refused = await ada.browser.post(PROJECTS, json=_body(name))
    assert (refused.status_code, refused.json()["code"]) == (400, "name_invalid")
    assert refused.json()["fields"]["name"] == refused.json()["detail"]
    assert (await ada.browser.get(PROJECTS)).json()["items"] == []


async def test_a_taken_name_is_a_conflict_that_suggests_a_free_one(people: People) -> None:
    ada = await people()
    for name in ("shop", "shop-2"):
        assert (await ada.browser.post(PROJECTS, json=_body(name))).status_code == 201
    refused = await ada.browser.post(PROJECTS, json=_body())
    assert (refused.status_code, refused.json()["code"]) == (409, "name_taken")
    assert "shop-3 is free" in refused.json()["detail"]
    assert len((await ada.browser.get(PROJECTS)).json()["items"]) == 2


async def test_another_teams_project_of_the_same_name_gets_a_hostname_with_its_team(people: People) -> None:
    hostnames = []
    for name in ("ada", "eve"):
        person = await people(name)
        made = await person.browser.post(PROJECTS, json=_body())
        hostnames.append(made.json()["environments"][0]["hostname"])
    assert hostnames == ["shop.localhost", "shop-eve.localhost"]


async def test_a_held_hostname_is_free_for_its_own_team_only_until_the_hold_ends(
    people: People, context: Context, clock: Any
) -> None:
    ada, eve = await people("ada"), await people("eve")
    async with context.db.transaction() as session:
        for name, team in (("mine", ada.team_id), ("theirs", eve.team_id), ("old", eve.team_id)):
            until = clock.now() if name == "old" else clock.now().replace(year=clock.now().year + 1)
            session.add(HostnameHold(hostname=f"{name}.localhost", team_id=team, until=until))
    made = [
        (await ada.browser.post(PROJECTS, json=_body(name))).json()["environments"][0]["hostname"]
        for name in ("mine", "theirs", "old")
    ]
    assert made == ["mine.localhost", "theirs-ada.localhost", "old.localhost"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop",
        "ftp://example.org/a.git",
        "file:///etc/passwd",
        "ext::sh -c id",
        "--upload-pack=id",
        "git@example.org:a/b.git",
        "ssh://git@example.org/a.git",
        "https://ada:secret@example.org/a.git",
        "https://token@example.org/a.git",
        "https://example.org/a.git?x=1",
        "https://example.org/a b.git",
        "https://example.org/a\n.git",
        "https://example.org",
        "https:///a.git",
        "https://exa_mple..org/a.git",
    ],
)
async def test_a_bad_address_is_refused_with_a_sentence(people: People, url: str) -> None:
    ada = await people()
    refused = await ada.browser.post(PROJECTS, json=_body(url=url))
    assert refused.status_code in {400, 422}
    assert refused.json()["fields"]["source.url"]
    assert "secret" not in refused.text


@pytest.mark.parametrize("root", ["../x", "a/../../b", "a\\b", "a\0b", ".git", "a/.git/hooks", "x" * 501])
async def test_a_root_directory_outside_the_repository_is_refused(people: People, root: str) -> None:
    ada = await people()
    refused = await ada.browser.post(PROJECTS, json=_body(root_directory=root))
    assert (refused.status_code, refused.json()["code"]) == (400, "root_directory_invalid")


@pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "a~1", "a.lock", "@", "/a", "a/"])
async def test_a_bad_branch_is_refused(people: People, branch: str) -> None:
    ada = await people()
    refused = await ada.browser.post(PROJECTS, json=_body(branch=branch))
    assert (refused.status_code, refused.json()["code"]) == (400, "branch_invalid")


async def test_a_team_that_is_not_ones_own_is_not_found(people: People) -> None:
    ada, eve = await people("ada"), await people("eve")
    for team in (str(ada.team_id), str(uuid4())):
        refused = await eve.browser.post(PROJECTS, json=_body() | {"team": team})
        assert (refused.status_code, refused.json()["code"]) == (404, "team_not_found")


async def test_a_viewer_reads_and_changes_nothing(people: People, context: Context) -> None:
    ada, eve = await people("ada"), await people("eve")
    project = (await ada.browser.post(PROJECTS, json=_body())).json()
    async with context.db.hot() as connection:
        await connection.execute("INSERT INTO memberships VALUES ($1, $2, 'viewer')", ada.team_id, eve.user_id)
    eve = await people("eve")
    environment = project["environments"][0]["id"]
    assert (await eve.browser.get(f"{PROJECTS}/{project['id']}")).status_code == 200
    for method, path, body in (
        ("POST", f"{PROJECTS}/{project['id']}/deployments", {}),
        ("POST", f"{PROJECTS}/{project['id']}/check", None),
        ("POST", f"{PROJECTS}/{project['id']}/hook-secret", None),
        ("PUT", f"/api/v1/environments/{environment}/variables", {"remove": []}),
        ("POST", PROJECTS, _body("other") | {"team": str(ada.team_id)}),
    ):
        refused = await eve.browser.request(method, path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "role_too_low"), path


async def test_a_list_goes_on_where_the_page_before_ended(people: People) -> None:
    ada = await people()
    for number in range(5):
        await ada.browser.post(PROJECTS, json=_body(f"app-{number}"))
    names, cursor = [], ""
    while cursor is not None:
        page = (await ada.browser.get(PROJECTS, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        names += [row["name"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert names == [f"app-{number}" for number in (4, 3, 2, 1, 0)]
    refused = await ada.browser.get(PROJECTS, params={"cursor": "§"})
    assert refused.json()["code"] == "cursor_invalid"


async def test_a_list_of_many_projects_costs_as_many_queries_as_one(people: People, context: Context) -> None:
    ada = await people()
    counts = []
    statements: list[str] = []
    event.listen(context.db._engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for number in range(6):
        await ada.browser.post(PROJECTS, json=_body(f"app-{number}") | {"deploy": False})
        statements.clear()
        assert (await ada.browser.get(PROJECTS)).status_code == 200
        counts.append(len(statements))
    assert counts[-1] == counts[0]
