"""The story of a first light, by the API and by `wh`: a Git repository becomes a running container with a URL."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from gitserver import GitServer
from running import Platform, wait_for

Command = Callable[..., subprocess.CompletedProcess[str]]


def test_a_git_url_becomes_a_running_app_by_the_api(platform: Platform, git_server: GitServer, apps: Path) -> None:
    url = git_server.repository("story", apps / "hello")
    git_server.push("story", {"message.txt": "by the API"})
    project = platform.create("story", url)
    first = project["environments"][0]["latest"]
    ended = platform.over(first["id"])
    assert (ended["status"], ended["reason"], ended["detail"]) == ("live", None, None)
    assert ended["commit"] == git_server.head("story")
    spent = [phase["phase"] for phase in ended["phases"]]
    assert spent == ["received", "queued", "checked_out", "built", "started", "healthy", "routed", "verified"]
    assert all(phase["seconds"] is not None for phase in ended["phases"])
    seen = platform.visit(project["environments"][0]["hostname"])
    assert seen.status == 200
    assert seen.headers["X-WiseHosting-Deployment"] == str(ended["number"])
    assert "STEP" in platform.log(first["id"])


def test_a_push_is_found_by_the_poll_and_takes_the_place_of_the_live_one(
    platform: Platform, git_server: GitServer, apps: Path
) -> None:
    url = git_server.repository("polled", apps / "hello")
    project = platform.create("polled", url)
    hostname = project["environments"][0]["hostname"]
    platform.over(project["environments"][0]["latest"]["id"])
    commit = git_server.push("polled", {"message.txt": "second"}, subject="Say it again.")
    deployment = wait_for(
        lambda: next(
            (
                item
                for item in platform.call("GET", f"/projects/{project['id']}/deployments")["items"]
                if item["number"] == 2
            ),
            None,
        ),
        within=30,
        what="the poll to find the push",
    )
    ended = platform.over(deployment["id"])
    assert (ended["status"], ended["cause"], ended["commit"]) == ("live", "poll", commit)
    assert platform.visit(hostname).headers["X-WiseHosting-Deployment"] == "2"
    first = platform.call("GET", f"/projects/{project['id']}/deployments")["items"][1]
    assert first["status"] == "replaced"


def test_the_same_by_wh(platform: Platform, wh: Command, git_server: GitServer, apps: Path) -> None:
    url = git_server.repository("terminal", apps / "hello")
    created = wh("create", "terminal", url)
    assert created.returncode == 0, created.stderr
    assert "is live: http://terminal.localhost" in created.stdout
    assert "Checking out" in created.stderr
    listed = json.loads(wh("projects", "--json").stdout)
    assert "terminal" in {project["name"] for project in listed}
    again = wh("deploy", "terminal", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["status"] == "live"
    reach = json.loads(wh("open", "terminal", "--json").stdout)
    assert platform.visit(reach["hostname"]).status == 200
    logs = wait_for(lambda: wh("logs", "terminal").stdout or None, within=20, what="lines of the app")
    assert logs


def test_wh_exits_with_2_and_the_reason_when_a_deployment_fails(
    platform: Platform, wh: Command, git_server: GitServer, apps: Path
) -> None:
    wh("create", "failing", git_server.repository("failing", apps / "broken-build"), "--detach")
    failed = wh("deploy", "failing")
    assert failed.returncode == 2
    assert "(build_failed)" in failed.stderr


def test_a_hook_starts_the_deployment_its_provider_announces(
    platform: Platform, git_server: GitServer, apps: Path
) -> None:
    import hashlib
    import hmac

    import httpx2

    project = platform.create("hooked", git_server.repository("hooked", apps / "hello"))
    platform.over(project["environments"][0]["latest"]["id"])
    hook = platform.call("POST", f"/projects/{project['id']}/hook-secret")
    git_server.push("hooked", {"message.txt": "by hook"})
    body = b'{"ref":"refs/heads/main"}'
    signature = "sha256=" + hmac.new(hook["secret"].encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": signature, "X-GitHub-Delivery": "delivery-1", "Content-Type": "application/json"}
    assert httpx2.post(hook["url"], content=body, headers=headers).status_code == 202
    forged = {**headers, "X-Hub-Signature-256": "sha256=" + "0" * 64}
    assert httpx2.post(hook["url"], content=body, headers=forged).status_code == 404
    second = wait_for(
        lambda: next(
            (
                item
                for item in platform.call("GET", f"/projects/{project['id']}/deployments")["items"]
                if item["number"] == 2
            ),
            None,
        ),
        within=30,
        what="the hook's deployment",
    )
    assert platform.over(second["id"])["status"] == "live"
