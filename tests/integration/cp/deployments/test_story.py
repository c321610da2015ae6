"""A deployment's life on the real database, told by what a worker reports."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from wisehosting_cp.deployments import freshness, repository, service
from wisehosting_cp.deployments.applier import build_payload
from wisehosting_cp.deployments.models import Deployment, Release
from wisehosting_cp.deployments.reconciler import Reconciler, reap
from wisehosting_cp.deployments.status import DeploymentReason, DeploymentStatus
from wisehosting_cp.deployments.views import view
from wisehosting_cp.errors import Conflict, NotFound
from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.ingress.models import RouteBackend
from wisehosting_cp.jobs import repository as job_rows
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.workers.models import Worker
from wisehosting_wire.workload import InstanceStatus

pytestmark = pytest.mark.anyio
BUILT = {"image": "sha256:" + "1" * 64, "command": ["run"], "exposed": [], "size_bytes": 5}
S = DeploymentStatus
R = DeploymentReason


async def test_a_push_becomes_live_through_every_status_and_phase(stage: Any) -> None:
    deployment_id = await stage.start()
    queued = ["1: is next in line", "1: queued done", f"1: build on {stage.worker}", "1: building"]
    assert await stage.reconcile() == queued
    await stage.build(deployment_id)
    assert (await stage.reconcile())[-1] == f"1: create 1 web on {stage.worker}"
    await stage.observe(deployment_id, InstanceStatus.ready)
    assert (await stage.reconcile())[-2:] == ["1: point the hosts here", "1: verifying"]
    await stage.acknowledge()
    assert await stage.reconcile() == ["1: routed done", "1: must be seen soon", "1: probe through every ingress node"]
    assert await stage.answer_probes(1) == 1
    assert (await stage.reconcile())[-2:] == ["1: verified done", "1: live"]
    async with stage.context.db.read() as session:
        shown = await view(session, stage.context, await stage.get(deployment_id))
    ended = [phase.phase.value for phase in shown.phases if phase.seconds is not None]
    assert ended == ["received", "queued", "checked_out", "built", "started", "healthy", "routed", "verified"]
    assert (shown.commit, shown.release, shown.url) == ("a" * 40, 1, "http://shop.localhost:8080/")
    assert await stage.reconcile() == []


async def test_the_next_deployment_replaces_the_live_one_and_leaves_nothing_of_it(stage: Any) -> None:
    first = await stage.go_live()
    second = await stage.go_live()
    assert await stage.live() == second
    assert (await stage.get(first)).status is S.replaced
    async with stage.context.db.transaction() as session:
        await ingress.drained(session, stage.worker, deployment_id=first, closed_streams=0)
    await stage.reconcile()
    await stage.observe(first, InstanceStatus.removed)
    await stage.reconcile()
    assert (await stage.get(first)).drained
    async with stage.context.db.read() as session:
        assert await session.get(RouteBackend, first) is None
        assert await session.get(RouteBackend, second) is not None


async def test_an_answer_with_the_old_number_does_not_make_it_live(stage: Any) -> None:
    first = await stage.go_live()
    second = await stage.start()
    await stage.reconcile()
    await stage.build(second)
    await stage.reconcile()
    await stage.observe(second, InstanceStatus.ready)
    await stage.reconcile()
    await stage.acknowledge()
    await stage.reconcile()
    await stage.answer_probes(1)
    assert await stage.reconcile() == []
    assert await stage.live() == first
    assert await stage.answer_probes(2) == 1, "it is asked again until the right number answers"


async def test_a_silent_edge_fails_the_deployment_at_its_deadline_and_points_back(stage: Any, clock: Any) -> None:
    first = await stage.go_live()
    stage.edge_says = "status 503 from http://edge/ for app.localhost, by no deployment"
    second = await stage.go_live()
    assert (await stage.get(second)).status is S.verifying
    clock.forward(3 * 60)
    steps = await stage.reconcile()
    assert steps[:3] == ["2: failed (probe_failed)", "2: point the hosts back", "2: drain"]
    assert "The last request saw: status 503 from http://edge/" in ((await stage.get(second)).detail or "")
    assert await stage.live() == first
    async with stage.context.db.read() as session:
        route = await ingress.route(session, stage.environment)
    assert route is not None
    assert route.live_deployment_id == first


async def test_a_refused_route_fails_with_the_ingress_reason(stage: Any) -> None:
    deployment_id = await stage.start()
    await stage.reconcile()
    await stage.build(deployment_id)
    await stage.reconcile()
    await stage.observe(deployment_id, InstanceStatus.ready)
    await stage.reconcile()
    await stage.acknowledge(f"{stage.environment}:pool_empty")
    await stage.reconcile()
    assert (await stage.get(deployment_id)).reason is R.pool_empty


async def test_a_failed_build_keeps_the_live_one_and_says_why(stage: Any) -> None:
    first = await stage.go_live()
    second = await stage.start()
    await stage.reconcile()
    await stage.build(second, reason="build_failed", detail="Step 3 exited with 7.")
    await stage.reconcile()
    ended = await stage.get(second)
    assert (ended.status, ended.reason, ended.detail) == (S.failed, R.build_failed, "Step 3 exited with 7.")
    assert await stage.live() == first
    assert (await stage.get(second)).drained


async def test_an_instance_that_gives_up_fails_the_deployment_and_is_removed(stage: Any) -> None:
    deployment_id = await stage.start()
    await stage.reconcile()
    await stage.build(deployment_id)
    await stage.reconcile()
    sentence = "Nothing listens on port 8080."
    await stage.observe(deployment_id, InstanceStatus.exited, reason="nothing_listens", detail=sentence)
    assert await stage.reconcile() == ["1: failed (nothing_listens)", "1: remove 1 instances"]
    assert (await stage.get(deployment_id)).detail == sentence


async def test_a_newer_push_takes_the_place_of_the_queued_one_and_waits_for_the_running_one(stage: Any) -> None:
    running = await stage.start()
    await stage.reconcile()
    queued = await stage.start()
    newest = await stage.start()
    await stage.reconcile()
    assert [(await stage.get(item)).status for item in (running, queued, newest)] == [
        S.building,
        S.cancelled,
        S.queued,
    ]
    assert (await stage.get(queued)).reason is R.newer_push
    await stage.build(running, reason="build_failed", detail="no")
    await stage.reconcile()
    assert (await stage.get(newest)).status is S.building


async def test_fifty_pushes_at_once_leave_one_queued_and_number_them_all(stage: Any) -> None:
    await asyncio.gather(*(stage.start() for _ in range(50)))
    async with stage.context.db.read() as session:
        rows = (await session.execute(select(Deployment.number, Deployment.status))).all()
    assert sorted(row.number for row in rows) == list(range(1, 51))
    assert [row.status for row in rows if row.status is not S.cancelled] == [S.queued]


async def test_two_processes_never_double_a_build_or_an_instance(stage: Any) -> None:
    async def edge(_: UUID) -> str:
        return ""

    others = [Reconciler(stage.context, edge) for _ in range(4)]
    deployment_id = await stage.start()
    await asyncio.gather(*(other.reconcile(stage.environment) for other in others))
    await stage.build(deployment_id)
    await asyncio.gather(*(other.reconcile(stage.environment) for other in others))
    async with stage.context.db.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM jobs"))).scalar_one() == 1
        assert len(await repository.instances_of(session, {deployment_id})) == 1
        assert (await session.execute(select(func.count()).select_from(Release))).scalar_one() == 1


async def test_the_database_itself_refuses_a_second_running_deployment(stage: Any) -> None:
    await stage.start()
    await stage.reconcile()
    second = text(
        "INSERT INTO deployments (id, project_id, environment_id, number, status, cause, ref, variables_version,"
        " routed, drained, closed_streams) SELECT gen_random_uuid(), project_id, environment_id, 99, status, cause, ref, 1, false,"
        " false, 0 FROM deployments"
    )
    async with stage.context.db.transaction() as session:
        with pytest.raises(IntegrityError, match="uq_deployments_running"):
            await session.execute(second)
        await session.rollback()


@pytest.mark.parametrize("until", ["queued", "building", "starting", "verifying"])
async def test_cancel_works_in_every_active_status_and_leaves_the_live_one(stage: Any, until: str) -> None:
    first = await stage.go_live()
    second = await stage.start()
    if until != "queued":
        await stage.reconcile()
    if until in {"starting", "verifying"}:
        await stage.build(second)
        await stage.reconcile()
    if until == "verifying":
        await stage.observe(second, InstanceStatus.ready)
        await stage.reconcile()
    assert (await stage.get(second)).status == until
    async with stage.context.db.transaction() as session:
        deployment = await session.get_one(Deployment, second)
        project = await session.get_one(Project, deployment.project_id)
        await service.cancel(session, stage.context, deployment, project=project, asker={"actor": "platform"})
    await stage.reconcile()
    assert ((await stage.get(second)).status, (await stage.get(second)).reason) == (S.cancelled, R.cancelled_by_user)
    assert await stage.live() == first
    async with stage.context.db.read() as session:
        route = await ingress.route(session, stage.environment)
        assert route is not None
        assert route.live_deployment_id == first
    async with stage.context.db.transaction() as session:
        deployment = await session.get_one(Deployment, second)
        project = await session.get_one(Project, deployment.project_id)
        with pytest.raises(Conflict, match="nothing to cancel"):
            await service.cancel(session, stage.context, deployment, project=project, asker={"actor": "platform"})


async def test_a_rollback_is_a_new_deployment_of_an_old_release_without_a_build(stage: Any) -> None:
    await stage.go_live()
    await stage.go_live()
    async with stage.context.db.transaction() as session:
        environment = await session.get_one(Environment, stage.environment)
        project = await session.get_one(Project, environment.project_id)
        arguments = {"environment": environment, "project": project, "asker": {"actor": "platform"}}
        back = await service.rollback(session, stage.context, number=1, created_by=None, **arguments)
        with pytest.raises(NotFound, match="no release 9"):
            await service.rollback(session, stage.context, number=9, created_by=None, **arguments)
    steps = await stage.reconcile()
    assert "3: starting" in steps
    assert not [step for step in steps if "build on" in step]
    assert (await stage.get(back.id)).release_id is not None


async def test_without_a_worker_the_deployment_waits_says_why_and_fails_in_time(stage: Any, clock: Any) -> None:
    async with stage.context.db.transaction() as session:
        await session.execute(text("UPDATE workers SET firewall = jsonb_build_object('closed', false)"))
    deployment_id = await stage.start()
    await stage.reconcile()
    async with stage.context.db.read() as session:
        shown = await view(session, stage.context, await stage.get(deployment_id))
    assert shown.waiting_for
    assert "firewall" in shown.waiting_for
    clock.forward(11 * 60)
    await stage.reconcile()
    ended = await stage.get(deployment_id)
    assert (ended.status, ended.reason) == (S.failed, R.no_worker)
    assert "firewall" in (ended.detail or "")


async def test_the_reaper_ends_what_a_dead_process_left_past_its_deadline(stage: Any, clock: Any) -> None:
    deployment_id = await stage.start()
    await stage.reconcile()
    assert (await stage.get(deployment_id)).lease_owner is not None
    clock.forward(26 * 60)  # control plane and worker died; nobody has looked since
    reaper = asyncio.create_task(reap(stage.context, stage.reconciler, every_seconds=0.01))
    try:
        async with asyncio.timeout(10):
            while (await stage.get(deployment_id)).status is S.building:
                await asyncio.sleep(0.01)
    finally:
        reaper.cancel()
    ended = await stage.get(deployment_id)
    assert (ended.status, ended.reason) == (S.failed, R.worker_lost)


async def test_another_process_goes_on_once_the_lease_of_a_dead_one_ran_out(stage: Any, clock: Any) -> None:
    deployment_id = await stage.start()
    await stage.reconcile()
    await stage.build(deployment_id)
    async with stage.context.db.read() as session:
        assert await repository.stuck(session, clock.now()) == []
    clock.forward(31)
    async with stage.context.db.read() as session:
        assert await repository.stuck(session, clock.now()) == [stage.environment]
    reaper = asyncio.create_task(reap(stage.context, stage.reconciler, every_seconds=0.01))
    try:
        async with asyncio.timeout(10):
            while (await stage.get(deployment_id)).status is S.building:
                await asyncio.sleep(0.01)
    finally:
        reaper.cancel()
    assert (await stage.get(deployment_id)).status is S.starting


async def test_a_refusal_of_a_node_that_left_or_of_an_older_route_fails_nothing(stage: Any) -> None:
    await stage.go_live()
    await stage.acknowledge(f"{stage.environment}:pool_empty")
    async with stage.context.db.transaction() as session:
        nodes = [stage.worker]
        assert await ingress.refusals(session, stage.environment, nodes) == ["pool_empty"]
        assert await ingress.refusals(session, stage.environment, []) == []
        await ingress.touch(session, stage.environment)
        assert await ingress.refusals(session, stage.environment, nodes) == []


async def test_starting_a_deployment_writes_one_audit_row(stage: Any) -> None:
    deployment_id = await stage.start()
    async with stage.context.db.read() as session:
        rows = (await session.execute(select(AuditEvent))).scalars().all()
    assert [(row.action, row.subject) for row in rows] == [("deployment.start", f"deployment:{deployment_id}")]


async def test_after_an_outage_of_the_control_plane_a_running_build_is_not_taken_for_lost(stage: Any) -> None:
    deployment_id = await stage.start()
    await stage.reconcile()
    async with stage.context.db.transaction() as session:
        await session.execute(text("UPDATE jobs SET lease_until = now() - interval '1 hour'"))
    reconciler = asyncio.create_task(stage.reconciler.run())
    try:
        async with asyncio.timeout(10):
            while stage.reconciler._looked_at is None:
                await asyncio.sleep(0.01)
    finally:
        reconciler.cancel()
        await stage.reconciler.close()
    await stage.reconcile()
    assert (await stage.get(deployment_id)).status is S.building
    await stage.build(deployment_id)
    await stage.reconcile()
    assert (await stage.get(deployment_id)).status is S.starting


async def test_a_job_that_was_given_up_is_cancelled_at_the_worker_that_has_it(stage: Any) -> None:
    await stage.start()
    await stage.reconcile()
    async with stage.context.db.transaction() as session:
        (job,) = await job_rows.on_worker(session, stage.worker)
        assert await job_rows.to_send(session, stage.worker, 10) == [job]
        job.sent_attempt = job.attempt
        await session.flush()
        assert await job_rows.to_send(session, stage.worker, 10) == []
        await jobs.give_up(session, job.id, reason="worker_lost", detail="Its worker was lost.")
        assert await job_rows.to_send(session, stage.worker, 10) == [job]
        assert job.cancel_wanted


@pytest.mark.parametrize(
    ("ref", "branch", "commit"), [("main", "main", ""), ("v1.0", "v1.0", ""), ("a" * 40, "main", "a" * 40)]
)
def test_a_branch_a_tag_or_a_commit_can_be_deployed(ref: str, branch: str, commit: str) -> None:
    project = Project(repository_url="http://git/app.git", branch="main", root_directory="", settings={}, name="app")
    payload = build_payload(project, Environment(number=1), Deployment(ref=ref, variables_version=1), local=True)
    assert (payload["branch"], payload["commit"]) == (branch, commit)


async def test_a_worker_that_never_says_it_stopped_a_build_does_not_keep_the_deployment_open(
    stage: Any, clock: Any
) -> None:
    deployment_id = await stage.start()
    await stage.reconcile()
    async with stage.context.db.transaction() as session:
        (job,) = await job_rows.on_worker(session, stage.worker)
        job.sent_attempt = job.attempt
        deployment = await session.get_one(Deployment, deployment_id)
        project = await session.get_one(Project, deployment.project_id)
        await service.cancel(session, stage.context, deployment, project=project, asker={"actor": "platform"})
    await stage.reconcile()
    assert not (await stage.get(deployment_id)).drained
    clock.forward(3 * 60)
    await stage.reconcile()
    assert (await stage.get(deployment_id)).drained


async def test_a_restart_deploys_the_live_release_again_and_never_undoes_a_deployment_under_way(stage: Any) -> None:
    async def restart() -> UUID:
        async with stage.context.db.transaction() as session:
            environment = await session.get_one(Environment, stage.environment)
            project = await session.get_one(Project, environment.project_id)
            started = await service.restart(
                session,
                stage.context,
                environment=environment,
                project=project,
                asker={"actor": "platform"},
                created_by=None,
            )
            return started.id

    with pytest.raises(Conflict, match="Nothing is live"):
        await restart()
    first = await stage.go_live()
    second = await stage.start()
    with pytest.raises(Conflict, match="Deployment 2 is queued"):
        await restart()
    await stage.reconcile()
    with pytest.raises(Conflict, match="Deployment 2 is building"):
        await restart()
    await stage.build(second, reason="build_failed")
    await stage.reconcile()
    again = await restart()
    assert (await stage.get(again)).release_id == (await stage.get(first)).release_id


async def test_an_app_is_to_be_built_again_when_its_base_was_made_anew_where_it_was_built(stage: Any) -> None:
    name = "localhost/wisehosting/python:3.13"
    deployment_id = await stage.start()
    await stage.reconcile()
    await stage.build(deployment_id, {**BUILT, "bases": {name: "old"}})
    await stage.reconcile()
    await stage.observe(deployment_id, InstanceStatus.ready)
    await stage.reconcile()
    await stage.acknowledge()
    await stage.reconcile()
    await stage.answer_probes(1)
    await stage.reconcile()
    live = await stage.get(deployment_id)
    assert live.status is S.live

    async def suggested(image: str) -> dict[UUID, str]:
        async with stage.context.db.transaction() as session:
            worker = await session.get_one(Worker, stage.worker)
            worker.bases = [{"name": name, "image": image, "status": "ready"}]
        async with stage.context.db.read() as session:
            return await freshness.suggestions(session, [live])

    assert await suggested("old") == {}
    assert list(await suggested("new")) == [live.environment_id]
