"""`kill -9` of any part: apps go on, the part comes back, the next deployment works. Then `kill -9` of `./dev up` itself."""

import json
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from gitserver import GitServer
from running import ROOT, STATE, Platform, run, wait_for

INJECTED = dict.fromkeys(("cp", "agent", "postgres", "podman", "haproxy", "up"), 0)
"""Kills by part; the last test fails when one was never injected."""

OUTSIDE = {path: path.stat().st_mode for path in (Path("/root"), Path("/tmp"), *ROOT.parents, *STATE.parents[1:])}
"""As it was before the platform started: the embedded PostgreSQL opens the parents of its data for its own user."""


def pid_of(part: str) -> int:
    if part == "haproxy":
        return int((STATE / "agent" / "ingress" / "haproxy.pid").read_text())
    return int(json.loads((STATE / "processes" / f"{part}.json").read_text())["pid"])


def kill(part: str, pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    INJECTED[part] += 1


@pytest.fixture(scope="module")
def app(platform: Platform, git_server: GitServer, apps: Path) -> dict[str, Any]:
    """A project that is live before something dies."""
    project = platform.create("survivor", git_server.repository("survivor", apps / "hello"))
    ended = platform.over(project["environments"][0]["latest"]["id"])
    assert ended["status"] == "live", ended
    found: dict[str, Any] = project
    return found


def answers(platform: Platform, app: dict[str, Any]) -> Callable[[], bool]:
    def look() -> bool:
        try:
            return platform.visit(app["environments"][0]["hostname"]).status == 200
        except httpx2.HTTPError:
            return False

    return look


def ready(platform: Platform) -> Callable[[], bool]:
    def look() -> bool:
        try:
            answer = platform.http.get("/platform")
        except httpx2.HTTPError:
            return False
        return answer.is_success and answer.json()["workers"]["ready"] == 1

    return look


def deploys(platform: Platform, app: dict[str, Any], git_server: GitServer, message: str) -> None:
    """Push, deploy, and see the new content answer."""
    git_server.push("survivor", {"message.txt": message})
    started = platform.call("POST", f"/projects/{app['id']}/deployments", {})
    ended = platform.over(started["id"])
    assert ended["status"] == "live", ended
    assert platform.visit(app["environments"][0]["hostname"]).text == message


@pytest.mark.parametrize("part", ["cp", "agent", "postgres", "podman"])
def test_a_killed_part_comes_back_while_the_app_answers(
    part: str, platform: Platform, app: dict[str, Any], git_server: GitServer
) -> None:
    before = pid_of(part)
    kill(part, before)
    assert answers(platform, app)()
    wait_for(lambda: pid_of(part) != before, within=40, what=f"a new {part}")
    wait_for(ready(platform), within=60, what=f"the platform after {part} was killed")
    assert answers(platform, app)()
    deploys(platform, app, git_server, f"after {part} was killed")


def test_a_killed_haproxy_comes_back_with_its_routes(platform: Platform, app: dict[str, Any]) -> None:
    before = pid_of("haproxy")
    kill("haproxy", before)
    wait_for(lambda: pid_of("haproxy") != before and answers(platform, app)(), within=30, what="the app's answer")


def test_after_a_killed_up_the_next_one_takes_over(
    platform: Platform, app: dict[str, Any], git_server: GitServer
) -> None:
    kill("up", int((STATE / "lock").read_text()))
    assert answers(platform, app)()
    again = run("./dev", "up", "--state", STATE, "--detach")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "left by a start that was killed" in again.stdout
    platform.sign_in_again()
    wait_for(answers(platform, app), within=60, what="the app's answer after the second up")
    deploys(platform, app, git_server, "after ./dev up was killed")


def test_nothing_outside_the_state_folder_changed_its_permissions(platform: Platform) -> None:
    assert {path: path.stat().st_mode for path in OUTSIDE} == OUTSIDE
    secret = [path for path in STATE.rglob("secrets/*") if path.is_file()]
    assert secret
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in [*secret, STATE / "access.json"])


def test_every_kill_was_injected(platform: Platform) -> None:
    print("kills injected:", INJECTED)  # noqa: T201 - a figure for the log
    assert all(INJECTED.values())
