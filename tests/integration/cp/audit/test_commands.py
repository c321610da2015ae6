"""`wh-cp audit` as it is run."""

import asyncio
import json
import os
import sys

import pytest
from sqlalchemy import text

from wisehosting_cp.kit.audit import record
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
