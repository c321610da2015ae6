"""A lost second factor: asked for by an operator, told, cancelled or done by itself."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from webauthnkey import Authenticator

from wisehosting_cp.accounts.models import Identity, User
from wisehosting_cp.accounts.people import service as people_service
from wisehosting_cp.accounts.second_factor import resets
from wisehosting_cp.errors import Conflict, NotFound
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.sources.poller import tidy

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
FACTOR = "/api/v1/account/second-factor"
HALF = "/api/v1/session/second-factor"
NAMES = ("database_dsn", "public_url", "oidc_issuer", "oidc_client_id", "environment", "state_dir")
FILES = (
    "master_key_file",
    "api_server_secret_file",
    "mesh_certificate_file",
    "mesh_key_file",
    "oidc_client_secret_file",
)


async def _wh_cp(context: Context, *words: str) -> tuple[int, str]:
    """Run the command as an operator does."""
    said = {f"WISEHOSTING_{name.upper()}": str(getattr(context.settings, name)) for name in (*NAMES, *FILES)}
    done = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from wisehosting_cp.cli import main; main()",
        *words,
        env=os.environ | said,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await done.communicate()
    assert done.returncode is not None
    return done.returncode, out.decode()


async def _ask(context: Context, person: Any) -> Any:
    async with context.db.transaction() as session:
        return await resets.ask(session, context, person.user_id)


async def _audit(context: Context) -> list[tuple[str, str]]:
    async with context.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action.startswith("second_factor.reset")).order_by(AuditEvent.id)
        return [(row.action, row.actor) for row in (await session.execute(query)).scalars()]


async def test_an_operators_command_asks_for_it_and_a_second_run_changes_nothing(
    people: People, enrol: Any, context: Context
) -> None:
    ada = await people()
    await enrol(ada)
    code, first = await _wh_cp(context, "second-factor", "reset", "ADA@example.org")
    assert (code, str(ada.user_id) in first) == (0, True), first
    assert await _wh_cp(context, "second-factor", "reset", str(ada.user_id)) == (0, first)
    assert (await ada.browser.get(FACTOR)).json()["reset_at"] is not None
    assert await _audit(context) == [("second_factor.reset_asked", "platform")]
    code, said = await _wh_cp(context, "second-factor", "reset", "nobody@example.org")
    assert (code, "Nobody here is" in said) == (1, True)


async def test_the_person_is_told_at_every_sign_in_and_can_cancel(
    people: People, enrol: Any, half_sign_in: Any, context: Context, clock: Any
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    due = await _ask(context, ada)
    assert due == clock.now() + timedelta(hours=24)
    half = await half_sign_in(ada)
    assert (await half.get(HALF)).json()["factors"]["reset_at"] is not None
    refused = await half.delete(f"{FACTOR}/reset")
    assert refused.json()["code"] == "second_factor_needed", "not with half a sign-in"
    done = await half.post(HALF, json={"code": enrolled.next_code()})
    assert done.json()["reset_at"] is not None
    assert (await half.delete(f"{FACTOR}/reset")).status_code == 204
    assert (await half.delete(f"{FACTOR}/reset")).status_code == 404
    clock.forward(25 * 3600)
    another = await half_sign_in(ada)
    assert (await another.get(HALF)).json()["factors"] == {
        "totp": True,
        "passkeys": 0,
        "recovery_codes": 10,
        "reset_at": None,
    }
    assert await _audit(context) == [
        ("second_factor.reset_asked", "platform"),
        ("second_factor.reset_cancelled", f"user:{ada.user_id}"),
    ]


@pytest.mark.parametrize("by", ["sign-in", "tidying"])
async def test_when_it_is_due_every_factor_goes_by_itself_and_not_before(
    people: People, enrol: Any, half_sign_in: Any, context: Context, clock: Any, by: str
) -> None:
    ada, eve = await people("ada"), await people("eve")
    await enrol(ada)
    await enrol(eve)
    options = (await ada.browser.post(f"{FACTOR}/passkeys/options")).json()
    key = Authenticator(context.settings.public_url)
    await ada.browser.post(f"{FACTOR}/passkeys", json={"name": "key", "passkey": key.create(options)})
    await _ask(context, ada)
    for seconds, gone in ((24 * 3600 - 1, False), (1, True)):
        clock.forward(seconds)
        if by == "sign-in":
            browser = await half_sign_in(ada)
            assert (await browser.get("/api/v1/session")).status_code == (200 if gone else 401)
        else:
            async with context.db.transaction() as session:
                await tidy(session, context)
        found = (await ada.browser.get(FACTOR)).json()
        assert (found["totp"], found["passkeys"], found["recovery_codes"]) == ((False, 0, 0) if gone else (True, 1, 10))
    assert found["reset_at"] is None
    assert (await eve.browser.get(FACTOR)).json()["totp"] is True
    assert await _audit(context) == [("second_factor.reset_asked", "platform"), ("second_factor.reset", "platform")]


async def test_a_factor_set_up_after_the_old_one_was_removed_stays(
    people: People, enrol: Any, context: Context, clock: Any
) -> None:
    ada = await people()
    await enrol(ada)
    await _ask(context, ada)
    await ada.browser.delete(f"{FACTOR}/totp")
    await enrol(ada)
    clock.forward(25 * 3600)
    async with context.db.transaction() as session:
        await tidy(session, context)
    assert (await ada.browser.get(FACTOR)).json()["totp"] is True


async def test_there_is_nothing_to_reset_without_a_factor_and_an_ambiguous_address_is_refused(
    people: People, context: Context
) -> None:
    ada = await people()
    with pytest.raises(Conflict, match="no second factor"):
        await _ask(context, ada)
    async with context.db.transaction() as session:
        other = User(name="Ada", email="ada@example.org")
        session.add(other)
        await session.flush()
        session.add(Identity(user_id=other.id, issuer="https://issuer.example.org", subject="ada"))
    async with context.db.read() as session:
        with pytest.raises(Conflict, match=str(other.id)):
            await people_service.person(session, "ada@example.org")
        assert (await people_service.person(session, str(ada.user_id))).id == ada.user_id
        with pytest.raises(NotFound):
            await people_service.person(session, str(context.settings.oidc_client_id))
