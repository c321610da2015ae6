"""What a user does to a running app, by `wh` on the real platform."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gitserver import GitServer
from running import Answer, Platform, wait_for

Command = Callable[..., subprocess.CompletedProcess[str]]

HOST = "managed.localhost"


def done(answer: subprocess.CompletedProcess[str]) -> str:
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.fixture
def managed(wh: Command, git_server: GitServer, apps: Path) -> GitServer:
    """The project `managed`: release 1 of its branch, and live release 2 of another one, which no poll looks at."""
    url = git_server.repository("managed", apps / "hello")
    git_server.push("managed", {"message.txt": "first"})
    assert "is live" in done(wh("create", "managed", url))
    git_server.push("managed", {"message.txt": "second"}, branch="next", subject="Say [it] twice.")
    assert "Say [it] twice." in done(wh("deploy", "managed", "--ref", "next")) + done(wh("status", "managed"))
    return git_server


def test_a_running_app_is_rolled_back_scaled_given_variables_cancelled_deleted_and_restored(
    platform: Platform, wh: Command, managed: GitServer
) -> None:
    def visit(path: str = "/") -> Answer:
        return platform.visit(HOST, path)

    def shown(*argv: str) -> Any:
        return json.loads(done(wh(*argv, "--json")))

    def ready() -> int:
        found = shown("status", "managed")
        live = found["project"]["environments"][0]["live"]["id"]
        ours = [item for item in found["instances"] if item["deployment_id"] == live and not item["leaving"]]
        return sum(1 for item in ours if item["status"] == "ready")

    assert visit().text == "second"
    assert [item["rollback"] for item in shown("releases", "managed")] == ["live", "instant"]

    back = wh("rollback", "managed")
    assert "is live: http://managed.localhost" in done(back)
    assert "Back to release 1. Its instances are kept: instant." in back.stderr
    assert visit().text == "first"
    done(wh("rollback", "managed", "2"))
    assert visit().text == "second"
    refused = wh("rollback", "managed", "99")
    assert refused.returncode == 1
    assert refused.stderr.endswith("Next: wh releases managed\n")

    assert "2 instances of managed are ready." in done(wh("scale", "managed", "2"))
    assert ready() == 2
    assert "1 instance of managed is ready." in done(wh("scale", "managed", "1"))
    assert ready() == 1

    managed.push("managed", {"message.txt": "third"}, branch="next")
    done(wh("variables", "set", "managed", "GREETING=-", "--deploy", input="hello\n"))
    assert visit("/env?name=GREETING").text == '"hello"'
    assert visit().text == "second", "the live commit was deployed, not what was pushed meanwhile"
    assert [(item["name"], item["scope"]) for item in shown("variables", "managed")["items"]] == [("GREETING", "run")]
    assert shown("restart", "managed")["cause"] == "restart"

    slow = 'FROM localhost/wisehosting/python:3.13\nRUN sleep 300\nCMD ["true"]\n'
    managed.push("managed", {"Containerfile": slow}, branch="slow")
    number = shown("deploy", "managed", "--ref", "slow", "--detach")["number"]
    assert f"under way   deployment {number}" in done(wh("status", "managed"))
    assert f"Deployment {number} is cancelled." in done(wh("cancel", "managed"))
    assert "(cancelled_by_user)" in done(wh("deployments", "managed"))
    assert "Checking out main" in done(wh("logs", "managed", "--deployment", "1"))
    assert "managed" in done(wh("status"))
    assert visit().status == 200
    idle = wh("cancel", "managed")
    assert idle.returncode == 1
    assert idle.stderr.startswith("Nothing of managed is under way")

    asked = wh("delete", "managed", input="")
    assert asked.returncode == 1
    assert asked.stderr.endswith("Next: wh delete managed --yes\n")
    assert visit().status == 200
    assert "wh restore managed" in done(wh("delete", "managed", "--yes"))
    assert "wh restore managed" in done(wh("projects"))
    wait_for(lambda: visit().status != 200, within=20, what="the deleted app to stop serving")
    assert "is live" in done(wh("restore", "managed"))
    assert visit("/env?name=GREETING").text == '"hello"'


def test_a_script_has_a_token_and_a_context_of_its_own(platform: Platform, wh: Command, tmp_path: Path) -> None:
    token = tmp_path / "token.txt"
    done(wh("tokens", "create", "script", "--scope", "read", "--days", "1", "--file", str(token)))
    done(wh("login", platform.access["dashboard"], "--context", "script", input=token.read_text()))
    contexts = json.loads(done(wh("context", "--json")))
    assert [(item["name"], item["in_use"]) for item in contexts] == [("local", False), ("script", True)]
    for command in ("platform", "workers", "disk", "status"):
        assert token.read_text().strip() not in done(wh(command))
    refused = wh("tokens", "create", "more", "--scope", "admin", "--file", "-")
    assert refused.returncode == 1
    assert refused.stderr.endswith("Next: wh tokens create --help\n")
    done(wh("tokens", "revoke", "script", "--context", "local"))
    ended = wh("projects")
    assert ended.returncode == 3
    assert ended.stderr.endswith("Next: wh login URL --context script\n")
    assert wh("projects", "--context", "local").returncode == 0


def test_a_team_is_made_shared_and_looked_at(wh: Command, tmp_path: Path) -> None:
    assert "Made the team crew" in done(wh("teams", "create", "crew"))
    taken = wh("teams", "create", "crew")
    assert (taken.returncode != 0, "Choose another name" in taken.stderr) == (True, True)
    link = tmp_path / "link.txt"
    told = done(wh("teams", "invite", "crew", "ada@example.org", "--role", "viewer", "--file", str(link)))
    assert "works once" in told
    assert "/invitation#" in link.read_text()
    assert link.stat().st_mode & 0o077 == 0
    shown = json.loads(done(wh("teams", "show", "crew", "--json")))
    assert [(one["email"], one["role"]) for one in shown["invitations"]] == [("ada@example.org", "viewer")]
    assert [(one["role"], one["you"]) for one in shown["people"]] == [("owner", True)]
    assert {"crew"} <= {one["name"] for one in json.loads(done(wh("teams", "--json")))}
    last = wh("teams", "remove", "crew", shown["people"][0]["email"])
    assert "A team needs an owner" in last.stderr
    stranger = wh("teams", "role", "crew", "eve@example.org", "admin")
    assert "wh teams show crew" in stranger.stderr
