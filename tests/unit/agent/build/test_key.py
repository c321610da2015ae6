"""The content key: everything a build depends on is in it, and nothing that is secret can be read out of it."""

from typing import Any

import pytest

from wisehosting_agent.build import key
from wisehosting_agent.build.key import content_key

FACTS: dict[str, Any] = {
    "team": "team",
    "tree": "ab" * 32,
    "containerfile": "FROM a\n",
    "target": "",
    "files": {},
    "variables": {"A": "canary-value", "B": "2"},
    "salt": b"salt of the team",
    "bases": {"a": "1", "b": "2"},
}
CHANGES: dict[str, dict[str, Any]] = {
    "team": {"team": "other"},
    "tree": {"tree": "cd" * 32},
    "containerfile": {"containerfile": "FROM a\nRUN b\n"},
    "stage": {"target": "web"},
    "a file of the plan's": {"files": {"site.conf": "listen 8080;"}},
    "value": {"variables": {"A": "canary-valuf", "B": "2"}},
    "name": {"variables": {"C": "canary-value", "B": "2"}},
    "one variable less": {"variables": {"A": "canary-value"}},
    "values exchanged": {"variables": {"B": "canary-value", "A": "2"}},
    "salt": {"salt": b"salt of another"},
    "base": {"bases": {"a": "1", "b": "3"}},
    "one base less": {"bases": {"a": "1"}},
    "text moved from one fact to the next": {"team": "teama", "tree": "b" + "ab" * 31},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_any_change_gives_another_key(change: dict[str, Any]) -> None:
    assert content_key(**FACTS) != content_key(**{**FACTS, **change})


def test_a_new_format_gives_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    before = content_key(**FACTS)
    monkeypatch.setattr(key, "FORMAT", key.FORMAT + 1)
    assert content_key(**FACTS) != before


def test_the_order_of_variables_and_bases_does_not_matter() -> None:
    turned = {name: dict(reversed(FACTS[name].items())) for name in ("variables", "bases")}
    assert content_key(**{**FACTS, **turned}) == content_key(**FACTS)


def test_values_enter_only_under_the_key_of_the_team(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sees keys and knows everything but the salt cannot try values out: what is hashed holds none of them."""
    hashed: list[bytes] = []
    encode = key.msgspec.json.encode
    monkeypatch.setattr(key.msgspec.json, "encode", lambda facts: hashed.append(encode(facts)) or hashed[-1])
    found = content_key(**FACTS)
    under_the_salt, open_facts = hashed
    assert b"canary-value" in under_the_salt
    assert b"canary-value" not in open_facts
    assert "canary" not in found
    assert len(found) == 64
