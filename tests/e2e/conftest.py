"""One real `./dev up` for all stories: started as a user starts it, stopped as a user stops it."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dashboard import chromium
from playwright.sync_api import Browser, BrowserContext, Page, expect
from running import ROOT, STATE, Platform, run, started

from wisehosting_cp.local.provider import new_link


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The platform after `./dev up --detach`; `./dev down` at the end."""
    with started(STATE, port=17000, apps_port=18080) as found:
        yield found


@pytest.fixture
def wh(platform: Platform, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command `wh`, logged in to the platform."""
    environment = {
        **os.environ,
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "COLUMNS": "200",
    }

    def command(*argv: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return run(ROOT / ".venv" / "bin" / "wh", *argv, env=environment, timeout=300, **options)

    login = command("login", "--access", str(platform.access_file))
    assert login.returncode == 0, login.stderr
    return command


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def session_kept() -> dict[str, Any]:
    """What a browser that is signed in has stored; the link that signs in works once."""
    return {}


@pytest.fixture(scope="module")
def signed_in(browser: Browser, platform: Platform, session_kept: dict[str, Any]) -> Iterator[BrowserContext]:
    """A browser that came in by the one-use link, through the provider and back."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 860},
        color_scheme="light",
        storage_state=session_kept.get("storage"),
    )
    if not session_kept:
        page = context.new_page()
        page.goto(platform.access["sign_in"])
        page.wait_for_url(re.compile(re.escape(platform.access["dashboard"])))
        expect(page.get_by_role("navigation", name="Main")).to_be_visible(timeout=15_000)
        page.close()
        session_kept["storage"] = context.storage_state()
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    """A page on which no script failed and no content policy was broken."""
    page = signed_in.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    page.close()
    assert complaints == []


@pytest.fixture
def fresh(page: Page, signed_in: BrowserContext, platform: Platform, session_kept: dict[str, Any]) -> Page:
    """The page after a new sign-in: dangerous acts take one of the last ten minutes."""
    page.goto(f"{platform.access['dashboard'].rstrip('/')}/auth/login")
    inside = page.get_by_role("navigation", name="Main")
    asked = page.get_by_role("heading", name="Sign in to WiseHosting")
    expect(inside.or_(asked)).to_be_visible(timeout=15_000)
    if asked.is_visible():
        # The provider was started again and knows nobody any more.
        issuer = platform.access["sign_in"].partition("/link/")[0]
        page.goto(f"{issuer}/link/{new_link(STATE / 'provider')}")
    expect(inside).to_be_visible(timeout=15_000)
    # The session before ended with it.
    session_kept["storage"] = signed_in.storage_state()
    return page
