"""What versions there are, and how many rows are under each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.keys import renewal, repository
from wisehosting_cp.keys.uses import USES
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.key_versions import KeyVersion


@dataclass(frozen=True)
class ListedVersion:
    """A version of a purpose."""

    version: int
    state: str
    """`accepted`, `current`, `old`, `retired`."""
    since: datetime | None
    """Null: from the platform's first start."""
    age_days: int | None
    until: datetime | None
    """When it is, or was, retired."""
    rows: int


@dataclass(frozen=True)
class ListedPurpose:
    """A purpose, its versions newest first, and its rows column by column."""

    purpose: str
    does: str
    versions: list[ListedVersion]
    columns: dict[str, dict[int, int]]


async def listed(session: AsyncSession, ctx: Context) -> list[ListedPurpose]:
    """Return every purpose. Opens the rows of look-up columns, shows nothing of them."""
    found = []
    for purpose, use in USES.items():
        columns = await renewal.counts(session, ctx, purpose)
        known = await repository.versions(session, purpose.name) or [
            KeyVersion(purpose=purpose.name, version=1, current_at=ctx.clock.now())
        ]
        current = max((row.version for row in known if row.current_at is not None), default=1)
        versions = [
            _version(row, current, sum(each.get(row.version, 0) for each in columns.values()), ctx.clock.now())
            for row in reversed(known)
        ]
        found.append(ListedPurpose(purpose.name, use.does, versions, columns))
    return found


def _version(row: KeyVersion, current: int, rows: int, now: datetime) -> ListedVersion:
    if row.retired_at is not None and row.retired_at <= now:
        state = "retired"
    elif row.version > current:
        state = "accepted"
    else:
        state = "current" if row.version == current else "old"
    age = (now - row.created_at).days if row.created_at is not None else None
    return ListedVersion(row.version, state, row.created_at, age, row.retired_at, rows)


def lines(purposes: Sequence[ListedPurpose]) -> list[str]:
    """Return the list for people."""
    said = []
    for purpose in purposes:
        said.append(f"{purpose.purpose}: {purpose.does}")
        for each in purpose.versions:
            since = f"{each.since:%Y-%m-%d}, {each.age_days} days" if each.since else "the first start"
            until = f", until {each.until:%Y-%m-%d %H:%M}" if each.until and each.state != "retired" else ""
            said.append(f"  version {each.version}  {each.state}{until}, since {since}, {each.rows} rows")
    return said
