"""Workers, jobs, instances and logs over REST: who may see which."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.projects.models import Project

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
