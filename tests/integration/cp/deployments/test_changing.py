"""Changing what is live, on the real database: kept for a rollback, scaled, deleted, restored, forgotten."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from wisehosting_cp.deployments import deletion, service
from wisehosting_cp.deployments.models import Build, Cause, Deployment, DeploymentPhase, Release
from wisehosting_cp.deployments.status import DeploymentReason, DeploymentStatus
from wisehosting_cp.errors import Conflict, Invalid
from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.ingress.models import Route
from wisehosting_cp.instances import repository as instance_rows
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.projects import service as projects
from wisehosting_cp.projects import variables
from wisehosting_cp.projects.models import Environment, HostnameHold, Project, Variable, VariableScope
from wisehosting_wire.workload import InstanceStatus, Wanted

pytestmark = pytest.mark.anyio
S = DeploymentStatus
ASKER = {"actor": "platform"}


async def drained(stage: Any, deployment_id: UUID, *, instance: UUID | None = None) -> None:
    async with stage.context.db.transaction() as session:
        await ingress.drained(
            session, stage.worker, deployment_id=deployment_id, instance_id=instance, closed_streams=0
        )


async def rows(stage: Any) -> list[Instance]:
    async with stage.context.db.read() as session:
        return await instance_rows.of_environment(session, stage.environment)


async def of(stage: Any) -> tuple[Environment, Project]:
    async with stage.context.db.read() as session:
        environment = await session.get_one(Environment, stage.environment)
        return environment, await session.get_one(Project, environment.project_id)


async def scale(stage: Any, replicas: int) -> None:
    environment, project = await of(stage)
    async with stage.context.db.transaction() as session:
        await service.scale(
            session, stage.context, environment=environment, project=project, replicas=replicas, asker=ASKER
        )


async def delete(stage: Any, *, for_good: bool = False) -> None:
    async with stage.context.db.transaction() as session:
        environment = await session.get_one(Environment, stage.environment)
        project = await session.get_one(Project, environment.project_id)
        await deletion.delete_project(session, stage.context, project, for_good=for_good, asker=ASKER)


async def restore(stage: Any) -> list[Deployment]:
    async with stage.context.db.transaction() as session:
        environment = await session.get_one(Environment, stage.environment)
        project = await session.get_one(Project, environment.project_id)
        return await deletion.restore_project(session, stage.context, project, asker=ASKER, created_by=None)


async def roll_back(stage: Any, number: int) -> UUID:
    environment, project = await of(stage)
    async with stage.context.db.transaction() as session:
        made = await service.rollback(
            session,
            stage.context,
            environment=environment,
            project=project,
            number=number,
            asker=ASKER,
            created_by=None,
        )
        return made.id


async def verify(stage: Any, deployment_id: UUID) -> None:
    await stage.reconcile()
    await stage.acknowledge()
    await stage.reconcile()
    await stage.answer_probes((await stage.get(deployment_id)).number)
    await stage.reconcile()


async def settled(stage: Any, first: UUID) -> None:
    """The deployment before the live one has drained and stopped."""
    await drained(stage, first)
    await stage.reconcile()
    await stage.observe(first, InstanceStatus.stopped)
    await stage.reconcile()
    assert (await stage.get(first)).drained


async def test_a_rollback_starts_the_kept_container_again_and_keeps_the_other_one(stage: Any) -> None:
    first = await stage.go_live()
    (kept,) = await rows(stage)
    second = await stage.go_live()
    await settled(stage, first)
    back = await roll_back(stage, 1)
    assert await stage.reconcile() == [
        "3: is next in line",
        "3: queued done",
        "3: starting",
        "3: take over 1 kept instances",
    ]
    (again,) = [row for row in await rows(stage) if row.deployment_id == back]
    assert (again.id, again.wanted, again.status) == (kept.id, Wanted.running, InstanceStatus.pending)
    await stage.observe(back, InstanceStatus.ready)
    await verify(stage, back)
    assert await stage.live() == back
    await settled(stage, second)
    assert {(row.deployment_id, row.wanted) for row in await rows(stage)} == {
        (back, Wanted.running),
        (second, Wanted.stopped),
    }


async def test_a_rollback_right_after_the_switch_needs_no_start_at_all(stage: Any) -> None:
    await stage.go_live()
    await stage.go_live()
    back = await roll_back(stage, 1)
    assert (await stage.reconcile())[-3:] == ["3: healthy done", "3: point the hosts here", "3: verifying"]
    await verify(stage, back)
    assert await stage.live() == back


async def test_scaling_follows_the_setting_up_and_down_without_a_deployment(stage: Any) -> None:
    live = await stage.go_live()
    await scale(stage, 3)
    assert await stage.reconcile() == [f"1: create 2 web on {stage.worker}", "1: runs as the settings say"]
    assert await stage.reconcile() == []
    await stage.observe(live, InstanceStatus.ready)
    await scale(stage, 1)
    assert await stage.reconcile() == ["1: drain 2 instances"]
    going = [row for row in await rows(stage) if row.draining_since is not None]
    async with stage.context.db.read() as session:
        _, (app,) = await ingress.table(session)
    assert [server.draining for server in app.deployments[0].servers].count(True) == 2
    await drained(stage, live, instance=going[0].id)
    assert await stage.reconcile() == ["1: remove 1 instances"]
    await drained(stage, live, instance=going[1].id)
    await stage.reconcile()
    async with stage.context.db.read() as session:
        _, (app,) = await ingress.table(session)
    assert len(app.deployments[0].servers) == 1, "what is removed has left the table"
    environment, _ = await of(stage)
    assert not environment.unsettled
    assert (await stage.get(live)).number == environment.deployments_count == 1


async def test_scaling_beyond_the_slots_of_a_backend_is_refused_with_the_most_there_are(stage: Any) -> None:
    with pytest.raises(Invalid, match="8 slots"):
        await scale(stage, 9)
    with pytest.raises(Invalid, match="1 to 8"):
        await scale(stage, 0)


async def test_a_number_set_before_anything_is_live_is_what_the_first_deployment_starts_with(stage: Any) -> None:
    await scale(stage, 2)
    environment, _ = await of(stage)
    assert not environment.unsettled, "nobody looks at an environment in which nothing runs"
    first = await stage.start()
    await stage.reconcile()
    await stage.build(first)
    assert (await stage.reconcile())[-1] == f"1: create 2 web on {stage.worker}"


async def test_a_crash_after_live_leaves_the_deployment_live_and_is_told_by_its_instance(stage: Any) -> None:
    live = await stage.go_live()
    await stage.observe(live, InstanceStatus.exited, reason="out_of_memory", detail="It needed more than 512 MB.")
    assert await stage.reconcile() == []
    assert await stage.live() == live
    (row,) = await rows(stage)
    assert (row.status, row.reason) == (InstanceStatus.exited, "out_of_memory")
    async with stage.context.db.read() as session:
        _, (app,) = await ingress.table(session)
    assert not app.deployments[0].servers[0].ready, "it gets no request"
    await stage.observe(live, InstanceStatus.ready, restarts=1)
    async with stage.context.db.read() as session:
        _, (app,) = await ingress.table(session)
    assert app.deployments[0].servers[0].ready


async def test_a_deleted_project_stops_serving_and_restoring_it_starts_what_was_kept(stage: Any) -> None:
    live = await stage.go_live()
    under_way = await stage.start()
    await stage.reconcile()
    await delete(stage)
    assert (await stage.get(under_way)).reason is DeploymentReason.deleted
    await stage.reconcile()
    async with stage.context.db.read() as session:
        route = (await session.execute(select(Route))).scalar_one()
    assert (route.hosts, route.live_deployment_id) == ([], None)
    await settled(stage, live)
    (kept,) = await rows(stage)
    assert kept.wanted is Wanted.stopped
    with pytest.raises(Conflict, match="Restore it first"):
        await stage.start()
    (back,) = await restore(stage)
    assert (back.cause, back.release_id) == (Cause.restore, (await stage.get(live)).release_id)
    assert (await stage.reconcile())[-1] == "3: take over 1 kept instances"
    await stage.observe(back.id, InstanceStatus.ready)
    await verify(stage, back.id)
    assert await stage.live() == back.id
    assert await restore(stage) == [], "twice is once"


async def test_a_deletion_survives_a_crash_right_after_it(stage: Any) -> None:
    live = await stage.go_live()
    await delete(stage)
    await stage.reconciler._look()
    assert stage.environment in stage.reconciler._waiting, "the safety net finds it without a wake-up"
    await stage.reconcile()
    assert (await stage.get(live)).status is S.replaced


async def test_a_deleted_project_can_be_deleted_for_good_and_leaves_only_the_audit_log(stage: Any, clock: Any) -> None:
    live = await stage.go_live()
    environment, project = await of(stage)
    async with stage.context.db.transaction() as session:
        await variables.write(
            session,
            stage.context,
            environment=await session.get_one(Environment, environment.id),
            project=project,
            changes={"A": variables.Change("1", VariableScope.run)},
            removed=[],
            asker=ASKER,
        )
    with pytest.raises(Conflict, match="Delete shop first"):
        await delete(stage, for_good=True)
    await delete(stage)
    await stage.reconcile()
    await settled(stage, live)
    assert await deletion.purge_due(stage.context) == 0
    await delete(stage, for_good=True)
    with pytest.raises(Conflict, match="is over"):
        await restore(stage)
    assert await stage.reconcile() == ["1: remove 1 instances"]
    assert await deletion.purge_due(stage.context) == 0, "the worker still has it"
    await stage.observe(live, InstanceStatus.removed)
    assert await deletion.purge_due(stage.context) == 1
    assert await deletion.purge_due(stage.context) == 0
    async with stage.context.db.read() as session:
        for table in (Project, Environment, Deployment, DeploymentPhase, Release, Build, Instance, Variable):
            assert (await session.execute(select(func.count()).select_from(table))).scalar_one() == 0, table
        hold = (await session.execute(select(HostnameHold))).scalar_one()
        told = list((await session.execute(select(AuditEvent.action))).scalars())
    assert (hold.hostname, hold.until) == ("shop.localhost", clock.now() + timedelta(days=30))
    assert told[-3:] == ["project.delete", "project.delete_for_good", "project.forget"]


async def test_after_its_grace_a_deleted_project_is_forgotten_by_itself(stage: Any, clock: Any) -> None:
    await delete(stage)
    clock.forward(7 * 24 * 3600 - 60)
    assert await deletion.purge_due(stage.context) == 0
    clock.forward(120)
    assert await deletion.purge_due(stage.context) == 1


async def test_the_name_of_a_deleted_project_says_why_it_is_taken(stage: Any) -> None:
    _, project = await of(stage)
    await delete(stage)
    with pytest.raises(Conflict, match="A deleted project named shop can still be restored"):
        async with stage.context.db.transaction() as session:
            await projects.create(
                session,
                stage.context,
                team_id=project.team_id,
                team_name="ada",
                name="shop",
                url="https://git.example.org/shop",
                branch="main",
                root_directory="",
                settings={},
                asker=ASKER,
                created_by=None,
            )
