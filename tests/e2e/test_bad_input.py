"""Bad input: each a reason, a sentence that says what to do, and nothing else harmed.

One table. Every case has a row; rows that need a clock, a tiny disk or a second platform name the test that shows them.
"""

import re
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
        "build fails",
        "build out of memory",
        "build out of time",
        "build out of disk",
        "nothing listens on the port",
        "crash at start",
        "never ready",
        "wrong port",
        "needs a capability",
        "invalid project name",
        "invalid variable name",
        "variable too large",
        "variable with a NUL",
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
        R.no_containerfile, r"Add a Containerfile", files=(("README.md", "nothing to build here"),)
    ),
    "build fails": Repository(R.build_failed, r"7", app="broken-build"),
    "build out of memory": Repository(R.build_out_of_memory, r"(?i)memory", app="memory-hog"),
    "nothing listens on the port": Repository(R.nothing_listens, r"\$PORT|8080", app="silent"),
    "crash at start": Repository(R.crashed_at_start, r"(?i)exit", app="crasher"),
    "never ready": Repository(R.never_ready, r"5\d\d", app="never-ready"),
    "wrong port": Repository(R.wrong_port, r"(?i)port", app="wrong-port"),
    "needs a capability": Repository(R.needs_capability, r"(?i)capabilit|permission|privilege", app="needs-capability"),
}

ELSEWHERE: dict[str, str] = {
    "build out of time": "tests/integration/agent_build",
    "build out of disk": "tests/integration/agent_build",
}
"""Shown on the builder itself, with an injected limit and a small file system."""


def test_every_case_has_exactly_one_row() -> None:
    rows = [*REPOSITORIES, *ELSEWHERE, *REQUESTS, "ports taken", "two ups at once"]
    assert sorted(rows) == sorted(CASES)


@pytest.mark.parametrize(("case", "folder"), ELSEWHERE.items())
def test_a_case_shown_elsewhere_is_really_shown_there(case: str, folder: str) -> None:
    reason = "build_" + case.removeprefix("build ").replace(" ", "_")
    sources = [path.read_text() for path in (ROOT / folder).glob("test_*.py")]
    assert any(re.search(rf"Reason\.{reason}\b|\"{reason}\"", source) for source in sources), f"no test of {reason}"


@pytest.fixture(scope="module")
def neighbour(platform: Platform, git_server: GitServer, apps: Path) -> dict[str, Any]:
    """An app that must go on as if nothing happened."""
    project = platform.create("neighbour", git_server.repository("neighbour", apps / "hello"))
    environment: dict[str, Any] = project["environments"][0]
    ended = platform.over(environment["latest"]["id"])
    assert ended["status"] == "live", ended
    return environment


@pytest.mark.parametrize("case", REPOSITORIES)
def test_a_bad_repository_fails_with_its_reason_and_a_sentence(
    case: str, platform: Platform, git_server: GitServer, apps: Path, neighbour: dict[str, Any]
) -> None:
    row = REPOSITORIES[case]
    name = "bad-" + case.lower().replace(" ", "-")[:30]
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


def test_a_second_up_on_the_same_state_says_that_one_runs(platform: Platform) -> None:
    second = run("./dev", "up", "--state", STATE, "--detach")
    assert second.returncode != 0
    assert re.search(r"(?i)already|runs", second.stdout + second.stderr)
    assert platform.call("GET", "/session")["user"]["name"]


def test_an_up_on_taken_ports_names_the_port_and_who_holds_it(platform: Platform, tmp_path: Path) -> None:
    other = Path("/var/lib/wisehosting/test-e2e-taken")
    taken = run("./dev", "up", "--state", other, "--apps-port", str(platform.apps_port), "--detach")
    assert taken.returncode != 0
    assert str(platform.apps_port) in taken.stdout + taken.stderr
    assert re.search(r"--apps-port", taken.stdout + taken.stderr)
    assert platform.call("GET", "/session")["user"]["name"]
