"""PostgreSQL. One request or pass is one transaction; it is committed here, at the edge, and nowhere else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import asyncpg
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from wisehosting_cp.errors import Unavailable
from wisehosting_cp.kit.events import Events

STATEMENT_SECONDS = 5.0
"""A prepared statement of a hot path takes a millisecond; one that takes so long is cancelled, and its connection free."""
ACQUIRE_SECONDS = 3.0
STREAMS_AT_ONCE = 4
"""Event streams that may read at a time. They wake together, and the rest of the pool is for requests."""

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

UNREACHABLE = (
    OSError,
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # A connection that is ended in the moment that it is used: asyncpg has lost count then.
    asyncpg.InternalClientError,
)
"""What is raised, by the one way or the other, while the database does not answer or ends connections."""


class NoDatabase(Unavailable, OSError):
    """The database does not answer: a 503 for who asked, and for a loop what any other silence of it is."""

    def __str__(self) -> str:
        """With the cause, for logs and for whoever is at the server; clients get `detail`."""
        why = self.__cause__
        return self.detail if why is None else f"{self.detail} ({type(why).__name__}: {why})"


class Busy(NoDatabase, TimeoutError):
    """It is too slow to wait for."""

    def __init__(self) -> None:
        super().__init__("database_busy", "The database takes too long to answer. Try again in a moment.")


class Away(NoDatabase, ConnectionError):
    """It restarts, or is gone."""

    def __init__(self) -> None:
        super().__init__("database_unavailable", "The database does not answer. Try again in a moment.")


def is_lost(error: BaseException) -> bool:
    """Tell whether an error means that a connection is gone, and not that a statement or a value was wrong."""
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig else None
        return error.connection_invalidated or (cause is not None and is_lost(cause))
    if isinstance(error, asyncpg.InterfaceError):
        # It is also raised for values that do not fit and for calls out of turn.
        return not isinstance(error, ValueError) and "closed" in str(error)
    return isinstance(
        error,
        asyncpg.PostgresConnectionError
        | asyncpg.AdminShutdownError
        | asyncpg.CrashShutdownError
        | asyncpg.CannotConnectNowError
        | asyncpg.InternalClientError,
    )


@contextlib.contextmanager
def _told_apart() -> Iterator[None]:
    """Let an error of a connection that went away be Away. Every other passes as it is."""
    try:
        yield
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        if is_lost(error):
            raise Away from error
        raise
    except PoolTimeout as error:
        raise Busy from error


async def _connect(*arguments: Any, **options: Any) -> Any:
    """Connect for either pool. Raises Away: only here it is known that a file or name not found is the database's."""
    try:
        return await asyncpg.connect(*arguments, **options)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise Away from error


class Model(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)


class _PlainConnection(asyncpg.Connection):
    """No RESET round trip on release: we never change session state on these connections."""

    def get_reset_query(self) -> str:
        return ""


class Database:
    """The two ways in: SQLAlchemy sessions, and prepared asyncpg statements for hot paths.

    `audit_key` seals audit rows; without it, a transaction that records one fails.
    """

    def __init__(self, dsn: str, events: Events, *, audit_key: bytes | None = None, pool_size: int = 8) -> None:
        self._audit_key = audit_key
        self._dsn = dsn
        self._pool_size = pool_size
        self.events = events
        self._engine = create_async_engine(
            dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=pool_size,
            max_overflow=4,
            pool_timeout=5,
            # An error's text goes to the log; what a statement was given may be a secret.
            hide_parameters=True,
            connect_args={
                "async_creator_fn": _connect,
                "server_settings": {"application_name": "wisehosting-cp", "timezone": "UTC"},
            },
        )
        self._still = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._pool: Any = None
        self.for_streams = asyncio.Semaphore(STREAMS_AT_ONCE)
        """What an event stream holds while it reads, and not while it sends."""

    async def open(self) -> None:
        """Open the pool of prepared statements."""
        self._pool = await asyncpg.create_pool(
            self._dsn,
            min_size=1,
            max_size=self._pool_size,
            connect=_connect,
            connection_class=_PlainConnection,
            timeout=ACQUIRE_SECONDS,
            command_timeout=STATEMENT_SECONDS,
            server_settings={"application_name": "wisehosting-cp-hot", "timezone": "UTC"},
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            await self._pool.close()
        await self._engine.dispose()

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One unit of work: commits when the block ends, rolls back when it raises; wake-ups go out after the commit.

        Like the other ways in, it raises Away when nobody answers, and Busy when no connection is free in time.
        """
        with _told_apart():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                session.info["topics"] = {}
                session.info["audit_key"] = self._audit_key
                try:
                    yield session
                    for callback in session.info.get("before_commit", ()):
                        await callback(session)
                    await session.commit()
                except BaseException:
                    await session.rollback()
                    raise
        self.events.publish(session.info["topics"])

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that writes nothing: closing it rolls back, and what was read stays readable."""
        with _told_apart():
            async with AsyncSession(self._engine, expire_on_commit=False, autoflush=False) as session:
                yield session

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session to read with whose queries all see one moment: nothing is half removed between two of them."""
        with _told_apart():
            async with AsyncSession(self._still, expire_on_commit=False, autoflush=False) as session:
                yield session

    @contextlib.asynccontextmanager
    async def hot(self) -> AsyncIterator[Any]:
        """An asyncpg connection for a hot path; statements are prepared and cached by asyncpg.

        Raises Busy when none is free in time, or a statement does not end in time, and Away.
        """
        try:
            with _told_apart():
                async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                    yield connection
        except TimeoutError as error:
            raise Busy from error


def announce(session: AsyncSession, *topics: str) -> None:
    """Wake listeners of these topics when this transaction commits."""
    session.info.setdefault("topics", {}).update(dict.fromkeys(topics))


def before_commit(
    session: AsyncSession, callback: Callable[[AsyncSession], Awaitable[None]], *, first: bool = False
) -> None:
    """Run `callback` last in this transaction, just before it commits (audit rows).

    `first` puts it before the others. Every transaction takes its last locks in one order that way.
    """
    callbacks = session.info.setdefault("before_commit", [])
    callbacks.insert(0 if first else len(callbacks), callback)
