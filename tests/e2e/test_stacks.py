"""Repositories without a Containerfile become running apps; one sample of each stack, fetched as visitors fetch it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from gitserver import GitServer
from running import Platform

Command = Callable[..., subprocess.CompletedProcess[str]]


class Sample(msgspec.Struct, frozen=True):
    """A folder in tests/apps, and what it answers."""

    folder: str
    stack: str
    says: str
    long: bool = False
    path: str = "/"


SAMPLES = [
    Sample("static-page", "static", "served as a static site"),
    Sample("python-requirements", "python", "served by Flask"),
    Sample("node-npm", "node", "served by Express"),
    Sample("python-uv", "python", "served by FastAPI", long=True),
    Sample("python-poetry", "python", "served by Bottle", long=True),
    Sample("python-django", "python", "served by Django", long=True),
    Sample("node-pnpm", "node", "served by Fastify", long=True),
    Sample("node-next", "node", "served by Next.js", long=True),
    Sample("node-vite", "node", "served by Vite's files", long=True),
    Sample("bun-server", "node", "served by Bun", long=True),
    Sample("deno-server", "deno", "served by Deno", long=True),
    Sample("go-vendored", "go", "served by Go", long=True),
    Sample("php-composer", "php", "served by PHP", long=True),
    Sample("ruby-sinatra", "ruby", "served by Sinatra", long=True),
    Sample("rust-debian", "rust", "served by Rust", long=True),
    Sample("java-maven", "java", "served by Java", long=True),
    Sample("php-plain", "php", "served by plain PHP", long=True),
    Sample("ruby-bundler", "ruby", "served by Bundler", long=True),
    Sample("rust-vendored", "rust", "served by Rust with its crates beside it", long=True),
]
DEFAULTS = [sample for sample in SAMPLES if not sample.long]
SLOW = [sample for sample in SAMPLES if sample.long]


def deployed(platform: Platform, git_server: GitServer, apps: Path, sample: Sample) -> None:
    """Build, run and fetch one sample, and build its next commit with what is there already."""
    name = sample.folder
    project = platform.create(name, git_server.repository(name, apps / sample.folder))
    environment = project["environments"][0]
    first = platform.over(environment["latest"]["id"], within=600)
    log = platform.log(first["id"])
    assert first["status"] == "live", (first["reason"], first["detail"], log[-3000:])
    plan = platform.call("GET", f"/deployments/{first['id']}/build")["plan"]
    assert plan["stack"] == sample.stack
    assert plan["summary"] in log
    seen = platform.visit(environment["hostname"], sample.path)
    assert (seen.status, sample.says in seen.text) == (200, True), seen.text[:500]


@pytest.mark.parametrize("sample", DEFAULTS, ids=lambda sample: sample.folder)
def test_a_sample_without_a_containerfile_is_built_run_and_fetched(
    platform: Platform, git_server: GitServer, apps: Path, sample: Sample
) -> None:
    deployed(platform, git_server, apps, sample)


@pytest.mark.long
@pytest.mark.parametrize("sample", SLOW, ids=lambda sample: sample.folder)
def test_a_slower_sample_is_built_run_and_fetched(
    platform: Platform, git_server: GitServer, apps: Path, sample: Sample
) -> None:
    deployed(platform, git_server, apps, sample)


def test_a_static_site_has_its_headers_and_its_own_page_for_what_is_not_there(
    platform: Platform, git_server: GitServer, apps: Path
) -> None:
    url = git_server.repository("headers", apps / "static-page")
    project = platform.create("headers", url)
    hostname = project["environments"][0]["hostname"]
    assert platform.over(project["environments"][0]["latest"]["id"], within=300)["status"] == "live"
    style = platform.visit(hostname, "/vendor/plain.css")
    assert (style.status, style.headers["Cache-Control"]) == (200, "public, max-age=86400")
    missing = platform.visit(hostname, "/nowhere")
    assert (missing.status, "no such page of ours" in missing.text) == (404, True)


def test_what_is_shown_before_the_first_deployment_is_what_is_built(
    platform: Platform, git_server: GitServer, apps: Path
) -> None:
    url = git_server.repository("foretold", apps / "static-page")
    asked = {"source": {"url": url, "branch": "main"}}
    said = platform.call("POST", "/plans", asked)
    project = platform.create("foretold", url)
    first = platform.over(project["environments"][0]["latest"]["id"], within=300)
    built = platform.call("GET", f"/deployments/{first['id']}/build")
    assert {name: built["plan"][name] for name in ("stack", "summary", "start", "port", "containerfile")} == {
        name: said["plan"][name] for name in ("stack", "summary", "start", "port", "containerfile")
    }


def test_a_setting_of_the_project_changes_the_next_build(
    platform: Platform, git_server: GitServer, wh: Command
) -> None:
    url = git_server.repository("tuned", {"index.html": "outer", "public/index.html": "inner"})
    project = platform.create("tuned", url)
    hostname = project["environments"][0]["hostname"]
    platform.over(project["environments"][0]["latest"]["id"], within=300)
    assert platform.visit(hostname).text == "outer"
    platform.call("PATCH", f"/projects/{project['id']}", {"build": {"stack": "static", "output": "public"}})
    again = wh("deploy", "tuned", "--json")
    assert json.loads(again.stdout)["status"] == "live", again.stderr
    assert platform.visit(hostname).text == "inner"
