"""Names, suggestions and hostnames."""

import re
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.errors import Invalid
from wisehosting_cp.projects import naming

NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,37}[a-z0-9])?\Z", fullmatch=True).filter(
    lambda name: not name.startswith("xn--")
)
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")


@given(st.text())
def test_a_suggested_slug_is_a_name_or_nothing(text: str) -> None:
    slug = naming.slug(text)
    assert not slug or slug.startswith("xn--") or naming.check_name(slug) == slug


@given(NAMES)
def test_an_allowed_name_passes(name: str) -> None:
    assert naming.check_name(name) == name


@given(NAMES, st.integers(1, 30))
def test_a_suggestion_is_free_and_allowed(name: str, taken: int) -> None:
    names: set[str] = {name}
    for _ in range(taken):
        free = naming.suggestion(name, names)
        assert free not in names
        assert naming.check_name(free) == free
        names.add(free)


@given(NAMES, NAMES)
def test_every_hostname_is_one_that_resolvers_accept_and_no_two_are_the_same(project: str, team: str) -> None:
    hostnames = list(islice(naming.hostnames(project, team, "apps.example:8080"), 12))
    assert len(set(hostnames)) == len(hostnames)
    assert hostnames[0] == f"{project}.apps.example"
    for hostname in hostnames:
        label, _, domain = hostname.partition(".")
        assert domain == "apps.example"
        assert LABEL.match(label), label


def test_long_names_of_two_teams_that_begin_alike_get_different_hostnames() -> None:
    first, second = ("a" * 38 + last for last in "bc")
    made = [list(islice(naming.hostnames("p" * 39, team, "localhost"), 2))[1] for team in (first, second)]
    assert made[0] != made[1]


def test_a_refusal_names_what_would_do() -> None:
    with pytest.raises(Invalid, match="For example: my-shop"):
        naming.check_name("My Shöp!".replace("ö", "o"))


@given(st.text())
def test_a_root_directory_stays_inside(path: str) -> None:
    try:
        normal = naming.check_root_directory(path)
    except Invalid:
        return
    assert not normal.startswith("/")
    assert ".." not in normal.split("/")
    assert naming.check_root_directory(normal) == normal
