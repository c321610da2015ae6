"""What will be built is seen before it is, and mended where it is seen: on the new project's page and in its settings."""

import re
import uuid
from pathlib import Path

from dashboard import open_page, shoot, until_live
from gitserver import GitServer
from playwright.sync_api import Page, expect
from running import Platform

SUMMARY = re.compile("A static site, headers, served by nginx")


def fresh(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:6]}"


def test_a_newcomer_reads_the_plan_deploys_and_gets_what_it_said(
    page: Page, platform: Platform, git_server: GitServer, apps: Path
) -> None:
    name = fresh("foreseen")
    url = git_server.repository(name, apps / "static-page")
    open_page(page, platform.access["dashboard"] + "/projects/new")
    expect(page.get_by_text("Paste an address: what will be built of it")).to_be_visible()
    page.get_by_label("Git URL").fill(url)
    plan = page.get_by_role("region", name="Build plan")
    expect(plan.get_by_text(SUMMARY)).to_be_visible(timeout=30_000)
    expect(plan.get_by_text(git_server.head(name)[:7])).to_be_visible()
    expect(plan.get_by_role("listitem").first).to_have_text("a static site index.html")
    expect(plan.get_by_text("FROM localhost/wisehosting/static:1")).to_be_hidden()
    plan.get_by_text("Containerfile", exact=True).click()
    expect(plan.get_by_text("FROM localhost/wisehosting/static:1")).to_be_visible()
    expect(plan.get_by_role("button", name="Copy the Containerfile")).to_be_visible()
    shoot(page, "plan")
    page.get_by_role("button", name="Deploy", exact=True).click()
    until_live(page)
    assert "served as a static site" in platform.visit(f"{name}.localhost").text


def test_what_cannot_be_built_says_why_and_the_setting_that_mends_it_is_there(
    page: Page, platform: Platform, git_server: GitServer
) -> None:
    name = fresh("mended")
    url = git_server.repository(name, {"README": "two apps", "site/index.html": "hello", "site/in/index.html": "inner"})
    open_page(page, platform.access["dashboard"] + "/projects/new")
    page.get_by_label("Git URL").fill(url)
    plan = page.get_by_role("region", name="Build plan")
    expect(plan.get_by_role("alert")).to_contain_text("Set the project's root directory", timeout=30_000)
    root = page.get_by_label("Root directory")
    expect(root).to_be_visible()
    shoot(page, "plan-refused")
    root.fill("nowhere")
    expect(root).to_have_attribute("aria-invalid", "true", timeout=30_000)
    root.fill("site")
    expect(plan.get_by_text("A static site, served by nginx")).to_be_visible(timeout=30_000)
    expect(page.get_by_label("Start command")).to_have_attribute("placeholder", "nginx -c /etc/nginx/site.conf")
    page.get_by_label("Output folder").fill("in")
    page.get_by_label("Port").fill("3000")
    expect(plan.get_by_text("in/index.html")).to_be_visible(timeout=30_000)
    expect(plan.get_by_text("3000", exact=True)).to_be_visible()
    page.get_by_role("button", name="Deploy", exact=True).click()
    until_live(page)
    assert platform.visit(f"{name}.localhost").text == "inner"


def test_a_look_that_takes_long_can_be_stopped_and_begun_again(
    page: Page, platform: Platform, git_server: GitServer
) -> None:
    name = fresh("slow")
    url = git_server.repository(name, {"index.html": "hello"})
    git_server.stalled.add(name)
    open_page(page, platform.access["dashboard"] + "/projects/new")
    page.get_by_label("Git URL").fill(url)
    plan = page.get_by_role("region", name="Build plan")
    expect(plan.get_by_text("Looking into the repository")).to_be_visible()
    plan.get_by_role("button", name="Stop").click()
    expect(plan.get_by_text("You can deploy all the same")).to_be_visible()
    git_server.stalled.discard(name)
    plan.get_by_role("button", name="Look", exact=True).click()
    expect(plan.get_by_text("A static site, served by nginx")).to_be_visible(timeout=60_000)


def test_settings_of_a_project_are_tried_saved_and_deployed_and_the_repositorys_file_wins(
    page: Page, platform: Platform, git_server: GitServer
) -> None:
    name = fresh("tuned")
    url = git_server.repository(name, {"index.html": "outer", "inner/index.html": "inner"})
    project = platform.create(name, url)
    assert platform.over(project["environments"][0]["latest"]["id"])["status"] == "live"
    address = f"{platform.access['dashboard']}/projects/{project['id']}/settings"
    open_page(page, address)
    plan = page.get_by_role("region", name="Build plan")
    expect(plan.get_by_text("A static site, served by nginx")).to_be_visible(timeout=30_000)
    page.get_by_label("Output folder").fill("inner")
    expect(plan.get_by_text("inner/index.html")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("1 setting changed")).to_be_visible()
    shoot(page, "build-settings")
    platform.call("PATCH", f"/projects/{project['id']}", {"build": {"port": 4000}})
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("These settings were changed elsewhere. Nothing was saved.")).to_be_visible()
    page.get_by_role("button", name="Load", exact=True).click()
    expect(page.get_by_label("Port")).to_have_value("4000")
    expect(page.get_by_label("Output folder")).to_have_value("")
    page.get_by_label("Output folder").fill("inner")
    page.get_by_role("button", name="Save and deploy").click()
    until_live(page)
    assert platform.visit(f"{name}.localhost").text == "inner"
    git_server.push(name, {"wisehosting.toml": '[build]\noutput = "inner"\nfallback = "/index.html"\n'})
    open_page(page, address)
    plan.get_by_role("button", name="Look again").click()
    expect(plan.get_by_text("It says: Output folder, Fallback page.")).to_be_visible(timeout=30_000)
    expect(page.get_by_label("Fallback page")).to_have_attribute("readonly", "")
    expect(page.get_by_label("Fallback page")).to_have_value("/index.html")
    expect(page.get_by_label("Port")).to_have_value("4000")
