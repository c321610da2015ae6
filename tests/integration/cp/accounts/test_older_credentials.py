"""Whoever stole a session or token before there was a second factor gains nothing by its being set up."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from webauthnkey import Authenticator

from wisehosting_cp.accounts.models import Role, User
from wisehosting_cp.accounts.second_factor import resets
from wisehosting_cp.accounts.second_factor.models import RecoveryCode, TotpCredential
from wisehosting_cp.accounts.sessions import service as sessions
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.sources.poller import tidy

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
FACTOR = "/api/v1/account/second-factor"
STEP_UP = "/api/v1/session/step-up"
TEAMS = "/api/v1/teams"
HALF = "/api/v1/session/second-factor"


async def _other_browser(app: FastAPI, context: Context, person: Any) -> httpx2.AsyncClient:
    """Another browser of this person, signed in by the provider alone."""
    async with context.db.transaction() as session:
        user = await session.get_one(User, person.user_id)
        cookie, _ = await sessions.open_session(
            session, context, user, user_agent="stolen", address="127.0.0.8", request_id="stolen"
        )
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=context.settings.public_url)
    client.cookies.set(context.settings.session_cookie, cookie)
    client.headers |= {"origin": context.settings.public_url, "x-wh-csrf": "1"}
    return client


async def _strict_team(people: People, enrol: Any, context: Context, member: Any) -> str:
    """A team that asks for a second factor, with a member."""
    owner = await people("owner")
    team = (await owner.browser.post(TEAMS, json={"name": "crew"})).json()["id"]
    await enrol(owner)
    assert (await owner.browser.patch(f"{TEAMS}/{team}", json={"second_factor_required": True})).status_code == 200
    async with context.db.transaction() as session:
        await memberships.set_role(session, team, member.user_id, Role.developer)
    return str(team)


async def test_a_session_that_is_older_than_the_factor_reaches_a_strict_team_once_the_factor_is_given_in_it(
    app: FastAPI, people: People, enrol: Any, context: Context
) -> None:
    ada = await people("ada")
    old = await _other_browser(app, context, ada)
    async with old:
        team = await _strict_team(people, enrol, context, ada)
        enrolled = await enrol(ada)
        assert (await ada.browser.get(f"{TEAMS}/{team}")).status_code == 200
        assert (await old.get(f"{TEAMS}/{team}")).status_code == 404
        assert (await old.get("/api/v1/session")).json()["closed_teams"] == ["crew"]
        assert (await old.post(STEP_UP, json={"code": enrolled.next_code()})).status_code == 200
        assert (await old.get(f"{TEAMS}/{team}")).status_code == 200


async def test_a_token_reaches_a_strict_team_only_when_a_factor_had_been_given_where_it_was_made(
    people: People, enrol: Any, context: Context
) -> None:
    ada = await people("ada")
    team = await _strict_team(people, enrol, context, ada)
    enrolled = await enrol(ada)
    assert (await ada.script.get(f"{TEAMS}/{team}")).status_code == 404
    by_script = await ada.script.post("/api/v1/account/tokens", json={"name": "child", "scopes": ["read"]})
    by_browser = await ada.browser.post("/api/v1/account/tokens", json={"name": "new", "scopes": ["read"]})
    for made, status in ((by_script, 404), (by_browser, 200)):
        bearer = {"authorization": f"Bearer {made.json()['token']}"}
        assert (await ada.script.get(f"{TEAMS}/{team}", headers=bearer)).status_code == status
    assert enrolled.codes


async def test_a_token_made_without_a_factor_cannot_lock_itself_out(people: People, enrol: Any) -> None:
    ada = await people("ada")
    team = (await ada.browser.post(TEAMS, json={"name": "crew"})).json()["id"]
    await enrol(ada)
    refused = await ada.script.patch(f"{TEAMS}/{team}", json={"second_factor_required": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "second_factor_first")
    assert "Do it in the dashboard" in refused.json()["detail"]


async def test_only_the_session_that_began_an_app_confirms_it_and_within_ten_minutes(
    app: FastAPI, people: People, enrol: Any, context: Context, clock: Any
) -> None:
    ada = await people("ada")
    old = await _other_browser(app, context, ada)
    async with old:
        await ada.browser.post(f"{FACTOR}/totp")
        stolen = await old.post(f"{FACTOR}/totp/confirm", json={"code": "000000"})
        assert (stolen.status_code, stolen.json()["code"]) == (404, "totp_not_begun")
    clock.forward(600)
    late = await ada.browser.post(f"{FACTOR}/totp/confirm", json={"code": "000000"})
    assert (late.status_code, late.json()["code"]) == (404, "totp_not_begun")
    clock.forward(1)
    async with context.db.transaction() as session:
        await tidy(session, context)
        assert (await session.execute(select(func.count()).select_from(TotpCredential))).scalar_one() == 0


async def test_wrong_codes_at_set_up_count_as_those_of_a_sign_in(people: People, context: Context) -> None:
    ada = await people("ada")
    await ada.browser.post(f"{FACTOR}/totp")
    answers = [await ada.browser.post(f"{FACTOR}/totp/confirm", json={"code": "abcdef"}) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429] * 2
    assert answers[-1].json()["code"] == "second_factor_limit"
    async with context.db.read() as session:
        actions = (
            select(AuditEvent.action).where(AuditEvent.action.startswith("second_factor.")).order_by(AuditEvent.id)
        )
        found = list((await session.execute(actions)).scalars())
    assert found == ["second_factor.refuse"] * 5 + ["second_factor.limit"]


async def test_a_reset_takes_the_factors_of_when_it_was_asked_for_and_leaves_later_ones(
    people: People, enrol: Any, context: Context, clock: Any
) -> None:
    ada = await people("ada")
    enrolled = await enrol(ada)
    async with context.db.transaction() as session:
        await resets.ask(session, context, ada.user_id)
    clock.forward(60)
    assert (await ada.browser.post(STEP_UP, json={"recovery_code": enrolled.codes[0]})).status_code == 200
    options = (await ada.browser.post(f"{FACTOR}/passkeys/options")).json()
    key = Authenticator(context.settings.public_url)
    made = await ada.browser.post(f"{FACTOR}/passkeys", json={"name": "key", "passkey": key.create(options)})
    assert made.status_code == 200, made.text
    clock.forward(timedelta(hours=24).total_seconds())
    async with context.db.transaction() as session:
        await tidy(session, context)
    found = (await ada.browser.get(FACTOR)).json()
    assert (found["totp"], found["passkeys"], found["recovery_codes"]) == (False, 1, 9)


async def test_after_a_reset_a_strict_team_is_closed_at_once_also_to_whoever_has_a_later_factor(
    people: People, enrol: Any, context: Context, clock: Any
) -> None:
    ada = await people("ada")
    team = await _strict_team(people, enrol, context, ada)
    await enrol(ada)
    async with context.db.transaction() as session:
        await resets.ask(session, context, ada.user_id)
    clock.forward(timedelta(hours=24).total_seconds())
    assert (await ada.browser.get(f"{TEAMS}/{team}")).status_code == 200
    async with context.db.transaction() as session:
        await tidy(session, context)
    assert (await ada.browser.get(f"{TEAMS}/{team}")).status_code == 404, "not remembered for five seconds"


async def test_recovery_codes_made_twice_at_once_are_one_set_that_works(
    people: People, enrol: Any, context: Context
) -> None:
    ada = await people("ada")
    await enrol(ada)
    made = await asyncio.gather(*(ada.browser.post(f"{FACTOR}/recovery-codes") for _ in range(4)))
    assert {answer.status_code for answer in made} == {200}
    async with context.db.read() as session:
        assert (await session.execute(select(func.count()).select_from(RecoveryCode))).scalar_one() == 10
    found = [await ada.browser.post(STEP_UP, json={"recovery_code": one.json()["recovery_codes"][0]}) for one in made]
    assert sorted(answer.status_code for answer in found) == [200, 403, 403, 403]


async def test_a_browser_that_owes_a_factor_is_counted_and_one_that_guesses_its_cookie_too(
    people: People, enrol: Any, half_sign_in: Any, context: Context
) -> None:
    ada = await people("ada")
    await enrol(ada)
    half = await half_sign_in(ada)
    context.settings.requests_per_minute = 10
    assert [(await half.get(HALF)).status_code for _ in range(11)].count(429) >= 1
    context.settings.sign_ins_per_5_minutes = 3
    half.cookies.set(f"{context.settings.session_cookie}_second_factor", "guessed", domain="localhost.local")
    assert [(await half.get(HALF)).status_code for _ in range(4)][-1] == 429
