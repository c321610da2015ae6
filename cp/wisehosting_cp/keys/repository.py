"""SQL of keys: versions, and the rows that a key made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, literal_column, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import Column

from wisehosting_cp.keys.columns import LookupColumn, SealedColumn
from wisehosting_cp.kit.key_versions import KeyVersion

Key = tuple[Any, ...]
Counts = dict[int, int]


async def lock(session: AsyncSession) -> None:
    """Let one transaction at a time change versions."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('wisehosting/keys'))"))


async def versions(session: AsyncSession, purpose: str) -> Sequence[KeyVersion]:
    """Return the versions of a purpose, oldest first; none when it was never rotated."""
    query = select(KeyVersion).where(KeyVersion.purpose == purpose).order_by(KeyVersion.version)
    return (await session.execute(query)).scalars().all()


async def retire(session: AsyncSession, purpose: str, before: int, at: datetime) -> None:
    """End the versions before this one; one that ends already keeps its time."""
    await session.execute(
        update(KeyVersion)
        .where(KeyVersion.purpose == purpose, KeyVersion.version < before, KeyVersion.retired_at.is_(None))
        .values(retired_at=at)
    )


async def mark(session: AsyncSession) -> str:
    """Return the number of this transaction, greater than that of any that has written so far."""
    return str((await session.execute(text("SELECT pg_current_xact_id()::text"))).scalar_one())


async def ended_before(session: AsyncSession, number: str) -> bool:
    """Tell whether every transaction up to this number is over."""
    query = text("SELECT pg_snapshot_xmin(pg_current_snapshot()) > CAST(CAST(:number AS text) AS xid8)")
    return bool((await session.execute(query, {"number": number})).scalar_one())


async def sealed_counts(session: AsyncSession, sealed: SealedColumn) -> Counts:
    """Return how many rows are under each version."""
    version = func.get_byte(sealed.column, 0)
    query = select(version, func.count()).where(func.length(sealed.column) > 0).group_by(literal_column("1"))
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def older_rows(
    session: AsyncSession, sealed: SealedColumn, version: int, *, after: Key | None, limit: int
) -> Sequence[Row[Any]]:
    """Lock and return rows that are not under this version, in order of their keys: the key's parts, then the value.

    Rows that somebody else has locked are left out and seen in a later pass, so that this never waits for a request.
    """
    query = select(*sealed.key_columns(), sealed.column).where(func.substr(sealed.column, 1, 1) != bytes([version]))
    return (await session.execute(_page(query, sealed.key_columns(), after, limit))).all()


async def lookup_rows(
    session: AsyncSession, lookup: LookupColumn, *, after: Key | None, limit: int, locked: bool = True
) -> Sequence[Row[Any]]:
    """Return rows in order of their keys: the key's parts, the sealed secret, the look-up value."""
    query = select(*lookup.of.key_columns(), lookup.of.column, lookup.column)
    return (await session.execute(_page(query, lookup.of.key_columns(), after, limit, locked=locked))).all()


async def write(
    session: AsyncSession, sealed: SealedColumn, column: Column[Any], rows: Sequence[tuple[Key, bytes]]
) -> None:
    """Write a column of rows that this transaction has locked."""
    keys = sealed.key_columns()
    matches: list[ColumnElement[bool]] = [key == bindparam(f"key_{key.name}") for key in keys]
    statement = update(sealed.table).where(*matches).values({column.name: bindparam("new_value")})
    values = [
        {**{f"key_{key.name}": part for key, part in zip(keys, row, strict=True)}, "new_value": value}
        for row, value in rows
    ]
    await (await session.connection()).execute(statement, values)


def _page(query: Any, keys: Sequence[Column[Any]], after: Key | None, limit: int, *, locked: bool = True) -> Any:
    if after is not None:
        query = query.where(
            tuple_(*keys) > tuple_(*(bindparam(None, part, key.type) for key, part in zip(keys, after, strict=True)))
        )
    query = query.order_by(*keys).limit(limit)
    # NO KEY UPDATE: rows that point here are still written meanwhile.
    return query.with_for_update(skip_locked=True, key_share=True) if locked else query
