"""Refusals of people who are signed in are recorded, and cannot flood the table."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from wisehosting_cp.audit.refusals import refusals_of, write_refusals
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
Sql = Callable[..., Awaitable[Any]]
Break = Callable[[], Awaitable[None]]
WORKERS = "/api/v1/workers"
REFUSED = (
    "SELECT actor, subject, team_id, address, request_id, detail::text FROM audit_events WHERE action = $1 ORDER BY seq"
)


@pytest.fixture
def sql(context: Context) -> Sql:
    async def run(statement: str, *given: Any) -> Any:
        async with context.db.hot() as connection:
            return await connection.fetch(statement, *given)

    return run


@pytest.fixture
def broken(sql: Sql) -> Break:
    async def break_it() -> None:
        await sql(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$"
        )
        await sql("CREATE TRIGGER broken BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION broken()")

    return break_it


async def _rows(sql: Sql) -> list[Any]:
    return list(await sql(REFUSED, "access.refused"))


async def test_a_refusal_names_who_was_refused_what_and_why(people: People, sql: Sql) -> None:
    ada = await people("ada")
    answer = await ada.browser.get(WORKERS)
    assert answer.status_code == 403
    (row,) = await _rows(sql)
    assert row["actor"] == f"user:{ada.user_id}"
    assert row["subject"] == "route:GET /workers"
    assert row["address"] == "127.0.0.9"
    assert row["request_id"] == answer.headers["x-request-id"]
    assert row["detail"] == '{"code": "operators_only", "count": 1}'
    assert row["team_id"] is None


async def test_many_refusals_of_a_minute_are_one_row_and_then_a_count(
    people: People, context: Context, clock: Any, sql: Sql
) -> None:
    ada = await people("ada")
    for number in range(20):
        # One route, whatever the ids, and one person, whatever the credential.
        client = ada.browser if number % 2 else ada.script
        assert (await client.get(WORKERS)).status_code == 403
    assert len(await _rows(sql)) == 1
    await refusals_of(context).flush(context)
    assert len(await _rows(sql)) == 1
    clock.forward(61)
    await refusals_of(context).flush(context)
    first, rest = [json.loads(row["detail"]) for row in await _rows(sql)]
    assert first == {"code": "operators_only", "count": 1}
    # Whichever credential asked last, each is told with its own share.
    assert (rest["count"], sorted(rest["by"].values())) == (19, [9, 10])
    assert rest["by"][f"user:{ada.user_id}"] == 10
    clock.forward(61)
    await refusals_of(context).flush(context)
    await refusals_of(context).flush(context)
    assert len(await _rows(sql)) == 2
    assert refusals_of(context)._held == {}


async def test_what_was_held_back_is_counted_in_the_next_row(people: People, clock: Any, sql: Sql) -> None:
    ada = await people("ada")
    for _ in range(3):
        await ada.browser.get(WORKERS)
    clock.forward(61)
    await ada.browser.get(WORKERS)
    assert [row["detail"] for row in await _rows(sql)][1] == '{"code": "operators_only", "count": 3}'


async def test_what_is_held_back_is_written_when_the_process_ends(people: People, context: Context, sql: Sql) -> None:
    ada = await people("ada")
    writing = asyncio.create_task(write_refusals(context))
    for _ in range(4):
        assert (await ada.browser.get(WORKERS)).status_code == 403
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert [json.loads(row["detail"])["count"] for row in await _rows(sql)] == [1, 3]


async def test_two_people_and_two_routes_are_four_rows(people: People, sql: Sql) -> None:
    for name in ("ada", "eve"):
        person = await people(name)
        for path in (WORKERS, "/api/v1/jobs"):
            assert (await person.browser.get(path)).status_code == 403
    assert len(await _rows(sql)) == 4


async def test_who_is_not_signed_in_leaves_no_row(anyone: httpx2.AsyncClient, people: People, sql: Sql) -> None:
    await people("ada")
    assert (await anyone.get(WORKERS)).status_code == 401
    assert (await anyone.get("/api/v1/nothing")).status_code == 404
    assert await _rows(sql) == []


async def test_a_refusal_stays_one_when_it_cannot_be_recorded(people: People, sql: Sql, broken: Break) -> None:
    ada = await people("ada")
    await broken()
    assert (await ada.browser.get(WORKERS)).status_code == 403
    await sql("DROP TRIGGER broken ON audit_events")
    # It was not forgotten.
    assert (await ada.browser.get(WORKERS)).status_code == 403
    assert [row["detail"] for row in await _rows(sql)] == ['{"code": "operators_only", "count": 2}']
