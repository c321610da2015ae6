"""More and fewer instances of the live deployment, without one failed request."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.changing import UNTOUCHED, Changing, lost_nothing
from faults.driver import Load
from faults.parts import Parts
from gitserver import GitServer
from running import Platform, wait_for

MANY = 3


@pytest.fixture(scope="module")
def changing(platform: Platform, git_server: GitServer, apps: Path, parts: Parts) -> Changing:
    return Changing(platform, git_server, apps, parts, "stretchy")


@pytest.fixture(scope="module")
def load(
    platform: Platform,
    git_server: GitServer,
    apps: Path,
    parts: Parts,
    changing: Changing,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Load]:
    beside = Changing(platform, git_server, apps, parts, f"{UNTOUCHED}-2")
    with Load(platform.apps_port, changing.app, beside.app, tmp_path_factory.mktemp("load") / "load.log") as load:
        yield load


def answering(load: Load, what: str) -> int:
    """How many instances answer, by a window of its own."""
    seen = load.mark(what)
    lost_nothing(seen, load)
    return len(seen.changed["instances"])


def test_no_request_is_lost_while_instances_are_added_and_taken_away(changing: Changing, load: Load) -> None:
    changing.scale(MANY)
    more = load.mark(f"1 to {MANY} instances")
    lost_nothing(more, load)
    wait_for(lambda: answering(load, f"{MANY} instances") == MANY, within=15, what=f"answers of {MANY} instances")
    load.draining()
    changing.scale(1)
    fewer = load.mark(f"{MANY} to 1 instances")
    lost_nothing(fewer, load)
    wait_for(lambda: answering(load, "1 instance") == 1, within=15, what="answers of one instance alone")
    last = load.stop("the last requests")
    assert len(fewer.changed["instances"]) == MANY, f"not all instances answered before: {fewer}"
    assert not more.changed["first_answers"], f"another deployment answered: {more}"
    assert not fewer.changed["first_answers"], f"another deployment answered: {fewer}"
    assert (load.failed, last.broken) == (0, 0)
