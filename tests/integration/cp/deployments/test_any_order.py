"""Any order of what people do and workers say: never two of anything, and in the end nothing is under way."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from wisehosting_cp.deployments import deletion, repository, service
from wisehosting_cp.deployments.models import Deployment
from wisehosting_cp.deployments.status import ACTIVE, DeploymentStatus
from wisehosting_cp.errors import WiseHostingError
from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.instances import repository as instance_rows
from wisehosting_cp.instances import service as instances
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.jobs.models import JobStatus
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_wire.workload import InstanceStatus, Wanted

pytestmark = pytest.mark.anyio
S = DeploymentStatus
BUILT = {"image": "sha256:" + "1" * 64, "command": ["run"], "exposed": [], "size_bytes": 5, "seconds": 2.5}
BEHAVES, CRASHES = "behaves", "crashes"
PEOPLE = ("deploy", "deploy", "roll back", "restart", "cancel", "scale 1", "scale 3", "delete", "restore", "restore")
ROUND = ("reconciles", "builds", "starts", "acknowledges", "answers", "drains")
WORKER = ("builds", "fails the build", "starts", "crashes", "acknowledges", "answers", "drains", "reconciles")
done: Counter[str] = Counter()


class Life:
    """One environment, what people do to it, and a worker that does what it is told when it likes."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.environment = stage.environment

    async def does(self, act: str) -> None:
        try:
            await getattr(self, "_" + act.replace(" ", "_"))()
        except WiseHostingError:
            done[f"{act} (refused)"] += 1
        else:
            done[act] += 1
        await self.holds()

    async def holds(self) -> None:
        """Nothing is doubled, and visitors are led to what is live or about to be."""
        async with self.stage.context.db.read() as session:
            environment = await session.get_one(Environment, self.environment)
            query = select(Deployment).where(Deployment.environment_id == self.environment)
            rows = {row.id: row for row in (await session.execute(query)).scalars()}
            found = await instance_rows.of_environment(session, self.environment)
            route = await ingress.route(session, self.environment)
        counts = Counter(row.status for row in rows.values())
        assert counts[S.live] <= 1
        assert counts[S.queued] <= 1
        assert counts[S.building] + counts[S.starting] + counts[S.verifying] <= 1
        standing = Counter(row.deployment_id for row in found if not row.tombstone and row.draining_since is None)
        assert all(number <= 3 for number in standing.values()), "no instance is doubled"
        if route is not None and route.live_deployment_id is not None:
            to = rows[route.live_deployment_id]
            assert to.status in {S.live, S.verifying} or not to.drained
        if environment.deleted_at is not None:
            assert not any(row.status in ACTIVE for row in rows.values())

    async def _environment(self, session: Any) -> tuple[Environment, Project]:
        environment = await session.get_one(Environment, self.environment)
        return environment, await session.get_one(Project, environment.project_id)

    async def _deploy(self) -> None:
        await self.stage.start()

    async def _change(self, verb: Any, **arguments: Any) -> None:
        async with self.stage.context.db.transaction() as session:
            environment, project = await self._environment(session)
            await verb(
                session,
                self.stage.context,
                environment=environment,
                project=project,
                asker={"actor": "platform"},
                **arguments,
            )

    async def _roll_back(self) -> None:
        await self._change(service.rollback, number=1, created_by=None)

    async def _restart(self) -> None:
        await self._change(service.restart, created_by=None)

    async def _scale_1(self) -> None:
        await self._change(service.scale, replicas=1)

    async def _scale_3(self) -> None:
        await self._change(service.scale, replicas=3)

    async def _cancel(self) -> None:
        async with self.stage.context.db.transaction() as session:
            _, project = await self._environment(session)
            query = select(Deployment).where(
                Deployment.environment_id == self.environment, Deployment.status.in_(list(ACTIVE))
            )
            for row in (await session.execute(query)).scalars().all():
                await service.cancel(session, self.stage.context, row, project=project, asker={"actor": "platform"})

    async def _delete(self) -> None:
        async with self.stage.context.db.transaction() as session:
            _, project = await self._environment(session)
            await deletion.delete_project(
                session, self.stage.context, project, for_good=False, asker={"actor": "platform"}
            )

    async def _restore(self) -> None:
        async with self.stage.context.db.transaction() as session:
            _, project = await self._environment(session)
            await deletion.restore_project(
                session, self.stage.context, project, asker={"actor": "platform"}, created_by=None
            )

    async def _builds(self, **failure: str) -> None:
        for row in await self._rows():
            if row.build_id is not None and await self._open_job(row):
                await self.stage.build(row.id, **failure)

    async def _fails_the_build(self) -> None:
        await self._builds(reason="build_failed", detail="Step 3 exited with 7.")

    async def _open_job(self, row: Deployment) -> bool:
        async with self.stage.context.db.read() as session:
            job = (await repository.jobs_of(session, {row.build_id})).get(row.build_id)
        return job is not None and job.status in {JobStatus.queued, JobStatus.assigned}

    async def _rows(self) -> list[Deployment]:
        async with self.stage.context.db.read() as session:
            query = select(Deployment).where(Deployment.environment_id == self.environment).order_by(Deployment.number)
            return list((await session.execute(query)).scalars())

    async def _starts(self, crash: str = BEHAVES) -> None:
        """Do with each instance what its row says, as an agent does."""
        async with self.stage.context.db.transaction() as session:
            for row in await instance_rows.of_environment(session, self.environment):
                status, reason = self._next(row, crash)
                said = instances.Observation(
                    row.id, status, reason=reason, address="127.0.0.1", port=20000 + row.id.int % 10000
                )
                await instances.observe(session, self.stage.worker, said, now=self.stage.context.clock.now())
            await ingress.touch(session, self.environment)

    @staticmethod
    def _next(row: Instance, crash: str) -> tuple[InstanceStatus, str]:
        if row.tombstone:
            return InstanceStatus.removed, ""
        if row.wanted is Wanted.stopped:
            return InstanceStatus.stopped, ""
        return (InstanceStatus.exited, "crashed_at_start") if crash is CRASHES else (InstanceStatus.ready, "")

    async def _crashes(self) -> None:
        await self._starts(CRASHES)

    async def _acknowledges(self) -> None:
        await self.stage.acknowledge()

    async def _answers(self) -> None:
        async with self.stage.context.db.read() as session:
            route = await ingress.route(session, self.environment)
            led_to = route.live_deployment_id if route else None
            wanted = await session.get(Deployment, led_to) if led_to else None
        await self.stage.answer_probes(wanted.number if wanted else None)

    async def _drains(self) -> None:
        async with self.stage.context.db.transaction() as session:
            rows = await instance_rows.of_environment(session, self.environment)
            for row in rows:
                if row.draining_since is not None:
                    await ingress.drained(
                        session,
                        self.stage.worker,
                        deployment_id=row.deployment_id,
                        instance_id=row.id,
                        closed_streams=0,
                    )
        async with self.stage.context.db.transaction() as session:
            for row in await self._rows():
                await ingress.drained(session, self.stage.worker, deployment_id=row.id, closed_streams=0)

    async def _reconciles(self) -> None:
        await self.stage.reconcile()

    async def goes_on(self) -> None:
        """A worker that does what it is told, once."""
        for act in ROUND:
            await self.does(act)

    async def comes_to_rest(self) -> None:
        """A worker that does what it is told, for long enough, leaves nothing under way."""
        for _ in range(12):
            await self.goes_on()
        assert await self.stage.reconcile() == []
        rows = await self._rows()
        assert not [row for row in rows if row.status in ACTIVE]
        ended = [row for row in rows if row.status not in ACTIVE | {S.live}]
        assert all(row.drained for row in ended), [(row.number, row.status) for row in ended if not row.drained]
        live = [row for row in rows if row.status is S.live]
        async with self.stage.context.db.read() as session:
            environment = await session.get_one(Environment, self.environment)
            found = await instance_rows.of_environment(session, self.environment)
        serving = [row for row in found if row.wanted is Wanted.running]
        resting = [row for row in found if row.wanted is Wanted.stopped]
        assert not environment.unsettled
        assert all(row.deployment_id == live[0].id for row in serving)
        assert len(serving) == (environment.replicas if live else 0)
        assert len({row.deployment_id for row in resting}) <= 1, "one deployment is kept"
        assert not any(row.tombstone for row in found)


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_it_comes_to_rest_with_nothing_doubled_and_nothing_lost(stage: Any, seed: int) -> None:
    await live_through(stage, seed)


@pytest.mark.long
async def test_whatever_happens_in_a_hundred_more_orders_it_comes_to_rest(stage: Any) -> None:
    for seed in range(100, 200):
        await live_through(stage, seed)


async def live_through(stage: Any, seed: int) -> None:
    """A deployment that goes live, what people and the worker do in the order of this seed, then rest."""
    chance = Random(seed)  # noqa: S311 - the same order every time
    acts = ["deploy", *["goes on"] * 5]
    for _ in range(7):
        acts += [chance.choice(PEOPLE), *chance.choices(WORKER, k=chance.randint(0, 2))]
        acts += ["goes on"] * chance.choice((0, 1, 3, 5))
    print(seed, acts)  # noqa: T201 - shown when it fails
    life = Life(stage)
    for act in acts:
        await (life.goes_on() if act == "goes on" else life.does(act))
    await life.comes_to_rest()


def test_the_orders_tried_included_every_act() -> None:
    print(dict(sorted(done.items())))  # noqa: T201 - the figure belongs to the test
    assert set(PEOPLE) | set(WORKER) <= done.keys()
