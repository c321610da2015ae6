"""Which instances a deployment gets, gives away and keeps: facts in, sentences out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.deployments.planner import plan
from wisehosting_cp.deployments.status import ACTIVE, DeploymentStatus
from wisehosting_cp.deployments.world import (
    DeploymentFacts,
    InstanceFacts,
    ProcessFacts,
    ReleaseFacts,
    RouteFacts,
    World,
)

S = DeploymentStatus
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
WORKER = UUID(int=7)
WEB = ProcessFacts("web", None, 8080)
SERVING = RouteFacts(leased=True, live=True)


def release(number: int) -> ReleaseFacts:
    return ReleaseFacts(UUID(int=900 + number), f"sha256:{number}", WORKER, 1, (WEB,))


def instance(number: int, status: str = "ready", **facts: Any) -> InstanceFacts:
    return InstanceFacts(UUID(int=100 + number), "web", status, **{"worker": WORKER, "reachable": True} | facts)


def resting(number: int, status: str = "stopped") -> InstanceFacts:
    return instance(number, status, rests=True)


def deployment(number: int, status: DeploymentStatus, *instances: InstanceFacts, **facts: Any) -> DeploymentFacts:
    facts = {
        "release": release(number),
        "deadline_at": NOW + timedelta(minutes=1) if status in ACTIVE else None,
    } | facts
    return DeploymentFacts(id=UUID(int=number), number=number, status=status, instances=instances, **facts)


def live(number: int, *instances: InstanceFacts, **facts: Any) -> DeploymentFacts:
    return deployment(number, S.live, *instances, **{"route": SERVING} | facts)


def says(*deployments: DeploymentFacts, **facts: Any) -> list[str]:
    facts = {"builder": WORKER, "ready_workers": frozenset({WORKER}), "replicas": 1, "now": NOW} | facts
    return [str(step) for step in plan(World(deployments=deployments, **facts))]


# Keeping


def test_what_was_live_before_is_stopped_and_kept_once_its_connections_ended() -> None:
    old = deployment(1, S.replaced, instance(1))
    assert says(old, live(2, instance(2))) == ["1: stop and keep 1 instances"]
    stopping = deployment(1, S.replaced, instance(1, rests=True))
    assert says(stopping, live(2, instance(2))) == []
    assert says(deployment(1, S.replaced, resting(1)), live(2, instance(2))) == ["1: nothing is left of it"]


def test_only_the_last_one_is_kept() -> None:
    kept = deployment(1, S.replaced, resting(1), drained=True)
    assert says(kept, live(2, instance(2))) == []
    told = says(kept, deployment(2, S.replaced, instance(2)), live(3, instance(3)))
    assert told == ["1: remove 1 instances", "2: stop and keep 1 instances"]


def test_a_restart_does_not_push_out_what_is_kept_of_another_release() -> None:
    kept = deployment(1, S.replaced, resting(1), drained=True)
    before = deployment(2, S.replaced, instance(2))
    assert says(kept, before, live(3, instance(3), release=release(2))) == ["2: remove 1 instances"]


def test_what_failed_is_never_kept() -> None:
    assert says(deployment(2, S.failed, instance(2)), live(1, instance(1))) == ["2: remove 1 instances"]


# Rolling back


def test_a_rollback_takes_the_kept_instances_over() -> None:
    kept = deployment(1, S.replaced, resting(1), drained=True)
    back = deployment(3, S.starting, release=release(1))
    assert says(kept, live(2, instance(2)), back)[0] == "3: take over 1 kept instances"


def test_right_after_the_switch_the_old_instances_still_run_and_are_taken_over_as_they_are() -> None:
    draining = RouteFacts(leased=True, draining_since=NOW)
    old = deployment(1, S.replaced, instance(1), route=draining)
    back = deployment(3, S.starting, release=release(1))
    assert says(old, live(2, instance(2)), back) == ["3: take over 1 kept instances"]


def test_what_is_lacking_besides_the_kept_ones_is_created() -> None:
    kept = deployment(1, S.replaced, resting(1), drained=True)
    told = says(kept, live(2, instance(2), instance(3)), deployment(3, S.starting, release=release(1)), replicas=2)
    assert told[:2] == ["3: take over 1 kept instances", f"3: create 1 web on {WORKER}"]


def test_instances_that_are_being_stopped_are_not_waited_for() -> None:
    kept = deployment(1, S.replaced, instance(1, rests=True), drained=True)
    told = says(kept, live(2, instance(2)), deployment(3, S.starting, release=release(1)))
    assert told == [f"3: create 1 web on {WORKER}"]


def test_instances_on_a_worker_that_is_not_ready_are_no_help() -> None:
    kept = deployment(1, S.replaced, resting(1), drained=True)
    told = says(kept, live(2, instance(2)), deployment(3, S.starting, release=release(1)), ready_workers=frozenset())
    assert told == []


def test_a_restart_starts_new_instances_even_while_old_ones_of_the_release_are_there() -> None:
    draining = RouteFacts(leased=True, draining_since=NOW)
    old = deployment(1, S.replaced, instance(1), route=draining)
    again = deployment(3, S.starting, release=release(1), fresh=True)
    assert says(old, live(2, instance(2), release=release(1)), again) == [f"3: create 1 web on {WORKER}"]


def test_an_instance_that_was_taken_over_stays_while_visitors_of_before_are_still_answered() -> None:
    """Deployment 1 drains, 3 took its instance over and was replaced by 4: a stream of 1 may still be open there."""
    draining = RouteFacts(leased=True, draining_since=NOW)
    first = deployment(1, S.replaced, route=draining)
    third = deployment(3, S.replaced, instance(1), release=release(1))
    assert says(first, third, live(4, instance(4), release=release(1))) == []
    assert says(first, third, live(5, instance(5))) == [], "nor is it stopped to be kept"
    empty = replace(first, route=replace(draining, empty=True))
    assert "3: remove 1 instances" not in says(empty, third, live(4, instance(4), release=release(1)))
    over = replace(first, route=RouteFacts())
    assert says(over, third, live(4, instance(4), release=release(1))) == [
        "1: nothing is left of it",
        "3: remove 1 instances",
    ]


def test_a_scaled_away_instance_stays_while_visitors_of_before_are_still_answered() -> None:
    first = deployment(1, S.replaced, route=RouteFacts(leased=True, draining_since=NOW))
    going = instance(2, draining_since=NOW, drained=True)
    assert says(first, live(3, instance(1), going, release=release(1))) == []
    assert says(live(3, instance(1), going, release=release(1))) == ["3: remove 1 instances"]


# Scaling


def test_scaling_up_adds_instances_to_the_live_deployment_without_a_new_one() -> None:
    assert says(live(1, instance(1)), replicas=3) == [f"1: create 2 web on {WORKER}"]
    assert says(live(1, instance(1)), replicas=3, ready_workers=frozenset()) == []


def test_scaling_down_drains_what_does_not_answer_first_and_then_the_newest() -> None:
    rows = (instance(1), instance(2, "exited"), instance(3))
    (step,) = plan(_world(live(1, *rows), replicas=1))
    assert str(step) == "1: drain 2 instances"
    assert getattr(step, "instances", None) == (rows[1].id, rows[2].id)


def test_a_drained_instance_is_removed_and_then_nobody_needs_to_look() -> None:
    going = instance(2, draining_since=NOW)
    assert says(live(1, instance(1), going), unsettled=True) == []
    assert says(live(1, instance(1), replace(going, drained=True)), unsettled=True) == ["1: remove 1 instances"]
    assert says(live(1, instance(1), replace(going, tombstone=True)), unsettled=True) == ["1: runs as the settings say"]


def test_a_silent_ingress_node_does_not_keep_an_instance_for_ever() -> None:
    going = instance(2, draining_since=NOW - timedelta(seconds=51))
    assert says(live(1, instance(1), going)) == ["1: remove 1 instances"]


def test_an_instance_that_never_had_a_place_in_the_ingress_goes_at_once() -> None:
    going = instance(2, "pending", draining_since=NOW, reachable=False)
    assert says(live(1, instance(1), going)) == ["1: remove 1 instances"]


def test_scaling_up_again_puts_draining_instances_back_before_it_makes_new_ones() -> None:
    going = instance(2, draining_since=NOW)
    told = says(live(1, instance(1), going), replicas=3)
    assert told == ["1: put 1 draining instances back", f"1: create 1 web on {WORKER}"]


def test_a_crashed_instance_of_a_live_deployment_counts_as_there() -> None:
    assert says(live(1, instance(1, "exited", reason="out_of_memory"))) == []


# Deleting


def test_a_deleted_environment_stops_serving_and_keeps_what_was_live() -> None:
    assert says(live(1, instance(1)), closing=True, unsettled=True) == ["1: take the hosts away", "1: replaced"]
    draining = RouteFacts(leased=True, draining_since=NOW, empty=True)
    told = says(deployment(1, S.replaced, instance(1), route=draining), closing=True)
    assert told == ["1: release the backend", "1: stop and keep 1 instances"]


def test_after_its_grace_nothing_of_a_deleted_environment_is_kept() -> None:
    kept = deployment(1, S.replaced, resting(1), drained=True)
    assert says(kept, closing=True) == []
    assert says(kept, closing=True, purging=True) == ["1: remove 1 instances"]


def _world(*deployments: DeploymentFacts, **facts: Any) -> World:
    facts = {"builder": WORKER, "ready_workers": frozenset({WORKER}), "replicas": 1, "now": NOW} | facts
    return World(deployments=deployments, **facts)


STATUSES = ("pending", "starting", "ready", "unready", "exited", "stopped")


@st.composite
def rows(draw: st.DrawFn) -> tuple[InstanceFacts, ...]:
    return tuple(
        instance(
            number,
            draw(st.sampled_from(STATUSES)),
            tombstone=draw(st.booleans()),
            draining_since=draw(st.sampled_from([None, NOW, NOW - timedelta(hours=1)])),
            drained=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 8)))
    )


@given(rows(), st.integers(1, 8))
def test_a_live_deployment_never_gives_an_instance_away_that_it_needs(
    found: tuple[InstanceFacts, ...], replicas: int
) -> None:
    steps = plan(_world(live(1, *found), replicas=replicas))
    touched = [item for step in steps for item in getattr(step, "instances", ())]
    assert len(touched) == len(set(touched)), "one order an instance"
    standing = {item.id for item in found if item.stands}
    ready = {item.id for item in found if item.stands and item.status == "ready"}
    drained = {item for step in steps if "drain " in str(step) for item in getattr(step, "instances", ())}
    assert len(standing - drained) >= min(replicas, len(standing))
    assert len(ready - drained) >= min(replicas, len(ready)), "those that answer stay"
    removed = {item for step in steps if "remove" in str(step) for item in getattr(step, "instances", ())}
    assert not removed & standing, "nothing goes that was not drained first"


@pytest.mark.parametrize("closing", [True, False])
def test_the_same_facts_give_the_same_plan(closing: bool) -> None:
    old = deployment(1, S.replaced, resting(1), instance(2))
    this = _world(old, live(2, instance(3)), closing=closing)
    assert plan(this) == plan(this)
