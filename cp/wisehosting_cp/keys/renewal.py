"""Making rows anew under another version: batches, each its own transaction, that never wait for a request."""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.keys import repository
from wisehosting_cp.keys.columns import LOOKUPS, SEALED, LookupColumn, SealedColumn
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.kit.sealing import SealBroken

BATCH = 100
LOCKED_SECONDS = 0.1
"""Before another pass over rows that requests had locked."""

Key = tuple[Any, ...]


@dataclass
class Renewed:
    """What was made anew, and what cannot be."""

    rows: int = 0
    broken: list[str] = field(default_factory=list)
    """`table.column of row`."""


async def renew(ctx: Context, purpose: Purpose, version: int, tell: Callable[[str], None]) -> Renewed:
    """Bring every row of a purpose to a version. Rows that are there already are left alone, so a second run goes on."""
    done = Renewed()
    if purpose is Purpose.sealing:
        for sealed in SEALED:
            await _passes(ctx, sealed, version, done)
            tell(f"{sealed}: done, {done.rows} rows made anew so far")
    for lookup in LOOKUPS:
        if lookup.purpose is purpose:
            await _look_ups(ctx, lookup, version, done)
            tell(f"{lookup}: done, {done.rows} rows made anew so far")
    return done


async def left(session: AsyncSession, ctx: Context, purpose: Purpose, version: int) -> dict[str, int]:
    """Return how many rows of each column are under another version."""
    found = await counts(session, ctx, purpose)
    older = {name: sum(count for number, count in each.items() if number != version) for name, each in found.items()}
    return {name: count for name, count in older.items() if count}


async def counts(session: AsyncSession, ctx: Context, purpose: Purpose) -> dict[str, repository.Counts]:
    """Return rows per column and version. Version 0 is what no version of ours explains."""
    found: dict[str, repository.Counts] = {}
    if purpose is Purpose.sealing:
        for sealed in SEALED:
            found[str(sealed)] = await repository.sealed_counts(session, sealed)
    for lookup in LOOKUPS:
        if lookup.purpose is purpose:
            found[str(lookup)] = await _lookup_counts(session, ctx, lookup)
    return found


async def _passes(ctx: Context, sealed: SealedColumn, version: int, done: Renewed) -> None:
    broken: set[Key] = set()
    while True:
        after: Key | None = None
        while True:
            async with ctx.db.transaction() as session:
                rows = await repository.older_rows(session, sealed, version, after=after, limit=BATCH)
                new = [(key, value) for key, value in (_resealed(ctx, sealed, row, version) for row in rows)]
                fresh = [(key, value) for key, value in new if value is not None]
                if fresh:
                    await repository.write(session, sealed, sealed.column, fresh)
            done.rows += len(fresh)
            broken |= {key for key, value in new if value is None}
            if not rows:
                break
            after = new[-1][0]
        async with ctx.db.read() as session:
            found = await repository.sealed_counts(session, sealed)
        if sum(count for number, count in found.items() if number != version) <= len(broken):
            done.broken += [f"{sealed} of {'|'.join(map(str, key))}" for key in sorted(broken, key=str)]
            return
        await asyncio.sleep(LOCKED_SECONDS)


def _resealed(ctx: Context, sealed: SealedColumn, row: Sequence[Any], version: int) -> tuple[Key, bytes | None]:
    key, value = _key(sealed, row), row[-1]
    try:
        return key, ctx.sealer.reseal(value, version, **sealed.place(key))
    except SealBroken:
        return key, None


async def _look_ups(ctx: Context, lookup: LookupColumn, version: int, done: Renewed) -> None:
    while True:
        after: Key | None = None
        broken: list[str] = []
        while True:
            async with ctx.db.transaction() as session:
                rows = await repository.lookup_rows(session, lookup, after=after, limit=BATCH)
                fresh: list[tuple[Key, bytes]] = []
                for row in rows:
                    key, secret, value = _opened(ctx, lookup, row)
                    if secret is None:
                        broken.append(f"{lookup.of} of {'|'.join(map(str, key))}")
                    elif not hmac.compare_digest(
                        new := ctx.keyring.mac(lookup.purpose, secret, version=version), value
                    ):
                        fresh.append((key, new))
                if fresh:
                    await repository.write(session, lookup.of, lookup.column, fresh)
            done.rows += len(fresh)
            if not rows:
                break
            after = _key(lookup.of, rows[-1])
        async with ctx.db.read() as session:
            found = await _lookup_counts(session, ctx, lookup)
        if sum(count for number, count in found.items() if number != version) <= len(broken):
            done.broken += broken
            return
        await asyncio.sleep(LOCKED_SECONDS)


async def _lookup_counts(session: AsyncSession, ctx: Context, lookup: LookupColumn) -> repository.Counts:
    found: repository.Counts = {}
    newest = max(ctx.keyring.accepted(lookup.purpose))
    after: Key | None = None
    while rows := await repository.lookup_rows(session, lookup, after=after, limit=BATCH, locked=False):
        for row in rows:
            _, secret, value = _opened(ctx, lookup, row)
            number = _version_of(ctx, lookup, secret, value, newest) if secret is not None else 0
            found[number] = found.get(number, 0) + 1
        after = _key(lookup.of, rows[-1])
    return found


def _version_of(ctx: Context, lookup: LookupColumn, secret: bytes, value: bytes, newest: int) -> int:
    for number in range(newest, 0, -1):
        if hmac.compare_digest(ctx.keyring.mac(lookup.purpose, secret, version=number), value):
            return number
    return 0


def _opened(ctx: Context, lookup: LookupColumn, row: Sequence[Any]) -> tuple[Key, bytes | None, bytes]:
    key, sealed, value = _key(lookup.of, row), row[-2], row[-1]
    try:
        return key, ctx.sealer.open_any(sealed, **lookup.of.place(key)), value
    except SealBroken:
        return key, None, value


def _key(sealed: SealedColumn, row: Sequence[Any]) -> Key:
    return tuple(row[: len(sealed.row)])
