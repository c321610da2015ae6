"""The servers of `./dev bench api-auth`, each in a process of its own: `python -m tests.bench.api_servers NAME DSN PORT FOLDER`.

`ours` is the product's public app. `textbook` is what FastAPI's tutorial teaches: a session dependency, ORM models with
relationships, a response model; its relationships are loaded eagerly, which is kinder to it than the tutorial. `raw` asks
nobody who they are, sends one prepared statement and answers the bytes of ours. `bare` answers those bytes from memory.
All run on uvicorn with the settings of the product.
"""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import Cookie, Depends, FastAPI, HTTPException, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
from starlette.types import Receive, Scope, Send

from wisehosting_cp.accounts import epoch
from wisehosting_cp.app import build_context, create_public_app
from wisehosting_cp.kit.logging import configure
from wisehosting_cp.settings import Settings

COOKIE = "wh_bench"
PAGE = 50
_ROWS = """
SELECT p.id, p.name, p.team_id, p.provider, p.repository_url, p.branch, p.root_directory, p.settings, p.created_at
FROM projects p JOIN memberships m ON m.team_id = p.team_id
WHERE m.user_id = $1 AND p.deleted_at IS NULL ORDER BY p.id DESC LIMIT 51
"""


def settings_in(folder: Path, dsn: str, port: int) -> Settings:
    """Return the settings of `./dev up`, without a limit of requests that a benchmark would reach."""
    return Settings(
        environment="local",
        database_dsn=dsn,
        master_key_file=folder / "master.key",
        api_server_secret_file=folder / "api_server.secret",
        public_url=f"http://localhost:{port}",
        public_port=port,
        cookie_name=COOKIE,
        mesh_certificate_file=folder / "mesh.crt",
        mesh_key_file=folder / "mesh.key",
        oidc_issuer="http://localhost:7001",
        oidc_client_id="wisehosting",
        oidc_client_secret_file=folder / "oidc.secret",
        sign_up="open",
        requests_per_minute=1_000_000_000,
        sign_ins_per_5_minutes=1_000_000_000,
        poll_seconds=5,
        state_dir=folder / "state",
    )


class _Base(DeclarativeBase):
    pass


class _User(_Base):
    __tablename__ = "users"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    memberships: Mapped[list["_Membership"]] = relationship()


class _Membership(_Base):
    __tablename__ = "memberships"
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[str]


class _Session(_Base):
    __tablename__ = "sessions"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user: Mapped[_User] = relationship()


class _Project(_Base):
    __tablename__ = "projects"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID]
    name: Mapped[str]
    provider: Mapped[str]
    repository_url: Mapped[str]
    branch: Mapped[str]
    root_directory: Mapped[str]
    environments: Mapped[list["_Environment"]] = relationship()


class _Environment(_Base):
    __tablename__ = "environments"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    kind: Mapped[str]
    hostname: Mapped[str]
    replicas: Mapped[int]


class _EnvironmentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    kind: str
    hostname: str
    replicas: int


class _ProjectOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    team_id: UUID
    name: str
    provider: str
    repository_url: str
    branch: str
    root_directory: str
    environments: list[_EnvironmentOut]


def textbook(dsn: str) -> FastAPI:
    """Build what the tutorial would."""
    app = FastAPI()
    make = async_sessionmaker(
        create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://", 1), pool_size=8),
        expire_on_commit=False,
    )

    async def database() -> AsyncIterator[AsyncSession]:
        async with make() as session:
            yield session

    Db = Annotated[AsyncSession, Depends(database)]  # noqa: N806 - a type

    async def current_user(db: Db, wh_bench: Annotated[str | None, Cookie()] = None) -> _User:
        found = await db.execute(
            select(_Session)
            .where(_Session.token_hash == hashlib.sha256((wh_bench or "").encode()).digest())
            .options(selectinload(_Session.user).selectinload(_User.memberships))
        )
        session = found.scalar_one_or_none()
        if session is None or session.revoked_at is not None or session.expires_at < datetime.now(UTC):
            raise HTTPException(401)
        return session.user

    @app.get("/api/v1/projects", response_model=list[_ProjectOut])
    async def projects(db: Db, user: Annotated[_User, Depends(current_user)], cursor: UUID | None = None) -> Any:
        query = select(_Project).where(_Project.team_id.in_([each.team_id for each in user.memberships]))
        if cursor is not None:
            query = query.where(_Project.id < cursor)
        query = query.order_by(_Project.id.desc()).limit(PAGE).options(selectinload(_Project.environments))
        return (await db.execute(query)).scalars().all()

    return app


def raw(pool: Any, user_id: UUID, body: bytes) -> FastAPI:
    """Build an app that asks nobody who they are."""
    app = FastAPI()

    @app.get("/api/v1/projects")
    async def projects() -> Response:
        async with pool.acquire() as connection:
            await connection.fetch(_ROWS, user_id)
        return Response(body, media_type="application/json")

    return app


def bare(body: bytes) -> Any:
    """Build an application without a framework."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


class _NoReset(asyncpg.Connection):
    def get_reset_query(self) -> str:
        return ""


async def _main(name: str, dsn: str, port: int, folder: Path) -> None:
    watching = None
    if name == "ours":
        configure("json")
        ctx = await build_context(settings_in(folder, dsn, port))
        watching = asyncio.create_task(epoch.watch(ctx))
        app: Any = create_public_app(ctx, web=folder)
    elif name == "textbook":
        app = textbook(dsn)
    elif name == "raw":
        pool = await asyncpg.create_pool(dsn, min_size=1, max_size=8, connection_class=_NoReset)
        app = raw(pool, UUID((folder / "user").read_text()), (folder / "body").read_bytes())
    else:
        app = bare((folder / "body").read_bytes())
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
        )
    )
    await server.serve()
    if watching is not None:
        watching.cancel()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])))
