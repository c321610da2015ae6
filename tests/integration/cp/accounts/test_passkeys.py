"""Passkeys as second factor, with a software authenticator: what is right gets in, and nothing else."""

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select
from webauthnkey import Authenticator

from wisehosting_cp.accounts.second_factor.models import PasskeyChallenge
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.sources.poller import tidy

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
PASSKEYS = "/api/v1/account/second-factor/passkeys"
FACTOR = "/api/v1/account/second-factor"
HALF = "/api/v1/session/second-factor"
STEP_UP = "/api/v1/session/step-up"


def _authenticator(context: Context) -> Authenticator:
    return Authenticator(context.settings.public_url)


async def _register(person: Any, key: Authenticator, name: str = "Blue key") -> dict[str, Any]:
    options = (await person.browser.post(f"{PASSKEYS}/options")).json()
    made = await person.browser.post(PASSKEYS, json={"name": name, "passkey": key.create(options)})
    assert made.status_code == 200, made.text
    return dict(made.json())


async def test_a_passkey_is_registered_listed_renamed_and_removed(people: People, context: Context) -> None:
    ada, eve = await people("ada"), await people("eve")
    key = _authenticator(context)
    options = (await ada.browser.post(f"{PASSKEYS}/options")).json()
    assert options["rp"] == {"id": "localhost", "name": "WiseHosting"}
    assert options["attestation"] == "none"
    made = (await ada.browser.post(PASSKEYS, json={"name": "Blue key", "passkey": key.create(options)})).json()
    assert len(made["recovery_codes"]) == 10
    path = f"{PASSKEYS}/{made['passkey']['id']}"
    again = (await ada.browser.post(f"{PASSKEYS}/options")).json()
    assert len(again["excludeCredentials"]) == 1
    for method, body in (("PATCH", {"name": "Mine"}), ("DELETE", None)):
        assert (await eve.browser.request(method, path, json=body)).status_code == 404
    assert (await ada.browser.patch(path, json={"name": "Red key"})).json()["name"] == "Red key"
    listed = (await ada.browser.get(PASSKEYS)).json()["items"]
    assert [(row["name"], row["last_used_at"]) for row in listed] == [("Red key", None)]
    assert (await ada.browser.get(FACTOR)).json() == {
        "totp": False,
        "passkeys": 1,
        "recovery_codes": 10,
        "reset_at": None,
    }
    assert (await ada.browser.delete(path)).status_code == 204
    assert (await ada.browser.delete(path)).status_code == 404
    assert (await ada.browser.get(FACTOR)).json() == {
        "totp": False,
        "passkeys": 0,
        "recovery_codes": 0,
        "reset_at": None,
    }
    async with context.db.read() as session:
        query = select(AuditEvent.action).where(AuditEvent.action.startswith("second_factor.")).order_by(AuditEvent.id)
        assert (await session.execute(query)).scalars().all() == [
            "second_factor.add",
            "second_factor.new_recovery_codes",
            "second_factor.rename",
            "second_factor.remove",
        ]


async def test_a_passkey_finishes_a_sign_in_and_steps_a_session_up(
    people: People, half_sign_in: Any, context: Context, clock: Any
) -> None:
    ada = await people()
    key = _authenticator(context)
    await _register(ada, key)
    half = await half_sign_in(ada)
    assert (await half.get(HALF)).json()["factors"]["passkeys"] == 1
    options = (await half.post(f"{HALF}/passkey-options")).json()
    assert [row["id"] for row in options["allowCredentials"]] == [_b64(key.credential_id)]
    done = await half.post(HALF, json={"passkey": key.get(options)})
    assert (done.status_code, done.json()["next"]) == (200, "/projects")
    clock.forward(601)
    assert (await half.post(f"{FACTOR}/recovery-codes")).json()["code"] == "step_up_needed"
    options = (await half.post(f"{STEP_UP}/passkey-options")).json()
    assert (await half.post(STEP_UP, json={"passkey": key.get(options)})).status_code == 200
    assert (await half.post(f"{FACTOR}/recovery-codes")).status_code == 200
    assert (await half.get(PASSKEYS)).json()["items"][0]["last_used_at"] is not None


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:7001"},
        {"origin": "https://localhost:7000"},
        {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"type": "webauthn.create"},
        {"rp_id": "evil.example"},
    ],
)
async def test_a_passkeys_answer_for_another_site_or_another_challenge_is_refused(
    people: People, half_sign_in: Any, context: Context, lie: dict[str, str]
) -> None:
    ada = await people()
    key = _authenticator(context)
    await _register(ada, key)
    half = await half_sign_in(ada)
    options = (await half.post(f"{HALF}/passkey-options")).json()
    refused = await half.post(HALF, json={"passkey": key.get(options, **lie)})
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_refused")
    right = await half.post(HALF, json={"passkey": key.get(options)})
    assert right.status_code == 403, "the challenge is used up"
    options = (await half.post(f"{HALF}/passkey-options")).json()
    assert (await half.post(HALF, json={"passkey": key.get(options)})).status_code == 200


async def test_an_answer_works_once(people: People, half_sign_in: Any, context: Context) -> None:
    ada = await people()
    key = _authenticator(context)
    await _register(ada, key)
    first, second = await half_sign_in(ada), await half_sign_in(ada)
    answer = key.get((await first.post(f"{HALF}/passkey-options")).json())
    await second.post(f"{HALF}/passkey-options")
    assert (await second.post(HALF, json={"passkey": answer})).status_code == 403, "a challenge is of one browser"
    assert (await first.post(HALF, json={"passkey": answer})).status_code == 200
    replayed = await first.post(STEP_UP, json={"passkey": answer})
    assert (replayed.status_code, "used before" in replayed.json()["detail"]) == (403, True)


async def test_a_counter_that_does_not_rise_is_refused(people: People, context: Context) -> None:
    ada = await people()
    key = _authenticator(context)
    await _register(ada, key)
    for count, status in ((9, 200), (9, 403), (3, 403), (10, 200)):
        key.count = count - 1
        options = (await ada.browser.post(f"{STEP_UP}/passkey-options")).json()
        answer = await ada.browser.post(STEP_UP, json={"passkey": key.get(options)})
        assert answer.status_code == status, count


async def test_a_challenge_lasts_five_minutes(people: People, context: Context, clock: Any) -> None:
    ada = await people()
    key = _authenticator(context)
    await _register(ada, key)
    options = (await ada.browser.post(f"{STEP_UP}/passkey-options")).json()
    clock.forward(301)
    assert (await ada.browser.post(STEP_UP, json={"passkey": key.get(options)})).status_code == 403
    await ada.browser.post(f"{STEP_UP}/passkey-options")
    clock.forward(301)
    async with context.db.transaction() as session:
        await tidy(session, context)
    async with context.db.read() as session:
        assert (await session.execute(select(PasskeyChallenge))).scalars().all() == []


async def test_another_key_and_another_persons_key_are_refused(people: People, context: Context) -> None:
    ada, eve = await people("ada"), await people("eve")
    hers, forged = _authenticator(context), _authenticator(context)
    await _register(ada, hers)
    await _register(eve, _authenticator(context))
    forged.credential_id = hers.credential_id
    for person, key in ((ada, forged), (eve, hers)):
        options = (await person.browser.post(f"{STEP_UP}/passkey-options")).json()
        assert (await person.browser.post(STEP_UP, json={"passkey": key.get(options)})).status_code == 403
    options = (await eve.browser.post(f"{PASSKEYS}/options")).json()
    taken = await eve.browser.post(PASSKEYS, json={"name": "x", "passkey": hers.create(options)})
    assert (taken.status_code, taken.json()["code"]) == (400, "passkey_refused")


@pytest.mark.parametrize("lie", [{"origin": "http://evil.example"}, {"challenge": "AAAA"}, {"type": "webauthn.get"}])
async def test_a_passkey_made_for_another_site_or_challenge_is_not_kept(
    people: People, context: Context, lie: dict[str, str]
) -> None:
    ada = await people()
    key = _authenticator(context)
    options = (await ada.browser.post(f"{PASSKEYS}/options")).json()
    for answer in (key.create(options, **lie), key.create(options)):
        refused = await ada.browser.post(PASSKEYS, json={"name": "x", "passkey": answer})
        assert (refused.status_code, refused.json()["code"]) == (400, "passkey_refused")
    assert (await ada.browser.get(FACTOR)).json()["passkeys"] == 0


async def test_what_is_no_answer_at_all_is_refused_like_a_wrong_one(people: People, context: Context) -> None:
    ada = await people()
    key = _authenticator(context)
    await _register(ada, key)
    options = (await ada.browser.post(f"{STEP_UP}/passkey-options")).json()
    good = key.get(options)
    broken = [
        {},
        {"id": 1},
        good | {"response": {}},
        good | {"response": good["response"] | {"authenticatorData": "AAAA"}},
        good | {"response": good["response"] | {"clientDataJSON": "e30"}},
    ]
    for answer in broken:
        await ada.browser.post(f"{STEP_UP}/passkey-options")
        assert (await ada.browser.post(STEP_UP, json={"passkey": answer})).status_code == 403, answer
    lies: list[dict[str, str]] = [{"attestationObject": "AAAA"}, {"attestationObject": "oA"}, {"clientDataJSON": "e30"}]
    for lie in lies:
        options = (await ada.browser.post(f"{PASSKEYS}/options")).json()
        made = _authenticator(context).create(options)
        made["response"] |= lie
        refused = await ada.browser.post(PASSKEYS, json={"name": "x", "passkey": made})
        assert refused.status_code == 400, lie


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
