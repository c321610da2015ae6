"""What a worker says of a build's steps is kept with the end of its job and told to who may see the deployment."""

import math
from typing import Any
from uuid import UUID

import pytest

from wisehosting_cp.deployments.models import Build, Cause, Deployment
from wisehosting_cp.deployments.status import DeploymentStatus
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.jobs.models import Job, JobStatus
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_wire.facts import BuildPlan, BuildReport, BuildStep, Hint, ImageFacts
from wisehosting_wire.messages import Ack, JobAssigned, JobFinished, JobProgress

pytestmark = pytest.mark.anyio

FROM = BuildStep(number=1, instruction="FROM localhost/wisehosting/base:debian-13", seconds=0.25, stage="1")
FAILED = BuildReport(
    steps=[FROM, BuildStep(number=2, instruction="RUN npm ci", seconds=3.5, stage="1")],
    failed_step=2,
    last_lines=["npm error code EUSAGE", "half a line\0"],
    hint=Hint(title="package-lock.json does not match package.json", sentence="Run `npm install` and push."),
)


async def building(mesh: Any, person: Any, worker: str) -> tuple[Deployment, Job]:
    """A deployment of this person's team whose build the worker has."""
    environment_id = await mesh.environment()
    async with mesh.context.db.transaction() as session:
        environment = await session.get_one(Environment, environment_id)
        project = await session.get_one(Project, environment.project_id)
        project.team_id = person.team_id
        build = Build(environment_id=environment_id, ref="main", variables_version=1, worker_id=UUID(worker))
        session.add(build)
        await session.flush()
        deployment = Deployment(
            project_id=project.id,
            environment_id=environment_id,
            number=1,
            status=DeploymentStatus.building,
            cause=Cause.api,
            ref="main",
            variables_version=1,
            build_id=build.id,
        )
        session.add(deployment)
        payload = {
            "url": project.repository_url,
            "commit": "a" * 40,
            "branch": "main",
            "variables_version": 1,
            "team": str(project.team_id),
            "project": project.name,
            "environment_id": str(environment_id),
            "environment_number": environment.number,
        }
        job = await jobs.start_build(session, build_id=build.id, worker_id=UUID(worker), payload=payload)
    return deployment, job


async def told(person: Any, deployment: Deployment) -> Any:
    answer = await person.browser.get(f"/api/v1/deployments/{deployment.id}/build")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_failed_build_tells_its_steps_the_failing_one_its_last_lines_and_the_hint(
    mesh: Any, people: Any
) -> None:
    ada, agent = await people(), await mesh.connected()
    deployment, job = await building(mesh, ada, agent.worker)
    await agent.get(JobAssigned)
    before = await told(ada, deployment)
    assert (before["steps"], before["failed_step"], before["last_lines"], before["hint"]) == ([], None, [], None)
    await agent.send(JobFinished(job=str(job.id), attempt=1, reason="build_failed", report=FAILED), 1)
    await agent.get(Ack)
    said = await told(ada, deployment)
    assert said["steps"][1] == {
        "number": 2,
        "instruction": "RUN npm ci",
        "seconds": 3.5,
        "cached": False,
        "stage": "1",
    }
    assert said["failed_step"] == 2
    assert said["last_lines"] == ["npm error code EUSAGE", "half a line\N{REPLACEMENT CHARACTER}"]
    assert said["hint"] == {
        "title": "package-lock.json does not match package.json",
        "sentence": "Run `npm install` and push.",
    }
    stranger = await people("eve")
    assert (await stranger.browser.get(f"/api/v1/deployments/{deployment.id}/build")).status_code == 404


async def test_a_plan_is_told_while_the_build_runs_and_wakes_who_looks_at_the_deployment(
    mesh: Any, people: Any
) -> None:
    ada, agent = await people(), await mesh.connected()
    deployment, job = await building(mesh, ada, agent.worker)
    await agent.get(JobAssigned)
    plan = BuildPlan(stack="static", summary="Static files", notes=["A note."], start=["nginx"], port=8080)
    with mesh.context.events.listen(f"deployment:{deployment.id}") as listener:
        await agent.send(JobProgress(job=str(job.id), attempt=1, phase="planned", seconds=0, plan=plan), 1)
        await agent.get(Ack)
        assert await listener.changed(10) == [f"deployment:{deployment.id}"]
    said = (await told(ada, deployment))["plan"]
    assert (said["summary"], said["notes"], said["start"]) == ("Static files", ["A note."], ["nginx"])


async def test_the_report_of_an_attempt_that_is_over_changes_nothing(mesh: Any, people: Any) -> None:
    ada, agent = await people(), await mesh.connected()
    deployment, job = await building(mesh, ada, agent.worker)
    await agent.get(JobAssigned)
    image = ImageFacts(image="sha256:1", size_bytes=5)
    good = BuildReport(steps=[FROM, BuildStep(number=2, instruction="RUN make", cached=True, stage="1")])
    await agent.send(JobFinished(job=str(job.id), attempt=1, image=image, report=good), 1)
    await agent.send(JobFinished(job=str(job.id), attempt=1, reason="build_failed", report=FAILED), 2)
    await agent.get(Ack, lambda ack: ack.number == 2)
    said = await told(ada, deployment)
    assert [(step["number"], step["seconds"], step["cached"]) for step in said["steps"]] == [
        (1, 0.25, False),
        (2, 0, True),
    ]
    assert (said["failed_step"], said["hint"]) == (None, None)


async def test_seconds_that_no_database_keeps_do_not_hold_up_the_end_of_a_build(mesh: Any, people: Any) -> None:
    ada, agent = await people(), await mesh.connected()
    deployment, job = await building(mesh, ada, agent.worker)
    await agent.get(JobAssigned)
    odd = BuildReport(steps=[BuildStep(number=1, instruction="RUN make", seconds=math.nan)], failed_step=1)
    await agent.send(JobFinished(job=str(job.id), attempt=1, reason="build_failed", report=odd), 1)
    await agent.get(Ack)
    assert (await told(ada, deployment))["steps"][0]["seconds"] == 0
    async with mesh.context.db.read() as session:
        assert (await session.get_one(Job, job.id)).status is JobStatus.failed
