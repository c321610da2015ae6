"""One SQLite file, one thread, whole transactions. What a transaction posts is in the outbox when it commits."""

import asyncio
import secrets
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.store.schema import STEPS
from wisehosting_agent.store.sealing import Seal, host_key
from wisehosting_wire.codec import encode_message
from wisehosting_wire.messages import Message

T = TypeVar("T")


class Transaction:
    """An open transaction. Commits when the function it was given to returns, rolls back when it raises."""

    def __init__(self, connection: sqlite3.Connection, seal: Seal | None = None) -> None:
        self.connection = connection
        self.seal = seal
        """For what nobody may read who has the file alone. None: a reader without the host's key."""
        self.posted = False

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        """Run one statement."""
        return self.connection.execute(sql, parameters)

    def post(self, message: Message) -> int:
        """Write a durable message to the outbox, together with the change it reports. Returns its number."""
        cursor = self.execute("INSERT INTO outbox (body, created) VALUES (?, ?)", encode_message(message), time.time())
        self.posted = True
        return int(cursor.lastrowid or 0)


class Database:
    """WAL, synchronous=FULL: what is committed survives a power cut."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._connection: sqlite3.Connection | None = None
        self._seal: Seal | None = None
        self._closed = False
        self._on_posted: Callable[[], None] = lambda: None

    async def open(self) -> None:
        """Open and bring to the newest schema.

        Raises ConfigurationError when the file is not ours or is newer, or the host's key beside it is damaged.
        """
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open)

    def on_posted(self, wake: Callable[[], None]) -> None:
        """Call `wake` in the event loop after each commit that added to the outbox."""
        self._on_posted = wake

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction. A cancelled caller does not undo it: the commit stands or falls as a whole."""
        result, posted = await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work)
        if posted:
            self._on_posted()
        return result

    async def close(self) -> None:
        """Close the file; a second call does nothing."""

        def shut() -> None:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, shut)
        self._thread.shutdown(wait=True)

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._seal = Seal(host_key(self._path.parent))
        try:
            connection = sqlite3.connect(self._path, isolation_level=None)
            self._path.chmod(0o600)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA busy_timeout = 5000")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(
                f"opening {self._path}: {error}. Move the file away; the agent then starts with an empty store "
                "and the control plane sends its state again."
            ) from error
        if version > len(STEPS):
            raise ConfigurationError(
                f"{self._path} was written by a newer agent (schema {version}, this one knows {len(STEPS)}). "
                "Install that version again or a newer one."
            )
        for number, step in enumerate(STEPS[version:], start=version + 1):
            connection.executescript(f"BEGIN IMMEDIATE;\n{step}\nPRAGMA user_version = {number};\nCOMMIT;")
        connection.execute(
            "INSERT INTO meta (key, value) VALUES ('store', ?) ON CONFLICT DO NOTHING",
            (secrets.token_hex(16).encode(),),
        )
        self._connection = connection

    def _transact(self, work: Callable[[Transaction], T]) -> tuple[T, bool]:
        if self._connection is None:
            raise RuntimeError("the store is closed")
        transaction = Transaction(self._connection, self._seal)
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(transaction)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return result, transaction.posted
