"""The first run without a mouse: from the empty field to the open app."""

from dashboard import open_page, until_live
from gitserver import GitServer
from playwright.sync_api import Locator, Page, expect
from running import ROOT, Platform

MOST = 80


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until what is wanted has the focus, and look that one sees it."""
    expect(wanted).to_be_visible(timeout=15_000)
    for _ in range(MOST):
        if wanted.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()
    assert wanted.evaluate(
        "element => { const style = getComputedStyle(element);"
        " return style.outlineStyle !== 'none' || style.boxShadow !== 'none' }"
    ), "one does not see where the focus is"


def test_the_first_app_is_deployed_and_opened_by_keyboard_alone(
    page: Page, platform: Platform, git_server: GitServer
) -> None:
    url = git_server.repository("unmoused", ROOT / "tests" / "apps" / "hello")
    open_page(page, platform.access["dashboard"])
    expect(page.locator("h1").first).to_be_visible(timeout=15_000)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    page.keyboard.type("new project")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Git URL"))
    page.keyboard.type(url)
    expect(page.get_by_label("Name", exact=True)).to_have_value("unmoused")
    tab_to(page, page.get_by_role("button", name="Deploy", exact=True))
    page.keyboard.press("Enter")
    until_live(page)
    tab_to(page, page.get_by_role("link", name="Open the app"))
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    expect(opened.value.locator("body")).to_contain_text("first", timeout=15_000)
    opened.value.close()
