"""What one release changed against another, from rows alone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from wisehosting_cp.deployments.changes import BaseChange, Setting, Side, backwards, bases, settings

NOW = datetime(2026, 11, 26, tzinfo=UTC)
ONE, TWO = uuid4(), uuid4()
PYTHON = "localhost/wisehosting/python:3.13"
DEBIAN = "localhost/wisehosting/base:debian-13"


def side(**facts: Any) -> Side:
    return Side(**{"commit": "a" * 40, "image": "sha256:1", "built_at": NOW, "worker": ONE, **facts})


LATER = {"built_at": NOW + timedelta(hours=1)}
EARLIER = {"built_at": NOW - timedelta(hours=1)}


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({PYTHON: "1"}, {"bases": {PYTHON: "1"}}, BaseChange.same),
        ({PYTHON: "1"}, {"bases": {PYTHON: "2"}, **LATER}, BaseChange.newer),
        ({PYTHON: "1"}, {"bases": {PYTHON: "2"}, **EARLIER}, BaseChange.older),
        ({PYTHON: "1"}, {"bases": {PYTHON: "2"}, **LATER, "worker": TWO}, BaseChange.unknown),
        ({PYTHON: "1"}, {"bases": {DEBIAN: "1"}, **LATER}, BaseChange.other),
        ({PYTHON: "1"}, {"bases": {}}, None),
        ({}, {"bases": {PYTHON: "1"}}, None),
    ],
)
def test_a_base_is_called_newer_only_where_that_is_known(
    before: dict[str, str], after: dict[str, Any], change: BaseChange | None
) -> None:
    found = bases(side(bases=before), side(**after))
    assert (found.change if found else None) is change


def test_going_back_is_told_by_when_the_images_were_built() -> None:
    assert backwards(side(), side(**EARLIER))
    assert not backwards(side(), side(**LATER))
    assert not backwards(side(built_at=None), side(**EARLIER))


def process(**facts: Any) -> dict[str, Any]:
    return {"name": "web", "command": None, "port": 8080, "settings": {}, **facts}


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ({}, {}, []),
        ({"asked": {"branch": "main"}}, {"asked": {"branch": "next"}}, [Setting("branch", "main", "next")]),
        ({"asked": None}, {"asked": {"branch": "next"}}, []),
        (
            {"asked": {"build": {"submodules": False}}},
            {"asked": {"submodules": True}},
            [Setting("submodules", None, "yes")],
        ),
        (
            {"plan": {"stack": "python", "version": "3.12"}},
            {"plan": {"stack": "python", "version": "3.13"}},
            [Setting("version", "3.12", "3.13")],
        ),
        ({"plan": {"stack": "python", "version": "3.12"}}, {}, [Setting("stack", "python", "Containerfile")]),
        (
            {"processes": (process(),)},
            {"processes": (process(command=["a", "b"], settings={"health": {"path": "/up"}}),)},
            [Setting("web.command", None, "a b"), Setting("web.health.path", None, "/up")],
        ),
        ({"processes": (process(),)}, {"processes": (process(settings={"writable": False}),)}, []),
        (
            {"asked": {"build": {"install": "x" * 400}}},
            {"asked": {"build": {}}},
            [Setting("install", "x" * 299 + "…", None)],
        ),
    ],
)
def test_only_settings_that_differ_and_are_stored_on_both_sides_are_told(
    before: dict[str, Any], after: dict[str, Any], changed: list[Setting]
) -> None:
    assert settings(side(**before), side(**after)) == changed
