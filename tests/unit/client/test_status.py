"""`wh status`: what is wrong comes first, each with the next command."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import typer
from rich.console import Console
from shopplatform import Done, Shop, deployment

from wisehosting_client import terminal

Command = Callable[..., Done]


def project(shop: Shop, name: str, **environment: Any) -> dict[str, Any]:
    its = {**shop.environment, "id": f"e-{name}", "url": f"http://{name}.test/", **environment}
    return {**shop.project, "id": f"p-{name}", "name": name, "environments": [its]}


def instance(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"0000{name}",
        "environment_id": f"e-{name}",
        "deployment_id": "d3",
        "process": "web",
        "worker": "local",
        "status": "ready",
        "wanted": "running",
        "leaving": False,
        "reason": None,
        "detail": None,
        "next_step": None,
        "restarts": 0,
        "last_end": None,
        "created_at": "2026-12-01T09:30:00Z",
        **changes,
    }


@pytest.fixture
def many(shop: Shop) -> None:
    failed = deployment(4, "failed", reason="build_failed", detail="Step 2 ended with 1.\nMore.")
    shop.answers["GET /projects"] = shop.page(
        project(shop, "fine"),
        project(shop, "under", latest=deployment(4, "building")),
        project(shop, "half", latest=failed),
        project(shop, "down", latest=failed, live=None),
        project(shop, "new", latest=None, live=None),
        project(shop, "gone") | {"deleted_at": "2026-12-01T09:30:00Z"},
        project(shop, "sick"),
    )
    shop.answers["GET /instances"] = shop.page(
        instance("fine"), instance("sick", status="exited", reason="crash_loop"), instance("half")
    )


@pytest.mark.usefixtures("many")
def test_all_projects_are_told_worst_first_with_the_next_command(wh: Command, shop: Shop) -> None:
    done = wh("status")
    assert done.code == 0, done.err
    assert [" ".join(row.split()) for row in done.out.splitlines()[1:]] == [
        "sick broken 0 of 1 ready, 1 exited: crash_loop wh logs sick",
        "down not live build_failed: Step 2 ended with 1. wh build down",
        "half live, the last failed build_failed: Step 2 ended with 1. wh build half",
        "under building deployment 4, release 4, 00000004 “Change [4].” wh logs under --build --follow",
        "new not live nothing is live wh deploy new",
        "fine live http://fine.test/ wh open fine",
    ]


@pytest.mark.usefixtures("many")
def test_a_script_gets_projects_and_their_instances_as_for_one(wh: Command, shop: Shop) -> None:
    shop.answers["GET /projects/p-under/deployments"] = shop.page(deployment(4, "building"), deployment(3))
    found = {item["project"]["name"]: item for item in json.loads(wh("status", "--json").out)}
    assert "gone" not in found
    assert [item["id"] for item in found["sick"]["instances"]] == ["0000sick"]
    assert [item["number"] for item in found["under"]["under_way"]] == [4]


@pytest.mark.usefixtures("many")
def test_instances_of_all_projects_are_one_table(wh: Command) -> None:
    rows = [" ".join(row.split()) for row in wh("instances").out.splitlines()[1:]]
    assert rows[0] == "fine fine web ready local 0 2026-12-01 09:30 UTC"
    assert rows[1] == "sick sick web exited local 0 2026-12-01 09:30 UTC crash_loop:"


def test_one_project_tells_the_failure_before_what_is_well_and_the_next_command_last(wh: Command, shop: Shop) -> None:
    shop.environment["latest"] = deployment(4, "failed", reason="never_ready", detail="Nothing answered.")
    preview = {**shop.environment, "id": "e2", "name": "pr-7", "kind": "preview", "url": "http://pr-7.test/"}
    shop.project["environments"].append(preview)
    lines = wh("status", "shop").out.splitlines()
    heads = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert heads == ["shop", "last", "live", "instances", "source", "preview", "Next:"]
    assert lines[-1] == "Next: wh logs shop --build"


@pytest.mark.parametrize(
    ("desktop", "url"), [(True, "http://shop.test/"), (False, "http://shop.test/"), (True, "file:///")]
)
def test_a_page_is_opened_where_there_is_a_screen_and_only_pages_are(
    wh: Command, shop: Shop, monkeypatch: pytest.MonkeyPatch, desktop: bool, url: str
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(typer, "launch", opened.append)
    monkeypatch.setattr(terminal, "has_desktop", lambda: desktop)
    monkeypatch.setattr(terminal, "out", Console(force_terminal=True, highlight=False))
    shop.environment["url"] = url
    shop.answers["GET /session"] = {"platform": {"apps_address": "127.0.0.1:8080"}}
    assert "curl -H 'Host: shop.test' http://127.0.0.1:8080/" in wh("open", "shop").out
    assert opened == ([url] if desktop and url.startswith("http") else [])


def test_nothing_yet_says_how_to_begin(wh: Command, shop: Shop) -> None:
    shop.answers["GET /projects"] = shop.page()
    assert wh("status").out == wh("projects").out
    shop.deleted()
    shop.answers["GET /projects"] = shop.page(shop.project)
    assert wh("status").out == "All your projects are deleted. Which can be restored: wh projects\n"
