"""Chromium at the dashboard, and what a person would see of it, kept as pictures."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, Request, expect, sync_playwright

SHOTS = Path(__file__).parent / "e2e" / "screenshots"
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]

AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async () => {
    const found = await axe.run(document, { resultTypes: ['violations'] })
    return found.violations
        .filter(each => each.impact === 'serious' || each.impact === 'critical')
        .map(each => `${each.id}: ${each.nodes.map(node => node.html.slice(0, 160)).join(' | ')}`)
}"""

SETTLED = """async () => {
    // A change of theme begins its transitions with the next frame. Those within what is folded away end,
    // but their promises are never kept: so each is asked.
    const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
    const moves = each => each instanceof CSSTransition && each.playState === 'running'
    for (let left = 300; left > 0; left--) {
        await frame()
        if (!document.getAnimations().some(moves)) return
    }
    throw new Error('the page does not come to rest')
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for some tests. Not for longer: Playwright keeps an event loop in this thread."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield started
        started.close()


def open_page(page: Page, address: str) -> None:
    """Go to an address of the dashboard, again as long as Chromium itself dropped a part of the page.

    It drops what it is loading (ERR_NETWORK_CHANGED) when an interface of the host comes or goes, as with each container.
    """
    dropped: list[str] = []

    def note(request: Request) -> None:
        if "ERR_NETWORK_CHANGED" in (request.failure or ""):
            dropped.append(request.url)

    page.on("requestfailed", note)
    for _ in range(5):
        dropped.clear()
        try:
            page.goto(address)
        except Error as error:
            if "ERR_NETWORK_CHANGED" not in error.message:
                raise
            continue
        if not dropped:
            break
    page.remove_listener("requestfailed", note)


def until_live(page: Page, seconds: float = 240) -> None:
    """Wait for the page of a deployment, and on it until it says that it is live.

    The address changes first: until the page is there, what is live may be said of the page before it.
    """
    page.wait_for_url(re.compile("/deployments/[0-9a-f-]+$"))
    expect(page.get_by_role("list", name="Phases")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Live", exact=True).first).to_be_visible(timeout=seconds * 1000)


def violations(page: Page) -> list[str]:
    """What axe-core calls serious or critical on the page as it is now."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(f"{AXE.read_text()}; undefined")
    found: list[str] = page.evaluate(VIOLATIONS)
    return found


def shoot(page: Page, name: str) -> None:
    """Keep what a person would see, in both themes and on a phone; none of it shuts anybody out."""
    SHOTS.mkdir(exist_ok=True)
    complaints: dict[str, list[str]] = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate(SETTLED)
        page.screenshot(path=SHOTS / f"{name}-{theme}.png")
        complaints[theme] = violations(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.evaluate(SETTLED)
    page.screenshot(path=SHOTS / f"{name}-360.png")
    complaints["360"] = violations(page)
    wider = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 860})
    page.emulate_media(color_scheme="light")
    assert not wider, f"{name} is wider than a phone"
    assert not any(complaints.values()), f"{name}: {complaints}"
