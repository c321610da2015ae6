"""An account's story: a second factor set up, asked for, lost and taken away; browsers that are signed out from afar."""

import re
import time
from collections.abc import Iterator

import pyotp
import pytest
from dashboard import open_page, shoot
from playwright.sync_api import Browser, Locator, Page, expect
from running import ROOT, STATE, Platform, run, wait_for

GRACE, PASSWORD = "Grace Hopper", "first actual bug"


class App:
    """An authenticator app. It gives no code twice: each is of a later half minute, at most the one that comes next."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)
        self._last = 0

    def code(self) -> str:
        """The next code that the server takes."""
        step = max(self._last + 1, int(time.time()) // 30)
        wait_for(lambda: step <= int(time.time()) // 30 + 1, within=35, what="the half minute of the next code")
        self._last = step
        return self._totp.at(step * 30)


@pytest.fixture(scope="module")
def grace(platform: Platform) -> str:
    """Somebody who has an account at the sign-in provider."""
    argv = (ROOT / ".venv" / "bin" / "wh-cp", "local-user", "add", "grace", "--full-name", GRACE, "--state", STATE)
    added = run(*argv, input=f"{PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    return "grace"


def fresh_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 860}, color_scheme="light")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def here(browser: Browser) -> Iterator[Page]:
    yield from fresh_page(browser)


@pytest.fixture
def elsewhere(browser: Browser) -> Iterator[Page]:
    yield from fresh_page(browser)


def to_provider_and_back(page: Page, name: str) -> None:
    """Sign in where the provider does not know the browser yet; later its link alone does it."""
    again(page)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def again(page: Page) -> None:
    page.get_by_role("link", name="Sign in").click()


def signed_in(page: Page) -> None:
    expect(page.get_by_role("navigation", name="Main")).to_be_visible(timeout=15_000)


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def section(page: Page, title: str) -> Locator:
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))


def shown_codes(page: Page, picture: str) -> list[str]:
    """Return the recovery codes that are shown this once, and close them."""
    dialog = page.get_by_role("dialog", name="Your recovery codes")
    listed = dialog.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(listed).to_have_count(10)
    shoot(page, picture)
    codes = listed.all_inner_texts()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert all(code in download.value.path().read_text() for code in codes)
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    return codes


def enrol(page: Page) -> tuple[App, list[str]]:
    page.get_by_role("button", name="Set up the authenticator app").click()
    dialog = page.get_by_role("dialog", name="Set up the authenticator app")
    picture = dialog.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    shoot(page, "account-app")
    app = App(dialog.locator("code").inner_text())
    dialog.get_by_label("Code", exact=True).fill("12")
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog.get_by_role("alert")).to_contain_text("six digits")
    dialog.get_by_label("Code", exact=True).fill(app.code())
    dialog.get_by_role("button", name="Confirm").click()
    return app, shown_codes(page, "account-recovery-codes")


def give_in(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Continue").click()


def admin_token(page: Page, address: str, app: App) -> None:
    """Make a token that takes a step-up: it is refused when that is given up, and made once it was given."""
    open_page(page, address)
    page.get_by_role("button", name="New token").click()
    making = page.get_by_role("dialog", name="New token")
    making.get_by_label("Name").fill("everything")
    making.get_by_label("Admin").check()
    making.get_by_role("button", name="Create").click()
    proving = page.get_by_role("dialog", name="Show that it is you")
    expect(proving.get_by_label("Code", exact=True)).to_be_visible()
    shoot(page, "step-up")
    page.keyboard.press("Escape")
    expect(proving).to_have_count(0)
    expect(making.get_by_role("alert")).to_contain_text("needs your second factor again")
    making.get_by_role("button", name="Create").click()
    proving.get_by_label("Code", exact=True).fill(app.code())
    proving.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Copy the token now.")).to_be_visible()
    page.get_by_role("button", name="Done").click()


def test_a_second_factor_is_set_up_asked_for_and_its_recovery_code_works_and_another_browser_is_signed_out(
    here: Page, elsewhere: Page, platform: Platform, grace: str
) -> None:
    account = platform.access["dashboard"].rstrip("/") + "/account"
    for page in (elsewhere, here):
        open_page(page, account)
        to_provider_and_back(page, grace)
        signed_in(page)
    app, codes = enrol(here)
    expect(section(here, "Second factor")).to_contain_text("10 left")

    sign_out(here)
    again(here)
    expect(here.get_by_role("heading", name="Second factor")).to_be_visible(timeout=15_000)
    expect(here.get_by_text(f"Signing in as {GRACE}")).to_be_visible()
    shoot(here, "second-factor")
    give_in(here, "Code", "000000")
    expect(here.get_by_role("alert")).to_contain_text("not the code")
    shoot(here, "second-factor-wrong")
    give_in(here, "Code", app.code())
    here.wait_for_url(re.compile("/account$"))
    signed_in(here)

    sign_out(here)
    again(here)
    here.get_by_role("button", name="Use a recovery code").click()
    give_in(here, "Recovery code", codes[0])
    here.wait_for_url(re.compile("/account$"))
    expect(section(here, "Second factor")).to_contain_text("9 left", timeout=15_000)
    expect(section(here, "Sessions").get_by_role("row")).to_have_count(3)
    expect(section(here, "Sessions").get_by_text("this one")).to_have_count(1)
    shoot(here, "account-second-factor")

    # This browser was signed in before there was a second factor: it has given none.
    admin_token(elsewhere, f"{account}/tokens", app)
    open_page(elsewhere, account)
    elsewhere.get_by_role("button", name="Sign out all others").click()
    elsewhere.get_by_role("dialog").get_by_role("button", name="Sign out all others").click()
    expect(elsewhere.get_by_text("1 session ended.")).to_be_visible()
    expect(here.get_by_text("Your session ended.")).to_be_visible(timeout=15_000)
    elsewhere.get_by_role("button", name="Remove the authenticator app").click()
    elsewhere.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(section(elsewhere, "Second factor")).to_contain_text("not set up")


def test_a_sign_in_that_is_cancelled_or_over_starts_again(here: Page, platform: Platform) -> None:
    open_page(here, platform.access["dashboard"].rstrip("/") + "/sign-in/second-factor?next=//evil.example")
    again = here.get_by_role("link", name="Sign in again")
    expect(again).to_have_attribute("href", "/auth/login?next=%2F", timeout=15_000)
    shoot(here, "second-factor-gone")


def test_a_passkey_is_made_renamed_signs_in_and_is_removed(here: Page, platform: Platform, grace: str) -> None:
    devtools = here.context.new_cdp_session(here)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    verifies = {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key | verifies})
    open_page(here, platform.access["dashboard"].rstrip("/") + "/account")
    to_provider_and_back(here, grace)
    signed_in(here)
    here.get_by_role("button", name="Add passkey").click()
    dialog = here.get_by_role("dialog", name="Add passkey")
    dialog.get_by_label("Name").fill("laptop")
    dialog.get_by_role("button", name="Add passkey").click()
    shown_codes(here, "account-passkey-codes")
    here.get_by_role("button", name="Rename laptop").click()
    here.get_by_role("dialog").get_by_label("Name").fill("desk")
    here.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(here.get_by_role("button", name="Remove desk")).to_be_visible()
    shoot(here, "account-passkey")

    sign_out(here)
    again(here)
    expect(here.get_by_role("heading", name="Second factor")).to_be_visible(timeout=15_000)
    shoot(here, "second-factor-passkey")
    here.get_by_role("button", name="Use a passkey").click()
    here.wait_for_url(re.compile("/account$"))
    signed_in(here)
    here.get_by_role("button", name="Remove desk").click()
    here.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(section(here, "Second factor")).to_contain_text("Off.")
