"""What would be built is said before anything is, and settings of builds reach the next deployment's job."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from gitserver import GitServer
from sqlalchemy import select

from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
Follow = Callable[..., Awaitable[Any]]
PAGE = {"index.html": "<h1>hello</h1>"}


async def planned(person: Any, url: str, build: dict[str, Any] | None = None, **source: Any) -> Any:
    asked = {"source": {"url": url, "branch": "main", **source}, "build": build or {}}
    return await person.browser.post("/api/v1/plans", json=asked)


async def test_a_repository_without_a_containerfile_is_explained_before_there_is_a_project(
    people: People, git: GitServer
) -> None:
    ada = await people()
    answer = await planned(ada, git.repository("page", PAGE))
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["commit"], said["way"], said["settings_file"]) == (git.head("page"), "stack", False)
    assert said["plan"]["stack"] == "static"
    assert said["plan"]["summary"]
    assert said["plan"]["containerfile"].startswith("FROM localhost/wisehosting/static:1")
    assert (await ada.browser.get("/api/v1/projects")).json()["items"] == []


async def test_a_containerfile_and_a_ready_image_are_named_as_what_is_built(people: People, git: GitServer) -> None:
    ada = await people()
    url = git.repository("own", {"deploy/Containerfile": "FROM scratch\n", **PAGE})
    own = (await planned(ada, url, {"containerfile": "deploy/Containerfile"})).json()
    assert (own["way"], own["name"], own["plan"]) == ("containerfile", "deploy/Containerfile", None)
    ready = (await planned(ada, url, {"image": "docker.io/library/caddy:2"})).json()
    assert (ready["way"], ready["name"], ready["plan"]) == ("image", "docker.io/library/caddy:2", None)


async def test_the_root_directory_and_submodules_are_looked_into(people: People, git: GitServer) -> None:
    ada = await people()
    url = git.repository("mono", {"README": "two apps"})
    assert (await planned(ada, url)).json()["code"] == "not_detected"
    for absent in ("web", "w" * 300):
        missing = await planned(ada, url, root_directory=absent)
        assert (missing.status_code, missing.json()["code"]) == (400, "root_directory_missing")
    inner = git.repository("inner", PAGE)
    git.add_submodule("mono", "web", inner, git.head("inner"))
    assert (await planned(ada, url, root_directory="web")).json()["code"] == "not_detected"
    found = await planned(ada, url, root_directory="web", submodules=True)
    assert found.json()["plan"]["stack"] == "static"


@pytest.mark.parametrize(
    ("files", "build", "code"),
    [
        ({"README": "nothing"}, {}, "not_detected"),
        ({"wisehosting.toml": "build = 1", **PAGE}, {}, "settings_refused"),
        (PAGE, {"stack": "cobol"}, "not_detected"),
        (PAGE, {"containerfile": "deploy/Containerfile"}, "not_detected"),
        (PAGE, {"packages": ["no package; rm -rf /"]}, "fields_invalid"),
        (PAGE, {"start": ["a\x00b"]}, "fields_invalid"),
    ],
)
async def test_what_a_deployment_would_fail_with_is_said_now(
    people: People, git: GitServer, files: dict[str, str | bytes], build: dict[str, Any], code: str
) -> None:
    ada = await people()
    refused = await planned(ada, git.repository("refused", files), build)
    assert 400 <= refused.status_code < 500
    assert refused.json()["code"] == code
    assert refused.json()["detail"]


async def test_nobody_takes_all_the_turns_of_looking(people: People, git: GitServer) -> None:
    ada, bob = await people(), await people("bob")
    git.stalled.add("slow")
    waiting = [asyncio.create_task(planned(ada, git.url("slow"))) for _ in range(2)]
    try:
        async with asyncio.timeout(10):
            while len(git.waits) < 2:
                await asyncio.sleep(0.02)
        third = await planned(ada, git.repository("third", PAGE))
        assert (third.status_code, third.json()["code"]) == (429, "looking_already")
        assert (await planned(bob, git.url("third"))).status_code == 200
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert (await planned(ada, git.url("third"))).status_code == 200


async def test_settings_of_builds_are_kept_audited_and_planned_by(
    follow: Follow, git: GitServer, context: Context
) -> None:
    app = await follow(files=dict(PAGE))
    browser = app.person.browser
    asked = {"source": {"submodules": True, "root_directory": "."}, "build": {"output": "public", "port": 3000}}
    changed = await browser.patch(app.path, json=asked)
    assert changed.status_code == 200, changed.text
    assert changed.json()["build"] == {**(await app.shown())["build"], "output": "public", "port": 3000}
    assert changed.json()["source"]["submodules"] is True
    again = await browser.patch(app.path, json=asked)
    assert again.status_code == 200
    async with context.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action == "project.change")
        rows = list((await session.execute(query)).scalars())
    assert [row.detail["changed"] for row in rows] == [["build", "submodules"]]
    assert (await browser.get(f"{app.path}/plan")).json()["code"] == "not_detected"
    git.push("app", {"public/index.html": "hello"})
    assert (await browser.get(f"{app.path}/plan")).json()["plan"]["stack"] == "static"


async def test_settings_are_not_written_over_those_that_somebody_else_set_meanwhile(follow: Follow) -> None:
    app = await follow(files=dict(PAGE))
    browser = app.person.browser
    read = (await app.shown())["settings_version"]
    tag = {"If-Match": f'"{read}"'}
    first = await browser.patch(app.path, json={"build": {"port": 3000}}, headers=tag)
    assert (first.status_code, first.json()["settings_version"] != read) == (200, True)
    second = await browser.patch(app.path, json={"build": {"port": 4000}}, headers=tag)
    assert (second.status_code, second.json()["code"]) == (412, "settings_changed")
    assert (await app.shown())["build"]["port"] == 3000
    newest = {"If-Match": f'"{first.json()["settings_version"]}"'}
    assert (await browser.patch(app.path, json={"build": {}}, headers=newest)).json()["settings_version"] == read


async def test_a_plan_says_what_the_repositorys_file_says_and_so_wins(people: People, git: GitServer) -> None:
    ada = await people()
    file = 'port = 3000\n[build]\nstack = "static"\napt = ["jq"]\n'
    url = git.repository("said", {"wisehosting.toml": file, **PAGE})
    said = (await planned(ada, url, {"port": 4000})).json()
    assert said["settings_file"] is True
    assert {name: value for name, value in said["file"].items() if value} == {
        "stack": "static",
        "port": 3000,
        "packages": ["jq"],
    }
    assert said["plan"]["port"] == 3000


async def test_another_team_neither_sees_nor_changes_how_a_project_is_built(follow: Follow, people: People) -> None:
    app = await follow()
    bob = await people("bob")
    for answer in (
        await bob.browser.get(f"{app.path}/plan"),
        await bob.browser.patch(app.path, json={"build": {"port": 1}}),
    ):
        assert answer.status_code == 404
    assert (await app.shown())["build"].get("port") is None


async def test_a_branch_that_is_set_is_looked_at_from_now_on(follow: Follow, git: GitServer) -> None:
    app = await follow()
    await app.check()
    await app.built(git.head("app"))
    commit = git.push("app", {"a": "2"}, branch="next")
    assert (await app.person.browser.patch(app.path, json={"source": {"branch": "next"}})).status_code == 200
    looked = await app.check()
    assert looked["commit"] == commit
