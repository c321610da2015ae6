"""Several platforms: which one a command talks to, how its token comes in, and that it never comes out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from shopplatform import PLATFORM, Done, Shop

from wisehosting_client import access, terminal
from wisehosting_client.access import Access
from wisehosting_client.errors import NotLoggedIn

Command = Callable[..., Done]
TOKEN = "wh_0123456789abcdef"


@pytest.fixture(autouse=True)
def contexts(wh: Command, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands talk to the platform that is in use; none is known at first."""
    monkeypatch.setattr(terminal, "connect", lambda: terminal.connect_to(access.current()))
    shop.answers["GET /session"] = {
        "user": {"name": "Ada"},
        "team": {"name": "ada"},
        "platform": {"apps_domain": "apps.test", "apps_address": "10.0.0.1:80"},
    }


def asked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[httpx2.Request]:
    """Remember each request with its host and token."""
    found: list[httpx2.Request] = []

    def connect_to(platform: Access) -> Any:
        def answer(request: httpx2.Request) -> httpx2.Response:
            found.append(request)
            return shop.answer(request)

        return terminal.Api(platform, transport=httpx2.MockTransport(answer), wait=lambda _: None)

    monkeypatch.setattr(terminal, "connect_to", connect_to)
    return found


def test_a_login_elsewhere_reads_the_token_from_standard_input_and_keeps_it_for_the_owner_only(
    wh: Command, shop: Shop
) -> None:
    done = wh("login", "https://wise.test/", "--context", "acme", typed=f"{TOKEN}\n")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "Logged in to https://wise.test as Ada; it is the context acme."
    assert TOKEN not in done.out + done.err
    assert access.kept_in().stat().st_mode & 0o777 == 0o600
    assert access.kept_in().parent.stat().st_mode & 0o777 == 0o700
    assert access.current() == Access("https://wise.test/api/v1", TOKEN, "https://wise.test", "apps.test")
    listed = wh("context")
    assert listed.out.split() == ["context", "platform", "*", "acme", "https://wise.test"]
    assert TOKEN not in wh("context", "--json").out
    assert TOKEN not in repr(access.current())


def test_a_platform_is_called_by_its_host_when_nobody_names_it(wh: Command) -> None:
    wh("login", "https://wise.test", typed=TOKEN)
    assert access.current_name() == "wise.test"


@pytest.mark.parametrize(
    ("url", "typed", "code", "sentence"),
    [
        ("http://wise.test", TOKEN, 1, "not encrypted"),
        ("ftp://wise.test", TOKEN, 1, "no address of a platform"),
        ("https://wise.test", "", 3, "no token on standard input"),
        ("https://wise.test", "two\x1b[1mwords", 3, "That is no token"),
    ],
)
def test_what_is_no_login_keeps_nothing_and_repeats_no_token(
    wh: Command, url: str, typed: str, code: int, sentence: str
) -> None:
    done = wh("login", url, typed=typed)
    assert (done.code, done.next[:15]) == (code, "Next: wh login ")
    assert sentence in done.err
    assert not access.kept_in().exists()


def test_a_token_that_the_platform_refuses_is_not_kept(wh: Command, shop: Shop) -> None:
    shop.refuses("GET /session", "not_signed_in", 401)
    done = wh("login", "https://wise.test", "--context", "acme", typed=TOKEN)
    assert (done.code, done.next) == (3, "Next: wh login https://wise.test --context acme")
    assert not access.kept_in().exists()


def test_the_option_goes_before_the_environment_and_that_before_what_was_chosen(
    wh: Command, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = asked(shop, monkeypatch)
    for name in ("one", "two"):
        wh("login", f"https://{name}.test", "--context", name, typed=f"{TOKEN}{name}")
    sent.clear()

    def host(*argv: str) -> str:
        assert wh("projects", *argv).code == 0
        request = sent.pop()
        assert request.headers["authorization"].startswith(f"Bearer {TOKEN}")
        return str(request.url.host)

    assert host() == "two.test", "the newest login is in use"
    assert wh("context", "use", "one").code == 0
    assert host() == "one.test"
    assert host("--context", "two") == "two.test"
    monkeypatch.setenv("WH_CONTEXT", "two")
    assert host() == "two.test"
    monkeypatch.setenv("WISEHOSTING_API", "https://three.test/api/v1")
    monkeypatch.setenv("WISEHOSTING_TOKEN", TOKEN)
    assert host() == "three.test"
    assert host("--context", "one") == "one.test"
    assert wh("--context", "one", "projects").code == 0
    assert sent.pop().url.host == "one.test", "before the command it means the same"


def test_what_is_forgotten_leaves_no_token_and_says_how_to_go_on(wh: Command) -> None:
    wh("login", "https://one.test", "--context", "one", typed=TOKEN)
    assert "No context is in use" in wh("context", "remove", "one").out
    assert TOKEN not in access.kept_in().read_text()
    done = wh("projects")
    assert (done.code, done.next) == (3, "Next: wh login")


def test_a_context_that_is_not_known_is_said_with_those_that_are(wh: Command) -> None:
    wh("login", "https://one.test", "--context", "one", typed=TOKEN)
    for argv in (("projects", "--context", "onne"), ("context", "use", "onne"), ("context", "remove", "onne")):
        done = wh(*argv)
        assert (done.code, done.next) == (1, "Next: wh login URL --context onne")
        assert "There are: one." in done.err


def test_a_token_that_ended_leads_to_the_login_of_its_context(wh: Command, shop: Shop) -> None:
    wh("login", "https://one.test", "--context", "one", typed=TOKEN)
    shop.refuses("GET /projects", "not_signed_in", 401)
    assert wh("projects").next == "Next: wh login URL --context one"


def test_a_damaged_file_is_an_error_with_the_way_out(wh: Command) -> None:
    access.keep(PLATFORM, "one")
    access.kept_in().write_text("{")
    done = wh("projects")
    assert (done.code, done.next) == (3, f"Next: rm {access.kept_in()}")


def test_the_local_platform_is_the_context_local(wh: Command, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    found = {"api": PLATFORM.api, "token": str(token), "dashboard": PLATFORM.dashboard, "apps_domain": "localhost"}
    (tmp_path / "access.json").write_text(json.dumps(found))
    assert wh("login", "--access", str(tmp_path / "access.json")).code == 0
    assert (access.current_name(), access.current().token) == ("local", TOKEN)
    with pytest.raises(NotLoggedIn, match=r"Next: \./dev up"):
        access.read_platform(tmp_path / "other.json")


def test_an_environment_without_its_token_is_not_half_used(wh: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WISEHOSTING_API", "https://three.test/api/v1")
    assert wh("projects").code == 3
