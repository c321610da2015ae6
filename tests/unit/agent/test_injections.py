"""A text from a user is refused, or stands whole in the one place that it was meant for."""

import pytest
from injections import PAYLOADS

from wisehosting_agent.errors import IngressError
from wisehosting_agent.ingress import commands
from wisehosting_git.address import Repository, check_commit, check_ref
from wisehosting_git.errors import GitError
from wisehosting_git.process import Account, Limits, _argv


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert len(PAYLOADS) >= 200
    assert len(set(PAYLOADS.values())) >= 200


def test_no_text_is_more_than_one_word_of_an_ingress_command() -> None:
    passed = 0
    for text in PAYLOADS.values():
        for place in range(3):
            words = ["/maps/hosts", "shop.example", "wh_1"]
            words[place] = text
            try:
                line = commands.add_map(*words).line
            except IngressError:
                continue
            passed += 1
            assert line.split(" ") == ["add", "map", *words]
            assert not set(line) & set(";\\\n\r<\x00"), text
    assert 0 < passed < len(PAYLOADS) * 3


def test_an_address_that_is_taken_is_https_of_a_plain_host() -> None:
    refused = 0
    for text in [*PAYLOADS.values(), *(f"https://example.org/a{text}" for text in PAYLOADS.values())]:
        try:
            found = Repository.parse(text)
        except GitError:
            refused += 1
            continue
        assert found.url.startswith("https://")
        assert found.url.isascii()
        assert found.url.isprintable()
        assert " " not in found.url
        assert not set("@#?") & set(found.url.split("/")[2]), text
    assert refused > len(PAYLOADS) // 2


def test_a_ref_that_is_taken_is_no_option_and_no_second_refspec() -> None:
    for text in PAYLOADS.values():
        with pytest.raises(GitError):
            check_commit(text)
        try:
            name = check_ref(text)
        except GitError:
            continue
        assert name == text
        assert not name.startswith("-")
        assert not set(name) & set(" :^~?*[\\\n\r\x00"), text


def test_the_sandbox_puts_every_word_of_git_where_it_was() -> None:
    account = Account(1000, 1000, switch=True)
    for text in PAYLOADS.values():
        argv = _argv(account, Limits(), ["fetch", "--", text])
        assert argv[-4:] == ["git", "fetch", "--", text]
