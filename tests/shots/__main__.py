"""`./dev shots [PAGE...] [--out DIR]`: every page of the dashboard as a picture, empty, usual and overfull, on one sheet to look at."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.dashboard import SETTLED, chromium, open_page, violations
from tests.gitserver import GitServer
from tests.running import Platform, started
from tests.shots.scenes import SCENES, Scene
from tests.shots.sheet import write

STATE = Path("/var/lib/wisehosting/shots")
OUT = Path("/tmp/wisehosting-shots")
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 360, "height": 740}


def main() -> int:
    """Start a platform, take the pictures, stop it, and say where the sheet is."""
    parser = argparse.ArgumentParser(prog="./dev shots")
    parser.add_argument("pages", nargs="*", help="names of scenes that begin so; all without any")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    wanted = [scene for scene in SCENES if not asked.pages or scene.name.startswith(tuple(asked.pages))]
    if not wanted:
        print(f"No scene is named so. There are: {', '.join(scene.name for scene in SCENES)}", file=sys.stderr)
        return 2
    asked.out.mkdir(parents=True, exist_ok=True)
    with started(STATE, port=17100, apps_port=18180) as platform, chromium() as browser:
        complaints = _all(wanted, platform, browser, asked.out)
        sheet = write(asked.out, [scene.name for scene in wanted], browser)
    print(f"{len(wanted)} scenes, three pictures each: {sheet}")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def _all(wanted: list[Scene], platform: Platform, browser: Browser, out: Path) -> list[str]:
    context = _signed_in(browser, platform)
    complaints: list[str] = []
    with tempfile.TemporaryDirectory() as folder, GitServer(Path(folder)) as git:
        done: set[Callable[..., None]] = set()
        known: dict[str, str] = {}
        for scene in wanted:
            for prepare in scene.after:
                if prepare not in done:
                    prepare(platform, git, known)
                    done.add(prepare)
            page = context.new_page()
            page.set_viewport_size(WIDE)  # type: ignore[arg-type]
            open_page(page, platform.access["dashboard"].rstrip("/") + scene.path.format(**known))
            expect(page.locator("h1").first).to_be_visible(timeout=15_000)
            expect(page.locator("[aria-busy=true]")).to_have_count(scene.busy, timeout=15_000)
            expect(page.get_by_text("Platform ready")).to_be_attached(timeout=15_000)
            scene.show(page)
            complaints += [f"{scene.name}: {complaint}" for complaint in _shoot(page, out, scene.name)]
            page.close()
            print(f"  {scene.name}", flush=True)
    return complaints


def _signed_in(browser: Browser, platform: Platform) -> BrowserContext:
    context = browser.new_context(color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    page.goto(platform.access["sign_in"])
    expect(page.get_by_role("navigation", name="Main")).to_be_visible(timeout=15_000)
    page.close()
    return context


def _shoot(page: Page, out: Path, name: str) -> list[str]:
    """Take the three pictures; what is wrong on them that a program can tell."""
    complaints = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate(SETTLED)
        page.screenshot(path=out / f"{name}-{theme}.png")
        complaints += [f"{theme}: {each}" for each in violations(page)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.evaluate(SETTLED)
    page.screenshot(path=out / f"{name}-360.png")
    complaints += [f"360 px: {each}" for each in violations(page)]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        complaints.append("wider than a phone")
    return complaints


if __name__ == "__main__":
    sys.exit(main())
