"""An account's story: a second factor set up, asked for, lost and taken away; browsers that are signed out from afar."""

import re
import time
from collections.abc import Iterator

import pyotp
import pytest
from dashboard import open_page, shoot
from playwright.sync_api import Browser, Locator, Page, Route, expect
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
    expect(here.get_by_text("Lost the device and the recovery codes?")).to_be_visible(timeout=15_000)
    here.get_by_role("button", name="Use a recovery code").click()
    mistyped = codes[0][:-1]
    give_in(here, "Recovery code", mistyped)
    expect(here.get_by_role("alert")).to_be_visible()
    field = here.get_by_label("Recovery code", exact=True)
    expect(field).to_have_value(mistyped)
    expect(field).to_be_focused()
    assert field.evaluate("field => [field.selectionStart, field.selectionEnd]") == [0, len(mistyped)]
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


def begin_token(page: Page, name: str) -> Locator:
    page.get_by_role("button", name="New token").first.click()
    making = page.get_by_role("dialog", name="New token")
    making.get_by_label("Name").fill(name)
    return making


def test_a_token_stays_until_done_is_pressed_says_when_it_cannot_be_copied_and_leaves_the_list_when_it_is_gone(
    here: Page, platform: Platform, grace: str
) -> None:
    dashboard = platform.access["dashboard"].rstrip("/")
    open_page(here, f"{dashboard}/account/tokens")
    to_provider_and_back(here, grace)
    signed_in(here)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    here.route("**/api/v1/account/tokens", hold)
    making = begin_token(here, "kept")
    making.get_by_role("button", name="Create").click()
    expect(making.get_by_role("button", name="Cancel")).to_be_disabled()
    here.keyboard.press("Escape")
    here.mouse.click(5, 5)
    expect(making).to_be_visible()
    wait_for(lambda: here.evaluate("true") and bool(held), within=15, what="the call that makes the token")
    assert held[0].request.headers["idempotency-key"]
    held[0].continue_()

    shown = here.get_by_role("dialog", name="kept")
    expect(shown.get_by_text("Copy the token now.")).to_be_visible()
    here.keyboard.press("Escape")
    here.mouse.click(5, 5)
    expect(shown).to_be_visible()
    here.evaluate("""() => {
        document.execCommand = () => false
        if (navigator.clipboard) navigator.clipboard.writeText = () => Promise.reject(new Error("no"))
    }""")
    shown.get_by_role("button", name="Copy").click()
    expect(shown.get_by_role("button", name="Select and copy it yourself")).to_be_visible()
    assert here.evaluate("String(getSelection())") == shown.locator("code").inner_text()
    shoot(here, "token-not-copied")
    shown.get_by_role("button", name="Done").click()
    expect(shown).to_have_count(0)
    revoke = here.get_by_role("button", name="Revoke kept")
    expect(revoke).to_be_visible()

    items = here.context.request.get(f"{dashboard}/api/v1/account/tokens").json()["items"]
    (token,) = [each["id"] for each in items if each["name"] == "kept"]
    mine = {"Origin": dashboard, "X-WH-CSRF": "1"}
    gone = here.context.request.delete(f"{dashboard}/api/v1/account/tokens/{token}", headers=mine)
    assert gone.status == 204
    revoke.click()
    asking = here.get_by_role("dialog", name="Revoke kept?")
    asking.get_by_role("button", name="Revoke").click()
    expect(asking.get_by_role("alert")).to_be_visible()
    asking.get_by_role("button", name="Cancel").click()
    expect(asking).to_have_count(0)
    expect(revoke).to_have_count(0)


def test_a_new_sign_in_in_another_tab_keeps_what_was_typed_in_this_one_which_goes_on_by_itself(
    here: Page, platform: Platform, grace: str
) -> None:
    open_page(here, platform.access["dashboard"].rstrip("/") + "/account/tokens")
    to_provider_and_back(here, grace)
    signed_in(here)
    long_ago = [True]

    def refuse(route: Route) -> None:
        if long_ago and route.request.method == "POST":
            route.fulfill(status=403, json={"code": "step_up_needed", "detail": "Sign in again, then repeat this."})
        else:
            route.continue_()

    def no_longer(route: Route) -> None:
        if long_ago:
            route.fulfill(json={**route.fetch().json(), "until": None})
        else:
            route.continue_()

    here.route("**/api/v1/account/tokens", refuse)
    here.route("**/api/v1/session/step-up", no_longer)
    making = begin_token(here, "typed before")
    making.get_by_label("Admin").check()
    making.get_by_role("button", name="Create").click()
    proving = here.get_by_role("dialog", name="Show that it is you")
    expect(proving.get_by_text("it goes on by itself")).to_be_visible()
    shoot(here, "step-up-sign-in")
    with here.context.expect_page() as opened:
        proving.get_by_role("link", name="Sign in again").click()
    there = opened.value
    signed_in(there)
    expect(proving).to_be_visible()
    long_ago.clear()
    there.close()
    # Playwright's pages are always in sight, and are not told when one comes back to them.
    here.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(here.get_by_role("dialog", name="typed before")).to_contain_text("Copy the token now.")
    here.get_by_role("button", name="Done").click()
    expect(here.get_by_role("button", name="Revoke typed before")).to_be_visible()


def test_a_sign_out_that_is_refused_says_so_and_can_be_tried_again(here: Page, platform: Platform, grace: str) -> None:
    open_page(here, platform.access["dashboard"].rstrip("/") + "/account")
    to_provider_and_back(here, grace)
    signed_in(here)
    problem = {"code": "too_many_requests", "detail": "Too many requests. Wait a minute."}
    here.route("**/api/v1/session/end", lambda route: route.fulfill(status=429, json=problem), times=1)
    here.get_by_role("button", name="Sign out", exact=True).first.click()
    refusal = here.get_by_role("alert").filter(has_text="You are still signed in")
    expect(refusal).to_contain_text("Wait a minute.")
    shoot(here, "still-signed-in")
    refusal.get_by_role("button", name="Retry").click()
    expect(here.get_by_text("You are signed out.")).to_be_visible()
