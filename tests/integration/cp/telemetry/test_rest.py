"""Workers, jobs, instances and logs over REST: who may see which."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from wisehosting_cp.deployments.models import Build, Cause, Deployment
from wisehosting_cp.deployments.status import DeploymentReason, DeploymentStatus, move_to
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.projects.models import Project
from wisehosting_wire.workload import Limits, Wanted

pytestmark = pytest.mark.anyio


async def test_operators_list_workers_and_jobs_and_nobody_else_does(logs: Any, people: Any) -> None:
    operator, user = await people("ada", operator=True), await people("bob")
    async with logs.context.db.transaction() as session:
        job = await jobs.start_build(session, build_id=uuid4(), worker_id=logs.worker, payload={"url": "secret place"})
    [worker] = (await operator.browser.get("/api/v1/workers")).json()["items"]
    assert (worker["name"], worker["health"], worker["connected"], worker["firewall"]) == ("w1", "joining", False, None)
    assert (await operator.script.get(f"/api/v1/workers/{logs.worker}")).json() == worker
    answer = await operator.browser.get("/api/v1/jobs")
    assert [item["id"] for item in answer.json()["items"]] == [str(job.id)]
    assert "secret place" not in answer.text
    for path in ("/api/v1/workers", "/api/v1/jobs", f"/api/v1/workers/{logs.worker}"):
        assert (await user.browser.get(path)).status_code == 403


async def test_instances_and_their_logs_are_seen_by_their_team_only(logs: Any, people: Any) -> None:
    owner, stranger = await people("ada"), await people("bob")
    async with logs.context.db.transaction() as session:
        await session.execute(update(Project).values(team_id=owner.team_id))
    instance = await logs.instance()
    await logs.write(instance.id, 1, "one", "two", "three")
    [seen] = (await owner.browser.get(f"/api/v1/instances?environment={logs.environment}")).json()["items"]
    assert (seen["id"], seen["worker"], seen["status"]) == (str(instance.id), "w1", "pending")
    log = f"/api/v1/environments/{logs.environment}/log?format=json&tail=2"
    items = (await owner.script.get(log)).json()["items"]
    assert [(item["n"], item["text"], item["process"]) for item in items] == [(2, "two", "web"), (3, "three", "web")]
    assert (await stranger.browser.get("/api/v1/instances")).json()["items"] == []
    foreign = await stranger.browser.get(log)
    random = await stranger.browser.get(f"/api/v1/environments/{uuid4()}/log")
    assert foreign.status_code == random.status_code == 404
    assert {key: foreign.json()[key] for key in ("code", "detail")} == {
        key: random.json()[key] for key in ("code", "detail")
    }
    assert (await stranger.browser.get(f"/api/v1/instances?environment={logs.environment}")).status_code == 404


async def test_instances_are_read_page_by_page(logs: Any, people: Any) -> None:
    owner = await people("ada")
    async with logs.context.db.transaction() as session:
        await session.execute(update(Project).values(team_id=owner.team_id))
    made = [str((await logs.instance()).id) for _ in range(5)]
    for filtered in ({}, {"environment": str(logs.environment)}):
        found, cursors, cursor = [], 0, ""
        while cursor is not None:
            parameters = filtered | {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await owner.browser.get("/api/v1/instances", params=parameters)).json()
            found += [item["id"] for item in page["items"]]
            cursor, cursors = page["next_cursor"], cursors + 1
        assert (found, cursors) == (made, 3)
    refused = await owner.browser.get("/api/v1/instances", params={"cursor": "\u00a7"})
    assert (refused.status_code, refused.json()["code"]) == (400, "cursor_invalid")


async def test_operators_read_what_each_worker_holds_and_their_own_instances_on_it(logs: Any, people: Any) -> None:
    operator, owner = await people("ada", operator=True), await people("bob")
    async with logs.context.db.transaction() as session:
        await session.execute(update(Project).values(team_id=owner.team_id))
    kept, running = await logs.instance(), await logs.instance()
    async with logs.context.db.transaction() as session:
        await session.execute(update(Instance).where(Instance.id == kept.id).values(wanted=Wanted.stopped))
    load = {"worker_id": str(logs.worker), "running": 1, "kept": 1, "memory_bytes": Limits().memory_bytes}
    assert (await operator.browser.get("/api/v1/worker-loads")).json() == {"items": [load], "next_cursor": None}
    assert (await owner.browser.get("/api/v1/worker-loads")).status_code == 403
    on_it = {"worker": str(logs.worker)}
    seen = (await owner.browser.get("/api/v1/instances", params=on_it)).json()["items"]
    assert [(item["id"], item["project_name"], item["worker_id"]) for item in seen] == [
        (str(each.id), "shop", str(logs.worker)) for each in (kept, running)
    ]
    assert (await owner.browser.get("/api/v1/instances", params={"worker": str(uuid4())})).json()["items"] == []
    assert (await operator.browser.get("/api/v1/instances", params=on_it)).json()["items"] == [], "of no team of hers"


async def _deployment(logs: Any, team: Any) -> tuple[Any, Any]:
    """A deployment that is being built; its id and its build's."""
    async with logs.context.db.transaction() as session:
        await session.execute(update(Project).values(team_id=team))
        project = (await session.execute(select(Project))).scalar_one()
        build = Build(environment_id=logs.environment, ref="main", variables_version=1)
        session.add(build)
        await session.flush()
        deployment = Deployment(
            project_id=project.id,
            environment_id=logs.environment,
            number=1,
            status=DeploymentStatus.building,
            cause=Cause.api,
            ref="main",
            variables_version=1,
            build_id=build.id,
        )
        session.add(deployment)
        await session.flush()
        return deployment.id, build.id


async def test_a_build_log_is_read_page_by_page_while_it_grows_and_to_its_end(logs: Any, people: Any) -> None:
    owner, stranger = await people("ada"), await people("bob")
    deployment, build = await _deployment(logs, owner.team_id)
    path = f"/api/v1/deployments/{deployment}/log?format=json"

    async def read(cursor: str | None = None, limit: int = 2) -> tuple[list[tuple[int, str]], str | None]:
        answer = await owner.script.get(f"{path}&limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return [(item["n"], item["text"]) for item in body["items"]], body["next_cursor"]

    assert await read() == ([], "0"), "nothing yet, and more may come"
    await logs.write(build, 1, "one", "two", "three")
    assert await read() == ([(1, "one"), (2, "two")], "2")
    assert await read("2") == ([(3, "three")], "3")
    assert await read("3") == ([], "3")
    await logs.write(build, 6, "six", closes=True)
    assert await read("3") == ([(6, "six")], None), "lines 4 and 5 were dropped, and none follows"
    assert await read(None, 100) == ([(1, "one"), (2, "two"), (3, "three"), (6, "six")], None)
    assert (await stranger.browser.get(path)).status_code == 404
    for cursor in ("x", "-1", "1e3", "9" * 30, "%C2%B2"):
        refused = await owner.script.get(f"{path}&cursor={cursor}")
        assert (refused.status_code, refused.json()["code"]) == (400, "cursor_invalid"), cursor


async def test_the_log_of_a_deployment_that_is_over_ends_though_nobody_closed_it(logs: Any, people: Any) -> None:
    owner = await people("ada")
    deployment_id, build = await _deployment(logs, owner.team_id)
    await logs.write(build, 1, "one")
    async with logs.context.db.transaction() as session:
        deployment = await session.get_one(Deployment, deployment_id)
        reason = DeploymentReason.cancelled_by_user
        move_to(deployment, DeploymentStatus.cancelled, now=logs.context.clock.now(), reason=reason, detail="")
    path = f"/api/v1/deployments/{deployment_id}/log?format=json"
    first = (await owner.script.get(path)).json()
    assert ([item["text"] for item in first["items"]], first["next_cursor"]) == (["one"], "1")
    assert (await owner.script.get(f"{path}&cursor=1")).json() == {"items": [], "next_cursor": None}
