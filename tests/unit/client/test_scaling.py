"""Following a scaling: when it is over, what is told on the way, and when it gives up."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_client.access import Access
from wisehosting_client.api import Api
from wisehosting_client.errors import Failed
from wisehosting_client.scaling import Standing, follow_scale, standing

PLATFORM = Access("http://platform.test/api/v1", "wh_secret", "http://platform.test", "localhost:8080")


def instance(name: str, status: str = "ready", **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "deployment_id": "d1",
        "process": "web",
        "status": status,
        "wanted": "running",
        "leaving": False,
        "reason": None,
        "detail": None,
        "next_step": None,
        **changes,
    }


class Looks:
    """A platform whose instances are others at each look, and whose clock goes on by what is waited."""

    def __init__(self, *looks: list[dict[str, Any]], replicas: int = 2, live: Any = "d1") -> None:
        self.looks: Iterator[list[dict[str, Any]]] = iter(looks)
        self.last: list[dict[str, Any]] = []
        self.environment = {"id": "e1", "replicas": replicas, "live": {"id": live} if live else None}
        self.now = 0.0
        self.said: list[str] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/instances"):
            self.last = next(self.looks, self.last)
            return httpx2.Response(200, json={"items": self.last, "next_cursor": None})
        return httpx2.Response(200, json={"id": "p1", "name": "shop", "environments": [self.environment]})

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def follow(self, wanted: int = 2, seconds: float = 60) -> Standing:
        api = Api(PLATFORM, transport=httpx2.MockTransport(self.answer), wait=self.wait)
        _, now = follow_scale(
            api, "p1", wanted, self.said.append, wait=self.wait, seconds=seconds, clock=lambda: self.now
        )
        return now


def test_scaling_up_is_over_when_all_are_ready_and_each_step_is_said_once() -> None:
    looks = Looks(
        [instance("a")],
        [instance("a"), instance("b", "starting")],
        [instance("a"), instance("b", "starting")],
        [instance("a"), instance("b")],
    )
    assert looks.follow().ready == 2
    assert looks.said == ["1 of 2 ready", "1 of 2 ready, 1 starting"]


def test_scaling_down_is_over_when_the_surplus_leaves_and_does_not_wait_for_its_last_request() -> None:
    looks = Looks([instance("a"), instance("b")], [instance("a"), instance("b", leaving=True)], replicas=1)
    assert looks.follow(1).leaving == 1
    assert looks.said == ["2 of 1 ready, 1 too many"]


def test_an_instance_that_crashes_is_told_with_its_reason_and_not_waited_for() -> None:
    crashed = instance(
        "0000b2c4",
        "exited",
        reason="crashed_at_start",
        detail="The app ended with exit code 3.\n",
        next_step="Correct it and push.",
    )
    with pytest.raises(Failed) as failed:
        Looks([instance("a"), instance("b", "starting")], [instance("a"), crashed]).follow()
    assert str(failed.value).splitlines() == [
        "1 of 2 ready, 1 exited: instance b2c4 gave up (crashed_at_start).",
        "The app ended with exit code 3.",
        "Correct it and push.",
        "Next: wh logs shop, or wh scale shop 1",
    ]
    assert failed.value.exit_code == 2


@pytest.mark.parametrize(
    ("looks", "sentence"),
    [
        (Looks([instance("a")]), r"1 of 2 ready after 60 s; the platform goes on trying\.\nNext: wh status shop"),
        (Looks([instance("a")], replicas=3), "Somebody set 3 instances meanwhile"),
        (Looks([], live=None), "Nothing of shop is live any more"),
    ],
    ids=["too long", "another number", "nothing live"],
)
def test_what_cannot_come_true_is_not_waited_for_for_ever(looks: Looks, sentence: str) -> None:
    with pytest.raises(Failed, match=sentence):
        looks.follow()
    assert looks.now <= 61


def test_instances_of_another_deployment_or_process_and_kept_ones_are_not_counted() -> None:
    found = [
        instance("a"),
        instance("b", deployment_id="d2"),
        instance("c", process="mail"),
        instance("d", "stopped", wanted="stopped"),
        instance("e", leaving=True),
        instance("f", deployment_id="d2", leaving=True),
    ]
    now = standing("d1", found)
    assert ([item["id"] for item in now.instances], now.leaving) == (["a"], 1)


def test_scaling_down_away_from_a_crashed_instance_waits_until_it_leaves() -> None:
    crashed = instance("b", "exited", reason="crashed_at_start", detail="It ended.")
    looks = Looks([instance("a"), crashed], [instance("a"), {**crashed, "leaving": True}], replicas=1)
    assert looks.follow(1).ready == 1
    assert looks.said == ["1 of 1 ready, 1 exited, 1 too many"]


def test_an_unready_instance_without_a_reason_may_come_back() -> None:
    assert Standing([instance("a", "unready")], 0).broken(1) is None


@given(st.lists(st.sampled_from(["pending", "starting", "ready", "unready", "exited"]), max_size=6), st.integers(1, 6))
def test_it_is_reached_only_by_the_number_wanted_all_of_them_ready(statuses: list[str], wanted: int) -> None:
    now = Standing([instance(str(place), status) for place, status in enumerate(statuses)], 0)
    assert now.reached(wanted) == (statuses == ["ready"] * wanted)
