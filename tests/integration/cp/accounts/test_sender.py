"""Who sends the browser back from the sign-in provider must be the one it was sent to (RFC 9207)."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from sqlalchemy import func, select

from wisehosting_cp.accounts.models import User
from wisehosting_cp.accounts.sign_in.api import provider_of
from wisehosting_cp.kit.context import Context
from wisehosting_cp.local.provider import new_link

pytestmark = pytest.mark.anyio

ANNOUNCES = "authorization_response_iss_parameter_supported"


async def _back(browser: Any, provider_folder: Path) -> tuple[str, list[tuple[str, str]]]:
    """Sign in at the provider; return the address of the way back and its parameters, `iss` left out."""
    await browser.get(f"{browser._settings.oidc_issuer}/link/{new_link(provider_folder)}")
    location = str((await browser.follow("/auth/login", until="/auth/callback")).headers["location"])
    parts = urlsplit(location)
    told = parse_qsl(parts.query)
    assert ("iss", browser._settings.oidc_issuer) in told
    return urlunsplit(parts._replace(query="")), [pair for pair in told if pair[0] != "iss"]


def _announce(context: Context, said: object) -> None:
    """Let the provider's metadata, as this process remembers it, say something else."""
    provider = provider_of(context)
    assert provider._metadata is not None
    at, found = provider._metadata
    provider._metadata = (at, {**{name: value for name, value in found.items() if name != ANNOUNCES}})
    if said is not None:
        provider._metadata[1][ANNOUNCES] = said


def _senders(issuer: str) -> dict[str, list[str]]:
    return {
        "missing": [],
        "right": [issuer],
        "another": ["https://evil.example"],
        "empty": [""],
        "with a slash more": [f"{issuer}/"],
        "in capitals": [issuer.upper()],
        "twice": [issuer, issuer],
        "right, then another": [issuer, "https://evil.example"],
    }


@pytest.mark.parametrize("case", list(_senders("")))
@pytest.mark.parametrize("announced", [True, None])
async def test_the_sender_is_the_one_that_was_gone_to(
    browser: Any, provider_folder: Path, context: Context, case: str, announced: object
) -> None:
    address, told = await _back(browser, provider_folder)
    _announce(context, announced)
    senders = _senders(context.settings.oidc_issuer)[case]
    answer = await browser.get(f"{address}?{urlencode(told + [('iss', sender) for sender in senders])}")
    allowed = case == "right" or (case == "missing" and not announced)
    async with context.db.read() as session:
        users = (await session.execute(select(func.count()).select_from(User))).scalar_one()
    assert (answer.status_code, users) == ((302, 1) if allowed else (403, 0)), answer.text
    assert allowed or "does not come from the sign-in provider" in answer.text


async def test_an_error_of_another_sender_is_none_of_the_provider_s(browser: Any, context: Context) -> None:
    for sender, sentence in (
        (context.settings.oidc_issuer, "did not let you in"),
        ("https://evil.example", "does not come from the sign-in provider"),
    ):
        silent = await browser.get(f"{(await browser.get('/auth/login')).headers['location']}&prompt=none")
        location = str(silent.headers["location"])
        told = dict(parse_qsl(urlsplit(location).query))
        assert (told["error"], told["iss"]) == ("login_required", context.settings.oidc_issuer)
        parts = urlsplit(location)
        refused = await browser.get(urlunsplit(parts._replace(query=urlencode(told | {"iss": sender}))))
        assert (refused.status_code, sentence in refused.text) == (403, True), refused.text
