"""The anchor outside the database: who may read it, that it moves forward only, and that serving moves it."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from wisehosting_cp.audit import verifying
from wisehosting_cp.audit.anchor import Anchor
from wisehosting_cp.kit.audit import AuditEvent, record
from wisehosting_cp.kit.audit_chain import Head
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

KEY = bytes(range(32))


@pytest.fixture
def anchor(tmp_path: Path) -> Anchor:
    return Anchor(tmp_path / "state" / "audit-head.json", KEY)


def test_it_moves_forward_only_and_only_its_owner_reads_it(anchor: Anchor) -> None:
    assert anchor.read() is None
    assert anchor.advance(Head(5, bytes(32)))
    assert not anchor.advance(Head(5, bytes(range(32))))
    assert not anchor.advance(Head(4, bytes(32)))
    assert anchor.read() == Head(5, bytes(32))
    assert anchor.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in anchor.path.parent.iterdir()] == ["audit-head.json"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"7", b'{"seq": null, "mac": "", "seal": ""}'])
def test_a_file_that_it_did_not_write_is_neither_believed_nor_overwritten(anchor: Anchor, content: bytes) -> None:
    anchor.path.parent.mkdir()
    anchor.path.write_bytes(content)
    with pytest.raises(ValueError, match="not what this platform wrote"):
        anchor.advance(Head(5, bytes(32)))
    assert anchor.path.read_bytes() == content


def test_a_head_that_was_set_back_by_hand_is_not_believed(anchor: Anchor) -> None:
    anchor.advance(Head(5, bytes(32)))
    anchor.path.write_text(json.dumps(json.loads(anchor.path.read_text()) | {"seq": 4}))
    with pytest.raises(ValueError, match="was not sealed"):
        anchor.read()


async def test_serving_moves_it_after_an_act(context: Context) -> None:
    following = asyncio.create_task(verifying.follow(context))
    try:
        async with context.db.transaction() as session:
            record(session, actor="user:1", action="thing.do", subject="thing:1")
        async with asyncio.timeout(20):
            while (seen := verifying.anchor_of(context).read()) is None or seen.seq < 1:
                await asyncio.sleep(0.05)
    finally:
        following.cancel()
    assert seen.seq == 1


async def test_it_stays_before_a_row_that_does_not_follow(context: Context) -> None:
    async with context.db.transaction() as session:
        record(session, actor="user:1", action="thing.do", subject="thing:1")
    assert await verifying.note_head(context) is None
    before = verifying.anchor_of(context).read()
    async with context.db.transaction() as session:
        row = (await session.execute(select(AuditEvent))).scalar_one()
        forged = {column.key: getattr(row, column.key) for column in AuditEvent.__table__.columns}
        await session.execute(insert(AuditEvent).values(**forged | {"id": uuid4(), "seq": 2, "mac": bytes(32)}))
    why = await verifying.note_head(context)
    assert why == "row 2 of the audit trail does not follow from row 1"
    assert verifying.anchor_of(context).read() == before


async def test_it_moves_over_many_rows_at_once_and_a_second_run_changes_nothing(context: Context) -> None:
    for number in range(3):
        async with context.db.transaction() as session:
            for _ in range(number + 1):
                record(session, actor="user:1", action="thing.do", subject=f"thing:{number}")
    assert [await verifying.note_head(context), await verifying.note_head(context)] == [None, None]
    seen = verifying.anchor_of(context).read()
    assert seen is not None
    assert seen.seq == 6
