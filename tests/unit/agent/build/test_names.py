"""Names that a build job brings are words, before any program sees them."""

import pytest
from injections import PAYLOADS

from wisehosting_agent.build.names import check_names
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason

WORDS = {"PATH", "HEAD", "GIT_SSH_COMMAND"}
"""Texts of the corpus that are names like any other."""


@pytest.mark.parametrize("name", ["KEY", "_a", "a1", "A" * 200])
def test_a_word_is_the_name_of_a_variable(name: str) -> None:
    check_names([name], "")


@pytest.mark.parametrize("name", ["", "1a", "A B", "a=b", "a,src=/etc/shadow", "a\n", "a\0", "\u00e4", "A" * 201])
def test_a_variable_whose_name_would_be_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(WorkFailed, match="build variable") as refused:
        check_names(["KEY", name], "")
    assert refused.value.reason is Reason.worker_error


@pytest.mark.parametrize("name", ["0198c0de-0000-7000-8000-000000000001", "a", "0"])
def test_an_id_is_the_name_of_caches(name: str) -> None:
    check_names([], name)


@pytest.mark.parametrize("name", ["..", "/", "a/b", "-a", "A", "a\n", "a" * 65])
def test_caches_whose_name_leads_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(WorkFailed, match="package caches"):
        check_names([], name)


def test_no_text_that_tries_to_be_obeyed_is_such_a_name() -> None:
    for text in PAYLOADS.values():
        if text not in WORDS:
            with pytest.raises(WorkFailed):
                check_names([text], "")
        with pytest.raises(WorkFailed):
            check_names([], text)
