"""Which images a worker is told to remove, on real PostgreSQL: decided under the locks that a rollback takes."""

import asyncio
from collections.abc import Collection
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from wisehosting_cp.deployments import images, repository, service
from wisehosting_cp.deployments.holdings import holdings, lines
from wisehosting_cp.deployments.models import Build, Deployment
from wisehosting_cp.errors import Conflict, NotFound
from wisehosting_cp.instances import service as instances
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.projects.models import Environment, EnvironmentKind, Project
from wisehosting_cp.workers import repository as workers
from wisehosting_wire.workload import InstanceStatus, Wanted

pytestmark = pytest.mark.anyio

KEPT = 3


def image(number: int) -> str:
    return f"{number:064x}"


class Case:
    """A stage whose deployments each have an image of their own, and a worker that reports images."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.context = stage.context

    async def live(self, number: int) -> UUID:
        """Make a deployment of this image live, and let the one before it end."""
        stage = self.stage
        deployment_id: UUID = await stage.start()
        await stage.reconcile()
        await stage.build(deployment_id, {"image": image(number), "command": ["run"], "exposed": [], "size_bytes": 5})
        await stage.reconcile()
        await stage.observe(deployment_id, InstanceStatus.ready)
        await stage.reconcile()
        await stage.acknowledge()
        await stage.reconcile()
        await stage.answer_probes((await stage.get(deployment_id)).number)
        await stage.reconcile()
        assert await stage.live() == deployment_id
        return deployment_id

    async def removed_elsewhere(self, *but: UUID) -> None:
        """Close the instances of all deployments but these: their worker has removed them."""
        async with self.context.db.transaction() as session:
            for row in (await session.execute(select(Instance).where(Instance.deployment_id.not_in(but)))).scalars():
                await instances.remove(session, row)
                seen = instances.Observation(instance_id=row.id, status=InstanceStatus.removed)
                await instances.observe(session, self.stage.worker, seen, now=self.context.clock.now())

    async def team(self) -> UUID:
        async with self.context.db.read() as session:
            environment = await session.get_one(Environment, self.stage.environment)
            return (await session.get_one(Project, environment.project_id)).team_id

    async def judge(self, *numbers: int, team: UUID | None = None) -> set[str]:
        team = team or await self.team()
        async with self.context.db.transaction() as session:
            gone = await images.judge(
                session,
                self.stage.worker,
                {team: [image(number) for number in numbers]},
                kept=KEPT,
                now=self.context.clock.now(),
            )
        return set(gone.get(team, []))

    async def gone(self) -> set[str]:
        """Images whose builds say that nothing may be started from them."""
        async with self.context.db.read() as session:
            query = select(Build.image_id).where(Build.image_removed_at.is_not(None))
            return {str(found) for found in (await session.execute(query)).scalars()}

    async def rollback(self, number: int) -> Deployment:
        async with self.context.db.transaction() as session:
            environment = await session.get_one(Environment, self.stage.environment)
            project = await session.get_one(Project, environment.project_id)
            return await service.rollback(
                session,
                self.context,
                environment=environment,
                project=project,
                number=number,
                asker={"actor": "platform"},
                created_by=None,
            )


@pytest.fixture
def case(stage: Any) -> Case:
    return Case(stage)


async def five_releases(case: Case) -> UUID:
    live = UUID(int=0)
    for number in range(1, 6):
        live = await case.live(number)
    await case.removed_elsewhere(live)
    return live


async def test_the_newest_images_stay_and_a_rollback_to_an_older_one_says_what_to_do(case: Case) -> None:
    await five_releases(case)
    assert await case.judge(1, 2, 3, 4, 5) == {image(1), image(2)}
    assert await case.gone() == {image(1), image(2)}
    with pytest.raises(Conflict) as refused:
        await case.rollback(2)
    assert refused.value.code == "image_gone"
    assert refused.value.detail == (
        "The image of release 2 was removed to save disk. Kept are those of releases 3, 4 and 5. "
        "Deploy its commit aaaaaaaaaaaa instead: it is built again."
    )
    assert (await case.rollback(3)).release_id is not None


async def test_deciding_again_decides_the_same_and_keeps_the_time_of_the_first(case: Case) -> None:
    await five_releases(case)
    first = await case.judge(1, 5)
    async with case.context.db.read() as session:
        query = select(Build.id, Build.image_removed_at).order_by(Build.id)
        before = (await session.execute(query)).all()
        case.context.clock.forward(60)
        assert await case.judge(1, 5) == first == {image(1)}
    async with case.context.db.read() as session:
        assert (await session.execute(query)).all() == before


async def test_an_instance_that_is_not_removed_yet_keeps_its_image(case: Case) -> None:
    first = await case.live(1)
    for number in range(2, 6):
        live = await case.live(number)
    await case.removed_elsewhere(live, first)
    assert await case.judge(1, 2) == {image(2)}
    async with case.context.db.transaction() as session:
        await session.execute(update(Instance).where(Instance.deployment_id == first).values(wanted=Wanted.stopped))
    assert await case.judge(1, 2) == {image(2)}
    await case.removed_elsewhere(live)
    assert await case.judge(1, 2) == {image(1), image(2)}


async def test_nothing_goes_while_the_team_builds_there_or_a_build_has_no_release_yet(case: Case) -> None:
    await five_releases(case)
    deployment_id = await case.stage.start()
    await case.stage.reconcile()
    assert await case.judge(1, 9) == set()
    await case.stage.build(deployment_id, {"image": image(1), "command": ["run"], "exposed": [], "size_bytes": 5})
    assert await case.judge(1, 9) == set()
    await case.stage.reconcile()
    assert await case.judge(1, 2, 9) == {image(2), image(9)}, "the build found the first image again"


async def test_an_image_that_a_build_found_again_may_be_rolled_back_to(case: Case) -> None:
    live = await five_releases(case)
    assert await case.judge(1) == {image(1)}
    # The worker did not follow: it had begun a build, which found the image by its key.
    live = await case.live(1)
    await case.removed_elsewhere(live)
    assert await case.judge(1) == set()
    assert await case.gone() == set()
    assert (await case.rollback(1)).release_id is not None


async def test_an_image_no_row_knows_goes_and_those_of_a_team_nobody_knows_stay(case: Case) -> None:
    await case.live(1)
    assert await case.judge(1, 77) == {image(77)}
    assert await case.judge(1, 77, team=new_id()) == set()


async def test_two_environments_keep_an_image_that_either_reaches(case: Case) -> None:
    await five_releases(case)
    async with case.context.db.transaction() as session:
        environment = await session.get_one(Environment, case.stage.environment)
        preview = Environment(
            project_id=environment.project_id, name="pr-7", kind=EnvironmentKind.preview, hostname="shop-pr-7.localhost"
        )
        session.add(preview)
        await session.flush()
    first, case.stage.environment = case.stage.environment, preview.id
    await case.live(1)
    case.stage.environment = first
    assert await case.judge(1, 2) == {image(2)}


async def test_a_rollback_and_the_decision_never_both_win(case: Case) -> None:
    await five_releases(case)
    for _ in range(8):
        async with case.context.db.transaction() as session:
            await session.execute(update(Build).values(image_removed_at=None))
            for row in await repository.unfinished(session, case.stage.environment):
                if row.status == "queued":
                    await session.execute(
                        update(Deployment).where(Deployment.id == row.id).values(status="failed", drained=True)
                    )
        decided, rolled = await asyncio.gather(case.judge(1), case.rollback(1), return_exceptions=True)
        if isinstance(rolled, Conflict):
            assert (decided, rolled.code) == ({image(1)}, "image_gone")
        else:
            assert isinstance(rolled, Deployment), rolled
            assert decided == set()


async def test_the_decision_waits_for_a_rollback_and_sees_it(case: Case) -> None:
    await five_releases(case)
    async with case.context.db.transaction() as session:
        environment = await session.get_one(Environment, case.stage.environment)
        project = await session.get_one(Project, environment.project_id)
        await service.rollback(
            session,
            case.context,
            environment=environment,
            project=project,
            number=1,
            asker={"actor": "platform"},
            created_by=None,
        )
        deciding = asyncio.create_task(case.judge(1, 2))
        async with asyncio.timeout(10):
            while not await waiting(case):
                assert not deciding.done()
                await asyncio.sleep(0.02)
    assert await deciding == {image(2)}


async def waiting(case: Case) -> bool:
    """Somebody waits for a lock."""
    async with case.context.db.hot() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(await connection.fetchval(query))


async def test_a_restored_project_finds_the_image_that_was_live_last(case: Case) -> None:
    live = await five_releases(case)
    await case.rollback(3)
    async with case.context.db.transaction() as session:
        await session.execute(update(Deployment).values(status="replaced", drained=True))
        await session.execute(
            update(Deployment).where(Deployment.id != live).values(status="failed").where(Deployment.number > 1)
        )
        first = select(Deployment.id).where(Deployment.number == 1).scalar_subquery()
        await session.execute(update(Deployment).where(Deployment.id == live).values(status="failed"))
        await session.execute(update(Deployment).where(Deployment.id == first).values(status="replaced"))
    await case.removed_elsewhere()
    assert await case.judge(1, 2) == {image(2)}


async def test_what_a_worker_holds_is_shown_with_reasons(case: Case) -> None:
    await five_releases(case)
    team = await case.team()
    listed: Collection[int] = (1, 3, 5, 77)
    report = {
        "budget_bytes": 10 * 1024**3,
        "floor_bytes": 1024**3,
        "used_bytes": 3 * 1024**3,
        "free_bytes": 50 * 1024**3,
        "bases_bytes": 226 * 1024**2,
        "teams": [
            {
                "team": str(team),
                "images": [{"image": image(number), "size_bytes": number * 1024**2} for number in listed],
                "shared_bytes": 20 * 1024**2,
                "cache_bytes": 7 * 1024**2,
                "package_cache_bytes": 9 * 1024**2,
            },
            {"team": str(new_id()), "images": [{"image": image(8), "size_bytes": 1}]},
        ],
    }
    async with case.context.db.transaction() as session:
        await workers.keep_disk(session, case.stage.worker, report, case.context.clock.now())
    async with case.context.db.read() as session:
        (held,) = await holdings(session, worker="one", kept=KEPT)
        with pytest.raises(NotFound, match="Leave --worker out"):
            await holdings(session, worker="two", kept=KEPT)
    text = "\n".join(lines([held]))
    print(f"\n{text}")  # noqa: T201 - what people see is part of the result
    why = {one.image: one.why for one in held.teams[0].images}
    assert why == {
        image(1): [],
        image(3): ["release 3 of the last 3 of shop"],
        image(5): ["live in shop", "an instance of release 5 of shop exists", "release 5 of the last 3 of shop"],
        image(77): [],
    }
    assert "one: 3.0 GB used of 10.0 GB budget, 50.0 GB free on its disk (no build begins below 1.0 GB)" in text
    assert "1.0 MB  000000000000 shop: goes" in text
    assert "77.0 MB  000000000000 a build without release: goes" in text
    assert "which nobody here knows: its images are left alone" in text
    assert "7.0 MB  build cache of the last builds" in text
    assert "9.0 MB  package caches of its projects" in text
