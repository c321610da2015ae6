"""Fifty at once with what works once, over five control-plane instances on one database: exactly one wins."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from wisehosting_cp.accounts.second_factor.models import RecoveryCode
from wisehosting_cp.accounts.sign_in import service as sign_in
from wisehosting_cp.app import create_public_app
from wisehosting_cp.errors import Forbidden
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_cp.kit.events import Events
from wisehosting_cp.kit.keyring import Purpose

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
AT_ONCE = 50
INSTANCES = 5
STEP_UP = "/api/v1/session/step-up"
HALF = "/api/v1/session/second-factor"


@pytest.fixture
async def instances(context: Context) -> AsyncIterator[list[Context]]:
    """Control-plane instances, each with connections of its own."""
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(INSTANCES):
            events = Events()
            database = Database(
                context.settings.database_dsn, events, audit_key=context.keyring.key(Purpose.audit), pool_size=5
            )
            await database.open()
            stack.push_async_callback(database.close)
            made.append(Context(context.settings, database, events, context.keyring, context.sealer, context.clock))
        yield made


async def _at_once(instances: list[Context], browsers: list[httpx2.AsyncClient], path: str, proof: Any) -> Counter[int]:
    """Send one proof from each browser at the same time, each by another instance than its neighbour."""
    async with AsyncExitStack() as stack:
        clients = []
        for number, browser in enumerate(browsers):
            transport = httpx2.ASGITransport(app=create_public_app(instances[number % len(instances)]))
            client = httpx2.AsyncClient(
                transport=transport, base_url=browser.base_url, cookies=browser.cookies, headers=browser.headers
            )
            clients.append(await stack.enter_async_context(client))
        answers = await asyncio.gather(*(client.post(path, json=proof) for client in clients))
    return Counter(answer.status_code for answer in answers)


async def _refusals(context: Context) -> Counter[str]:
    async with context.db.read() as session:
        query = select(AuditEvent.detail).where(AuditEvent.action == "second_factor.refuse")
        return Counter(detail["reason"] for detail in (await session.execute(query)).scalars())


async def test_of_fifty_uses_of_one_totp_code_one_wins(
    people: People, enrol: Any, context: Context, instances: list[Context]
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    found = await _at_once(instances, [ada.browser] * AT_ONCE, STEP_UP, {"code": enrolled.next_code()})
    assert found == {200: 1, 403: 5, 429: 44}
    assert await _refusals(context) == {"used": 5}


async def test_of_fifty_sign_ins_with_one_totp_code_one_gets_in(
    people: People, enrol: Any, half_sign_in: Any, context: Context, instances: list[Context]
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    browsers = [await half_sign_in(ada) for _ in range(AT_ONCE)]
    found = await _at_once(instances, browsers, HALF, {"code": enrolled.next_code()})
    assert found == {200: 1, 403: 5, 429: 44}
    assert len((await ada.browser.get("/api/v1/account/sessions")).json()["items"]) == 2


async def test_of_fifty_uses_of_one_recovery_code_one_wins(
    people: People, enrol: Any, context: Context, instances: list[Context]
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    found = await _at_once(instances, [ada.browser] * AT_ONCE, STEP_UP, {"recovery_code": enrolled.codes[4]})
    assert found == {200: 1, 403: 5, 429: 44}
    async with context.db.read() as session:
        used = (await session.execute(select(RecoveryCode.used_at))).scalars().all()
    assert sum(at is not None for at in used) == 1


async def test_of_ten_finishes_of_one_half_sign_in_with_different_codes_one_makes_a_session(
    people: People, enrol: Any, half_sign_in: Any, instances: list[Context]
) -> None:
    ada = await people()
    enrolled = await enrol(ada)
    half = await half_sign_in(ada)
    found = await asyncio.gather(
        *(
            _at_once([instances[number % INSTANCES]], [half], HALF, {"recovery_code": code})
            for number, code in enumerate(enrolled.codes)
        )
    )
    assert sum(found, Counter()) == {200: 1, 401: 9}
    kept = (await ada.browser.get("/api/v1/account/second-factor")).json()["recovery_codes"]
    assert kept == 9, "a code that bought nothing is not used up"


async def test_of_fifty_uses_of_one_oauth_state_one_wins(context: Context, instances: list[Context]) -> None:
    async with context.db.transaction() as session:
        started = await sign_in.start_sign_in(session, context, next_path="/")

    async def take(instance: Context) -> str:
        try:
            async with instance.db.transaction() as session:
                await sign_in.take_sign_in(session, instance, state=started.state, browser=started.browser)
        except Forbidden as refused:
            return refused.code
        return "taken"

    found = Counter(await asyncio.gather(*(take(instances[number % INSTANCES]) for number in range(AT_ONCE))))
    assert found == {"taken": 1, "sign_in_stale": AT_ONCE - 1}
