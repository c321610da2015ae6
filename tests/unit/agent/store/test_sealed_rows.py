"""What the worker's disk gives away: nothing without the host's key, nothing in another place than its own."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.link import Link
from wisehosting_agent.store import jobs, mail
from wisehosting_agent.store.database import Database, Transaction
from wisehosting_agent.store.jobs import JobRow
from wisehosting_agent.store.sealing import CREDENTIAL, Seal, host_key
from wisehosting_agent.store.vault import Variables, Vault
from wisehosting_agent.variables import VariableKeeper
from wisehosting_wire.codec import from_agent_decoder
from wisehosting_wire.messages import JobFinished, Secrets
from wisehosting_wire.workload import BuildSpec, EnvironmentRef, Source

pytestmark = pytest.mark.anyio

CANARY = "canary-4711-value"
SALT = b"canary-salt-of-the-team"
SPEC = BuildSpec(
    build="build",
    environment=EnvironmentRef(id="env", team="team", project="app", number=1),
    source=Source(url="https://git.example/app.git", branch="main", commit=""),
    variables_version=1,
    key_salt=SALT,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
async def store(folder: Path) -> AsyncIterator[Database]:
    store = Database(folder / "agent.db")
    await store.open()
    yield store
    await store.close()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_values_of_variables_are_in_no_file_of_the_state_folder(store: Database, folder: Path) -> None:
    vault = Vault(host_key(folder))
    keeper = VariableKeeper(store, vault, Link())
    said = Secrets(environment="env", version=1, run={"TOKEN": CANARY}, build={"NPM": f"build-{CANARY}"})
    await store.run(lambda tx: keeper.put(tx, said))
    kept = await store.run(lambda tx: vault.get(tx, "env", 1))
    assert kept == Variables(run=said.run, build=said.build)
    assert CANARY not in repr(kept)
    written = files(folder)
    assert {"agent.db", "agent.db-wal", "host.key"} <= set(written)
    assert b"env" in written["agent.db-wal"]
    assert [name for name, content in written.items() if CANARY.encode() in content] == []
    await store.close()
    assert [name for name, content in files(folder).items() if CANARY.encode() in content] == []


@pytest.mark.parametrize(("environment", "version"), [("other", 1), ("env", 2), ("env|1", 1)])
async def test_a_sealed_row_does_not_open_in_another_place(
    store: Database, folder: Path, environment: str, version: int
) -> None:
    vault = Vault(host_key(folder))
    await store.run(lambda tx: vault.put(tx, "env", 1, Variables(run={"A": CANARY}, build={})))
    await store.run(lambda tx: tx.execute("UPDATE secrets SET environment = ?, version = ?", environment, version))
    assert await store.run(lambda tx: vault.get(tx, environment, version)) is None


async def test_a_damaged_or_cut_row_counts_as_absent(store: Database, folder: Path) -> None:
    vault = Vault(host_key(folder))
    await store.run(lambda tx: vault.put(tx, "env", 1, Variables(run={"A": CANARY}, build={})))
    (sealed,) = await store.run(lambda tx: tx.execute("SELECT sealed FROM secrets").fetchone())
    for damaged in (sealed[:-1], b"\0" + sealed, sealed[:5], b""):
        await store.run(lambda tx, damaged=damaged: tx.execute("UPDATE secrets SET sealed = ?", damaged))  # type: ignore[misc]
        assert await store.run(lambda tx: vault.get(tx, "env", 1)) is None


async def test_another_hosts_key_opens_nothing(store: Database, folder: Path, tmp_path: Path) -> None:
    vault = Vault(host_key(folder))
    await store.run(lambda tx: vault.put(tx, "env", 1, Variables(run={"A": CANARY}, build={})))
    other = Vault(host_key(tmp_path / "other"))
    assert await store.run(lambda tx: other.get(tx, "env", 1)) is None
    assert await store.run(lambda tx: vault.get(tx, "env", 1)) is not None


async def test_only_the_newest_versions_and_the_one_asked_for_are_kept(store: Database, folder: Path) -> None:
    vault = Vault(host_key(folder))
    for version in (1, 2, 3, 4, 5, 1):
        await store.run(lambda tx, version=version: vault.put(tx, "env", version, Variables(run={}, build={})))  # type: ignore[misc]
    kept = await store.run(lambda tx: [row[0] for row in tx.execute("SELECT version FROM secrets ORDER BY version")])
    assert kept == [1, 3, 4, 5]


async def test_the_key_of_build_variables_is_in_no_file_while_a_job_waits(store: Database, folder: Path) -> None:
    assert await store.run(lambda tx: jobs.assign(tx, "job", 1, SPEC))
    assert await store.run(jobs.open_jobs) == [JobRow("job", 1, SPEC, "assigned")]
    assert [name for name, content in files(folder).items() if SALT in content] == []
    with contextlib.closing(sqlite3.connect(folder / "agent.db")) as connection:
        (row,) = jobs.open_jobs(Transaction(connection))
    assert row.build.key_salt != SALT
    assert row.build == msgspec.structs.replace(SPEC, key_salt=row.build.key_salt)


async def test_a_job_is_the_same_after_the_agent_starts_again(folder: Path) -> None:
    for _ in range(2):
        store = Database(folder / "agent.db")
        await store.open()
        await store.run(lambda tx: jobs.assign(tx, "job", 1, SPEC))
        assert await store.run(jobs.open_jobs) == [JobRow("job", 1, SPEC, "assigned")]
        await store.close()


@pytest.mark.parametrize("moved", ["another key", "another attempt", "another job", "as older agents wrote it"])
async def test_a_job_that_does_not_open_is_ended_and_reported_once(folder: Path, moved: str) -> None:
    store = Database(folder / "agent.db")
    await store.open()
    await store.run(lambda tx: jobs.assign(tx, "job", 1, SPEC))
    await store.run(lambda tx: jobs.assign(tx, "well", 1, SPEC))
    await store.close()
    job = "moved" if moved == "another job" else "job"
    attempt = 2 if moved == "another attempt" else 1
    with contextlib.closing(sqlite3.connect(folder / "agent.db", isolation_level=None)) as raw:
        if moved == "another key":
            (folder / "host.key").write_bytes(b"k" * 32)
            raw.execute("UPDATE jobs SET spec = ? WHERE job = 'well'", [sealed_with(b"k" * 32, "well")])
        elif moved == "as older agents wrote it":
            raw.execute("UPDATE jobs SET spec = ? WHERE job = 'job'", [jobs._encode(SPEC)])
        else:
            raw.execute("UPDATE jobs SET job = ?, attempt = ? WHERE job = 'job'", [job, attempt])
    again = Database(folder / "agent.db")
    await again.open()
    for _ in range(2):
        assert [row.job for row in await again.run(jobs.open_jobs)] == ["well"]
    (posted,) = [from_agent_decoder.decode(body) for _, body in await again.run(lambda tx: mail.waiting(tx, 0, 9))]
    assert isinstance(posted, JobFinished)
    assert (posted.job, posted.attempt, posted.reason) == (job, attempt, "worker_error")
    assert "Deploy again" in posted.detail
    await again.close()


def sealed_with(key: bytes, job: str) -> bytes:
    salt = Seal(key).close(SALT, *jobs._place(job, 1))
    return jobs._encode(msgspec.structs.replace(SPEC, key_salt=salt))


def test_the_hosts_key_is_made_once_for_root_alone(folder: Path) -> None:
    key = host_key(folder)
    assert host_key(folder) == key
    assert len(key) == 32
    assert (folder / "host.key").stat().st_mode & 0o777 == 0o600


def test_a_credential_of_systemd_comes_before_the_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / CREDENTIAL).write_bytes(b"c" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert host_key(folder) == b"c" * 32
    assert not (folder / "host.key").exists()


async def test_a_damaged_key_stops_the_start_and_says_so(folder: Path) -> None:
    folder.mkdir()
    (folder / "host.key").write_bytes(b"short")
    store = Database(folder / "agent.db")
    with pytest.raises(ConfigurationError, match="holds 5 bytes, 32 are needed"):
        await store.open()
    await store.close()
