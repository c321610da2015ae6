"""What a deployment changed, over REST on the real database: against what was live, names only, its team only."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from wisehosting_cp.deployments import service
from wisehosting_cp.projects import variables
from wisehosting_cp.projects.models import Environment, Project, VariableScope
from wisehosting_wire.workload import InstanceStatus

pytestmark = pytest.mark.anyio
BASE = "localhost/wisehosting/python:3.13"
NONE: dict[str, list[str]] = {"added": [], "changed": [], "removed": []}


def built(mark: str, *, base: str = "1", size: int = 1000, **settings: Any) -> dict[str, Any]:
    return {
        "image": "sha256:" + mark * 64,
        "command": ["run"],
        "exposed": [8080],
        "size_bytes": size,
        "seconds": 1.0,
        "bases": {BASE: "sha256:" + base * 64},
        "settings": settings,
    }


class Shop:
    """A project of Ada's, deployed as the tests say."""

    def __init__(self, stage: Any, ada: Any) -> None:
        self.stage, self.ada = stage, ada

    async def write(self, removed: tuple[str, ...] = (), **values: str) -> None:
        async with self.stage.context.db.transaction() as session:
            environment = await session.get_one(Environment, self.stage.environment)
            project = await session.get_one(Project, environment.project_id)
            changes = {name: variables.Change(value, VariableScope.run) for name, value in values.items()}
            await variables.write(
                session,
                self.stage.context,
                environment=environment,
                project=project,
                changes=changes,
                removed=removed,
                asker={"actor": "platform"},
            )

    async def source(self, **values: Any) -> None:
        async with self.stage.context.db.transaction() as session:
            await session.execute(update(Project).values(**values))

    async def deploy(self, commit: str, result: dict[str, Any] | None = None, **failure: str) -> UUID:
        self.stage.context.clock.forward(1)
        deployment: UUID = await self.stage.start(commit=commit * 40)
        await self.stage.reconcile()
        if result or failure:
            await self.stage.build(deployment, result, commit=commit * 40, **failure)
            await self.stage.reconcile()
        if result:
            await self.live(deployment)
        return deployment

    async def live(self, deployment: UUID) -> None:
        await self.stage.reconcile()
        await self.stage.observe(deployment, InstanceStatus.ready)
        for _ in range(3):
            await self.stage.reconcile()
            await self.stage.acknowledge()
        await self.stage.answer_probes((await self.stage.get(deployment)).number)
        await self.stage.reconcile()
        assert await self.stage.live() == deployment

    async def changes(self, deployment: UUID) -> dict[str, Any]:
        answer = await self.ada.script.get(f"/api/v1/deployments/{deployment}/changes")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def releases(self, **query: Any) -> list[dict[str, Any]]:
        path = f"/api/v1/environments/{self.stage.environment}/releases"
        answer = await self.ada.script.get(path, params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@pytest.fixture
async def shop(stage: Any, people: Any) -> Shop:
    ada = await people("ada")
    made = Shop(stage, ada)
    await made.source(team_id=ada.team_id, repository_url="https://github.com/ada/shop.git")
    return made


async def test_the_first_deployment_has_nothing_before_it(shop: Shop) -> None:
    await shop.write(SECRET="hunter2")
    first = await shop.deploy("a", built("1"))
    said = await shop.changes(first)
    assert (said["state"], said["previous"], said["commit"], said["compare_url"]) == ("first", None, "a" * 40, None)
    assert (said["image_size"], said["variables"], said["replicas"]) == (1000, NONE, 1)


async def test_a_deployment_says_what_it_changed_and_never_a_value(shop: Shop) -> None:
    await shop.write(KEPT="kept-value", TURNED="old-value", BACK="same-value", GONE="gone-value")
    await shop.deploy("a", built("1", port=8080))
    await shop.write(removed=("GONE",), TURNED="new-value", BACK="other-value", FRESH="fresh-value")
    await shop.write(BACK="same-value")
    await shop.source(settings={"build": {"packages": ["curl", "jq"]}})
    second = await shop.deploy("b", built("2", base="2", size=1500, port=3000, limits={"memory_bytes": 256}))
    answer = await shop.ada.browser.get(f"/api/v1/deployments/{second}/changes")
    assert "-value" not in answer.text
    said = answer.json()
    assert (said["state"], said["backwards"], said["image_rebuilt"]) == ("changed", False, True)
    assert said["previous"] == {"release": 1, "commit": "a" * 40}
    assert said["compare_url"] == f"https://github.com/ada/shop/compare/{'a' * 40}...{'b' * 40}"
    assert said["variables"] == {"added": ["FRESH"], "changed": ["TURNED"], "removed": ["GONE"]}
    assert (said["image_size_before"], said["image_size"]) == (1000, 1500)
    assert said["base"] == {"change": "newer", "before": ["python:3.13"], "after": ["python:3.13"]}
    assert {item["name"]: (item["before"], item["after"]) for item in said["settings"]} == {
        "packages": (None, "curl jq"),
        "web.port": ("8080", "3000"),
        "web.limits.memory_bytes": (None, "256"),
    }


async def test_a_restart_changes_nothing_and_a_rollback_goes_back(shop: Shop) -> None:
    await shop.deploy("a", built("1"))
    await shop.write(FRESH="x")
    await shop.deploy("b", built("2", base="2"))
    async with shop.stage.context.db.transaction() as session:
        environment = await session.get_one(Environment, shop.stage.environment)
        project = await session.get_one(Project, environment.project_id)
        facts: dict[str, Any] = {
            "environment": environment,
            "project": project,
            "asker": {"actor": "platform"},
            "created_by": None,
        }
        restart = (await service.restart(session, shop.stage.context, **facts)).id
    said = await shop.changes(restart)
    assert (said["state"], said["previous"]["release"], said["variables"]) == ("same", 2, NONE)
    async with shop.stage.context.db.transaction() as session:
        back = (await service.rollback(session, shop.stage.context, number=1, **facts)).id
    said = await shop.changes(back)
    assert (said["state"], said["backwards"], said["previous"]["release"]) == ("changed", True, 2)
    assert said["variables"] == {"added": [], "changed": [], "removed": ["FRESH"]}
    assert said["base"]["change"] == "older"
    assert said["compare_url"].endswith(f"/compare/{'a' * 40}...{'b' * 40}")


async def test_while_it_is_built_only_what_needs_no_image_is_said(shop: Shop) -> None:
    await shop.deploy("a", built("1"))
    await shop.write(FRESH="x")
    second = await shop.deploy("b")
    said = await shop.changes(second)
    assert (said["state"], said["commit"], said["settings"], said["base"]) == ("building", "b" * 40, None, None)
    assert (said["image_size"], said["image_size_before"], said["image_rebuilt"]) == (None, 1000, None)
    assert said["variables"]["added"] == ["FRESH"]
    assert said["compare_url"]
    await shop.stage.build(second, None, reason="build_failed", detail="It broke.")
    await shop.stage.reconcile()
    assert (await shop.changes(second))["state"] == "not_built"


async def test_what_failed_is_no_previous_release(shop: Shop) -> None:
    await shop.deploy("a", built("1"))
    await shop.deploy("b", reason="build_failed", detail="It broke.")
    third = await shop.deploy("c", built("3"))
    assert (await shop.changes(third))["previous"] == {"release": 1, "commit": "a" * 40}


async def test_an_environment_without_a_release_lists_none(shop: Shop) -> None:
    answer = await shop.ada.browser.get(f"/api/v1/environments/{shop.stage.environment}/releases")
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next_cursor": None})


async def test_each_release_in_the_list_says_what_it_changed_also_across_pages(shop: Shop) -> None:
    for mark in "abc":
        await shop.write((), **{f"NAME_{mark}": "x"})
        await shop.deploy(mark, built(mark))
    for query in ({}, {"limit": 2}):
        newest = (await shop.releases(**query))[:2]
        assert [row["changes"]["previous"]["release"] for row in newest] == [2, 1]
        assert [row["changes"]["variables"]["added"] for row in newest] == [["NAME_c"], ["NAME_b"]]
    assert (await shop.releases())[2]["changes"]["state"] == "first"


async def test_another_team_gets_the_answer_of_a_random_id(shop: Shop, people: Any) -> None:
    first = await shop.deploy("a", built("1"))
    eve = await people("eve", operator=True)
    foreign = await eve.browser.get(f"/api/v1/deployments/{first}/changes")
    random = await eve.browser.get(f"/api/v1/deployments/{shop.stage.worker}/changes")
    assert (foreign.status_code, random.status_code) == (404, 404)
    assert foreign.json()["code"] == random.json()["code"]


async def test_a_repository_elsewhere_or_another_one_has_no_link(shop: Shop) -> None:
    await shop.source(repository_url="https://git.example.org/ada/shop")
    await shop.deploy("a", built("1"))
    second = await shop.deploy("b", built("2"))
    assert (await shop.changes(second))["compare_url"] is None
    await shop.source(repository_url="https://github.com/ada/shop")
    third = await shop.deploy("c", built("3"))
    said = await shop.changes(third)
    assert said["compare_url"] is None
    assert [item["name"] for item in said["settings"]] == ["repository"]
