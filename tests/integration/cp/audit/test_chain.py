"""The trail in a real database: one unbroken chain, and whatever is done to its rows with SQL is found and named."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from wisehosting_cp.audit import verifying
from wisehosting_cp.audit.verifying import Verified, verify
from wisehosting_cp.kit.audit import LOCK, AuditEvent, record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_cp.kit.ids import new_id

pytestmark = pytest.mark.anyio

MANY = 50
DETAIL: dict[str, Any] = {
    "name": "ключ\U0001f511",
    "numbers": [1, 1.5, -0.0, 1e22, 2**70],
    "deep": {"b": None, "a": True},
}
HALF = "UPDATE audit_events SET seq = 1000 + seq WHERE seq >= :seq"
"""A unique column is renumbered in two steps."""
INSERTION = """
    INSERT INTO audit_events (id, seq, mac, actor, action, subject, address, request_id, detail)
    VALUES (gen_random_uuid(), :seq, sha256('x'), 'user:1', 'thing.do', '', '', '', '{}')
"""


async def _act(context: Context, count: int = 1, **detail: Any) -> None:
    for number in range(count):
        async with context.db.transaction() as session:
            team = new_id() if number % 2 else None
            record(session, actor="user:1", action="thing.do", subject=f"thing:{number}", team_id=team, **detail)


async def _tamper(context: Context, *statements: str, **values: int) -> None:
    async with context.db.transaction() as session:
        for statement in statements:
            await session.execute(text(statement), values)


def _words(verified: Verified) -> list[tuple[str, int]]:
    return [(finding.kind.value, finding.seq) for finding in verified.findings]


async def test_acts_at_the_same_time_leave_one_unbroken_chain_without_gaps(context: Context) -> None:
    async def one(number: int) -> None:
        async with context.db.transaction() as session:
            for step in range(1 + number % 3):
                record(session, actor=f"user:{number}", action="thing.do", subject=f"step:{step}", **DETAIL)

    async with asyncio.TaskGroup() as group:
        for number in range(MANY):
            group.create_task(one(number))
    async with context.db.read() as session:
        rows = (await session.execute(select(AuditEvent).order_by(AuditEvent.seq))).scalars().all()
    assert [row.seq for row in rows] == list(range(1, sum(1 + number % 3 for number in range(MANY)) + 1))
    by_actor: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        by_actor.setdefault(row.actor, []).append((row.seq, row.subject))
    for mine in by_actor.values():
        assert mine == [(mine[0][0] + step, f"step:{step}") for step in range(len(mine))]
    verified = await verify(context)
    assert (verified.findings, verified.rows) == ([], len(rows))


async def _refused(context: Context) -> None:
    async with context.db.transaction() as session:
        record(session, actor="user:1", action="thing.do", subject="thing:1")
        record(session, actor="user:1", action="thing.do", subject="x" * 121)


async def test_an_act_that_is_rolled_back_leaves_no_gap(context: Context) -> None:
    await _act(context)
    with pytest.raises(DBAPIError, match="too long"):
        await _refused(context)
    await _act(context)
    assert (await verify(context)).seq == 2


async def test_nobody_waits_for_an_act_that_has_not_come_to_its_end(context: Context) -> None:
    async with context.db.transaction() as session:
        record(session, actor="user:1", action="thing.do", subject="thing:slow")
        async with context.db.read() as other:
            assert (await other.execute(select(func.pg_try_advisory_xact_lock(LOCK)))).scalar_one()
        await _act(context)
    async with context.db.read() as session:
        subjects = (await session.execute(select(AuditEvent.subject).order_by(AuditEvent.seq))).scalars().all()
    assert subjects == ["thing:0", "thing:slow"]


async def test_nothing_is_recorded_without_a_key(context: Context) -> None:
    keyless = Database(context.settings.database_dsn, context.events)
    try:
        with pytest.raises(RuntimeError, match="audit key"):
            async with keyless.transaction() as session:
                record(session, actor="user:1", action="thing.do", subject="thing:1")
    finally:
        await keyless.close()
    assert (await verify(context)).rows == 0


async def test_a_trail_of_several_batches_is_verified(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wisehosting_cp.audit.repository.BATCH", 4)
    await _act(context, 12, **DETAIL)
    verified = await verify(context)
    assert (verified.findings, verified.rows, verified.anchor) == ([], 12, None)
    assert (await verify(context)).anchor == 12


@pytest.mark.parametrize("anchored", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        "id = gen_random_uuid()",
        "at = at + interval '1 microsecond'",
        "at = 'infinity'",
        "actor = 'user:2'",
        "action = 'thing.undo'",
        "subject = ''",
        "team_id = gen_random_uuid()",
        "team_id = CASE WHEN team_id IS NULL THEN id END",
        "address = '127.0.0.1'",
        "request_id = 'r'",
        "detail = jsonb_set(detail, '{deep,a}', 'false')",
        "detail = jsonb_set(detail, '{numbers,1}', '1.50000000000000000000000000001')",
        "mac = sha256('forged')",
    ],
)
async def test_an_edit_of_any_column_is_found(context: Context, change: str, *, anchored: bool) -> None:
    await _act(context, 6, **DETAIL)
    if anchored:
        assert (await verify(context)).findings == []
    await _tamper(context, f"UPDATE audit_events SET {change} WHERE seq = 3")  # noqa: S608 - words of this file
    assert _words(await verify(context)) == [("edited", 3)]


async def test_a_row_that_was_given_another_place_is_found(context: Context) -> None:
    await _act(context, 6)
    await _tamper(context, "UPDATE audit_events SET seq = 100 WHERE seq = 3")
    assert _words(await verify(context)) == [("reordered", 100)]


async def test_the_columns_of_the_table_are_all_sealed(context: Context) -> None:
    """A column that is added must be added to what is sealed."""
    async with context.db.read() as session:
        query = text("SELECT column_name FROM information_schema.columns WHERE table_name = 'audit_events'")
        columns = set((await session.execute(query)).scalars())
    sealed = {"id", "at", "actor", "action", "subject", "team_id", "address", "request_id", "detail"}
    assert columns == sealed | {"seq", "mac"}


@pytest.mark.parametrize("seq", [1, 3, 6])
async def test_an_inserted_row_is_found(context: Context, seq: int) -> None:
    await _act(context, 6)
    await _tamper(
        context,
        HALF,
        "UPDATE audit_events SET seq = seq - 999 WHERE seq > 1000",
        INSERTION,
        seq=seq,
    )
    assert _words(await verify(context)) == [("inserted", seq)]


async def test_a_row_that_was_added_at_the_end_is_found(context: Context) -> None:
    await _act(context, 3)
    await verify(context)
    await _tamper(
        context,
        INSERTION,
        seq=4,
    )
    assert _words(await verify(context)) == [("inserted", 4)]


@pytest.mark.parametrize("seq", [1, 3])
async def test_a_row_that_is_gone_is_found_also_when_the_rest_was_renumbered(context: Context, seq: int) -> None:
    await _act(context, 6)
    await _tamper(context, "DELETE FROM audit_events WHERE seq = :seq", seq=seq)
    assert _words(await verify(context)) == [("deleted", seq)]
    await _tamper(context, HALF, "UPDATE audit_events SET seq = seq - 1001 WHERE seq > 1000", seq=seq)
    assert _words(await verify(context)) == [("deleted", seq)]


@pytest.mark.parametrize(("one", "other"), [(2, 3), (1, 6)])
async def test_two_rows_that_changed_places_are_found(context: Context, one: int, other: int) -> None:
    await _act(context, 6)
    await _tamper(
        context,
        "UPDATE audit_events SET seq = 1000 + seq WHERE seq IN (:one, :other)",
        "UPDATE audit_events SET seq = 1000 + :sum - seq WHERE seq > 1000",
        one=one,
        other=other,
        sum=one + other,
    )
    assert _words(await verify(context)) == [("reordered", one), ("reordered", other)]


async def test_an_act_that_is_gone_is_found_however_the_rest_was_laid_out(context: Context) -> None:
    await _act(context, 7)
    await verify(context)
    await _tamper(
        context,
        "DELETE FROM audit_events WHERE seq = 4",
        "UPDATE audit_events SET seq = 1000 + seq WHERE seq IN (2, 3, 5)",
        "UPDATE audit_events SET seq = CASE seq WHEN 1005 THEN 3 WHEN 1002 THEN 4 ELSE 5 END WHERE seq > 1000",
    )
    assert _words(await verify(context)) == [("broken", 2)]


async def test_rows_that_were_moved_on_after_the_anchor_are_found_and_it_stays(context: Context) -> None:
    await _act(context, 5)
    await verify(context)
    await _act(context, 2)
    await _tamper(context, "UPDATE audit_events SET seq = seq + 2 WHERE seq > 5")
    for _ in range(2):
        verified = await verify(context)
        assert (_words(verified), verified.anchor) == ([("broken", 6)], 5)
        assert await verifying.note_head(context) == "row 8 of the audit trail does not follow from row 5"


@pytest.mark.parametrize("seq", [0, -1, -(2**63)])
async def test_no_row_has_a_place_before_the_first_and_one_that_has_it_all_the_same_is_found(
    context: Context, seq: int
) -> None:
    await _act(context, 2)
    with pytest.raises(DBAPIError, match="ck_audit_events_seq_positive"):
        await _tamper(context, INSERTION, seq=seq)
    await _tamper(context, "ALTER TABLE audit_events DROP CONSTRAINT ck_audit_events_seq_positive")
    await _tamper(context, INSERTION, seq=seq)
    assert _words(await verify(context)) == [("inserted", 0)]


async def test_a_tail_that_was_cut_is_found_and_the_anchor_stays(context: Context) -> None:
    await _act(context, 6)
    assert await verifying.note_head(context) is None
    anchor = verifying.anchor_of(context)
    await _tamper(context, "DELETE FROM audit_events WHERE seq > 4")
    assert _words(await verify(context)) == [("cut_tail", 5)]
    assert "ends at 4" in (await verifying.note_head(context) or "")
    await _act(context, 5)
    assert _words(await verify(context)) == [("cut_tail", 6)]
    assert await verifying.note_head(context) is not None
    seen = anchor.read()
    assert seen is not None
    assert seen.seq == 6


async def test_a_trail_that_was_emptied_is_found(context: Context) -> None:
    await _act(context, 2)
    await verify(context)
    await _tamper(context, "TRUNCATE audit_events")
    assert _words(await verify(context)) == [("cut_tail", 1)]
