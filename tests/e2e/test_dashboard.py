"""The newcomer's story in Chromium: sign in, paste a Git URL, watch it build, open the app. Screenshots are kept."""

import pytest
from dashboard import SHOTS, open_page, shoot, until_live
from gitserver import GitServer
from playwright.sync_api import Browser, BrowserContext, Page, expect
from running import ROOT, Platform


def test_without_a_session_the_dashboard_asks_to_sign_in(browser: Browser, platform: Platform) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(platform.access["dashboard"] + "/projects")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    shoot(page, "signed-out")
    context.close()


def test_the_sign_in_link_works_once(browser: Browser, platform: Platform, signed_in: BrowserContext) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(platform.access["sign_in"])
    expect(page.get_by_role("heading", name="Projects")).to_have_count(0)
    assert [cookie for cookie in context.cookies() if cookie["name"].startswith("wh_session")] == []
    context.close()


def test_the_session_cookie_is_out_of_reach_of_scripts(signed_in: BrowserContext, platform: Platform) -> None:
    (cookie,) = [cookie for cookie in signed_in.cookies() if cookie["name"].startswith("wh_session")]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"


def test_a_pasted_git_url_is_built_live_and_opened(page: Page, platform: Platform, git_server: GitServer) -> None:
    url = git_server.repository("browser", ROOT / "tests" / "apps" / "hello")
    git_server.push("browser", {"message.txt": "by a browser"})
    page.goto(platform.access["dashboard"])
    open_page(page, platform.access["dashboard"] + "/projects/new")
    page.get_by_label("Git URL").fill(url)
    expect(page.get_by_label("Name")).to_have_value("browser")
    shoot(page, "new-project")
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.get_by_text("STEP").first).to_be_visible(timeout=60_000)
    shoot(page, "building")
    until_live(page)
    expect(page.get_by_text("Verified").first).to_be_visible()
    shoot(page, "deployment-live")
    app = page.context.new_page()
    answer = app.goto(f"http://browser.localhost:{platform.apps_port}/")
    assert answer is not None
    assert answer.headers["x-wisehosting-deployment"] == "1"
    assert "by a browser" in app.content()
    app.screenshot(path=SHOTS / "app.png")
    app.close()


def test_the_example_app_is_one_click(page: Page, platform: Platform) -> None:
    open_page(page, platform.access["dashboard"] + "/projects/new")
    page.get_by_role("button", name="Try the example app").click()
    until_live(page)
    shoot(page, "example-live")


def test_a_failed_build_shows_its_reason_and_the_next_step(
    page: Page, platform: Platform, git_server: GitServer
) -> None:
    project = platform.create("red", git_server.repository("red", ROOT / "tests" / "apps" / "broken-build"))
    deployment = platform.over(project["environments"][0]["latest"]["id"])
    open_page(page, f"{platform.access['dashboard']}/deployments/{deployment['id']}")
    open_page(page, f"{platform.access['dashboard']}/projects/{project['id']}")
    expect(page.get_by_role("main").get_by_text("Failed", exact=True).first).to_be_visible(timeout=15_000)
    shoot(page, "failed")


def test_a_failed_build_says_first_what_failed_and_shows_the_lines_of_one_step(
    page: Page, platform: Platform, git_server: GitServer
) -> None:
    steps = "RUN echo of an earlier step\nRUN gcc -o main main.c\n"
    files = {"Containerfile": f'FROM localhost/wisehosting/base:debian-13\n{steps}CMD ["true"]\n'}
    project = platform.create("uncompiled", git_server.repository("uncompiled", files))
    deployment = platform.over(project["environments"][0]["latest"]["id"])
    open_page(page, f"{platform.access['dashboard']}/deployments/{deployment['id']}")
    said = page.get_by_role("alert")
    expect(said).to_contain_text("The build ended with exit code 127 in step 3 (RUN gcc -o main main.c).")
    expect(said).to_contain_text("there is no compiler")
    expect(said.get_by_label("Its last lines")).to_contain_text("gcc: not found")
    listed = page.get_by_role("list", name="Steps")
    expect(listed.get_by_role("listitem")).to_have_count(3)
    log = page.get_by_role("log")
    listed.get_by_role("button", name="echo").press("Enter")
    expect(page.get_by_text("Lines of step 2")).to_be_visible()
    expect(log.get_by_text("of an earlier step", exact=True)).to_be_visible()
    expect(log.get_by_text("gcc: not found")).to_have_count(0)
    shoot(page, "failed-build")
    page.get_by_text("Lines of step 2").click()
    expect(log.get_by_text("gcc: not found")).to_be_visible()
    said.get_by_role("button", name="Show all lines of step 3").click()
    expect(log.get_by_text("of an earlier step", exact=True)).to_have_count(0)


@pytest.mark.parametrize("place", ["/", "/projects", "/teams", "/workers", "/platform", "/account", "/account/tokens"])
def test_every_page_of_the_frame_fits_both_themes_and_a_phone(page: Page, platform: Platform, place: str) -> None:
    open_page(page, platform.access["dashboard"] + place)
    expect(page.get_by_role("heading").first).to_be_visible(timeout=15_000)
    shoot(page, place.strip("/").replace("/", "-") or "overview")
