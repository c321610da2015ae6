"""No deployment is ever stuck: every part dies in every status; each attempt ends, and containers are as the rows say."""

import contextlib
import itertools
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults.changing import Changing
from faults.parts import INSTANCE, Parts
from gitserver import GitServer
from running import Platform, wait_for

from wisehosting_cp.deployments.status import DEADLINES, DeploymentStatus

PARTS = ("cp", "agent", "postgres", "haproxy", "podman", "conmon")
STATUSES = ("queued", "building", "starting", "verifying", "live")
EVERY_TIME = {
    ("cp", "building"),
    ("agent", "starting"),
    ("postgres", "queued"),
    ("haproxy", "verifying"),
    ("podman", "starting"),
    ("conmon", "live"),
}
"""One per part, each status among them; all others with --long."""
COMBINATIONS = [
    pytest.param(*both, marks=() if both in EVERY_TIME else pytest.mark.long)
    for both in itertools.product(PARTS, STATUSES)
]
ENDED: dict[tuple[str, str], str] = {}
"""How the deployment ended, by what was killed and when."""


class Held:
    """A deployment in the status that was asked for, and what must be let go after the kill."""

    def __init__(self, deployment: str, before: tuple[str, ...] = ()) -> None:
        self.deployment = deployment
        self.before = before
        self.paused: list[int] = []

    def let_go(self) -> None:
        for pid in self.paused:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


class Holding:
    """Brings a deployment into a status and keeps it there for seconds, by what apps and machines do by themselves."""

    def __init__(self, app: Changing, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._nonce = itertools.count()

    def queued(self) -> Held:
        """Behind a slow build."""
        first = self.building()
        held = Held(self._app.begin(self._app.push()), (first.deployment,))
        self._until(held, lambda seen: seen["status"] == "queued")
        return held

    def building(self) -> Held:
        """A command of the build takes its time."""
        held = Held(self._app.begin(self._app.push(build_txt=f"5 {next(self._nonce)}")))
        self._until(
            held,
            lambda seen: (
                seen["status"] == "building"
                and any(phase["phase"] == "built" and phase["seconds"] is None for phase in seen["phases"])
            ),
        )
        return held

    def starting(self) -> Held:
        """The app takes its time until it listens."""
        held = Held(self._app.begin(self._app.push(start_txt="4")))
        self._until(held, lambda seen: seen["status"] == "starting" and self.running(held))
        return held

    def verifying(self) -> Held:
        """HAProxy stands still, so that no route comes into force."""
        held = Held(self._app.begin(self._app.push(start_txt="3")))
        self._until(held, lambda seen: seen["status"] == "starting" and self.running(held))
        held.paused = [self._parts.pid("haproxy"), *self._parts.workers()]
        for pid in held.paused:
            os.kill(pid, signal.SIGSTOP)
        self._until(held, lambda seen: seen["status"] == "verifying")
        return held

    def live(self) -> Held:
        held = Held(self._app.begin(self._app.push()))
        self._until(held, lambda seen: seen["status"] == "live")
        return held

    def running(self, held: Held) -> str | None:
        """The instance of the held deployment whose container runs."""
        states = {one["Labels"][INSTANCE]: one["State"] for one in self._parts.containers(self._app.environment)}
        mine = [
            one["id"] for one in self._parts.instances(self._app.environment) if one["deployment_id"] == held.deployment
        ]
        return next((one for one in mine if states.get(one) == "running"), None)

    def any_running(self) -> str:
        """An instance of the deployment that is live."""
        live = [one["id"] for one in self._parts.instances(self._app.environment) if one["status"] == "ready"]
        return str(live[0])

    def _until(self, held: Held, reached: Callable[[Any], object]) -> None:
        def look() -> bool:
            seen = self._app.platform.deployment(held.deployment)
            assert seen["status"] not in {"failed", "cancelled"}, seen
            return bool(reached(seen))

        wait_for(look, within=90, what=lambda: f"the status; it is {self._app.platform.deployment(held.deployment)}")


@pytest.fixture(scope="module")
def app(platform: Platform, git_server: GitServer, apps: Path, parts: Parts) -> Changing:
    return Changing(platform, git_server, apps, parts, "survivor")


@pytest.fixture
def holding(app: Changing, parts: Parts) -> Holding:
    app.settled()
    return Holding(app, parts)


def kill(part: str, status: str, held: Held, holding: Holding, parts: Parts) -> None:
    if part == "conmon":
        of_old = status in {"queued", "building"}
        instance = holding.any_running() if of_old else holding.running(held)
        assert instance is not None
        parts.signal(parts.conmon(instance), "conmon SIGKILL")
        held.let_go()
    else:
        before = parts.send(part)
        held.let_go()
        parts.back(part, before)


@pytest.mark.parametrize(("part", "status"), COMBINATIONS)
def test_a_deployment_ends_although_a_part_is_killed(
    part: str, status: str, platform: Platform, app: Changing, holding: Holding, parts: Parts
) -> None:
    held: Held = getattr(holding, status)()
    try:
        kill(part, status, held, holding, parts)
    finally:
        held.let_go()
    within = DEADLINES.get(DeploymentStatus(status), DEADLINES[DeploymentStatus.verifying]).total_seconds()
    for deployment in (*held.before, held.deployment):
        ended = platform.over(deployment, within=within)
        assert ended["status"] in {"live", "replaced", "failed"}, ended
        assert ended["status"] != "failed" or (ended["reason"] and ended["detail"]), ended
    ENDED[part, status] = f"{ended['status']} {ended['reason'] or ''}".strip()
    print(f"kill -9 of {part} while {status}: {ENDED[part, status]}")  # noqa: T201 - the figure is the point
    app.settled()
    [live] = [
        one
        for one in platform.call("GET", f"/projects/{app.project['id']}/deployments?limit=200")["items"]
        if one["status"] == "live"
    ]
    answer = wait_for(lambda: visited(platform, app), within=30, what="the app's answer")
    assert answer.headers["X-WiseHosting-Deployment"] == str(live["number"])
    if ENDED[part, status] == "live":
        assert (live["id"], answer.text) == (held.deployment, f"survivor {app.version}")


def visited(platform: Platform, app: Changing) -> Any:
    return platform.visit(app.hostname) if platform.answers(app.hostname) else None


def test_every_combination_was_tried(request: pytest.FixtureRequest, parts: Parts) -> None:
    wanted = set(itertools.product(PARTS, STATUSES)) if request.config.getoption("--long") else EVERY_TIME
    tried = f"{len(ENDED)} of {len(PARTS) * len(STATUSES)} combinations"
    print(f"{tried}: {dict(Counter(ENDED.values()))}; {dict(parts.injected)}")  # noqa: T201 - the figure is the point
    assert set(ENDED) == wanted
    assert {what.split()[0] for what in parts.injected} == set(PARTS)
