"""A worker is given no more builds than it says it runs, however many environments ask at once; the others wait and say so."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from wisehosting_cp.deployments import repository
from wisehosting_cp.deployments.models import Deployment
from wisehosting_cp.deployments.status import DeploymentStatus as S
from wisehosting_cp.deployments.views import view
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.projects.models import Environment, EnvironmentKind
from wisehosting_cp.workers.models import Worker

pytestmark = pytest.mark.anyio
ENVIRONMENTS, AT_ONCE = 8, 2


@pytest.fixture
async def stages(stage: Any) -> list[Any]:
    """Eight environments of one project on one worker that builds two at once, each with a deployment."""
    async with stage.context.db.transaction() as session:
        await session.execute(update(Worker).values(capacity={"builds": AT_ONCE, "disk_free_bytes": 1}))
        first = await session.get_one(Environment, stage.environment)
        rows = [
            Environment(
                project_id=first.project_id, name=f"pr-{number}", kind=EnvironmentKind.preview, hostname=f"pr-{number}"
            )
            for number in range(ENVIRONMENTS - 1)
        ]
        session.add_all(rows)
        await session.flush()
        ids = [row.id for row in rows]
    found = [stage, *(type(stage)(stage.context, environment, stage.worker) for environment in ids)]
    for one in found:
        await one.start()
    return found


async def building(stage: Any) -> dict[UUID, UUID]:
    """Environment to its deployment, of those that build."""
    async with stage.context.db.read() as session:
        open_jobs = (await jobs.open_by_worker(session)).get(stage.worker, 0)
        ids = await repository.environments_with_work(session, stage.context.clock.now())
        rows = {row.environment_id: row for one in ids for row in (await repository.unfinished(session, one))}
    found = {environment: row.id for environment, row in rows.items() if row.status is S.building}
    assert len(found) == open_jobs
    return found


async def test_a_worker_gets_no_more_builds_than_it_says_whoever_asks_at_once(stages: list[Any]) -> None:
    first = stages[0]
    built: set[UUID] = set()
    while len(built) < ENVIRONMENTS:
        await asyncio.gather(*[stage.reconcile() for stage in stages])
        now = await building(first)
        assert len(now) == min(AT_ONCE, ENVIRONMENTS - len(built))
        environment, deployment = next(iter(now.items()))
        (stage,) = [one for one in stages if one.environment == environment]
        await stage.build(deployment, reason="build_failed", detail="It was only asked for.")
        built.add(environment)


async def test_one_that_waits_says_for_what_and_does_not_fail_at_its_deadline(stages: list[Any]) -> None:
    for stage in stages:
        await stage.reconcile()
    waits = stages[-1]
    context = waits.context
    async with context.db.transaction() as session:
        past = context.clock.now() - timedelta(seconds=1)
        late = update(Deployment).where(Deployment.environment_id == waits.environment).values(deadline_at=past)
        await session.execute(late)
    assert await waits.reconcile() == ["1: is next in line"]
    async with context.db.read() as session:
        (row,) = await repository.unfinished(session, waits.environment)
        assert row.status is S.queued
        said = (await view(session, context, row)).waiting_for
    assert said == "All workers that build are busy: 2 builds are under way. The next one begins when one ends."


async def test_who_has_waited_longest_is_looked_at_first(stages: list[Any]) -> None:
    async with stages[0].context.db.read() as session:
        found = await repository.environments_with_work(session, stages[0].context.clock.now())
    assert found == [stage.environment for stage in stages]


async def test_the_end_of_a_build_wakes_those_that_wait_in_other_environments(stages: list[Any]) -> None:
    first = stages[0]
    await asyncio.gather(*[stage.reconcile() for stage in stages])
    before = await building(first)
    with first.context.events.listen("builders") as heard:
        environment, deployment = next(iter(before.items()))
        (stage,) = [one for one in stages if one.environment == environment]
        await stage.build(deployment, reason="build_failed", detail="It was only asked for.")
        assert await heard.changed(5) == ["builders"]
