"""Which paths stay out of a build: the rules of `.dockerignore`, and no pattern that takes longer than its length."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_agent.build.ignore import Ignore
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason

RULES = [
    ("a", "a", True),
    ("a", "b/a", False),
    ("a", "a/b/c", True),
    ("/a", "a", True),
    ("a/", "a/b", True),
    ("./a/../b", "b", True),
    ("../a", "a", False),
    ("*.py", "x.py", True),
    ("*.py", "d/x.py", False),
    ("*/x", "d/x", True),
    ("*/x", "d/e/x", False),
    ("**/x", "x", True),
    ("**/x", "d/e/x", True),
    ("**/*.py", "d/e/x.py", True),
    ("**.py", "d/.py", True),
    ("a/**/x", "a/x", True),
    ("a/**/x", "a/b/c/x", True),
    ("a/**/x", "b/x", False),
    ("a/**", "a", False),
    ("a/**", "a/b/c", True),
    ("**/**", "a", True),
    ("**", "a/b", True),
    ("?", "a", True),
    ("?", "ab", False),
    ("[a-c]x", "bx", True),
    ("[^a-c]x", "bx", False),
    ("[^a-c]x", "dx", True),
    ("[[]x", "[x", True),
    ("[+--&&b]", "&", True),
    ("[a-cx-z]", "y", True),
    ("[ab-]", "-", True),
    ("[xa-c]", "b", True),
    ("[", "[", True),
    (r"\*", "*", True),
    (r"\*", "a", False),
    ("*a*b*", "xxaxxbxx", True),
    ("*a*b", "xbxa", False),
    ("a.b", "axb", False),
    ("#a", "#a", False),
    ("  a  ", "a", True),
    ("\ufeffa", "a", True),
    ("a\r", "a", True),
    ("*\n!keep", "keep", False),
    ("*\n!keep", "keep/below", False),
    ("*\n!keep\nkeep/not", "keep/not", True),
    ("!a\na", "a", True),
    ("a\n!a/b", "a/b/c", False),
    ("a\n!a/b", "a/c", True),
    ("! a\n", "a", False),
    ("!", "a", False),
    (".", "a", False),
]


@pytest.mark.parametrize(("text", "path", "out"), RULES)
def test_the_last_pattern_that_matches_the_path_or_a_folder_above_wins(text: str, path: str, out: bool) -> None:
    assert Ignore(text).matches(path) is out


def test_a_pattern_that_cannot_be_read_is_refused_with_its_line() -> None:
    with pytest.raises(WorkFailed, match=r"Line 2 .*z-a") as failed:
        Ignore("a\n[z-a]\n")
    assert failed.value.reason is Reason.containerfile_refused


def test_a_file_with_too_many_patterns_is_refused() -> None:
    with pytest.raises(WorkFailed, match="more than 1000 patterns"):
        Ignore("a\n" * 1001)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("**/" * 60 + "x", "a/" * 400 + "b"),
        ("**/a/" * 60 + "x", "a/" * 400 + "b"),
        ("*a" * 100 + "b", "a" * 250),
        ("*" * 200 + "b", "a" * 250),
        ("*?" * 100 + "b", "a" * 250),
    ],
    ids=["folders", "named folders", "stars", "only stars", "marks"],
)
def test_no_pattern_keeps_the_agent_busy(pattern: str, path: str) -> None:
    ignore = Ignore(pattern)
    began = time.process_time()
    assert not ignore.matches(path)
    assert time.process_time() - began < 1


@given(st.text("ab*?[]^!-\\/.#\n \u00e9\udce9", max_size=40), st.text("ab/\udce9", min_size=1, max_size=12))
def test_any_text_is_read_or_refused(text: str, path: str) -> None:
    try:
        ignore = Ignore(text)
    except WorkFailed:
        return
    assert ignore.matches(path) in {True, False}
