"""Apps are changed without one failed request: every change and every death of a part under open-loop load."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.changing import OTHERS, SWITCHES, UNTOUCHED, Changing, lost_nothing, switched
from faults.driver import Load
from faults.parts import Parts
from gitserver import GitServer
from running import Platform, wait_for

MANY = 1_000_000
HAPPENED: list[str] = []
"""What was done under load."""


@pytest.fixture(scope="module")
def untouched(platform: Platform, git_server: GitServer, apps: Path, parts: Parts) -> Changing:
    return Changing(platform, git_server, apps, parts, UNTOUCHED)


@pytest.fixture(scope="module")
def changing(platform: Platform, git_server: GitServer, apps: Path, parts: Parts) -> Changing:
    return Changing(platform, git_server, apps, parts)


@pytest.fixture(scope="module")
def load(
    platform: Platform, changing: Changing, untouched: Changing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Load]:
    log = tmp_path_factory.mktemp("load") / "load.log"
    with Load(platform.apps_port, changing.app, untouched.app, log) as load:
        yield load


@pytest.mark.parametrize("what", SWITCHES)
def test_no_request_is_lost_when_visitors_are_led_elsewhere_by(what: str, changing: Changing, load: Load) -> None:
    SWITCHES[what](changing)
    seen = load.mark(what)
    HAPPENED.append(what)
    lost_nothing(seen, load)
    switched(seen)


@pytest.mark.parametrize("what", OTHERS)
def test_no_request_is_lost_during(what: str, changing: Changing, load: Load) -> None:
    OTHERS[what](changing)
    seen = load.mark(what)
    HAPPENED.append(what)
    lost_nothing(seen, load)
    assert not seen.changed["first_answers"], f"another deployment answered: {seen}"


def test_no_request_is_lost_while_the_last_instances_drain_and_end(changing: Changing, load: Load) -> None:
    changing.deploy()
    changing.settled()
    seen = load.mark("drains to their deadline")
    lost_nothing(seen, load)
    switched(seen)
    assert seen.changed["streams"]["drained"], f"no stream was open at the deadline: {seen}"


@pytest.mark.long
def test_no_request_of_a_million_is_lost(changing: Changing, load: Load) -> None:
    rounds = 0
    while load.sent < MANY:
        rounds += 1
        for what, change in {**SWITCHES, **OTHERS}.items():
            change(changing)
            lost_nothing(load.mark(f"round {rounds}, {what}"), load)
    print(f"{rounds} rounds: {load.sent} sent, {load.failed} failed")  # noqa: T201 - the figure is the point
    assert load.failed == 0


def test_everything_was_done_under_load_and_nothing_was_lost(load: Load, parts: Parts) -> None:
    last = load.stop("the last requests")
    total = (
        f"{len(HAPPENED)} changes and faults; signals {dict(parts.injected)}; {load.sent} sent, {load.failed} failed"
    )
    print(total)  # noqa: T201 - the figure is the point
    assert set(HAPPENED) == {*SWITCHES, *OTHERS}
    assert (load.failed, last.broken) == (0, 0)
    assert all(parts.injected.values())


def test_after_kill_9_of_haproxy_s_worker_visitors_are_answered_again(
    platform: Platform, changing: Changing, untouched: Changing, parts: Parts, tmp_path: Path
) -> None:
    """The one fault that costs requests: its master ends with it, and every connection is gone. How long, is printed."""
    with Load(platform.apps_port, changing.app, untouched.app, tmp_path / "load.log") as load:
        worker = parts.worker()
        before = parts.pid("haproxy")
        parts.signal(worker, "haproxy worker SIGKILL")
        parts.back("haproxy", before)
        wait_for(lambda: not load.mark("after kill -9 of HAProxy's worker").failed, within=30, what="answers again")
        print(f"longest time without an answer: {load.longest_gap_ms} ms; {load.failed} of {load.sent} requests failed")  # noqa: T201
        assert load.failed, "the kill hit nobody: was it the worker?"
