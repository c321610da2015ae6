"""Rotating each other purpose: what workers, builds and the list see of it, and what a rotation refuses."""

import asyncio
import base64
import json
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import LargeBinary, select, text
from typer.testing import CliRunner

from wisehosting_cp.cli import app as command
from wisehosting_cp.errors import Conflict
from wisehosting_cp.keys.columns import LOOKUPS, SEALED, WORKER_KEY
from wisehosting_cp.keys.listing import lines, listed
from wisehosting_cp.keys.rotation import RotationStopped, rotate
from wisehosting_cp.keys.uses import USES, Kind
from wisehosting_cp.kit import key_versions
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.key_versions import KeyVersion
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.local.certificate import ensure_certificate
from wisehosting_cp.models import metadata
from wisehosting_cp.settings import read_secret
from wisehosting_cp.workers import enrolment, tokens
from wisehosting_cp.workers.models import WorkerCredential
from wisehosting_wire.enrolment import RegisterReply, RegisterRequest

pytestmark = pytest.mark.anyio

Rotate = Callable[..., Awaitable[Any]]
ADDRESS = "127.0.0.1"


@pytest.fixture
def turn(context: Context, told: Any) -> Rotate:
    async def run(purpose: Purpose) -> Any:
        return await rotate(context, purpose, tell=told, settle=0)

    return run


class Host:
    """A host that joins, and may say the same again when the reply was lost."""

    def __init__(self, ctx: Context, name: str) -> None:
        self.ctx, self.name = ctx, name
        self.key = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
        self.join_token = ""

    async def register(self) -> RegisterReply:
        ensure_certificate(self.ctx.settings.mesh_certificate_file, self.ctx.settings.mesh_key_file)
        async with self.ctx.db.transaction() as session:
            if not self.join_token:
                self.join_token = (await enrolment.mint_join_token(session, self.ctx, self.name, ADDRESS)).token
            secret = read_secret(self.ctx.settings.api_server_secret_file).get_secret_value()
            asked = RegisterRequest(
                join_token=self.join_token, api_server_secret=secret, api_key=self.key, name=self.name
            )
            return await enrolment.register(session, self.ctx, asked, address=ADDRESS)


async def _lookup(context: Context, worker: str) -> bytes:
    async with context.db.read() as session:
        return (await session.get_one(WorkerCredential, UUID(worker))).lookup


def test_every_column_named_sealed_is_on_the_list_and_so_is_every_one_that_is_sealed_under_another_name() -> None:
    named = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name.startswith("sealed_")
    }
    assert named
    assert named | {str(WORKER_KEY)} == {str(sealed) for sealed in SEALED}
    for sealed in SEALED:
        assert {key.name for key in sealed.key_columns()} == {key.name for key in sealed.table.primary_key}


def test_every_purpose_says_what_it_is_for_and_look_ups_name_their_column() -> None:
    assert set(USES) == set(Purpose)
    assert {lookup.purpose for lookup in LOOKUPS} == {
        purpose for purpose, use in USES.items() if use.kind is Kind.lookup
    }


async def test_a_worker_s_look_up_is_made_anew_and_a_lost_reply_still_costs_nothing(
    context: Context, turn: Rotate
) -> None:
    hosts = [Host(context, f"w{number}") for number in range(3)]
    replies = [await host.register() for host in hosts]
    before = [await _lookup(context, reply.worker) for reply in replies]
    done = await turn(Purpose.worker_lookup)
    assert (done.version, done.rows, done.old_until) == (2, 3, None)
    after = [await _lookup(context, reply.worker) for reply in replies]
    assert not set(before) & set(after)
    assert [(await host.register()).worker for host in hosts] == [reply.worker for reply in replies]
    stranger = Host(context, "w0")
    stranger.join_token = hosts[0].join_token
    with pytest.raises(Conflict, match="another key"):
        await stranger.register()


async def test_between_both_versions_a_worker_is_known_by_either(context: Context, turn: Rotate) -> None:
    host = Host(context, "w1")
    reply = await host.register()
    async with context.db.transaction() as session:
        session.add_all(
            KeyVersion(purpose="worker_lookup", version=version, current_at=context.clock.now()) for version in (1, 2)
        )
    await key_versions.learn(context)
    assert (await host.register()).worker == reply.worker
    late = Host(context, "w2")
    assert context.keyring.current(Purpose.worker_lookup) == 2
    assert (await late.register()).worker == (await late.register()).worker
    done = await turn(Purpose.worker_lookup)
    assert (done.resumed, done.rows) == (True, 1)


async def test_worker_tokens_of_the_old_version_open_a_connection_until_the_oldest_could_have_ended(
    context: Context, turn: Rotate, clock: Any
) -> None:
    host = Host(context, "w1")
    old = (await host.register()).token
    done = await turn(Purpose.worker_token)
    assert done.old_until == (clock.now() + timedelta(days=30, minutes=15)).isoformat()
    new = (await host.register()).token
    ring = context.keyring
    assert ring.accepted(Purpose.worker_token) == [2, 1]
    for token in (old, new):
        assert not tokens.read(ring, token, clock.now()).expired
    clock.forward(timedelta(days=29).total_seconds())
    await key_versions.learn(context)
    assert tokens.read(ring, old, clock.now(), expired_too=True).expired
    clock.forward(timedelta(days=1, minutes=15).total_seconds())
    await key_versions.learn(context)
    assert ring.accepted(Purpose.worker_token) == [2]
    with pytest.raises(tokens.TokenRefused, match="not a worker token"):
        tokens.read(ring, old, clock.now(), expired_too=True)


async def test_the_salt_of_builds_is_another_one_at_once_and_still_one_per_team(context: Context, turn: Rotate) -> None:
    before = context.keyring.key(Purpose.build_variables, b"team")
    assert (await turn(Purpose.build_variables)).rows == 0
    after = context.keyring.key(Purpose.build_variables, b"team")
    assert after not in {before, context.keyring.key(Purpose.build_variables, b"other team")}
    assert context.keyring.accepted(Purpose.build_variables) == [2]


async def test_two_runs_at_once_are_one_rotation_or_two_and_both_end(context: Context, told: Any) -> None:
    for number in range(3):
        await Host(context, f"w{number}").register()
    done = await asyncio.gather(*(rotate(context, Purpose.sealing, tell=told, settle=0.05) for _ in range(2)))
    async with context.db.read() as session:
        found = {each.purpose: each for each in await listed(session, context)}["sealing"]
    newest = max(each.version for each in done)
    assert [(each.version, each.state) for each in found.versions][:2] == [(newest, "current"), (newest - 1, "retired")]
    assert found.columns["worker_credentials.api_key_hash"] == {newest: 3}


async def test_a_row_that_a_request_holds_is_left_and_seen_again(context: Context, told: Any) -> None:
    reply = await Host(context, "w1").register()
    held = asyncio.Event()
    async with context.db.transaction() as session:
        await session.execute(select(WorkerCredential).with_for_update())
        task = asyncio.create_task(rotate(context, Purpose.sealing, tell=lambda _: held.set(), settle=0))
        await held.wait()
        done, _ = await asyncio.wait([task], timeout=0.5)
        assert not done
    assert (await task).rows == 1
    async with context.db.read() as session:
        assert (await session.get_one(WorkerCredential, UUID(reply.worker))).api_key_hash[0] == 2


async def test_a_row_that_does_not_open_stops_the_end_and_not_the_others(context: Context, turn: Rotate) -> None:
    replies = [await Host(context, f"w{number}").register() for number in range(3)]
    async with context.db.transaction() as session:
        broken = await session.get_one(WorkerCredential, UUID(replies[1].worker))
        good, broken.api_key_hash = broken.api_key_hash, bytes([1]) + os.urandom(60)
    with pytest.raises(RotationStopped, match=f"1 rows do not open.*{replies[1].worker}"):
        await turn(Purpose.sealing)
    assert context.keyring.accepted(Purpose.sealing) == [2, 1]
    async with context.db.transaction() as session:
        rows = (await session.execute(select(WorkerCredential))).scalars().all()
        assert sorted(row.api_key_hash[0] for row in rows) == [1, 2, 2]
        (await session.get_one(WorkerCredential, UUID(replies[1].worker))).api_key_hash = good
    done = await turn(Purpose.sealing)
    assert (done.version, done.resumed, done.rows) == (2, True, 1)
    assert context.keyring.accepted(Purpose.sealing) == [2]


async def test_the_last_version_there_can_be_is_said_and_not_passed(context: Context, turn: Rotate) -> None:
    now = context.clock.now()
    async with context.db.transaction() as session:
        session.add(KeyVersion(purpose="sealing", version=255, current_at=now))
    with pytest.raises(RotationStopped, match="255 versions"):
        await turn(Purpose.sealing)


async def test_the_list_shows_purposes_versions_ages_and_rows(context: Context, turn: Rotate, clock: Any) -> None:
    await Host(context, "w1").register()
    async with context.db.read() as session:
        first = {each.purpose: each for each in await listed(session, context)}
    assert [(each.version, each.state, each.since, each.rows) for each in first["sealing"].versions] == [
        (1, "current", None, 1)
    ]
    await turn(Purpose.worker_token)
    await turn(Purpose.worker_lookup)
    clock.forward(timedelta(days=3).total_seconds())
    async with context.db.read() as session:
        found = await listed(session, context)
    by_name = {each.purpose: each for each in found}
    assert [(v.version, v.state, v.age_days, v.rows) for v in by_name["worker_lookup"].versions] == [
        (2, "current", 3, 1),
        (1, "retired", None, 0),
    ]
    assert [(v.version, v.state) for v in by_name["worker_token"].versions] == [(2, "current"), (1, "old")]
    assert any("version 2  current" in line for line in lines(found))


async def test_before_the_first_migration_version_one_counts(context: Context) -> None:
    async with context.db.transaction() as session:
        await session.execute(text("DROP TABLE key_versions"))
    assert not await key_versions.learn(context)
    assert context.keyring.current(Purpose.sealing) == 1
    with pytest.raises(asyncpg.UndefinedTableError):
        async with context.db.hot() as connection:
            await connection.fetch("SELECT 1 FROM key_versions")


@pytest.fixture
def environ(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The context's settings, as a unit would give them; the log of commands ends with the test."""
    monkeypatch.setattr(logging.getLogger(), "handlers", logging.getLogger().handlers)
    for name, value in context.settings.model_dump(exclude_none=True).items():
        if isinstance(value, str | int | float | Path):
            monkeypatch.setenv(f"WISEHOSTING_{name.upper()}", str(value))


async def test_the_commands_rotate_and_list(environ: None, context: Context) -> None:
    await Host(context, "w1").register()
    said = await asyncio.to_thread(CliRunner().invoke, command, ["keys", "rotate", "sealing", "--json"])
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout) == {
        "purpose": "sealing",
        "version": 2,
        "resumed": False,
        "rows": 1,
        "old_until": None,
    }
    assert "worker_credentials.api_key_hash: done" in said.stderr
    listing = await asyncio.to_thread(CliRunner().invoke, command, ["keys", "list", "--json"])
    sealing = {each["purpose"]: each for each in json.loads(listing.stdout)}["sealing"]
    assert [(each["version"], each["state"], each["rows"]) for each in sealing["versions"]] == [
        (2, "current", 1),
        (1, "retired", 0),
    ]
    shown = await asyncio.to_thread(CliRunner().invoke, command, ["keys", "list"])
    assert "sealing: seals variables" in shown.stdout


async def test_an_unknown_purpose_exits_two_and_names_those_there_are(environ: None) -> None:
    said = await asyncio.to_thread(CliRunner().invoke, command, ["keys", "rotate", "everything"])
    assert said.exit_code == 2
    assert "sealing, worker_lookup, worker_token, build_variables" in said.output


async def test_a_rotation_that_cannot_end_exits_two_with_the_row(environ: None, context: Context) -> None:
    reply = await Host(context, "w1").register()
    async with context.db.transaction() as session:
        (await session.get_one(WorkerCredential, UUID(reply.worker))).api_key_hash = bytes([1]) + os.urandom(60)
    said = await asyncio.to_thread(CliRunner().invoke, command, ["keys", "rotate", "worker_lookup"])
    assert said.exit_code == 2
    assert reply.worker in said.output
