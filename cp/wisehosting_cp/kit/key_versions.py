"""Which version of each purpose's key counts: rows, of which every process hears within half a second."""

import asyncio
from datetime import datetime

import asyncpg
from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE, Model
from wisehosting_cp.kit.keyring import VersionState
from wisehosting_cp.kit.logging import logger

log = logger(__name__)

WATCH_SECONDS = 0.5
READ_SECONDS = 2.0

_VERSIONS = "SELECT purpose, version, current_at, retired_at FROM key_versions"


class KeyVersion(Model):
    """A version of a purpose's key: accepted, then current, then retired. A purpose without rows has version 1 only.

    The key is no row: it is derived from the master key, the purpose's label and the version.
    """

    __tablename__ = "key_versions"

    purpose: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Accepted since then; null for version 1, which was there from the platform's first start."""
    current_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """New things are made with it since then. Null: all processes are being told."""
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Refused from then on. In the future where something made with it lives on for a known time."""


async def learn(ctx: Context) -> bool:
    """Tell the keyring which versions count; return whether anything is new. Before the first migration: version 1."""
    try:
        async with ctx.db.hot() as connection:
            rows = await connection.fetch(_VERSIONS)
    except asyncpg.UndefinedTableError:
        return False
    states = [
        VersionState(row["purpose"], row["version"], row["current_at"] is not None, row["retired_at"]) for row in rows
    ]
    return ctx.keyring.learn(states, ctx.clock.now())


async def watch(ctx: Context) -> None:
    """Learn of changes, for ever. While the database does not answer, what was known stays."""
    while True:
        try:
            async with asyncio.timeout(READ_SECONDS):
                changed = await learn(ctx)
            if changed:
                log.info("the versions of keys changed")
        except UNREACHABLE as error:
            log.warning("cannot read the versions of keys", problem=str(error) or type(error).__name__)
        await asyncio.sleep(WATCH_SECONDS)
