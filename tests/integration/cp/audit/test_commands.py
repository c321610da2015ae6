"""`wh-cp audit` as it is run."""

import asyncio
import json
import os
import sys
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from wisehosting_cp.audit.repository import Wanted, exported
from wisehosting_cp.kit.audit import AuditEvent, record
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio


async def _run(context: Context, *words: str) -> tuple[int, str]:
    told = {
        f"WISEHOSTING_{name.upper()}": str(value)
        for name, value in context.settings.model_dump(exclude_none=True, mode="json").items()
        if isinstance(value, str)
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from wisehosting_cp.cli import main; main()",
        "audit",
        *words,
        env=os.environ | told,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def _act(context: Context, number: int) -> None:
    async with context.db.transaction() as session:
        record(session, actor="user:1", action="thing.do", subject=f"thing:{number}")


async def test_verify_tells_a_whole_chain_from_a_broken_one_by_its_exit_code(context: Context) -> None:
    for number in range(3):
        await _act(context, number)
    code, said = await _run(context, "verify")
    assert (code, said.startswith("whole: 3 rows in ")) == (0, True), said
    code, said = await _run(context, "verify", "--json")
    told = json.loads(said)
    assert (code, told["whole"], told["rows"], told["seq"], told["anchor"]) == (0, True, 3, 3, 3)
    async with context.db.transaction() as session:
        row = (
            await session.execute(text("UPDATE audit_events SET actor = '' WHERE seq = 2 RETURNING id"))
        ).scalar_one()
    code, said = await _run(context, "verify")
    assert (code, said) == (1, f"seq 2  {row}  edited: this row is not what was sealed\n")
    code, said = await _run(context, "verify", "--json")
    found = {"kind": "edited", "seq": 2, "id": str(row), "says": "this row is not what was sealed"}
    assert (code, json.loads(said)["findings"]) == (1, [found])


async def test_another_master_key_is_told(context: Context) -> None:
    for number in range(3):
        await _act(context, number)
    assert (await _run(context, "verify"))[0] == 0
    context.settings.master_key_file.write_bytes(os.urandom(32))
    code, said = await _run(context, "verify")
    assert (code, "wrong_key" in said) == (1, True), said


async def test_export_writes_what_is_wanted_in_the_order_of_the_chain(context: Context) -> None:
    team = uuid4()
    async with context.db.transaction() as session:
        for number in range(5):
            action = "door.open" if number % 2 else "door.close"
            record(session, actor=f"user:{number}", action=action, subject="door:1", team_id=team, name="Tür\n")
        record(session, actor="platform", action="platform.act", subject="platform")
    async with context.db.read() as session:
        rows = (await session.execute(select(AuditEvent).order_by(AuditEvent.seq))).scalars().all()

    async def seqs(*words: str) -> list[int]:
        code, said = await _run(context, "export", *words)
        assert code == 0, said
        return [json.loads(line)["seq"] for line in said.splitlines()]

    code, said = await _run(context, "export")
    told = [json.loads(line) for line in said.splitlines()]
    assert (code, [line["seq"] for line in told]) == (0, [1, 2, 3, 4, 5, 6])
    assert [line["mac"] for line in told] == [row.mac.hex() for row in rows]
    assert told[0] == {
        "seq": 1,
        "id": str(rows[0].id),
        "at": rows[0].at.isoformat(),
        "actor": "user:0",
        "action": "door.close",
        "subject": "door:1",
        "team_id": str(team),
        "address": "",
        "request_id": "",
        "detail": {"name": "Tür\n"},
        "mac": rows[0].mac.hex(),
    }
    assert await seqs("--action", "door.open") == [2, 4]
    assert await seqs("--team", str(team), "--actor", "user:2") == [3]
    assert await seqs("--since", "2000-01-01", "--until", "2000-01-02T03:04:05") == []
    assert await seqs("--since", "2000-01-01T00:00:00+0200") == [1, 2, 3, 4, 5, 6]


async def test_export_takes_several_batches(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wisehosting_cp.audit.repository.BATCH", 2)
    for number in range(5):
        await _act(context, number)
    async with context.db.snapshot() as session:
        assert [row.seq async for row in exported(session, Wanted())] == [1, 2, 3, 4, 5]
