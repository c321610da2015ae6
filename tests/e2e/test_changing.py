"""What a user does to a running app, in Chromium: roll back, restart, scale, cancel, delete, undo, delete for good."""

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from dashboard import open_page, shoot, until_live
from gitserver import GitServer
from playwright.sync_api import Locator, Page, Route, expect
from running import Platform, wait_for

SLOW_BUILD = {"build.txt": "300"}


class App:
    """A project with two releases, of which the second is live, and the pages of it."""

    def __init__(self, platform: Platform, git: GitServer, project: Any) -> None:
        self.platform = platform
        self.git = git
        self.id = project["id"]
        self.environment = project["environments"][0]
        self.dashboard = platform.access["dashboard"]

    def open(self, page: Page, tab: str = "") -> None:
        open_page(page, f"{self.dashboard}/projects/{self.id}{tab}")
        expect(page.get_by_role("heading", name="changing", exact=True)).to_be_visible(timeout=15_000)

    def says(self) -> str:
        """What a visitor reads: the app's name and version."""
        return self.platform.visit(self.environment["hostname"]).text

    def instances(self) -> set[str]:
        rows = self.platform.call("GET", f"/instances?environment={self.environment['id']}")["items"]
        return {row["id"] for row in rows if row["wanted"] == "running" and not row["leaving"]}

    def replicas(self) -> int:
        environment = self.platform.call("GET", f"/projects/{self.id}")["environments"][0]
        return int(environment["replicas"])

    def exists(self) -> bool:
        return any(row["id"] == self.id for row in self.platform.call("GET", "/projects")["items"])


@pytest.fixture(scope="module")
def app(platform: Platform, git_server: GitServer, apps: Path) -> App:
    url = git_server.repository("changing", apps / "steady")
    git_server.push(
        "changing",
        {"build.txt": "0", "start.txt": "0", "name.txt": "changing", "version.txt": "one"},
        subject="Say one.",
    )
    project = platform.create("changing", url)
    assert platform.over(project["environments"][0]["latest"]["id"])["status"] == "live"
    git_server.push("changing", {"version.txt": "two"}, subject="Say two.")
    platform.call("POST", f"/projects/{project['id']}/check")
    (second, _) = platform.call("GET", f"/projects/{project['id']}/deployments")["items"]
    assert platform.over(second["id"])["status"] == "live"
    return App(platform, git_server, project)


def choose(page: Page, item: str) -> None:
    """Choose from the menu of the project's header."""
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name=item).click()


def type_name(page: Page, verb: str) -> Locator:
    """The dialog of a deletion: its button waits for the typed name."""
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name=verb)
    expect(button).to_be_disabled()
    dialog.get_by_label("Type changing to confirm").fill("changin")
    expect(button).to_be_disabled()
    dialog.get_by_label("Type changing to confirm").fill("changing")
    expect(button).to_be_enabled()
    return button


def test_a_kept_release_is_live_again_after_one_confirmation(page: Page, app: App) -> None:
    app.open(page, "/deployments")
    first = page.get_by_role("listitem", name="Release 1", exact=True)
    second = page.get_by_role("listitem", name="Release 2", exact=True)
    expect(second.get_by_text("Live", exact=True)).to_be_visible()
    expect(second.get_by_role("button")).to_have_count(0)
    expect(first.get_by_text("Instant", exact=True)).to_be_visible()
    shoot(page, "releases")
    first.get_by_role("button", name="Roll back to 1").click()
    dialog = page.get_by_role("dialog", name="Roll back to release 1?")
    expect(dialog.get_by_text("its kept instances are started again")).to_be_visible()
    expect(dialog.get_by_text(re.compile("as that release had them"))).to_be_visible()
    shoot(page, "rollback-dialog")
    dialog.get_by_role("button", name="Roll back to 1").click()
    until_live(page)
    assert app.says() == "changing one"
    app.open(page, "/deployments")
    expect(first.get_by_text("Live", exact=True)).to_be_visible()
    expect(first.get_by_text("Say one.")).to_be_visible()
    expect(second.get_by_role("button", name="Roll back to 2")).to_be_visible()


def test_a_way_back_that_only_a_newer_server_knows_is_a_sentence_without_a_rollback(page: Page, app: App) -> None:
    def as_a_newer_server(route: Route) -> None:
        answer = route.fetch()
        releases = answer.json()
        releases["items"][0]["rollback"] = "frozen"
        route.fulfill(response=answer, json=releases)

    page.route("**/releases*", as_a_newer_server)
    app.open(page, "/deployments")
    second = page.get_by_role("listitem", name="Release 2", exact=True)
    expect(second.get_by_text("does not know how to roll back to it")).to_be_visible()
    expect(second.get_by_role("button", name="Deploy its commit")).to_be_visible()
    expect(second.get_by_role("button", name="Roll back")).to_have_count(0)


def test_a_restart_puts_new_instances_in_the_place_of_the_old_ones(page: Page, app: App) -> None:
    app.open(page)
    before = app.instances()
    choose(page, "Restart")
    until_live(page)
    expect(page.get_by_text("Restarted").first).to_be_visible()
    assert app.says() == "changing one"
    wait_for(lambda: app.instances().isdisjoint(before) or None, within=30, what="the old instances to leave")


def test_scaling_by_keyboard_is_followed_until_all_are_ready_and_back(page: Page, app: App) -> None:
    app.open(page, "/processes")
    expect(page.get_by_text("1 of 1 ready")).to_be_visible()
    instances = page.get_by_role("list", name="web").get_by_role("listitem")
    count = page.get_by_role("spinbutton", name="Instances")
    count.press("ArrowUp")
    count.press("ArrowUp")
    shoot(page, "scaling")
    assert app.replicas() == 1, "scaled before it was confirmed"
    page.get_by_role("button", name="Scale to 3").click()
    expect(page.get_by_text("3 of 3 ready")).to_be_visible(timeout=30_000)
    expect(instances).to_have_count(3)
    shoot(page, "processes")
    count.press("ArrowDown")
    count.press("ArrowDown")
    count.press("Enter")
    expect(page.get_by_text("1 of 1 ready")).to_be_visible(timeout=30_000)
    expect(instances).to_have_count(1, timeout=60_000)
    assert len(app.instances()) == 1


def test_a_cancelled_deployment_leaves_what_is_live(page: Page, app: App) -> None:
    app.git.push("changing", SLOW_BUILD)
    app.open(page)
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("main").get_by_text("Building", exact=True).first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menuitem", name="Restart")).to_contain_text("is under way")
    expect(page.get_by_role("menuitem", name="Restart")).to_be_disabled()
    page.keyboard.press("Escape")
    app.open(page, "/deployments")
    page.get_by_role("button", name="Roll back to 2").click()
    expect(page.get_by_role("dialog").get_by_text("The rollback cancels it.")).to_be_visible()
    page.keyboard.press("Escape")
    choose(page, "Cancel deployment")
    expect(page.get_by_role("main").get_by_text("Cancelled", exact=True).first).to_be_visible(timeout=15_000)
    app.open(page)
    expect(page.get_by_role("main").get_by_text("Live", exact=True).first).to_be_visible(timeout=15_000)
    assert app.says() == "changing one"


@pytest.mark.usefixtures("fresh")
def test_a_deleted_project_is_undone_in_one_click_and_serves_again(page: Page, app: App) -> None:
    app.open(page, "/settings")
    page.get_by_role("button", name="Delete project").click()
    shoot(page, "delete-dialog")
    type_name(page, "Delete project").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    deleted = page.get_by_role("group").filter(has_text="deleted project")
    expect(deleted).to_be_visible()
    if deleted.get_attribute("open") is None:  # it is open where nothing else is left
        deleted.get_by_text("deleted project").click()
    expect(page.get_by_role("listitem").filter(has_text="changing")).to_contain_text("can be restored until")
    shoot(page, "deleted-list")
    wait_for(lambda: app.platform.visit(app.environment["hostname"]).status == 404 or None, within=20, what="no app")
    undo.click()
    expect(undo).to_have_count(0)
    wait_for(lambda: app.platform.answers(app.environment["hostname"]) or None, within=60, what="the app again")
    assert app.says() == "changing one"


@pytest.mark.usefixtures("fresh")
def test_a_deleted_project_refuses_changes_and_can_be_deleted_for_good(page: Page, app: App) -> None:
    app.platform.call("DELETE", f"/projects/{app.id}")
    app.open(page)
    expect(page.get_by_text(re.compile("It can be restored until"))).to_be_visible()
    deploy = page.get_by_role("button", name="Deploy", exact=True)
    expect(deploy).to_be_disabled()
    expect(deploy).to_have_attribute("title", "The project is deleted. Restore it first.")
    deploy.focus()
    shown = deploy.evaluate("button => getComputedStyle(button, '::after').content")
    assert "The project is deleted. Restore it first." in shown, "the reason is out of reach without a pointer"
    shoot(page, "deleted-project")
    page.get_by_role("button", name="Delete for good now").click()
    type_name(page, "Delete for good now").click()
    page.wait_for_url(re.compile("/projects$"))
    expect(page.get_by_role("main").get_by_text("changing", exact=True)).to_have_count(0)
    wait_for(lambda: not app.exists() or None, within=60, what="the end of the project")


def test_an_app_that_runs_out_of_memory_is_loud_on_its_pages(
    page: Page, platform: Platform, git_server: GitServer, apps: Path
) -> None:
    project = platform.create("unwell", git_server.repository("unwell", apps / "moody"))
    assert platform.over(project["environments"][0]["latest"]["id"])["status"] == "live"
    hostname = project["environments"][0]["hostname"]
    open_page(page, f"{platform.access['dashboard']}/projects/{project['id']}/processes")
    expect(page.get_by_text("1 of 1 ready")).to_be_visible(timeout=15_000)

    def spoil(path: str) -> None:
        wait_for(lambda: platform.answers(hostname) or None, within=30, what="its place in the ingress")
        httpx2.post(f"http://127.0.0.1:{platform.apps_port}{path}", headers={"Host": hostname}, timeout=10)

    spoil("/eat")
    expect(page.get_by_text(re.compile("out of memory, started again"))).to_be_visible(timeout=60_000)
    spoil("/exit")
    expect(page.get_by_text("2 restarts")).to_be_visible(timeout=60_000)
    spoil("/exit")
    expect(page.get_by_role("alert")).to_contain_text("Crash loop", timeout=60_000)
    expect(page.get_by_role("alert")).to_contain_text("or roll back")
    shoot(page, "crash-loop")
    page.get_by_role("main").get_by_role("link", name="Overview").click()
    expect(page.get_by_role("status").filter(has_text="0 of 1 ready")).to_be_visible()
    expect(page.get_by_role("link", name="0 of 1 ready")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Crash loop")
    shoot(page, "crash-loop-overview")
