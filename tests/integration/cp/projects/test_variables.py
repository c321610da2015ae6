"""Variables: what may be written, that values never come out, and that versions keep."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.sealing import SealBroken
from wisehosting_cp.projects import service
from wisehosting_cp.projects.variables import TOTAL_BYTES
from wisehosting_wire.fitting import fits
from wisehosting_wire.messages import Secrets

pytestmark = pytest.mark.anyio

LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")

People = Callable[..., Awaitable[Any]]


@pytest.fixture
async def shop(people: People) -> Any:
    """A person with a project; calls for its production's variables."""
    ada = await people()
    made = await ada.browser.post(
        "/api/v1/projects", json={"name": "shop", "source": {"url": "https://example.org/a.git"}, "deploy": False}
    )
    environment = made.json()["environments"][0]["id"]

    class Shop:
        environment_id = UUID(environment)
        person = ada
        path = f"/api/v1/environments/{environment}/variables"

        async def write(self, remove: list[str] | None = None, **values: Any) -> Any:
            changes = {name: value if isinstance(value, dict) else {"value": value} for name, value in values.items()}
            return await ada.browser.put(self.path, json={"set": changes, "remove": remove or []})

        async def read(self) -> Any:
            return (await ada.browser.get(self.path)).json()

    return Shop()


async def _opened(context: Context, environment: UUID, version: int) -> tuple[dict[str, str], dict[str, str]]:
    async with context.db.read() as session:
        return await service.variables_for(session, context, environment, version)


@pytest.mark.parametrize(
    "value",
    ["", " ", "a\nb\r\n\tc", "'\"`$(id) ${X} %s \\", "ünï→🙂", "x" * 65536, "é" * 32768, "KEY=VALUE", "\x1b[31m\x7f"],
    ids=lambda value: repr(value[:8]),
)
async def test_any_text_is_kept_exactly(shop: Any, context: Context, value: str) -> None:
    written = await shop.write(KEY=value)
    assert written.status_code == 200
    assert await _opened(context, shop.environment_id, 2) == ({"KEY": value}, {})


@pytest.mark.parametrize("value", ["x" * 65537, "é" * 32769, "a\0b"], ids=["64 KiB + 1", "two bytes each", "NUL"])
async def test_a_value_too_long_or_with_nul_is_refused(shop: Any, value: str) -> None:
    refused = await shop.write(KEY=value)
    assert (refused.status_code, refused.json()["code"]) == (400, "variables_invalid")
    assert refused.json()["fields"]["KEY"]
    assert (await shop.read())["version"] == 1


@pytest.mark.parametrize(
    "name", ["", "1A", "A-B", "A B", "A=B", "Ä", "A\n", "a" * 201, "WISEHOSTING_X", "wisehosting_y", "PORT"]
)
async def test_a_bad_or_reserved_name_is_refused_and_nothing_else_is_written(shop: Any, name: str) -> None:
    refused = await shop.write(**{"GOOD": "1", name: "2"})
    assert (refused.status_code, refused.json()["code"]) == (400, "variables_invalid")
    assert list(refused.json()["fields"]) == [name[:200]]
    assert (await shop.read())["items"] == []


async def test_each_change_is_a_version_and_old_versions_stay(shop: Any, context: Context) -> None:
    await shop.write(A="1", B={"value": "b", "scope": "build"}, C={"value": "c", "scope": "both"})
    await shop.write(A="2", remove=["B"])
    assert await _opened(context, shop.environment_id, 1) == ({}, {})
    assert await _opened(context, shop.environment_id, 2) == ({"A": "1", "C": "c"}, {"B": "b", "C": "c"})
    assert await _opened(context, shop.environment_id, 3) == ({"A": "2", "C": "c"}, {"C": "c"})
    shown = await shop.read()
    assert shown["version"] == 3
    assert [(row["name"], row["scope"]) for row in shown["items"]] == [("A", "run"), ("C", "both")]


async def test_writing_what_is_so_already_makes_no_version(shop: Any) -> None:
    await shop.write(A="1")
    assert (await shop.write(A="1", remove=["ABSENT"])).json()["version"] == 2
    assert (await shop.write(A={"value": "1", "scope": "both"})).json()["version"] == 3


async def test_a_name_both_set_and_removed_is_refused(shop: Any) -> None:
    assert (await shop.write(A="1", remove=["A"])).json()["fields"]["A"].startswith("This name is both")


async def test_five_hundred_variables_are_the_most(shop: Any) -> None:
    assert (await shop.write(**{f"A{number}": "" for number in range(500)})).status_code == 200
    refused = await shop.write(ONE_MORE="")
    assert (refused.status_code, refused.json()["code"]) == (400, "variables_too_many")
    assert (await shop.read())["version"] == 2
    assert (await shop.write(ONE_MORE="", remove=["A0"])).status_code == 200


async def test_all_values_together_fit_in_one_message(shop: Any) -> None:
    refused = await shop.write(**{f"A{number}": "x" * 65536 for number in range(9)})
    assert (refused.status_code, refused.json()["code"]) == (400, "variables_too_large")
    assert (await shop.read())["items"] == []


async def test_what_is_in_run_and_build_counts_twice_because_it_travels_twice(shop: Any, context: Context) -> None:
    values = {f"A{number}": {"value": "x" * 65536, "scope": "both"} for number in range(8)}
    refused = await shop.write(**values)
    assert (refused.status_code, refused.json()["code"]) == (400, "variables_too_large")
    assert f"would have {2 * 8 * (65536 + 2)} bytes" in refused.json()["detail"]
    assert "choose run or build instead of both" in refused.json()["detail"]
    assert (await shop.read())["version"] == 1
    for name in ("A4", "A5", "A6", "A7"):
        del values[name]
    values["A3"]["value"] = "x" * 65000
    assert (await shop.write(**values)).status_code == 200
    widened = await shop.write(B={"value": "x" * 2000, "scope": "both"})
    assert widened.json()["code"] == "variables_too_large"


async def test_names_count_because_they_travel_too(shop: Any) -> None:
    values = {f"A{number}": "x" * 65536 for number in range(7)}
    values["Z" * 200] = "x" * (65536 - 7 * 2 - 200)
    assert (await shop.write(**values)).status_code == 200
    assert (await shop.write(B="")).json()["code"] == "variables_too_large"
    assert (await shop.write(B="", remove=["A0"])).status_code == 200


@pytest.mark.parametrize("scope", ["run", "build", "both"])
async def test_the_most_that_may_be_written_fits_a_frame(shop: Any, context: Context, scope: str) -> None:
    """All 500 names, as long as they may be, and as many bytes as are left: the most that travels besides values."""
    copies = 2 if scope == "both" else 1
    names = [f"{number:03}".translate(LETTERS) + "N" * 197 for number in range(500)]
    left = TOTAL_BYTES // copies - 500 * 200
    values = {name: {"value": "é" * (left // 500 // 2), "scope": scope} for name in names}
    assert (await shop.write(**values)).status_code == 200
    run, build = await _opened(context, shop.environment_id, 2)
    said = Secrets(environment=str(shop.environment_id), version=2, run=run, build=build)
    assert len(run) + len(build) == 500 * copies
    assert fits(said)


async def test_two_writers_at_once_make_two_versions(shop: Any, context: Context) -> None:
    import asyncio

    answers = await asyncio.gather(*(shop.write(**{f"A{number}": str(number)}) for number in range(6)))
    assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4, 5, 6, 7]
    run, _ = await _opened(context, shop.environment_id, 7)
    assert run == {f"A{number}": str(number) for number in range(6)}


async def test_a_value_is_nowhere_but_sealed(shop: Any, context: Context) -> None:
    canary = "canary-4f1b9a"
    written = await shop.write(SECRET_KEY={"value": canary, "scope": "both"}, OTHER="x")
    assert canary not in written.text
    for path in (shop.path, "/api/v1/projects", "/api/v1/audit-events"):
        assert canary not in (await shop.person.browser.get(path)).text
    async with context.db.hot() as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for table in tables:
            query = f'SELECT t::text AS row FROM "{table["tablename"]}" t'  # noqa: S608 - names of our own tables
            rows = await connection.fetch(query)
            assert all(canary not in row["row"] and canary.encode().hex() not in row["row"] for row in rows), table
        count = await connection.fetchval("SELECT count(*) FROM variables")
    assert count == 2


async def test_the_audit_row_names_the_variables_and_not_their_values(shop: Any, context: Context) -> None:
    await shop.write(SECRET_KEY="canary-4f1b9a")
    await shop.write(remove=["SECRET_KEY"])
    async with context.db.read() as session:
        rows = (await session.execute(select(AuditEvent).where(AuditEvent.action == "variables.write"))).scalars().all()
    assert [(row.detail["set"], row.detail["removed"], row.detail["version"]) for row in rows] == [
        (["SECRET_KEY"], [], 2),
        ([], ["SECRET_KEY"], 3),
    ]


async def test_a_sealed_value_moved_to_another_row_does_not_open(shop: Any, context: Context) -> None:
    await shop.write(A="1", B="2")
    async with context.db.hot() as connection:
        await connection.execute(
            "UPDATE variables SET sealed_value = (SELECT sealed_value FROM variables WHERE name = 'A') WHERE name = 'B'"
        )
    with pytest.raises(SealBroken):
        await _opened(context, shop.environment_id, 2)


async def test_the_etag_of_a_read_and_of_a_write_is_the_version(shop: Any) -> None:
    read = await shop.person.browser.get(shop.path)
    written = await shop.write(A="1")
    assert (read.headers["etag"], written.headers["etag"]) == ('"1"', '"2"')
    assert (await shop.person.browser.get(shop.path)).headers["etag"] == '"2"'


async def test_a_change_made_from_an_older_version_is_refused_and_writes_nothing(shop: Any) -> None:
    await shop.write(A="1")
    body = {"set": {"B": {"value": "2"}}}
    refused = await shop.person.browser.put(shop.path, json=body, headers={"if-match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (412, "variables_changed")
    assert refused.headers["content-type"] == "application/problem+json"
    assert "Read them again" in refused.json()["detail"]
    assert [row["name"] for row in (await shop.read())["items"]] == ["A"]
    written = await shop.person.browser.put(shop.path, json=body, headers={"if-match": '"2"'})
    assert (written.status_code, written.headers["etag"]) == (200, '"3"')


async def test_of_writers_at_once_from_one_version_exactly_one_is_taken(shop: Any) -> None:
    import asyncio

    answers = await asyncio.gather(
        *(
            shop.person.browser.put(
                shop.path, json={"set": {f"A{number}": {"value": "x"}}}, headers={"if-match": '"1"'}
            )
            for number in range(6)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]
    assert len((await shop.read())["items"]) == 1
