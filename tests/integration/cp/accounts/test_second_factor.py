"""The authenticator app and the recovery codes: set up, given, limited, taken away."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
FACTOR = "/api/v1/account/second-factor"
STEP_UP = "/api/v1/session/step-up"


async def _audit(context: Context) -> list[tuple[str, dict[str, Any]]]:
    async with context.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action.startswith("second_factor.")).order_by(AuditEvent.id)
        return [(row.action, row.detail) for row in (await session.execute(query)).scalars()]


async def test_an_authenticator_app_counts_once_a_code_of_it_was_given(
    people: People, enrol: Any, context: Context
) -> None:
    ada = await people()
    begun = (await ada.browser.post(f"{FACTOR}/totp")).json()
    assert set(begun) == {"secret", "address", "qr_code"}
    assert begun["secret"] in begun["address"]
    assert (await ada.browser.get(FACTOR)).json() == {
        "totp": False,
        "passkeys": 0,
        "recovery_codes": 0,
        "reset_at": None,
    }
    enrolled = await enrol(ada)
    assert enrolled.secret != begun["secret"], "beginning again makes another"
    assert (await ada.browser.get(FACTOR)).json() == {
        "totp": True,
        "passkeys": 0,
        "recovery_codes": 10,
        "reset_at": None,
    }
    assert len(set(enrolled.codes)) == 10
    assert await _audit(context) == [
        ("second_factor.add", {"factor": "totp"}),
        ("second_factor.new_recovery_codes", {}),
    ]


async def test_a_wrong_code_at_set_up_is_refused_and_leaves_an_audit_row(
    people: People, context: Context, clock: Any
) -> None:
    ada = await people()
    none = await ada.browser.post(f"{FACTOR}/totp/confirm", json={"code": "000000"})
    assert (none.status_code, none.json()["code"]) == (404, "totp_not_begun")
    await ada.browser.post(f"{FACTOR}/totp")
    wrong = await ada.browser.post(f"{FACTOR}/totp/confirm", json={"code": "abcdef"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "code_wrong")
    assert (await ada.browser.get(FACTOR)).json()["totp"] is False
    assert await _audit(context) == [("second_factor.refuse", {"factor": "totp", "reason": "wrong_at_set_up"})]


async def test_a_second_app_takes_the_first_ones_removal(people: People, enrol: Any) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    for path, body in ((f"{FACTOR}/totp", None), (f"{FACTOR}/totp/confirm", {"code": enrolled.next_code()})):
        refused = await ada.browser.post(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "totp_exists")
    assert (await ada.browser.delete(f"{FACTOR}/totp")).status_code == 204
    assert (await ada.browser.delete(f"{FACTOR}/totp")).status_code == 404
    assert (await ada.browser.get(FACTOR)).json() == {
        "totp": False,
        "passkeys": 0,
        "recovery_codes": 0,
        "reset_at": None,
    }
    assert (await enrol(ada)).secret != enrolled.secret


async def test_secret_and_codes_are_kept_sealed_and_hashed(people: People, enrol: Any, context: Context) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    async with context.db.hot() as connection:
        [credential] = await connection.fetch("SELECT * FROM totp_credentials")
        codes = await connection.fetch("SELECT * FROM recovery_codes")
        audit = str(await connection.fetch("SELECT * FROM audit_events"))
    assert enrolled.secret.encode() not in credential["sealed_secret"]
    assert all(row["code_hash"].startswith("$argon2id$") for row in codes)
    for secret in (enrolled.secret, *enrolled.codes):
        assert secret not in str(codes)
        assert secret not in audit
        assert secret.replace("-", "") not in str(codes)


async def test_a_code_works_once_and_none_of_an_earlier_step_works_after_it(people: People, enrol: Any) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    enrolled.clock.forward(60)
    newest, now, before = enrolled.code(1), enrolled.code(), enrolled.code(-1)
    assert (await ada.browser.post(STEP_UP, json={"code": newest})).status_code == 200
    for code in (newest, now, before, newest):
        refused = await ada.browser.post(STEP_UP, json={"code": code})
        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_refused")
        assert "used before" in refused.json()["detail"]


async def test_the_code_that_confirmed_the_app_does_not_work_again(people: People, enrol: Any) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    assert (await ada.browser.post(STEP_UP, json={"code": enrolled.code()})).status_code == 403
    assert (await ada.browser.post(STEP_UP, json={"code": enrolled.code(1)})).status_code == 200


async def test_a_code_of_two_steps_away_is_refused(people: People, enrol: Any) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    enrolled.clock.forward(120)
    for steps, status in ((2, 403), (-2, 403), (-1, 200), (1, 200)):
        assert (await ada.browser.post(STEP_UP, json={"code": enrolled.code(steps)})).status_code == status, steps


async def test_five_wrong_codes_in_fifteen_minutes_are_the_most(
    people: People, enrol: Any, context: Context, clock: Any
) -> None:
    ada, eve = await people("ada"), await people("eve")
    enrolled, other = await enrol(ada), await enrol(eve)
    clock.forward(60)
    started = clock.now()
    for _ in range(5):
        assert (await ada.browser.post(STEP_UP, json={"code": "000000"})).status_code == 403
        clock.forward(30)
    for proof in ({"code": enrolled.code()}, {"recovery_code": enrolled.codes[0]}):
        refused = await ada.browser.post(STEP_UP, json=proof)
        assert (refused.status_code, refused.json()["code"]) == (429, "second_factor_limit")
    until = datetime.fromisoformat(refused.json()["fields"]["until"])
    assert until == started + timedelta(minutes=15)
    assert f"until {until:%H:%M} UTC" in refused.json()["detail"]
    assert (await eve.browser.post(STEP_UP, json={"code": other.code()})).status_code == 200, "eve waits for nobody"
    clock.forward(15 * 60 - 150 + 1)
    assert (await ada.browser.post(STEP_UP, json={"code": enrolled.code()})).status_code == 200
    told = [(action, detail) for action, detail in await _audit(context) if action != "session.step_up"]
    # What is tried while one has to wait makes no rows: nobody can flood the table.
    assert [detail.get("reason") for action, detail in told if action == "second_factor.refuse"] == ["wrong"] * 5
    assert [detail for action, detail in told if action == "second_factor.limit"] == [{"until": until.isoformat()}]


async def test_fifty_wrong_codes_a_day_are_the_most(people: People, enrol: Any, clock: Any) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    clock.forward(60)
    for _ in range(50):
        assert (await ada.browser.post(STEP_UP, json={"code": "abc"})).status_code == 403
        clock.forward(200)
    assert (await ada.browser.post(STEP_UP, json={"code": enrolled.code()})).status_code == 429
    clock.forward(86400 - 50 * 200 + 1)
    assert (await ada.browser.post(STEP_UP, json={"code": enrolled.code()})).status_code == 200


async def test_each_recovery_code_works_once_however_it_is_typed(people: People, enrol: Any) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    typed = [enrolled.codes[0].upper(), f" {enrolled.codes[1].replace('-', ' ')} ", enrolled.codes[2].replace("-", "")]
    for code in typed:
        assert (await ada.browser.post(STEP_UP, json={"recovery_code": code})).status_code == 200
    assert (await ada.browser.get(FACTOR)).json()["recovery_codes"] == 7
    refused = await ada.browser.post(STEP_UP, json={"recovery_code": enrolled.codes[0]})
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_refused")


async def test_new_recovery_codes_end_the_old_ones(people: People, enrol: Any) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    made = (await ada.browser.post(f"{FACTOR}/recovery-codes")).json()["recovery_codes"]
    assert len(made) == 10
    assert not set(made) & set(enrolled.codes)
    assert (await ada.browser.post(STEP_UP, json={"recovery_code": enrolled.codes[0]})).status_code == 403
    assert (await ada.browser.post(STEP_UP, json={"recovery_code": made[0]})).status_code == 200


async def test_there_are_no_recovery_codes_without_a_second_factor(people: People) -> None:
    ada = await people()
    refused = await ada.browser.post(f"{FACTOR}/recovery-codes")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_second_factor")


async def test_somebody_elses_codes_are_no_codes(people: People, enrol: Any) -> None:
    ada, eve = await people("ada"), await people("eve")
    hers = await enrol(ada)
    await enrol(eve)
    hers.clock.forward(60)
    for proof in ({"code": hers.code()}, {"recovery_code": hers.codes[0]}):
        assert (await eve.browser.post(STEP_UP, json=proof)).status_code == 403


@pytest.mark.parametrize("proof", [{}, {"code": None}, {"code": "1", "recovery_code": "2"}, {"code": "x" * 21}])
async def test_a_proof_is_one_thing(people: People, enrol: Any, proof: dict[str, Any]) -> None:
    ada = await people()
    await enrol(ada)
    assert (await ada.browser.post(STEP_UP, json=proof)).status_code == 422


async def test_a_token_has_no_say_in_the_second_factor(people: People, enrol: Any) -> None:
    ada = await people()
    await enrol(ada)
    for method, path in (
        ("GET", FACTOR),
        ("DELETE", f"{FACTOR}/totp"),
        ("POST", f"{FACTOR}/totp"),
        ("POST", f"{FACTOR}/recovery-codes"),
        ("GET", STEP_UP),
    ):
        refused = await ada.script.request(method, path)
        assert (refused.status_code, refused.json()["code"]) == (403, "browser_only"), path


async def test_when_the_audit_row_cannot_be_written_no_factor_is_added(
    people: People, context: Context, clock: Any
) -> None:
    ada = await people()
    async with context.db.hot() as connection:
        await connection.execute(
            "ALTER TABLE audit_events ADD CONSTRAINT broken CHECK (action <> 'second_factor.add') NOT VALID"
        )
    secret = (await ada.browser.post(f"{FACTOR}/totp")).json()["secret"]
    code = pyotp.TOTP(secret).at(clock.now())
    assert (await ada.browser.post(f"{FACTOR}/totp/confirm", json={"code": code})).status_code == 500
    assert (await ada.browser.get(FACTOR)).json() == {
        "totp": False,
        "passkeys": 0,
        "recovery_codes": 0,
        "reset_at": None,
    }
