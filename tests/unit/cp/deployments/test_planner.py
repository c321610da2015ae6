"""The planner: facts in, sentences out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.deployments import actions as do
from wisehosting_cp.deployments.planner import plan, port_of, web_of
from wisehosting_cp.deployments.status import ACTIVE, DEADLINES, DeploymentReason, DeploymentStatus, may_move
from wisehosting_cp.deployments.world import (
    DeploymentFacts,
    InstanceFacts,
    JobFacts,
    ProcessFacts,
    ReleaseFacts,
    RouteFacts,
    World,
)

S = DeploymentStatus
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
WORKER = UUID(int=7)
WEB = ProcessFacts("web", None, 8080)
RELEASE = ReleaseFacts(UUID(int=9), "sha256:1", WORKER, 1, (WEB,))
BUILT = {"image": "sha256:1", "command": ["run"], "exposed": [], "seconds": 4.0}


def deployment(number: int, status: DeploymentStatus, **facts: Any) -> DeploymentFacts:
    facts.setdefault("deadline_at", LATER if status in ACTIVE else None)
    return DeploymentFacts(id=UUID(int=number), number=number, status=status, **facts)


def world(*deployments: DeploymentFacts, **facts: Any) -> World:
    facts = {"builder": WORKER, "ready_workers": frozenset({WORKER}), "replicas": 1, "now": NOW} | facts
    return World(deployments=deployments, **facts)


def instance(status: str = "ready", **facts: Any) -> InstanceFacts:
    return InstanceFacts(UUID(int=100), "web", status, **facts)


def says(this: World) -> list[str]:
    return [str(step) for step in plan(this)]


def test_a_queued_deployment_gets_its_deadline_when_it_is_next_in_line() -> None:
    assert says(world(deployment(1, S.queued, deadline_at=None))) == ["1: is next in line"]


def test_a_queued_deployment_waits_for_the_running_one() -> None:
    running = deployment(1, S.building, job=JobFacts(open=True, succeeded=False))
    assert says(world(running, deployment(2, S.queued, deadline_at=None))) == []


def test_a_queued_deployment_is_built_by_a_worker_that_can() -> None:
    assert says(world(deployment(1, S.queued))) == ["1: queued done", f"1: build on {WORKER}", "1: building"]


def test_without_a_worker_a_queued_deployment_waits_and_then_fails_with_the_cause() -> None:
    waiting = world(deployment(1, S.queued), builder=None, no_builder_because="no worker has joined")
    assert says(waiting) == []
    (failed,) = plan(replace(waiting, now=LATER))
    assert str(failed) == "1: failed (no_worker)"
    assert isinstance(failed, do.Move)
    assert "no worker has joined" in (failed.detail or "")


def test_while_workers_build_for_others_a_queued_deployment_waits_on_after_its_deadline() -> None:
    waiting = replace(world(deployment(1, S.queued), builder=None, builders_busy=True), now=LATER)
    assert plan(waiting) == [do.StartWaiting(waiting.deployments[0].id, 1, LATER + DEADLINES[S.queued])]


def test_a_rollback_starts_without_a_build() -> None:
    assert says(world(deployment(3, S.queued, release=RELEASE))) == ["3: queued done", "3: starting"]


def test_a_finished_checkout_is_noted_once() -> None:
    job = JobFacts(open=True, succeeded=False, progress={"checked_out": {"seconds": 1.0}})
    assert says(world(deployment(1, S.building, job=job))) == ["1: checked_out done"]
    assert says(world(deployment(1, S.building, job=job, phases=frozenset({"checked_out"})))) == []


def test_a_finished_build_becomes_a_release() -> None:
    job = JobFacts(open=False, succeeded=True, progress={"checked_out": {}}, result=BUILT)
    done = deployment(1, S.building, job=job, phases=frozenset({"checked_out"}))
    assert says(world(done)) == ["1: built done", "1: release image sha256:1", "1: starting"]


def test_an_image_without_a_command_fails_with_its_own_reason() -> None:
    job = JobFacts(open=False, succeeded=True, result={**BUILT, "command": []})
    assert says(world(deployment(1, S.building, job=job))) == ["1: failed (no_start_command)"]


def test_what_wisehosting_toml_says_wins_over_what_the_image_says() -> None:
    health = {"within_seconds": 6}
    web = web_of({**BUILT, "exposed": [80], "settings": {"port": 3000, "command": ["serve"], "health": health}})
    assert (web.port, web.command, web.settings) == (3000, ("serve",), {"health": health})
    assert web_of({**BUILT, "exposed": [80]}) == ProcessFacts("web", None, 80)


def test_a_command_in_wisehosting_toml_starts_an_image_that_has_none() -> None:
    job = JobFacts(open=False, succeeded=True, result={**BUILT, "command": [], "settings": {"command": ["serve"]}})
    assert says(world(deployment(1, S.building, job=job)))[-1] == "1: starting"


def test_more_memory_than_the_platform_gives_is_refused() -> None:
    asked = {"limits": {"memory_bytes": 8 * 1024**3}}
    job = JobFacts(open=False, succeeded=True, result={**BUILT, "settings": asked})
    (move,) = plan(world(deployment(1, S.building, job=job)))
    assert str(move) == "1: failed (settings_refused)"
    assert "8192 MB" in (getattr(move, "detail", None) or "")


def test_a_failed_build_carries_the_workers_reason_and_sentence() -> None:
    job = JobFacts(open=False, succeeded=False, reason="build_out_of_memory", detail="It took more than 2 GB.")
    (move,) = plan(world(deployment(1, S.building, job=job)))
    assert (str(move), getattr(move, "detail", None)) == ("1: failed (build_out_of_memory)", "It took more than 2 GB.")


def test_a_lost_builder_fails_the_deployment() -> None:
    job = JobFacts(open=True, succeeded=False, worker_lost=True)
    assert says(world(deployment(1, S.building, job=job))) == ["1: failed (worker_lost)"]


def test_missing_instances_are_created_where_the_image_is() -> None:
    assert says(world(deployment(1, S.starting, release=RELEASE), replicas=2)) == [f"1: create 2 web on {WORKER}"]
    assert says(world(deployment(1, S.starting, release=RELEASE), ready_workers=frozenset())) == []


def test_ready_instances_are_leased_and_pointed_at_before_verifying() -> None:
    started = deployment(1, S.starting, release=RELEASE, instances=(instance("starting"),))
    assert says(world(started)) == ["1: started done"]
    ready = replace(started, instances=(instance("ready"),), phases=frozenset({"started"}))
    assert says(world(ready)) == ["1: healthy done", "1: point the hosts here", "1: verifying"]


@pytest.mark.parametrize("status", [S.starting, S.verifying])
def test_an_instance_that_gave_up_fails_the_deployment(status: DeploymentStatus) -> None:
    broken = instance("exited", reason="nothing_listens", detail="Nothing listens on port 8080.")
    assert says(world(deployment(1, status, release=RELEASE, instances=(broken,)))) == ["1: failed (nothing_listens)"]


def test_live_needs_every_ingress_node_and_then_the_outermost_edge() -> None:
    route = RouteFacts(leased=True, live=True)
    this = deployment(2, S.verifying, release=RELEASE, instances=(instance(),), route=route)
    assert says(world(this)) == []
    this = replace(this, route=replace(this.route, in_force=True))
    assert says(world(this)) == ["2: routed done", "2: must be seen soon", "2: probe through every ingress node"]
    this = replace(this, route=replace(this.route, asked=True), phases=frozenset({"routed"}))
    assert says(world(this)) == []
    this = replace(this, route=replace(this.route, verified=True), phases=frozenset({"routed"}))
    assert says(world(this)) == ["2: probe through the outermost edge"]
    this = replace(this, route=replace(this.route, edge_seen=True))
    assert says(world(this)) == ["2: verified done", "2: live"]


def test_visitors_are_not_left_with_a_deployment_that_nobody_sees() -> None:
    route = RouteFacts(leased=True, live=True, in_force=True)
    this = deployment(2, S.verifying, release=RELEASE, instances=(instance(),), route=route)
    [wanted] = [step for step in plan(world(this)) if isinstance(step, do.ExpectBy)]
    assert wanted.deadline_at - world(this).now < DEADLINES[S.verifying]
    late = replace(this, deadline_at=world(this).now, phases=frozenset({"routed"}), route=replace(route, asked=True))
    assert says(world(late)) == ["2: failed (deadline_passed)"]
    seen = replace(late, route=replace(late.route, probe_detail="no answer within 2 s"))
    assert says(world(seen)) == ["2: failed (probe_failed)"]


def test_instances_that_do_not_answer_the_ingress_fail_the_probe() -> None:
    route = RouteFacts(leased=True, live=True, refusals=("no_healthy_server",))
    this = deployment(2, S.verifying, release=RELEASE, instances=(instance(),), route=route)
    assert says(world(this)) == ["2: failed (probe_failed)"]


def test_a_refused_route_fails_with_the_ingress_reason() -> None:
    route = RouteFacts(leased=True, live=True, refusals=("pool_empty",))
    this = deployment(2, S.verifying, release=RELEASE, instances=(instance(),), route=route)
    assert says(world(this)) == ["2: failed (pool_empty)"]


def test_a_deployment_without_web_is_live_when_all_its_instances_are_healthy() -> None:
    release = replace(RELEASE, processes=(ProcessFacts("worker", ("run",), None),))
    background = InstanceFacts(UUID(int=5), "worker", "ready")
    this = deployment(1, S.starting, release=release, instances=(background,), phases=frozenset({"started"}))
    assert says(world(this)) == ["1: healthy done", "1: verifying"]
    assert says(world(replace(this, status=S.verifying))) == ["1: live"]


def test_a_failed_probe_points_back_before_anything_is_removed() -> None:
    live = deployment(1, S.live, release=RELEASE, instances=(instance(),), route=RouteFacts(leased=True))
    failed = deployment(2, S.failed, release=RELEASE, instances=(instance(),), route=RouteFacts(leased=True, live=True))
    assert says(world(live, failed)) == ["2: point the hosts back", "2: drain"]
    (back, _) = plan(world(live, failed))
    assert isinstance(back, do.PointBack)
    assert back.to == live.id


def test_a_replaced_deployment_is_drained_before_its_instances_go() -> None:
    old = deployment(1, S.replaced, instances=(instance(),), route=RouteFacts(leased=True))
    assert says(world(old)) == ["1: drain"]
    draining = replace(old, route=RouteFacts(leased=True, draining_since=NOW))
    assert says(world(draining)) == []
    empty = replace(old, route=RouteFacts(leased=True, draining_since=NOW, empty=True))
    assert says(world(empty)) == ["1: release the backend", "1: remove 1 instances"]


def test_a_silent_ingress_node_is_not_waited_for_for_ever() -> None:
    old = deployment(1, S.replaced, instances=(instance(),), route=RouteFacts(leased=True, draining_since=NOW))
    assert says(world(old, now=NOW + timedelta(seconds=49))) == []
    assert says(world(old, now=NOW + timedelta(seconds=51))) == ["1: release the backend", "1: remove 1 instances"]


def test_an_ended_deployment_is_done_with_when_nothing_is_left() -> None:
    waiting = deployment(1, S.cancelled, instances=(instance("stopped", tombstone=True),))
    assert says(world(waiting)) == []
    assert says(world(deployment(1, S.cancelled))) == ["1: nothing is left of it"]
    building = deployment(1, S.cancelled, job=JobFacts(open=True, succeeded=False))
    assert says(world(building)) == ["1: cancel the build job"]


def test_the_port_is_the_single_exposed_one_or_8080() -> None:
    assert [port_of([]), port_of([3000]), port_of([3000, 3001])] == [8080, 3000, 8080]


flags = st.booleans()
jobs = st.none() | st.builds(
    JobFacts,
    open=flags,
    succeeded=flags,
    worker_lost=flags,
    progress=st.sampled_from([{}, {"checked_out": {"seconds": 1.0}}]),
    result=st.sampled_from([{}, BUILT]),
    reason=st.sampled_from([None, "build_failed", "made-up"]),
)
routes = st.builds(
    RouteFacts,
    leased=flags,
    live=flags,
    in_force=flags,
    asked=flags,
    verified=flags,
    edge_seen=flags,
    refusals=st.sampled_from([(), ("pool_empty",), ("made-up",)]),
    draining_since=st.sampled_from([None, NOW, NOW - timedelta(hours=1)]),
    empty=flags,
)
instances = st.lists(
    st.builds(
        InstanceFacts,
        id=st.integers(100, 103).map(lambda number: UUID(int=number)),
        process=st.just("web"),
        status=st.sampled_from(["pending", "starting", "ready", "unready", "exited", "stopped"]),
        reason=st.sampled_from([None, "crashed_at_start", "made-up"]),
        tombstone=flags,
    ),
    max_size=3,
).map(tuple)
deadlines = st.sampled_from([None, NOW - timedelta(seconds=1), NOW + timedelta(hours=1)])
facts = st.builds(
    DeploymentFacts,
    id=st.just(UUID(int=1)),
    number=st.just(1),
    status=st.sampled_from(list(S)),
    deadline_at=deadlines,
    job=jobs,
    release=st.sampled_from([None, RELEASE]),
    instances=instances,
    route=routes,
    drained=flags,
    phases=st.frozensets(st.sampled_from(["checked_out", "started", "routed"])),
)


@given(facts, flags, flags, st.integers(1, 3))
def test_no_plan_leaves_the_status_table(this: DeploymentFacts, builder: bool, ready: bool, replicas: int) -> None:
    steps = plan(
        world(
            this,
            builder=WORKER if builder else None,
            ready_workers=frozenset({WORKER}) if ready else frozenset(),
            replicas=replicas,
        )
    )
    status = this.status
    for step in steps:
        if isinstance(step, do.Move):
            assert may_move(status, step.status)
            assert (step.reason is not None) == (step.status in {S.failed, S.cancelled})
            status = step.status
    assert all(str(step) for step in steps)


@given(facts.filter(lambda this: this.status in ACTIVE and this.deadline_at is not None), flags)
def test_every_active_status_has_ended_or_moved_on_once_its_deadline_passed(
    this: DeploymentFacts, builder: bool
) -> None:
    late = world(
        replace(this, deadline_at=NOW - timedelta(seconds=1)),
        builder=WORKER if builder else None,
        ready_workers=frozenset(),
    )
    moves = [step for step in plan(late) if isinstance(step, do.Move)]
    assert moves, says(late)
    for move in moves:
        assert move.reason is None or move.reason in DeploymentReason


def test_a_deadline_is_checked_in_every_active_status() -> None:
    assert set(DEADLINES) == ACTIVE
