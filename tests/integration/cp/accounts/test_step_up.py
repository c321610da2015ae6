"""Dangerous acts take a second factor, or without one a sign-in, of the last ten minutes."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
STEP_UP = "/api/v1/session/step-up"
FACTOR = "/api/v1/account/second-factor"
ADMIN_TOKEN = {"name": "ci", "scopes": ["admin"]}
DANGEROUS: list[tuple[str, str, Any]] = [
    ("POST", f"{FACTOR}/totp", None),
    ("POST", f"{FACTOR}/recovery-codes", None),
    ("POST", "/api/v1/account/sessions/revoke-others", None),
    ("POST", "/api/v1/account/tokens", ADMIN_TOKEN),
    ("DELETE", f"{FACTOR}/totp", None),
]


async def test_ten_minutes_after_the_second_factor_dangerous_acts_need_it_again(
    people: People, enrol: Any, clock: Any
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    assert (await ada.browser.post("/api/v1/account/tokens", json=ADMIN_TOKEN)).status_code == 201
    clock.forward(601)
    for method, path, body in DANGEROUS:
        refused = await ada.browser.request(method, path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed"), path
        assert "second factor" in refused.json()["detail"]
    shown = (await ada.browser.get(STEP_UP)).json()
    assert shown == {
        "until": None,
        "sign_in": False,
        "factors": {"totp": True, "passkeys": 0, "recovery_codes": 10, "reset_at": None},
    }
    given = await ada.browser.post(STEP_UP, json={"code": enrolled.code()})
    assert (await ada.browser.get(STEP_UP)).json()["until"] == given.json()["until"]
    for method, path, body in DANGEROUS[1:]:
        assert (await ada.browser.request(method, path, json=body)).status_code in {200, 201, 204}, path


async def test_a_fresh_sign_in_is_no_second_factor_for_whoever_has_one(
    people: People, enrol: Any, context: Context
) -> None:
    ada = await people()
    await enrol(ada)
    async with context.db.hot() as connection:
        await connection.execute("UPDATE sessions SET stepped_up_at = NULL")
    assert (await ada.browser.post(f"{FACTOR}/recovery-codes")).json()["code"] == "step_up_needed"


async def test_giving_the_factor_at_sign_in_counts(people: People, enrol: Any, half_sign_in: Any) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    half = await half_sign_in(ada)
    await half.post("/api/v1/session/second-factor", json={"code": enrolled.next_code()})
    assert (await half.post(f"{FACTOR}/recovery-codes")).status_code == 200


async def test_without_a_second_factor_a_sign_in_of_the_last_ten_minutes_counts(people: People, clock: Any) -> None:
    ada = await people()
    clock.forward(599)
    assert (await ada.browser.post("/api/v1/account/sessions/revoke-others")).status_code == 200
    clock.forward(2)
    for path, body in ((f"{FACTOR}/totp", None), ("/api/v1/account/tokens", ADMIN_TOKEN)):
        refused = await ada.browser.post(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed")
        assert "Sign in again" in refused.json()["detail"]
    assert (await ada.browser.get(STEP_UP)).json()["sign_in"] is True
    none = await ada.browser.post(STEP_UP, json={"code": "123456"})
    assert (none.status_code, none.json()["code"]) == (409, "no_second_factor")


async def test_a_step_up_is_of_one_session_and_leaves_an_audit_row(
    people: People, enrol: Any, half_sign_in: Any, context: Context, clock: Any
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    other = await half_sign_in(ada)
    await other.post("/api/v1/session/second-factor", json={"code": enrolled.next_code()})
    clock.forward(601)
    await ada.browser.post(STEP_UP, json={"recovery_code": enrolled.codes[0]})
    assert (await other.post(f"{FACTOR}/recovery-codes")).json()["code"] == "step_up_needed"
    assert (await ada.browser.post(f"{FACTOR}/recovery-codes")).status_code == 200
    async with context.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action == "session.step_up").order_by(AuditEvent.id)
        rows = (await session.execute(query)).scalars().all()
    assert [row.detail for row in rows] == [{"factor": "totp"}, {"factor": "recovery_code"}]
    assert len({row.subject for row in rows}) == 1


async def test_tokens_without_the_scope_admin_and_ending_one_session_need_no_step_up(
    people: People, clock: Any
) -> None:
    ada = await people()
    clock.forward(3600)
    made = await ada.browser.post("/api/v1/account/tokens", json={"name": "ci", "scopes": ["deploy"]})
    assert made.status_code == 201
    row = (await ada.browser.get("/api/v1/account/sessions")).json()["items"][0]
    assert (await ada.browser.delete(f"/api/v1/account/sessions/{row['id']}")).status_code == 204


async def test_a_token_makes_no_token_with_the_scope_admin(people: People) -> None:
    ada = await people()
    refused = await ada.script.post("/api/v1/account/tokens", json=ADMIN_TOKEN)
    assert (refused.status_code, refused.json()["code"]) == (403, "browser_only")
    made = await ada.script.post("/api/v1/account/tokens", json={"name": "ci", "scopes": ["deploy"]})
    assert made.status_code == 201


async def test_revoked_while_asking_is_signed_out(people: People, context: Context) -> None:
    ada = await people()
    assert (await ada.browser.get(STEP_UP)).status_code == 200
    async with context.db.hot() as connection:
        # Not through our code: this process still remembers the session.
        await connection.execute("UPDATE sessions SET revoked_at = now()")
    assert (await ada.browser.get("/api/v1/projects")).status_code == 200
    assert (await ada.browser.post(f"{FACTOR}/totp")).status_code == 401
