"""A team's story in two browsers: made, shared by a link, seen as its roles say, and left."""

import re
from collections.abc import Iterator

import pytest
from dashboard import open_page, shoot, until_live
from gitserver import GitServer
from playwright.sync_api import Browser, Page, Route, expect
from running import ROOT, STATE, Platform, run, wait_for

ADA, PASSWORD = "Ada Lovelace", "difference engine"
STARTS = """async project => {
    const headers = { 'Content-Type': 'application/json', 'X-WH-CSRF': '1' }
    const path = `/api/v1/projects/${project}/deployments`
    return (await fetch(path, { method: 'POST', headers, body: '{}' })).status
}"""


@pytest.fixture
def hers(browser: Browser, platform: Platform) -> Iterator[Page]:
    """A browser of somebody who has an account at the sign-in provider and none on the platform."""
    argv = (ROOT / ".venv" / "bin" / "wh-cp", "local-user", "add", "ada", "--full-name", ADA, "--state", STATE)
    added = run(*argv, input=f"{PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    context = browser.new_context(viewport={"width": 1280, "height": 860}, color_scheme="light")
    yield context.new_page()
    context.close()


def make_team(page: Page, dashboard: str, name: str) -> str:
    open_page(page, f"{dashboard}/teams")
    page.get_by_role("button", name="New team").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("The Band")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_contain_text("small letters")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    return page.url.rpartition("/")[2]


def invite(page: Page, email: str, role: str, picture: str) -> str:
    """Invite an address on the team's page, and return the link that is shown once."""
    page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Email address").fill(email)
    dialog.get_by_label("Role").select_option(role)
    dialog.get_by_role("button", name="Invite").click()
    expect(dialog.get_by_text("for that address only")).to_be_visible()
    link = dialog.locator("code").inner_text()
    shoot(page, picture)
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("cell", name=email, exact=True)).to_be_visible()
    assert link not in page.content()
    return link


def join(hers: Page, link: str, dashboard: str) -> None:
    """Open an invitation's link where nobody is signed in, and come in by it."""
    hers.goto(link)
    expect(hers.get_by_role("heading", name="Join band")).to_be_visible(timeout=15_000)
    expect(hers).to_have_url(f"{dashboard}/invitation")
    expect(hers.get_by_role("main")).to_contain_text("ada@localhost")
    shoot(hers, "invitation")
    hers.get_by_role("button", name="Sign in and join").click()
    hers.get_by_label("Name").fill("ada")
    hers.get_by_label("Password").fill(PASSWORD)
    hers.get_by_role("button", name="Sign in").click()
    expect(hers.get_by_role("navigation", name="Main")).to_be_visible(timeout=15_000)


def less_in_a_project(page: Page, hers: Page, dashboard: str, project: str) -> None:
    """Make a developer of the team a viewer of one project: there they deploy no more. Then take it back."""
    open_page(page, f"{dashboard}/projects/{project}/settings")
    roles = page.locator("section").filter(has=page.get_by_role("heading", name="Roles in this project"))
    member = roles.get_by_label("Member")
    expect(member.get_by_role("option")).to_have_count(2, timeout=15_000)
    member.select_option(index=1)
    roles.get_by_label("Role here").select_option("viewer")
    roles.get_by_role("button", name="Set role").click()
    clear = roles.get_by_role("button", name=f"Clear the role of {ADA}")
    clear.scroll_into_view_if_needed()
    shoot(page, "project-roles")
    assert hers.evaluate(STARTS, project) == 403
    clear.click()
    expect(clear).to_have_count(0)


def test_somebody_is_invited_joins_deploys_as_their_role_allows_and_is_removed(
    page: Page, hers: Page, platform: Platform, git_server: GitServer
) -> None:
    dashboard = platform.access["dashboard"].rstrip("/")
    team = make_team(page, dashboard, "band")
    link = invite(page, "ada@localhost", "viewer", "team-invited")
    shoot(page, "team")
    source = {"provider": "git", "url": git_server.repository("shared", ROOT / "tests" / "apps" / "hello")}
    body = {"name": "shared", "team": team, "source": source, "deploy": False}
    project = platform.call("POST", "/projects", body)["id"]

    join(hers, link, dashboard)
    # The open page of whoever invited her hears of it.
    expect(page.get_by_label(f"Role of {ADA}")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("No invitation is open.")).to_be_visible()
    open_page(hers, f"{dashboard}/teams")
    hers.get_by_role("link", name="band", exact=True).click()
    expect(hers.get_by_role("button", name="Invite")).to_have_attribute("aria-disabled", "true")
    shoot(hers, "team-viewer")
    open_page(hers, f"{dashboard}/projects/{project}")
    deploy = hers.get_by_role("button", name="Deploy", exact=True).first
    expect(deploy).to_have_attribute("aria-disabled", "true", timeout=15_000)
    shoot(hers, "project-viewer")
    assert hers.evaluate(STARTS, project) == 403

    open_page(page, f"{dashboard}/teams/{team}")
    page.get_by_label(f"Role of {ADA}").select_option("developer")
    page.get_by_role("button", name=f"Set the role of {ADA}").click()
    expect(page.get_by_role("button", name=f"Remove {ADA}")).to_be_visible()
    # Her open tab hears of it.
    expect(deploy).not_to_have_attribute("aria-disabled", "true", timeout=15_000)
    deploy.click()
    until_live(hers)

    less_in_a_project(page, hers, dashboard, project)
    open_page(hers, f"{dashboard}/teams/{team}")
    open_page(page, f"{dashboard}/teams/{team}")
    page.get_by_role("button", name=f"Remove {ADA}").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text(ADA)).to_have_count(0)
    hers.wait_for_url(re.compile("/projects$"))
    expect(hers.get_by_text("You are not in the team band any more.")).to_be_visible()
    shoot(hers, "team-lost")
    open_page(hers, f"{dashboard}/projects/{project}")
    expect(hers.get_by_role("heading", name="There is nothing here")).to_be_visible(timeout=15_000)
    open_page(hers, f"{dashboard}/teams")
    expect(hers.get_by_role("cell", name="Owner")).to_be_visible(timeout=15_000)
    expect(hers.get_by_role("link", name="band", exact=True)).to_have_count(0)
    open_page(hers, link)
    expect(hers.get_by_role("heading", name="not open any more")).to_be_visible(timeout=15_000)
    shoot(hers, "invitation-gone")


@pytest.mark.usefixtures("fresh")
def test_an_invitation_for_somebody_else_says_so_and_a_team_with_projects_stays(page: Page, platform: Platform) -> None:
    dashboard = platform.access["dashboard"].rstrip("/")
    team = make_team(page, dashboard, "choir")
    link = invite(page, "eve@localhost", "developer", "team-invited-other")
    open_page(page, link)
    expect(page.get_by_text("You are signed in as operator@localhost")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("button", name="Join")).to_have_count(0)
    shoot(page, "invitation-other")

    source = {"provider": "git", "url": "https://git.example.org/choir.git"}
    body = {"name": "songs", "team": team, "source": source, "deploy": False}
    project = platform.call("POST", "/projects", body)["id"]
    open_page(page, f"{dashboard}/projects/{project}/settings")
    expect(page.get_by_role("heading", name="Roles in this project")).to_be_visible(timeout=15_000)
    open_page(page, f"{dashboard}/projects")
    expect(page.get_by_role("columnheader", name="Team")).to_be_visible(timeout=15_000)
    shoot(page, "projects-of-teams")
    open_page(page, f"{dashboard}/projects/new")
    page.get_by_label("Team", exact=True).select_option("choir")
    shoot(page, "new-project-team")
    open_page(page, f"{dashboard}/account/tokens")
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("ci of songs")
    dialog.get_by_label("Project", exact=True).select_option("songs · choir")
    shoot(page, "token-project")
    dialog.get_by_role("button", name="Create").click()
    dialog.get_by_role("button", name="Done").click()
    row = page.get_by_role("row").filter(has_text="ci of songs")
    expect(row.get_by_role("cell", name="songs", exact=True)).to_be_visible()
    shoot(page, "tokens-project")

    open_page(page, f"{dashboard}/teams/{team}")
    page.get_by_role("button", name="Delete team").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type choir to confirm").fill("choir")
    dialog.get_by_role("button", name="Delete team").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Delete its projects first: songs")
    shoot(page, "team-delete")
    platform.call("DELETE", f"/projects/{project}")


def test_the_link_of_an_invitation_stays_until_done_is_pressed_also_while_it_is_made(
    page: Page, platform: Platform
) -> None:
    make_team(page, platform.access["dashboard"].rstrip("/"), "duo")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/invitations", hold)
    page.get_by_role("button", name="Invite").click()
    inviting = page.get_by_role("dialog", name="Invite somebody to duo")
    inviting.get_by_label("Email address").fill("eve@localhost")
    inviting.get_by_role("button", name="Invite").click()
    expect(inviting.get_by_role("button", name="Cancel")).to_be_disabled()
    page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    expect(inviting).to_be_visible()
    wait_for(lambda: page.evaluate("true") and bool(held), within=15, what="the call that invites")
    held[0].continue_()

    shown = page.get_by_role("dialog", name="Invitation for eve@localhost")
    expect(shown.get_by_text("Copy the link now.")).to_be_visible()
    page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    expect(shown.locator("code")).to_contain_text("/invitation#")
    shown.get_by_role("button", name="Done").click()
    expect(shown).to_have_count(0)


def test_the_only_owner_is_told_why_they_can_neither_step_down_nor_leave(page: Page, platform: Platform) -> None:
    make_team(page, platform.access["dashboard"].rstrip("/"), "solo")
    why = "A team needs an owner. Hand it over first."
    leave = page.get_by_role("button", name="Leave")
    expect(leave).to_have_attribute("aria-disabled", "true")
    expect(leave).to_have_attribute("title", why)
    role = page.get_by_role("combobox", name="Role of")
    expect(role).to_be_disabled()
    expect(role).to_have_attribute("title", why)
    hand_over = page.get_by_role("button", name="Hand over team")
    expect(hand_over).to_have_attribute("title", "There is nobody to hand it over to. Invite somebody first.")
    shoot(page, "team-only-owner")


def test_an_invitation_is_taken_back_only_when_one_says_so_and_gets_a_new_link_for_the_same_address_and_role(
    page: Page, platform: Platform
) -> None:
    dashboard = platform.access["dashboard"].rstrip("/")
    team = make_team(page, dashboard, "quartet")
    first = invite(page, "eve@localhost", "viewer", "team-invited-again")
    page.get_by_role("button", name="New link for eve@localhost").click()
    again = page.get_by_role("dialog", name="New link for eve@localhost")
    expect(again.get_by_label("Email address")).to_have_value("eve@localhost")
    expect(again.get_by_label("Role")).to_have_value("viewer")
    shoot(page, "invitation-new-link")
    again.get_by_role("button", name="New link").click()
    shown = page.get_by_role("dialog", name="Invitation for eve@localhost")
    second = shown.locator("code").inner_text()
    shown.get_by_role("button", name="Done").click()
    expect(page.get_by_role("cell", name="eve@localhost", exact=True)).to_have_count(1)
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.get_by_role("cell", name=re.compile("^eve@localhost"))).to_contain_text("Viewer")
    page.set_viewport_size({"width": 1280, "height": 860})
    open_page(page, first)
    expect(page.get_by_role("heading", name="not open any more")).to_be_visible(timeout=15_000)
    open_page(page, f"{dashboard}/teams")
    open_page(page, second)
    expect(page.get_by_text("You are signed in as operator@localhost")).to_be_visible(timeout=15_000)

    open_page(page, f"{dashboard}/teams/{team}")
    take_back = page.get_by_role("button", name="Take back the invitation of eve@localhost")
    take_back.click()
    asked = page.get_by_role("dialog", name="Take back the invitation of eve@localhost?")
    shoot(page, "invitation-take-back")
    asked.get_by_role("button", name="Cancel").click()
    expect(asked).to_have_count(0)
    take_back.click()
    asked.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("No invitation is open.")).to_be_visible()
    open_page(page, second)
    expect(page.get_by_role("heading", name="not open any more")).to_be_visible(timeout=15_000)


@pytest.mark.usefixtures("fresh")
def test_requiring_a_second_factor_says_how_many_lose_the_team_and_leads_to_one_s_own_first(
    page: Page, platform: Platform
) -> None:
    dashboard = platform.access["dashboard"].rstrip("/")
    make_team(page, dashboard, "quintet")
    required = page.get_by_label("Required of all members")
    required.click()
    asked = page.get_by_role("dialog", name="Require a second factor in quintet?")
    expect(asked).to_contain_text("1 member has none, and loses the team")
    shoot(page, "team-second-factor")
    asked.get_by_role("button", name="Require it").click()
    expect(page.get_by_role("alert")).to_contain_text("Set up a second factor of your own first")
    expect(required).not_to_be_checked()
    page.get_by_role("link", name="Set one up").click()
    expect(page).to_have_url(f"{dashboard}/account")
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()


@pytest.mark.usefixtures("fresh")
def test_a_deleted_team_comes_back(page: Page, platform: Platform) -> None:
    dashboard = platform.access["dashboard"].rstrip("/")
    make_team(page, dashboard, "trio")
    page.get_by_role("button", name="Delete team").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type trio to confirm").fill("trio")
    dialog.get_by_role("button", name="Delete team").click()
    expect(page.get_by_role("heading", name="Teams")).to_be_visible()
    expect(page.get_by_role("link", name="trio", exact=True)).to_have_count(0)
    page.get_by_text("1 deleted team").click()
    shoot(page, "teams-deleted")
    page.get_by_role("button", name="Restore trio").click()
    expect(page.get_by_role("link", name="trio", exact=True)).to_be_visible()
