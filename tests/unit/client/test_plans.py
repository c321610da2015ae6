"""`wh plan` and `wh eject`: what they say of a folder and of a project, and what they write."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shopplatform import Done, Shop

from wisehosting_client import local
from wisehosting_stacks import BuildSettings
from wisehosting_stacks.decide import Way, decide
from wisehosting_stacks.folder import tree_of

Command = Callable[..., Done]
LANGUAGE = {
    "stack": "python",
    "framework": "FastAPI",
    "version": "3.13",
    "summary": "Python 3.13, uv, FastAPI in main.py, starts with uvicorn main:app",
    "found": ["Python 3.13 (.python-version)", "uv (uv.lock)"],
    "notes": ["main.py names no app."],
    "install": "uv sync",
    "build": "",
    "start": ["sh", "-c", "exec uvicorn main:app --port $PORT"],
    "port": 8080,
    "images": ["localhost/wisehosting/python:3.13"],
    "containerfile": "FROM localhost/wisehosting/python:3.13\n",
    "files": {},
}
PLAN: dict[str, Any] = {
    "commit": "0123456789abcdef",
    "subject": "Begin.",
    "way": "stack",
    "name": "python",
    "settings_file": True,
    "file": {"port": 8080, "start": [], "stack": ""},
    "plan": LANGUAGE,
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("hello")
    return tmp_path


def git(folder: Path, *argv: str) -> None:
    subprocess.run(["git", "-C", str(folder), *argv], check=True, capture_output=True)


def test_a_folder_is_planned_here_without_a_platform(wh: Command, shop: Shop, site: Path) -> None:
    done = wh("plan", str(site))
    assert done.code == 0
    assert done.out.splitlines()[0].startswith("A static site, served by nginx")
    assert "found       a static site (index.html)" in done.out
    assert "from        localhost/wisehosting/static:1" in done.out
    assert (shop.sent, shop.headers) == ([], [])


def test_the_plan_of_a_folder_has_the_form_of_the_apis(wh: Command, site: Path) -> None:
    said = json.loads(wh("plan", str(site), "--set", "port=3000", "--json").out)
    assert said.keys() == PLAN.keys()
    assert said["plan"].keys() == LANGUAGE.keys()
    assert (said["commit"], said["way"], said["plan"]["port"]) == (None, "stack", 3000)


def test_the_containerfile_can_be_had_alone(wh: Command, site: Path) -> None:
    assert wh("plan", str(site), "--containerfile").out == local.told(local.decided(tree_of(site), BuildSettings()))[
        "plan"
    ]["containerfile"]  # fmt: skip


def test_what_git_ignores_is_not_looked_at(wh: Command, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "index.html").write_text("made here, and not pushed")
    assert wh("plan", str(tmp_path)).code == 0
    (tmp_path / ".gitignore").write_text("dist/\n")
    done = wh("plan", str(tmp_path))
    assert (done.code, done.next) == (1, "Next: wh plan --help")
    assert "Nothing was found that says how to build this project." in done.err


def test_a_project_is_planned_by_the_platform_and_shown_in_words(wh: Command, shop: Shop) -> None:
    shop.answers["GET /projects/p1/plan"] = PLAN
    assert wh("plan", "shop").out.splitlines() == [
        "Python 3.13, uv, FastAPI in main.py, starts with uvicorn main:app",
        "commit      01234567 “Begin.”",
        "settings    wisehosting.toml says port, and wins over the project's settings",
        "found       Python 3.13 (.python-version)",
        "            uv (uv.lock)",
        "install     uv sync",
        "start       uvicorn main:app --port $PORT",
        "port        8080",
        "from        localhost/wisehosting/python:3.13",
        "note        main.py names no app.",
    ]


def test_settings_are_tried_on_a_project_without_being_set(wh: Command, shop: Shop) -> None:
    shop.answers["POST /plans"] = {**PLAN, "way": "containerfile", "name": "Containerfile", "plan": None}
    shop.project["build"] = {"port": 3000}
    done = wh("plan", "shop", "--set", "start=node 'my server.js'", "--set", "root_directory=api")
    ((call, sent),) = shop.sent
    assert call == "POST /plans"
    assert (sent["source"]["root_directory"], sent["source"]["url"]) == ("api", "https://git.test/shop")
    assert sent["build"] == {"port": 3000, "start": ["node", "my server.js"]}
    assert done.out.startswith("Its own Containerfile says how it is built.")


def test_a_project_that_cannot_be_planned_says_which_setting_to_look_at(wh: Command, shop: Shop) -> None:
    shop.refuses("GET /projects/p1/plan", "root_directory_missing", 400)
    assert wh("plan", "shop").next == "Next: wh settings set shop source.root_directory=FOLDER"


def test_an_ejected_folder_is_decided_as_before_by_its_own_containerfile(wh: Command, site: Path) -> None:
    before = decide(tree_of(site), BuildSettings()).plan
    assert before is not None
    done = wh("eject", str(site))
    assert done.code == 0
    assert done.out.splitlines()[0] == "Wrote Containerfile, .wisehosting/site.conf, wisehosting.toml."
    assert done.out.splitlines()[-1] == f"Keep them with: git -C {site} add .wisehosting Containerfile wisehosting.toml"
    tree = tree_of(site)
    after = decide(tree, BuildSettings())
    assert (after.way, after.name, after.settings.port) == (Way.containerfile, "Containerfile", before.port)
    assert tree.text("Containerfile") == before.containerfile
    again = wh("eject", str(site))
    assert again.code == 1
    assert "Its own Containerfile says how it is built. There is nothing to eject." in again.err


def test_nothing_is_written_over_unless_it_is_forced(wh: Command, site: Path) -> None:
    (site / "wisehosting.toml").write_text('[build]\nstack = "static"\n[health]\npath = "/up"\n')
    (site / "Containerfile").write_text("FROM scratch\n")
    done = wh("eject", str(site))
    assert (done.code, done.next) == (1, f"Next: wh eject {site} --force")
    assert "Containerfile, wisehosting.toml would be written over; nothing was written." in done.err
    assert not (site / ".wisehosting").exists()
    forced = wh("eject", str(site), "--force")
    assert forced.code == 0
    assert "its comments and its [build] are not" in forced.out
    assert 'path = "/up"' in (site / "wisehosting.toml").read_text()


@pytest.mark.parametrize("name", [".wisehosting", "Containerfile", "wisehosting.toml"])
def test_a_link_in_the_folder_is_never_written_through(
    wh: Command, site: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (site / name).symlink_to(elsewhere / "target")
    (elsewhere / "target").mkdir()
    done = wh("eject", str(site), "--force")
    assert done.code == 1
    assert "is a symbolic link or a folder" in done.err
    assert list((elsewhere / "target").iterdir()) == []
    assert sorted(path.name for path in site.iterdir()) == sorted(["index.html", name])


def test_a_file_that_git_would_leave_behind_is_named(wh: Command, site: Path) -> None:
    git(site, "init", "--quiet")
    (site / ".gitignore").write_text(".*\n")
    done = wh("eject", str(site), "--json")
    assert json.loads(done.out)["ignored"] == [".wisehosting/site.conf"]


def test_what_is_no_folder_is_said(wh: Command) -> None:
    for command in ("plan", "eject"):
        assert "There is no folder nowhere." in wh(command, "./nowhere").err
