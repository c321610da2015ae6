"""`wh settings`: what is set, and how it is changed."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from shopplatform import Done, Shop, deployment

Command = Callable[..., Done]


def changed(shop: Shop, **build: Any) -> dict[str, Any]:
    return {**shop.project, "build": build, "settings_version": "v2"}


def test_settings_are_listed_with_those_that_are_left_to_detection(wh: Command, shop: Shop) -> None:
    shop.project["build"] = {"start": ["sh", "-c", "exec node a.js --port $PORT"], "packages": ["jq", "libpq5"]}
    rows = {row.split()[0]: row.split(maxsplit=1)[1].strip() for row in wh("settings", "shop").out.splitlines()}
    assert rows["source.branch"] == "main"
    assert rows["source.submodules"] == "no"
    assert rows["build.start"] == "node a.js --port $PORT"
    assert rows["build.packages"] == "jq libpq5"
    assert rows["build.port"] == "—"


def test_a_change_replaces_what_it_names_and_keeps_the_rest_at_the_version_that_was_read(
    wh: Command, shop: Shop
) -> None:
    shop.project["build"] = {"port": 3000, "version": "20"}
    shop.answers["PATCH /projects/p1"] = changed(shop, port=3000, version="22", start=["node", "server.js"])
    done = wh("settings", "set", "shop", "build.start=node server.js", "version=22", "build.port=3000")
    assert shop.sent == [
        ("PATCH /projects/p1", {"build": {"port": 3000, "version": "22", "start": ["node", "server.js"]}})
    ]
    assert shop.headers[0]["if-match"] == '"v1"'
    assert done.out.splitlines() == [
        "build.start: — → node server.js",
        "build.version: 20 → 22",
        "build.port: 3000 already.",
        "The next deployment goes by it. See what it will do: wh plan shop; then: wh deploy shop",
    ]


def test_what_is_unset_is_left_to_detection_again(wh: Command, shop: Shop) -> None:
    shop.project["build"] = {"start": ["a"], "port": 3000}
    shop.answers["PATCH /projects/p1"] = changed(shop)
    assert wh("settings", "unset", "shop", "start", "build.port", "source.submodules").code == 0
    assert shop.sent[0][1] == {"source": {"submodules": False}, "build": {"start": [], "port": None}}


def test_a_change_is_made_again_when_somebody_was_faster(wh: Command, shop: Shop) -> None:
    stale = httpx2.Response(412, json={"code": "settings_changed", "detail": "Somebody changed these settings."})
    shop.answers["PATCH /projects/p1"] = [stale, changed(shop, port=3000)]
    assert wh("settings", "set", "shop", "port=3000").code == 0
    assert len(shop.sent) == 2
    shop.answers["PATCH /projects/p1"] = stale
    done = wh("settings", "set", "shop", "port=3000")
    assert (done.code, done.next) == (1, "Next: wh settings shop")
    assert len(shop.sent) == 5


def test_settings_can_be_deployed_at_once(wh: Command, shop: Shop) -> None:
    shop.answers["PATCH /projects/p1"] = changed(shop, port=3000)
    shop.answers["POST /projects/p1/deployments"] = deployment(4)
    shop.answers["GET /deployments/d4"] = deployment(4)
    shop.answers["GET /deployments/d4/log"] = httpx2.Response(200, text="event: end\ndata: {}\n\n")
    done = wh("settings", "set", "shop", "port=3000", "--deploy", "--json")
    assert json.loads(done.out)["deployment"]["status"] == "live"
    assert [call for call, _ in shop.sent] == ["PATCH /projects/p1", "POST /projects/p1/deployments"]


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("set", "shop", "build.colour=red"), "There is no setting build.colour. There are: source.branch,"),
        (("set", "shop", "port=many"), "build.port cannot be 'many': write a number from 1 to 65535."),
        (("set", "shop", "submodules=maybe"), "source.submodules cannot be 'maybe': write yes or no."),
        (("set", "shop", "start=echo 'oh"), "No closing quotation"),
        (("set", "shop", "port"), "port is not NAME=VALUE"),
        (("set", "shop", "port=1", "build.port=2"), "build.port is set twice"),
        (("unset", "shop", "branch"), "A project always has a branch."),
    ],
)
def test_what_cannot_be_set_is_said_before_anything_is_sent(
    wh: Command, shop: Shop, argv: tuple[str, ...], sentence: str
) -> None:
    done = wh("settings", *argv)
    assert (done.code, done.next) == (64, f"Next: wh settings {argv[0]} --help")
    assert sentence in " ".join(done.err.replace("│", " ").split())
    assert shop.sent == []


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ('build.start=["a b", "c"]', {"start": ["a b", "c"]}),
        ("build.start=./go && ./serve", {"start": ["sh", "-c", "./go && ./serve"]}),
        ("packages=jq, libpq5", {"packages": ["jq", "libpq5"]}),
    ],
)
def test_lists_are_written_as_people_write_them(wh: Command, shop: Shop, typed: str, sent: Any) -> None:
    shop.answers["PATCH /projects/p1"] = changed(shop)
    wh("settings", "set", "shop", typed)
    assert shop.sent[0][1] == {"build": sent}


def test_a_project_is_made_with_settings(wh: Command, shop: Shop) -> None:
    shop.answers["POST /projects"] = shop.project
    wh("create", "shop", "https://git.test/shop", "--set", "submodules=yes", "--set", "stack=static", "--detach")
    sent = shop.sent[0][1]
    assert (sent["source"]["submodules"], sent["build"]) == (True, {"stack": "static"})
