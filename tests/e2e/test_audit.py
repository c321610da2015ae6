"""The audit log in the browser: found from a team, narrowed down, opened and taken away."""

import json
import re
from pathlib import Path

from dashboard import open_page, shoot
from playwright.sync_api import Page, expect
from running import Platform


def test_the_log_of_a_team_is_narrowed_down_opened_and_taken_away(
    page: Page, platform: Platform, tmp_path: Path
) -> None:
    session = platform.call("GET", "/session")
    name = "audited"
    made = platform.create(name, "https://example.org/nothing.git")
    dashboard = platform.access["dashboard"].rstrip("/")
    open_page(page, f"{dashboard}/teams/{session['team']['id']}")
    page.get_by_role("main").get_by_role("link", name="Audit log").click()
    expect(page.get_by_role("heading", name="Audit log", level=1)).to_be_visible()
    page.get_by_label("Act").select_option("project.")
    expect(page).to_have_url(f"{dashboard}/audit?team={session['team']['id']}&action=project.")
    first = page.get_by_role("button", name="Details of project.create").first
    first.click()
    expect(page.get_by_role("definition").filter(has_text=f"project:{made['id']}")).to_be_visible()
    shoot(page, "audit")

    page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()
    expect(page.get_by_role("button", name=f"Remove the filter: To {name}")).to_be_visible()
    rows = page.get_by_role("button", name="Details of project.")
    expect(rows).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    taken = tmp_path / "audit.jsonl"
    download.value.save_as(taken)
    assert download.value.suggested_filename.startswith(f"audit-{session['team']['id']}-")
    (event,) = [json.loads(line) for line in taken.read_text().splitlines()]
    assert (event["action"], event["subject"]) == ("project.create", f"project:{made['id']}")

    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_label("Who").select_option("Operator")
    expect(page).to_have_url(re.compile("&actor=user"))
    page.get_by_label("Who").select_option("Everybody")
    page.get_by_label("Act").select_option("keys.")
    expect(page.get_by_text("Nothing matches these filters.")).to_be_visible()
    page.get_by_role("button", name="Remove all filters").click()
    expect(page).to_have_url(f"{dashboard}/audit")
    expect(first).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill("audit")
    expect(page.get_by_role("option", name="Audit log")).to_be_visible()
    page.keyboard.press("Escape")
    platform.call("DELETE", f"/projects/{made['id']}")
