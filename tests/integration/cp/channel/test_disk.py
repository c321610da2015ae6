"""What a worker says of its disk, and what it is told to remove, over the wire."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from wisehosting_cp.deployments.models import Build
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.workers.models import Worker, WorkerDisk
from wisehosting_wire.facts import ImageUse, TeamDisk
from wisehosting_wire.messages import DiskReport, Refused, RemoveImages

pytestmark = pytest.mark.anyio

HELD, GONE = "a" * 64, "b" * 64


async def team_of(mesh: Any, environment: UUID) -> UUID:
    async with mesh.context.db.read() as session:
        found = await session.get_one(Environment, environment)
        return (await session.get_one(Project, found.project_id)).team_id


def report(number: int, team: object, *images: str, used: int = 7) -> DiskReport:
    listed = [ImageUse(image=image, size_bytes=1) for image in images]
    return DiskReport(
        number=number,
        budget_bytes=100,
        used_bytes=used,
        free_bytes=9,
        teams=[TeamDisk(team=str(team), images=listed, cache_bytes=3)],
    )


def payload(environment: UUID, team: UUID) -> dict[str, Any]:
    return {
        "url": "http://git.test/x.git",
        "commit": "a" * 40,
        "branch": "main",
        "root_directory": "",
        "containerfile": None,
        "variables_version": 1,
        "team": str(team),
        "project": "shop",
        "environment_id": str(environment),
        "environment_number": 1,
        "allow_loopback": True,
        "limits": {},
    }


async def test_an_image_nobody_names_is_removed_in_answer_to_the_report_that_listed_it(mesh: Any) -> None:
    agent = await mesh.connected()
    environment = await mesh.environment()
    team = await team_of(mesh, environment)
    async with mesh.context.db.transaction() as session:
        build = Build(
            environment_id=environment,
            ref="main",
            variables_version=1,
            worker_id=UUID(agent.worker),
            image_id=GONE,
        )
        session.add(build)
    instance = await mesh.instance(environment, agent.worker)
    async with mesh.context.db.transaction() as session:
        row = await session.get_one(type(instance), instance.id)
        row.spec = {**row.spec, "image": HELD}
    await agent.send(report(4, team, HELD, GONE))
    order = await agent.get(RemoveImages)
    assert order == RemoveImages(report=4, team=str(team), images=[GONE])
    async with mesh.context.db.read() as session:
        assert (await session.get_one(Build, build.id)).image_removed_at is not None
        worker = await session.get_one(Worker, UUID(agent.worker))
        assert worker.disk == {"budget_bytes": 100, "used_bytes": 7, "free_bytes": 9}
        kept = (await session.get_one(WorkerDisk, worker.id)).report
    assert kept["teams"][0]["images"] == [{"image": HELD, "size_bytes": 1}, {"image": GONE, "size_bytes": 1}]


async def test_nothing_is_removed_while_a_build_job_of_the_team_is_open_there(mesh: Any) -> None:
    agent = await mesh.connected()
    environment = await mesh.environment()
    team = await team_of(mesh, environment)
    async with mesh.context.db.transaction() as session:
        job = await jobs.start_build(
            session, build_id=uuid4(), worker_id=UUID(agent.worker), payload=payload(environment, team)
        )
    await agent.send(report(1, team, GONE))
    await agent.silent(RemoveImages)
    async with mesh.context.db.transaction() as session:
        await jobs.give_up(session, job.id, reason="worker_error", detail="test")
    await agent.send(report(2, team, GONE))
    assert (await agent.get(RemoveImages)).report == 2


async def test_a_report_is_kept_once_a_minute_and_at_once_when_other_images_are_listed(mesh: Any) -> None:
    agent = await mesh.connected()
    team = uuid4()  # nobody's: nothing of it is removed

    async def used() -> Any:
        async with mesh.context.db.read() as session:
            return (await session.get_one(Worker, UUID(agent.worker))).disk.get("used_bytes")

    async def says(expected: int) -> None:
        async def is_so() -> bool:
            return bool(await used() == expected)

        await mesh.eventually(is_so)

    await agent.send(report(1, team, HELD, used=1))
    await says(1)
    await agent.send(report(2, team, HELD, used=2))
    await agent.send(report(3, team, HELD, GONE, used=3))
    await says(3)
    await agent.send(report(4, team, HELD, GONE, used=4))
    await agent.send(report(4, "no id"))
    await agent.get(Refused)  # what was said before it is done
    mesh.context.clock.forward(60)
    await agent.send(report(5, team, HELD, GONE, used=5))
    await says(5)
    await agent.silent(RemoveImages, 0.1)


async def test_a_report_of_no_team_is_refused_and_the_connection_goes_on(mesh: Any) -> None:
    agent = await mesh.connected()
    await agent.send(report(1, "no id", GONE))
    assert (await agent.get(Refused)).reason == "cannot"
    environment = await mesh.environment()
    await agent.send(report(2, await team_of(mesh, environment), GONE))
    assert (await agent.get(RemoveImages)).images == [GONE]
