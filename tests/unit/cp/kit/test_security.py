"""Tokens and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.kit.security import digest, local_path, new_token


@pytest.mark.parametrize("path", ["/", "/projects", "/projects/1?tab=log#line-3", "/a//b", "/deployments/1/log"])
def test_a_path_of_this_site_is_gone_on_to(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "wanted",
    [
        None, "", "projects", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\\/evil.example",
        "http://evil.example", "https:evil.example", "HTTPS://evil.example", "javascript:alert(1)", "data:text/html,x",
        "/%2f%2fevil.example", "/%2F/evil.example", "/%5cevil.example", "/%5C%5Cevil.example", "/\t/evil.example", "/\n/evil.example",
        "\t//evil.example", " //evil.example", "/ /evil.example", "/a\r\nset-cookie: x=1", "/\x00", "/a\\b", "/../x", "/.//evil.example",
        "/auth/login", "/auth/callback?code=1", "/" + "a" * 2000, "@evil.example", "/\x7f", "./x", "?x", "#x",
    ],
)  # fmt: skip
def test_anything_that_could_leave_the_site_leads_home(wanted: str | None) -> None:
    assert local_path(wanted) == "/"


@given(st.text())
def test_whatever_comes_the_answer_is_a_path_of_this_site(wanted: str) -> None:
    path = local_path(wanted)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path.isprintable() or not path.isascii()
    assert not set(path) & set("\r\n\t\0\\ ")


def test_a_token_has_256_bits_and_is_kept_as_a_hash() -> None:
    tokens = {new_token("wh_") for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {46}
    assert len(digest(tokens.pop())) == 32
