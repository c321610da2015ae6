"""Tokens, cookies, cross-site requests, and what every answer carries."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from wisehosting_cp.accounts.credentials import credentials_of
from wisehosting_cp.accounts.models import ApiToken
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
TOKENS = "/api/v1/account/tokens"


async def test_a_token_is_shown_once_and_kept_as_a_hash(people: People, context: Context) -> None:
    ada = await people()
    made = await ada.browser.post(TOKENS, json={"name": "laptop", "scopes": ["deploy"], "expires_in_days": 7})
    token = made.json()["token"]
    assert token.startswith("wh_")
    assert len(token) == 46
    listed = await ada.browser.get(TOKENS)
    assert [row["name"] for row in listed.json()["items"]] == ["laptop", "test"]
    assert token not in listed.text
    async with context.db.hot() as connection:
        dumped = str(await connection.fetch("SELECT * FROM api_tokens")) + str(
            await connection.fetch("SELECT * FROM audit_events")
        )
    assert token not in dumped
    assert token[3:] not in dumped


async def test_tokens_are_read_page_by_page_newest_first(people: People) -> None:
    ada = await people()
    for number in range(4):
        await ada.browser.post(TOKENS, json={"name": f"t{number}", "scopes": ["read"]})
    names, cursor = [], ""
    while cursor is not None:
        parameters = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await ada.browser.get(TOKENS, params=parameters)).json()
        names.append([row["name"] for row in page["items"]])
        cursor = page["next_cursor"]
    assert names == [["t3", "t2"], ["t1", "t0"], ["test"]]
    assert (await ada.browser.get(TOKENS, params={"cursor": "x"})).json()["code"] == "cursor_invalid"


async def test_a_revoked_token_stops_at_once_though_it_was_remembered(people: People) -> None:
    ada = await people()
    row = (await ada.browser.get(TOKENS)).json()["items"][0]
    assert (await ada.script.get("/api/v1/projects")).status_code == 200
    assert (await ada.browser.delete(f"{TOKENS}/{row['id']}")).status_code == 204
    assert (await ada.script.get("/api/v1/projects")).status_code == 401
    assert (await ada.browser.delete(f"{TOKENS}/{row['id']}")).status_code == 404


async def test_somebody_elses_token_cannot_be_revoked(people: People) -> None:
    ada, eve = await people("ada"), await people("eve")
    row = (await ada.browser.get(TOKENS)).json()["items"][0]
    assert (await eve.browser.delete(f"{TOKENS}/{row['id']}")).status_code == 404
    assert (await ada.script.get("/api/v1/projects")).status_code == 200


async def test_a_token_ends_when_its_days_are_over(people: People, clock: Any) -> None:
    ada = await people()
    clock.forward(91 * 86400)
    assert (await ada.script.get("/api/v1/projects")).json()["code"] == "token_invalid"


async def test_a_cookie_is_looked_up_once_in_five_seconds(people: People, context: Context, clock: Any) -> None:
    ada = await people()
    credentials = credentials_of(context)
    before = credentials.lookups
    for _ in range(5):
        await ada.browser.get(TOKENS)
    assert credentials.lookups == before + 1
    clock.forward(5.1)
    await ada.browser.get(TOKENS)
    assert credentials.lookups == before + 2


async def test_a_session_revoked_elsewhere_ends_within_five_seconds(
    people: People, context: Context, clock: Any
) -> None:
    ada = await people()
    assert (await ada.browser.get(TOKENS)).status_code == 200
    async with context.db.hot() as connection:
        await connection.execute("UPDATE sessions SET revoked_at = now()")
    clock.forward(5.1)
    assert (await ada.browser.get(TOKENS)).status_code == 401


async def test_when_tokens_were_used_is_written_in_one_batch(people: People, context: Context) -> None:
    ada, eve = await people("ada"), await people("eve")
    for person in (ada, eve, ada):
        await person.script.get(TOKENS)
    assert await credentials_of(context).flush_used(context) == 2
    assert await credentials_of(context).flush_used(context) == 0
    async with context.db.read() as session:
        assert None not in (await session.execute(select(ApiToken.last_used_at))).scalars().all()


async def test_making_and_revoking_a_token_each_leave_one_audit_row(people: People, context: Context) -> None:
    ada = await people()
    made = (await ada.browser.post(TOKENS, json={"name": "ci", "scopes": ["read"]})).json()
    await ada.browser.delete(f"{TOKENS}/{made['id']}")
    async with context.db.read() as session:
        rows = (await session.execute(select(AuditEvent).where(AuditEvent.subject == f"token:{made['id']}"))).scalars()
        found = {row.action: row for row in rows}
    assert found.keys() == {"token.issue", "token.revoke"}
    assert found["token.issue"].actor == f"user:{ada.user_id}"
    assert found["token.issue"].address == "127.0.0.9"
    assert len(found["token.issue"].request_id) == 24
    seen = (await ada.browser.get("/api/v1/audit-events")).json()["items"]
    assert [row["action"] for row in seen[:2]] == ["token.revoke", "token.issue"]


async def test_when_the_audit_row_cannot_be_written_the_act_does_not_happen(people: People, context: Context) -> None:
    ada = await people()
    async with context.db.hot() as connection:
        await connection.execute(
            "ALTER TABLE audit_events ADD CONSTRAINT broken CHECK (action <> 'token.issue') NOT VALID"
        )
    refused = await ada.browser.post(TOKENS, json={"name": "ci", "scopes": ["read"]})
    assert refused.status_code == 500
    assert "audit_events" not in refused.text
    assert [row["name"] for row in (await ada.browser.get(TOKENS)).json()["items"]] == ["test"]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-wh-csrf": None},
        {"x-wh-csrf": "0"},
        {"origin": None},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:7000.evil.example"},
        {"origin": "http://sub.localhost:7000"},
        {"origin": "https://localhost:7000"},
        {"origin": "http://localhost:7001"},
        {"authorization": "Basic YTpi"},
    ],
)
async def test_an_unsafe_request_with_a_cookie_from_elsewhere_is_refused(
    people: People, headers: dict[str, str | None]
) -> None:
    ada = await people()
    if "authorization" in headers:
        headers = headers | {"origin": None}
    for name, value in headers.items():
        if value is None:
            del ada.browser.headers[name]
        else:
            ada.browser.headers[name] = value
    refused = await ada.browser.post(TOKENS, json={"name": "x", "scopes": ["read"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")
    assert (await ada.browser.get(TOKENS)).status_code == 200


async def test_a_wrong_token_beside_a_right_cookie_is_refused(people: People) -> None:
    ada = await people()
    ada.browser.headers["authorization"] = "Bearer wh_wrong"
    assert (await ada.browser.get(TOKENS)).json()["code"] == "token_invalid"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost", "localhost:7001", "localhost:7000?", "a#localhost:7000", ""]
)
async def test_an_unknown_host_is_refused(anyone: httpx2.AsyncClient, host: str) -> None:
    refused = await anyone.get("/healthz", headers={"host": host})
    assert (refused.status_code, refused.json()["code"]) == (400, "host_unknown")


async def test_every_answer_carries_an_id_and_the_security_headers(anyone: httpx2.AsyncClient) -> None:
    for path in ("/healthz", "/api/v1/projects", "/api/nowhere", "/auth/callback", "/nowhere"):
        answer = await anyone.get(path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert len(answer.headers["x-request-id"]) == 24
        assert answer.headers["cache-control"] in {"no-store", "no-cache"}
        assert "server" not in answer.headers


async def test_a_body_of_the_wrong_shape_is_a_422_that_names_the_fields_and_repeats_nothing(people: People) -> None:
    ada = await people()
    refused = await ada.browser.post(TOKENS, json={"name": "", "scopes": ["canary-scope"], "extra": "canary"})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["fields"].keys() == {"name", "scopes.0", "extra"}
    assert "canary-scope" not in refused.text


async def test_a_body_that_is_too_large_is_refused_also_without_a_length(people: People) -> None:
    ada = await people()

    async def endless() -> Any:
        for _ in range(6):
            yield b"x" * 1024 * 1024

    for content in (b"x" * (5 * 1024 * 1024), endless()):
        refused = await ada.browser.post(TOKENS, content=content, headers={"content-type": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")


async def test_the_api_is_described_and_the_unknown_is_a_404(anyone: httpx2.AsyncClient) -> None:
    described = (await anyone.get("/api/openapi.json")).json()
    operations = [operation["operationId"] for methods in described["paths"].values() for operation in methods.values()]
    assert len(operations) == len(set(operations)) >= 20
    assert (await anyone.get("/api/v1/nothing", headers={"accept": "text/html"})).status_code == 404
    assert (await anyone.get("/readyz")).json() == {"status": "ok"}
