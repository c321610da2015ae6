"""Bad input: each a reason, a sentence that says what to do, and nothing else harmed.

One table. Every case has a row; rows that need a clock, a tiny disk or a second platform name the test that shows them.
"""

import ast
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gitserver import GitServer
from running import ROOT, STATE, Platform, run

from wisehosting_cp.deployments.sentences import NEXT_STEP
from wisehosting_cp.deployments.status import DeploymentReason

R = DeploymentReason

CASES = frozenset(
    {
        "repository unreachable",
        "repository not found",
        "repository private",
        "repository empty",
        "branch gone",
        "no Containerfile",
        "wrong wisehosting.toml",
        "build fails",
        "build out of memory",
        "build out of time",
        "build out of disk",
        "disk of the worker full",
        "nothing listens on the port",
        "crash at start",
        "never ready",
        "wrong port",
        "needs a capability",
        "invalid project name",
        "invalid variable name",
        "variable too large",
        "variable with a NUL",
        "variable with newlines",
        "variable with quotes",
        "variable of 64 KB",
        "variable that is not ASCII",
        "ports taken",
        "two ups at once",
    }
)
"""What the first light promises to answer well."""


@dataclass(frozen=True)
class Repository:
    """A repository whose deployment fails with this reason and sentence."""

    reason: DeploymentReason
    sentence: str
    """Pattern found in the detail."""
    app: str | None = None
    """Sample app below tests/apps."""
    files: tuple[tuple[str, str], ...] = ()
    url: str | None = None
    private: bool = False
    branch: str = "main"


REPOSITORIES: dict[str, Repository] = {
    "repository unreachable": Repository(
        R.repository_unreachable, r"(?i)cannot|could not|does not answer|refused", url="http://127.0.0.1:9/app.git"
    ),
    "repository not found": Repository(
        R.repository_not_found, r"(?i)no repository|not found|there is no", url="MISSING"
    ),
    "repository private": Repository(R.repository_private, r"(?i)private|sign in|password", app="hello", private=True),
    "repository empty": Repository(R.repository_empty, r"(?i)empty|no commit"),
    "branch gone": Repository(R.branch_gone, r"nowhere", app="hello", branch="nowhere"),
    "no Containerfile": Repository(
        R.not_detected, r"Add one of them or a Containerfile", files=(("README.md", "nothing to build here"),)
    ),
    "wrong wisehosting.toml": Repository(
        R.settings_refused,
        r"wisehosting.toml is not understood: .*prot",
        files=(("Containerfile", "FROM localhost/wisehosting/base:debian-13"), ("wisehosting.toml", "prot = 3000")),
    ),
    "build fails": Repository(R.build_failed, r"exit code 7 in step 2 \(RUN ", app="broken-build"),
    "build out of memory": Repository(
        R.build_out_of_memory, r"more than its 2 GB of memory in step 2", app="memory-hog"
    ),
    "nothing listens on the port": Repository(
        R.nothing_listens, r"Nothing listens on port 8080\. The app must listen on 0\.0\.0\.0:\$PORT", app="silent"
    ),
    "crash at start": Repository(R.crashed_at_start, r"exit code 3[^\n]*\nthe database is missing", app="crasher"),
    "never ready": Repository(R.never_ready, r"GET / still answered 500 after 6 s", app="never-ready"),
    "wrong port": Repository(
        R.wrong_port, r"listens on port 9999, not on 8080: set port = 9999 in wisehosting.toml", app="wrong-port"
    ),
    "needs a capability": Repository(
        R.needs_capability, r'capabilities = \["NET_BIND_SERVICE"\] under \[runtime\]', app="needs-capability"
    ),
}

BUILDER = "tests/integration/agent_build/test_limits.py"
ELSEWHERE: dict[str, str] = {
    "build out of time": "test_a_build_past_its_time_is_stopped_and_leaves_nothing",
    "build out of disk": "test_a_build_past_its_disk_is_stopped_and_leaves_nothing",
    "disk of the worker full": "test_a_build_on_a_full_disk_says_so_leaves_nothing_and_the_next_one_works",
}
"""Shown on the builder itself, with an injected limit and a small file system: the test that does."""


def test_every_case_has_exactly_one_row() -> None:
    assert sorted([*REPOSITORIES, *ELSEWHERE, *REQUESTS, *VALUES, *MACHINE]) == sorted(CASES)


@pytest.mark.parametrize("case", ELSEWHERE)
def test_a_case_shown_elsewhere_is_really_shown_there(case: str) -> None:
    functions = [node for node in ast.walk(ast.parse((ROOT / BUILDER).read_text())) if hasattr(node, "decorator_list")]
    assert [node.name for node in functions].count(ELSEWHERE[case]) == 1  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def neighbour(platform: Platform, git_server: GitServer, apps: Path) -> dict[str, Any]:
    """An app that must go on as if nothing happened."""
    project = platform.create("neighbour", git_server.repository("neighbour", apps / "hello"))
    environment: dict[str, Any] = project["environments"][0]
    ended = platform.over(environment["latest"]["id"])
    assert (ended["status"], ended["reason"], ended["detail"]) == ("live", None, None)
    return environment


@pytest.mark.parametrize("case", REPOSITORIES)
def test_a_bad_repository_fails_with_its_reason_and_a_sentence(
    case: str, platform: Platform, git_server: GitServer, apps: Path, neighbour: dict[str, Any]
) -> None:
    row = REPOSITORIES[case]
    name = "bad-" + re.sub(r"[^a-z0-9]+", "-", case.lower())[:30]
    if row.url is None:
        content: Any = apps / row.app if row.app else dict(row.files) or None
        url = git_server.repository(name, content, private=row.private)
    else:
        url = git_server.url("missing") if row.url == "MISSING" else row.url
    project = platform.create(name, url, branch=row.branch)
    environment = project["environments"][0]
    ended = platform.over(environment["latest"]["id"], within=300)
    assert (ended["status"], ended["reason"]) == ("failed", row.reason.value), ended["detail"]
    assert re.search(row.sentence, ended["detail"]), ended["detail"]
    assert ended["next_step"] == NEXT_STEP[row.reason]
    assert platform.visit(environment["hostname"]).status in {404, 503}
    seen = platform.visit(neighbour["hostname"])
    assert (seen.status, seen.headers["X-WiseHosting-Deployment"]) == (200, "1")


@dataclass(frozen=True)
class Request:
    """A request that is refused with a field's sentence."""

    send: Callable[[Platform, dict[str, Any]], Any]
    code: str
    sentence: str


def _project(name: str) -> Callable[[Platform, dict[str, Any]], Any]:
    source = {"provider": "git", "url": "http://127.0.0.1:9/app.git"}
    return lambda platform, _: platform.http.post("/projects", json={"name": name, "source": source})


def _variable(name: str, value: str) -> Callable[[Platform, dict[str, Any]], Any]:
    body = {"set": {name: {"value": value, "scope": "run"}}, "remove": []}
    return lambda platform, environment: platform.http.put(f"/environments/{environment['id']}/variables", json=body)


REQUESTS: dict[str, Request] = {
    "invalid project name": Request(_project("Not A Name"), r"name", r"small letters"),
    "invalid variable name": Request(_variable("1BAD", "x"), r"variable|name", r"(?i)letter|digit|underscore"),
    "variable too large": Request(_variable("BIG", "x" * 65537), r"variable|value|large", r"64"),
    "variable with a NUL": Request(_variable("NUL", "a\0b"), r"variable|value", r"(?i)nul"),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_a_bad_request_is_refused_with_a_code_and_a_sentence(
    case: str, platform: Platform, neighbour: dict[str, Any]
) -> None:
    row = REQUESTS[case]
    answer = row.send(platform, neighbour)
    assert answer.status_code in {400, 422}, answer.text
    problem = answer.json()
    assert re.search(row.code, problem["code"]), problem
    sentences = " ".join([problem["detail"], *(problem.get("fields") or {}).values()])
    assert re.search(row.sentence, sentences), problem


VALUES: dict[str, str] = {
    "variable with newlines": "one\ntwo\r\nthree\n",
    "variable with quotes": "a \"b\" 'c' $HOME `d` \\e %s {x}",
    "variable of 64 KB": "x" * 65536,
    "variable that is not ASCII": "žluťoučký 馬 🐎",
}
"""Odd, and allowed: each reaches the app as it was written."""


def test_every_odd_value_reaches_the_app_as_it_was_written(
    platform: Platform, git_server: GitServer, apps: Path
) -> None:
    project = platform.create("variables", git_server.repository("variables", apps / "hello"))
    environment = project["environments"][0]
    platform.over(environment["latest"]["id"])
    names = {case: case.upper().replace(" ", "_") for case in VALUES}
    given = {names[case]: {"value": value, "scope": "run"} for case, value in VALUES.items()}
    platform.call("PUT", f"/environments/{environment['id']}/variables", {"set": given, "remove": []})
    deployment = platform.call("POST", f"/projects/{project['id']}/deployments", {})
    ended = platform.over(deployment["id"])
    assert (ended["status"], ended["reason"], ended["detail"]) == ("live", None, None)
    for case, value in VALUES.items():
        answer = platform.visit(environment["hostname"], f"/env?name={names[case]}")
        assert json.loads(answer.text) == value, case


def _second_up(_: Platform) -> subprocess.CompletedProcess[str]:
    return run("./dev", "up", "--state", STATE, "--detach")


def _up_on_its_ports(platform: Platform) -> subprocess.CompletedProcess[str]:
    other = STATE.with_name("test-e2e-taken")
    try:
        return run("./dev", "up", "--state", other, "--apps-port", str(platform.apps_port), "--detach")
    finally:
        run("./dev", "down", "--state", other, "--erase", "--yes")


MACHINE: dict[str, tuple[Callable[[Platform], subprocess.CompletedProcess[str]], str]] = {
    "two ups at once": (_second_up, r"Another \./dev up \(process \d+\) runs on .*\./dev down --state"),
    "ports taken": (
        _up_on_its_ports,
        r"Port \d+ for the apps is taken by haproxy \(process \d+\)[\s\S]*--apps-port \d+",
    ),
}
"""What `./dev up` itself refuses, and the sentence."""


@pytest.mark.parametrize("case", MACHINE)
def test_a_start_that_cannot_be_says_why_and_what_to_do_and_harms_nothing(
    case: str, platform: Platform, neighbour: dict[str, Any]
) -> None:
    start, sentence = MACHINE[case]
    refused = start(platform)
    assert refused.returncode == 1
    assert re.search(sentence, refused.stdout + refused.stderr), refused.stdout + refused.stderr
    assert platform.call("GET", "/session")["user"]["name"]
    assert platform.visit(neighbour["hostname"]).status == 200
