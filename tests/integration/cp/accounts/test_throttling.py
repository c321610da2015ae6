"""Over a limit one waits: by address for strangers, by person for everybody else; and whose address counts."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from wisehosting_cp.app import create_public_app
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
TRIES = 10


@pytest.fixture(autouse=True)
def low(context: Context) -> None:
    context.settings.sign_ins_per_5_minutes = TRIES
    context.settings.behind_cloudflared = True


def _from(context: Context, peer: str) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=create_public_app(context), client=(peer, 1234))
    return httpx2.AsyncClient(transport=transport, base_url=context.settings.public_url)


async def _until_refused(client: httpx2.AsyncClient, **options: Any) -> int:
    """Return how many guesses of a token were answered before the first 429."""
    for number in range(10 * TRIES):
        headers = {"authorization": f"Bearer wh_{number:043}", **options.get("headers", {})}
        answer = await client.get("/api/v1/session", headers=headers)
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["code"] == "too_many_requests"
            return number
        assert answer.status_code == 401
    return 10 * TRIES


async def test_whoever_guesses_tokens_has_to_wait_and_nobody_else(context: Context, people: People, clock: Any) -> None:
    ada = await people("ada")
    async with _from(context, "203.0.113.9") as guesser, _from(context, "203.0.113.10") as other:
        assert await _until_refused(guesser) == TRIES
        assert await _until_refused(other) == TRIES
        assert (await ada.browser.get("/api/v1/session")).status_code == 200
        clock.forward(301)
        assert await _until_refused(guesser) == TRIES


async def test_the_address_that_cloudflared_tells_counts_and_no_other_word_for_it(context: Context) -> None:
    async with _from(context, "127.0.0.1") as tunnel:
        for visitor in ("198.51.100.1", "198.51.100.2"):
            assert await _until_refused(tunnel, headers={"cf-connecting-ip": visitor}) == TRIES
        spoofed = {"cf-connecting-ip": "198.51.100.3", "x-forwarded-for": "198.51.100.4"}
        assert await _until_refused(tunnel, headers=spoofed) == TRIES
        assert await _until_refused(tunnel, headers={**spoofed, "x-forwarded-for": "198.51.100.5"}) == 0
    async with _from(context, "203.0.113.9") as elsewhere:
        assert await _until_refused(elsewhere, headers={"cf-connecting-ip": "198.51.100.6"}) == TRIES
        assert await _until_refused(elsewhere, headers={"cf-connecting-ip": "198.51.100.7"}) == 0


async def test_a_person_is_counted_over_all_their_tokens(context: Context, people: People) -> None:
    ada, bob = await people("ada"), await people("bob")
    context.settings.requests_per_minute = 20
    answers = [
        (await client.get("/api/v1/account/tokens")).status_code
        for _ in range(15)
        for client in (ada.browser, ada.script)
    ]
    assert answers.count(200) == 20
    assert answers[20:] == [429] * 10
    assert (await bob.browser.get("/api/v1/account/tokens")).status_code == 200


async def test_a_household_of_ipv6_is_one_address(context: Context) -> None:
    async with _from(context, "2001:db8:1:2::1") as one, _from(context, "2001:db8:1:2:ffff::9") as same:
        assert await _until_refused(one) == TRIES
        assert await _until_refused(same) == 0
    async with _from(context, "2001:db8:1:3::1") as next_door:
        assert await _until_refused(next_door) == TRIES


async def test_an_ipv4_address_is_one_address_however_it_is_spelled(context: Context) -> None:
    async with _from(context, "::ffff:203.0.113.9") as one, _from(context, "::ffff:203.0.113.10") as other:
        assert await _until_refused(one) == TRIES
        assert await _until_refused(other) == TRIES


async def test_a_peer_without_an_address_is_answered(context: Context) -> None:
    async with _from(context, "unix") as peer:
        answer = await peer.get("/healthz", headers={"cf-connecting-ip": "198.51.100.1"})
    assert answer.status_code == 200
