"""What others write is shown as they wrote it: no script runs, no terminal escape does anything, no link is made of it."""

import json

import pytest
from dashboard import open_page
from gitserver import GitServer
from playwright.sync_api import Page, expect
from running import Platform

SUBJECT = "<img src=x onerror=alert(1)> \"'><script>alert(2)</script> {{7*7}}"
TITLE = "\x1b]0;owned\x07after the title"
LINK = "\x1b]8;;javascript:alert(3)\x07a link\x1b]8;;\x07"
MARKUP = "<script>alert(4)</script><img src=x onerror=alert(5)>"
MOVED = "first\x1b[2J\x1b[H\x1b[1A\x1b[?1049hsecond"
TURNED = "user \u202egnp.exe"
LINES = [TITLE, LINK, MARKUP, MOVED, TURNED, "javascript:alert(6)", "last of all"]
SERVER = f"""
import http.server, os
for line in {json.dumps(LINES)}: print(line, flush=True)
http.server.HTTPServer(("0.0.0.0", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
FROM = "FROM localhost/wisehosting/python:3.13\n"
FILES = {
    "Containerfile": f'{FROM}COPY . /app\nWORKDIR /app\nCMD ["python3", "-u", "server.py"]\n',
    "server.py": SERVER,
}
BROKEN = {"Containerfile": f"{FROM}RUN printf '%b' '{MARKUP}\\n\\033]0;owned\\007ended\\n' >&2; exit 3\n"}
INERT = """() => [...document.querySelectorAll("a[href^='javascript' i], img[src='x'], main script")].length"""


@pytest.fixture
def dialogs(page: Page) -> list[str]:
    opened: list[str] = []

    def note(dialog: object) -> None:
        opened.append(str(dialog))
        dialog.dismiss()  # type: ignore[attr-defined]  # Playwright hands over a Dialog

    page.on("dialog", note)
    return opened


def test_an_app_that_writes_markup_and_escapes_is_shown_and_does_nothing(
    page: Page, platform: Platform, git_server: GitServer, dialogs: list[str]
) -> None:
    url = git_server.repository("hostile", FILES)
    git_server.push("hostile", {"more": "1"}, subject=SUBJECT)
    project = platform.create("hostile", url)
    deployment = platform.over(project["environments"][0]["latest"]["id"])
    assert deployment["status"] == "live", deployment
    assert deployment["subject"] == SUBJECT
    home = f"{platform.access['dashboard']}/projects/{project['id']}"
    for address in (home, f"{home}/deployments", platform.access["dashboard"], f"{home}/settings"):
        open_page(page, address)
        if "settings" not in address:
            expect(page.get_by_role("main").get_by_text(SUBJECT).first).to_be_visible(timeout=15_000)
        assert page.evaluate(INERT) == 0
    open_page(page, f"{home}/logs")
    log = page.get_by_role("log")
    expect(log.get_by_text("last of all")).to_be_visible(timeout=15_000)
    for shown in ("after the title", "a link", MARKUP, "second", "javascript:alert(6)"):
        expect(log.get_by_text(shown).first).to_be_visible()
    assert "owned" not in page.title()
    assert page.evaluate(INERT) == 0
    page.get_by_label("Search the log").fill("<script>")
    expect(page.get_by_text("1 of 1")).to_be_visible()
    assert dialogs == []


def test_a_build_that_fails_with_markup_is_told_in_its_own_words(
    page: Page, platform: Platform, git_server: GitServer, dialogs: list[str]
) -> None:
    project = platform.create("marked", git_server.repository("marked", BROKEN))
    deployment = platform.over(project["environments"][0]["latest"]["id"])
    assert deployment["status"] == "failed"
    open_page(page, f"{platform.access['dashboard']}/deployments/{deployment['id']}")
    expect(page.get_by_role("alert")).to_contain_text(MARKUP)
    expect(page.get_by_role("log").get_by_text("ended", exact=True)).to_be_visible(timeout=15_000)
    assert page.evaluate(INERT) == 0
    assert "owned" not in page.title()
    assert dialogs == []


def test_what_is_typed_stays_text(page: Page, platform: Platform, dialogs: list[str]) -> None:
    open_page(page, platform.access["dashboard"] + "/projects/new")
    page.get_by_label("Git URL").fill(f"https://git.example.org/{MARKUP}")
    page.get_by_label("Name", exact=True).fill(MARKUP)
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible(timeout=15_000)
    page.keyboard.press("Control+k")
    page.keyboard.type(MARKUP)
    assert page.evaluate(INERT) == 0
    page.keyboard.press("Escape")
    open_page(page, platform.access["dashboard"] + "/projects/%3Cscript%3Ealert(7)%3C%2Fscript%3E?q=%3Cimg%20src=x%3E")
    expect(page.locator("h1").first).to_be_visible(timeout=15_000)
    assert page.evaluate(INERT) == 0
    assert dialogs == []
