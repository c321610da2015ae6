"""PostgreSQL from its wheel, as `./dev up` runs it: also where its user cannot reach the Python environment."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from wisehosting_cp.local import postgres
from wisehosting_cp.local.postgres import Postgres

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder() -> Iterator[Path]:
    """Reachable for PostgreSQL's user, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="wh-test-pg-", dir="/var/lib") as made:
        Path(made).chmod(0o711)
        yield Path(made)


@pytest.fixture(params=["in a home folder", "as it lies"])
def database(folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Postgres:
    if request.param == "in a home folder":
        monkeypatch.setattr(postgres, "reachable", lambda _: False)
    (folder / "data").mkdir(mode=0o711)
    (folder / "data").chmod(0o711)
    return Postgres(folder / "data", folder / "sockets")


async def test_a_cluster_is_made_once_starts_and_answers(database: Postgres) -> None:
    before = Path("/root").stat().st_mode
    database.prepare()
    made = database.version_file.stat().st_mtime_ns
    database.prepare()
    assert database.version_file.stat().st_mtime_ns == made
    uid, gid = database.account
    server = await asyncio.create_subprocess_exec(
        *database.argv(), env=database.environment(), cwd="/", user=uid, group=gid, extra_groups=[]
    )
    try:
        async with asyncio.timeout(30):
            while not await database.answers():
                await asyncio.sleep(0.05)
        await database.ensure_database()
        await database.ensure_database()
    finally:
        server.send_signal(postgres.STOP_SIGNAL)
        await server.wait()
    assert Path("/root").stat().st_mode == before
