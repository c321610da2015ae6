"""`kill -9` of any part: apps go on, the part comes back, the next deployment works. Then `kill -9` of `./dev up` itself."""

import contextlib
import os
import shlex
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from gitserver import GitServer
from running import ROOT, STATE, Platform, pid_of, run, wait_for

INJECTED = dict.fromkeys(("cp", "agent", "postgres", "podman", "haproxy", "up", "machine"), 0)
"""Kills by part; the last test fails when one was never injected."""

OUTSIDE = {path: path.stat().st_mode for path in (Path("/root"), Path("/tmp"), *ROOT.parents, *STATE.parents[1:])}
"""As it was before the platform started: the embedded PostgreSQL opens the parents of its data for its own user."""


def kill(part: str, pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    INJECTED[part] += 1


@pytest.fixture(scope="module")
def app(platform: Platform, git_server: GitServer, apps: Path) -> dict[str, Any]:
    """A project that is live before something dies."""
    project = platform.create("survivor", git_server.repository("survivor", apps / "hello"))
    ended = platform.over(project["environments"][0]["latest"]["id"])
    assert (ended["status"], ended["reason"], ended["detail"]) == ("live", None, None)
    found: dict[str, Any] = project
    return found


def answers(platform: Platform, app: dict[str, Any]) -> Callable[[], bool]:
    return lambda: platform.answers(app["environments"][0]["hostname"])


def deploys(platform: Platform, app: dict[str, Any], git_server: GitServer, message: str) -> None:
    """Push, deploy, and see the new content answer."""
    git_server.push("survivor", {"message.txt": message})
    started = platform.call("POST", f"/projects/{app['id']}/deployments", {})
    ended = platform.over(started["id"])
    assert (ended["status"], ended["reason"], ended["detail"]) == ("live", None, None)
    assert platform.visit(app["environments"][0]["hostname"]).text == message


@pytest.mark.parametrize("part", ["cp", "agent", "postgres", "podman"])
def test_a_killed_part_comes_back_while_the_app_answers(
    part: str, platform: Platform, app: dict[str, Any], git_server: GitServer
) -> None:
    before = pid_of(STATE, part)
    kill(part, before)
    assert answers(platform, app)()
    wait_for(lambda: pid_of(STATE, part) != before, within=40, what=f"a new {part}")
    wait_for(platform.ready, within=60, what=f"the platform after {part} was killed")
    assert answers(platform, app)()
    deploys(platform, app, git_server, f"after {part} was killed")


def test_a_killed_haproxy_comes_back_with_its_routes(platform: Platform, app: dict[str, Any]) -> None:
    before = pid_of(STATE, "haproxy")
    kill("haproxy", before)

    def back() -> bool:
        with contextlib.suppress(FileNotFoundError, ValueError):  # HAProxy writes the file anew
            return pid_of(STATE, "haproxy") != before and answers(platform, app)()
        return False

    wait_for(back, within=30, what="the app's answer")


def test_after_a_killed_up_the_next_one_takes_over(
    platform: Platform, app: dict[str, Any], git_server: GitServer
) -> None:
    kill("up", int((STATE / "lock").read_text()))
    assert answers(platform, app)()
    assert "left by a start that was killed" in start_again(platform)
    wait_for(answers(platform, app), within=60, what="the app's answer after the second up")
    deploys(platform, app, git_server, "after ./dev up was killed")


def test_after_down_the_next_up_has_everything_as_it_was(
    platform: Platform, app: dict[str, Any], git_server: GitServer
) -> None:
    before = platform.visit(app["environments"][0]["hostname"]).text
    down = run("./dev", "down", "--state", STATE)
    assert down.returncode == 0, down.stdout + down.stderr
    with pytest.raises(httpx2.HTTPError):
        platform.visit(app["environments"][0]["hostname"])
    start_again(platform)
    wait_for(answers(platform, app), within=60, what="the app's answer after down and up")
    assert platform.visit(app["environments"][0]["hostname"]).text == before
    deploys(platform, app, git_server, "after down and up")


def test_after_the_machine_restarted_the_app_answers_again(
    platform: Platform, app: dict[str, Any], git_server: GitServer
) -> None:
    """As a power cut leaves it: no process, no bridge, no rule, nothing of ours below /run; only the disk."""
    number = (STATE / "number").read_text().strip()
    for pid in sorted(processes_of_ours(), reverse=True):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            INJECTED["machine"] += 1
    wait_for(lambda: not processes_of_ours(), within=20, what="the end of all processes")
    forget_what_ends_with_the_boot(number)
    start_again(platform)
    wait_for(answers(platform, app), within=90, what="the app's answer after the machine restarted")
    deploys(platform, app, git_server, "after the machine restarted")


def start_again(platform: Platform) -> str:
    """`./dev up` on the same folder; what it printed."""
    up = run("./dev", "up", "--state", STATE, "--detach")
    assert up.returncode == 0, up.stdout + up.stderr
    platform.sign_in_again()
    return up.stdout


def processes_of_ours() -> set[int]:
    """Everything that was started on this state folder, containers and their monitors with it."""
    parents: dict[int, int] = {}
    ours: set[int] = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            named = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if fields[0] in "ZX":
            continue
        parents[int(folder.name)] = int(fields[1])
        if str(STATE).encode() in named:
            ours.add(int(folder.name))
    while below := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= below
    return ours - {os.getpid()}


def forget_what_ends_with_the_boot(number: str) -> None:
    for row in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
        path = row.split()[4]
        if path.startswith((f"{STATE}/", f"/run/wisehosting/{number}")):
            subprocess.run(["umount", "--lazy", path], check=False, capture_output=True)
    for folder in Path("/run/wisehosting").glob(f"{number}*"):
        if folder.name.partition("-")[0] == number:
            shutil.rmtree(folder)
    for bridge in Path("/sys/class/net").glob(f"whbr{number}x*"):
        subprocess.run(["ip", "link", "delete", bridge.name], check=True)
    subnet = f"10.{128 + int(number)}."
    listed = subprocess.run(["iptables", "-t", "nat", "-S"], check=True, capture_output=True, text=True).stdout
    for rule in listed.splitlines():
        if rule.startswith("-A ") and (f"name: wh{number}-" in rule or subnet in rule):
            argv = ["iptables", "-t", "nat", "-D", *shlex.split(rule)[1:]]
            subprocess.run(argv, check=True)
    subprocess.run(["nft", "delete", "table", "inet", f"wh{number}_tenant"], check=False, capture_output=True)


def test_nothing_outside_the_state_folder_changed_its_permissions(platform: Platform) -> None:
    assert {path: path.stat().st_mode for path in OUTSIDE} == OUTSIDE
    secret = [path for path in (STATE / "secrets").iterdir() if path.is_file()]
    assert secret
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in [*secret, STATE / "access.json"])


def test_every_kill_was_injected(platform: Platform) -> None:
    print("kills injected:", INJECTED)  # noqa: T201 - a figure for the log
    assert all(INJECTED.values())
