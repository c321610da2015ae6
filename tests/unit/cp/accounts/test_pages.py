"""The page of a sign-in that did not work."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from wisehosting_cp.accounts.sign_in.pages import sign_in_failed


def _link(next_path: str | None) -> str:
    page = bytes(sign_in_failed("It took too long.", next_path=next_path, status=403, request_id="r").body).decode()
    (link,) = re.findall('href="([^"]*)"', page)
    return unescape(link)


@pytest.mark.parametrize("wanted", ["/projects/1?tab=log&follow=no#line-3", "/projects?search=a%26b", "/%22%3E", "/"])
def test_the_next_try_leads_where_the_first_was_to_lead(wanted: str) -> None:
    link = urlsplit(_link(wanted))
    assert (link.scheme, link.netloc, link.path) == ("", "", "/auth/login")
    assert parse_qs(link.query) == {"next": [wanted]}


@pytest.mark.parametrize(
    "wanted", [None, "", "//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_next_try_never_leads_off_the_site(wanted: str | None) -> None:
    assert _link(wanted) == "/auth/login?next=%2F"


def test_what_an_address_says_is_text_on_the_page() -> None:
    page = bytes(sign_in_failed("<b>", next_path='/"><script>', status=403, request_id="r").body).decode()
    assert "&lt;b&gt;" in page
    assert "<script>" not in page
