"""The deployments of a team, of all its projects, over REST."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from wisehosting_cp.deployments.models import Cause, Deployment
from wisehosting_cp.deployments.status import DeploymentStatus
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects.models import Environment, EnvironmentKind, Project

pytestmark = pytest.mark.anyio

PATH = "/api/v1/deployments"


@pytest.fixture
def project_of(context: Context) -> Any:
    """Make a project of a team with a deployment in each of these statuses, oldest first; all ids as text."""

    async def make(team: UUID, name: str, *statuses: DeploymentStatus) -> tuple[str, list[str]]:
        async with context.db.transaction() as session:
            project = Project(team_id=team, name=name, repository_url="http://git.test/x.git", branch="main")
            session.add(project)
            await session.flush()
            environment = Environment(
                project_id=project.id, name="production", kind=EnvironmentKind.production, hostname=f"{name}.localhost"
            )
            session.add(environment)
            await session.flush()
            rows = [
                Deployment(
                    project_id=project.id,
                    environment_id=environment.id,
                    number=number,
                    status=status,
                    cause=Cause.api,
                    ref="main",
                    variables_version=0,
                )
                for number, status in enumerate(statuses, 1)
            ]
            for row in rows:
                session.add(row)
                await session.flush()
            return str(project.id), [str(row.id) for row in rows]

    return make


async def test_a_team_reads_the_deployments_of_all_its_projects_newest_first_page_by_page(
    people: Any, project_of: Any
) -> None:
    owner = await people("ada")
    _, shop = await project_of(owner.team_id, "shop", DeploymentStatus.failed, DeploymentStatus.live)
    _, blog = await project_of(owner.team_id, "blog", DeploymentStatus.replaced, DeploymentStatus.failed)
    found, cursor = [], ""
    while cursor is not None:
        page = (await owner.browser.get(PATH, params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        found += [(item["project_name"], item["id"]) for item in page["items"]]
        cursor = page["next_cursor"]
    assert found == [("blog", blog[1]), ("blog", blog[0]), ("shop", shop[1]), ("shop", shop[0])]


async def test_the_list_narrows_to_statuses_and_to_a_project(people: Any, project_of: Any) -> None:
    owner = await people("ada")
    shop, shops = await project_of(owner.team_id, "shop", DeploymentStatus.failed, DeploymentStatus.live)
    _, blogs = await project_of(owner.team_id, "blog", DeploymentStatus.failed, DeploymentStatus.cancelled)

    async def read(**filtered: Any) -> list[str]:
        answer = await owner.script.get(PATH, params=filtered)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert await read(status="failed") == [blogs[0], shops[0]]
    assert await read(status=["live", "cancelled"]) == [blogs[1], shops[1]]
    assert await read(project=shop) == [shops[1], shops[0]]
    assert await read(project=shop, status="failed") == [shops[0]]
    assert (await owner.script.get(PATH, params={"status": "brilliant"})).status_code == 422


async def test_nobody_reads_the_deployments_of_a_foreign_team(people: Any, project_of: Any) -> None:
    owner, stranger = await people("ada"), await people("bob", operator=True)
    shop, _ = await project_of(owner.team_id, "shop", DeploymentStatus.live)
    assert (await stranger.browser.get(PATH)).json() == {"items": [], "next_cursor": None}
    foreign = await stranger.browser.get(PATH, params={"project": shop})
    random = await stranger.browser.get(PATH, params={"project": str(uuid4())})
    assert foreign.status_code == random.status_code == 404
    assert foreign.json()["code"] == random.json()["code"]
    stranger.browser.cookies.clear()
    assert (await stranger.browser.get(PATH)).status_code == 401
