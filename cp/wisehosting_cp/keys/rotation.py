"""Rotating one purpose while everything runs. Each step is a transaction; a run that was cut off is gone on with.

A new version is accepted first; when every process has heard of it, it becomes current; when nothing is made with the old
one any more, rows are made anew in small batches; when none is left, the old version is retired.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.errors import Conflict
from wisehosting_cp.keys import renewal, repository
from wisehosting_cp.keys.uses import USES, Kind
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.key_versions import WATCH_SECONDS, KeyVersion, learn
from wisehosting_cp.kit.keyring import MOST_VERSIONS, Purpose

SETTLE_SECONDS = 4 * WATCH_SECONDS
"""In this time every process that reaches the database has heard of a change, and has ended what it began before it."""
ACTOR = "platform"

Tell = Callable[[str], None]
Result = TypeVar("Result")


class RotationStopped(Conflict):
    """The rotation cannot be finished; the sentence says why, and what was done stays done."""


@dataclass(frozen=True)
class Rotated:
    """What a rotation did."""

    purpose: str
    version: int
    resumed: bool
    """An earlier run was cut off, and this one finished it."""
    rows: int
    """Rows that this run made anew."""
    old_until: str | None
    """When the old version ends; null when it has ended."""


async def rotate(ctx: Context, purpose: Purpose, *, tell: Tell, settle: float = SETTLE_SECONDS) -> Rotated:
    """Give a purpose a new version and end the old one. Raises RotationStopped.

    After a run that was cut off a second run finishes that rotation; after one that ended it begins another.
    """
    if USES[purpose].kind is Kind.kept:
        raise RotationStopped("keys_kept", f"{purpose.name} has one key for good: {USES[purpose].after}.")
    async with ctx.db.transaction() as session:
        version, resumed = await _begin(session, ctx, purpose)
    tell(f"{purpose.name}: version {version} is {'taken up again' if resumed else 'new'}; every process is being told")
    await _settle(ctx, settle)
    async with ctx.db.transaction() as session:
        await _switch(session, ctx, purpose, version)
    await _settle(ctx, settle)
    tell(f"{purpose.name}: version {version} is in use; waiting for transactions that began before")
    await _earlier_writers_over(ctx)
    rows = await _renew(ctx, purpose, version, tell)
    if rows:
        await _settle(ctx, settle)
    until = await _in_transaction(ctx, lambda session: _retire(session, ctx, purpose, version))
    await learn(ctx)
    tell(f"{purpose.name}: the versions before {version} are " + (f"accepted until {until}" if until else "retired"))
    return Rotated(purpose.name, version, resumed, rows, until)


async def _begin(session: AsyncSession, ctx: Context, purpose: Purpose) -> tuple[int, bool]:
    await repository.lock(session)
    known = await repository.versions(session, purpose.name)
    if known and (known[-1].current_at is None or any(row.retired_at is None for row in known[:-1])):
        return known[-1].version, True
    now = ctx.clock.now()
    if not known:
        session.add(KeyVersion(purpose=purpose.name, version=1, created_at=None, current_at=now))
    version = known[-1].version + 1 if known else 2
    if version > MOST_VERSIONS:
        raise RotationStopped(
            "keys_versions_used_up",
            f"{purpose.name} has had {MOST_VERSIONS} versions, which is all there are. A new master key is needed.",
        )
    session.add(KeyVersion(purpose=purpose.name, version=version, created_at=now))
    _record(session, purpose, version, "accepted")
    await session.flush()
    return version, False


async def _switch(session: AsyncSession, ctx: Context, purpose: Purpose, version: int) -> None:
    await repository.lock(session)
    row = await session.get_one(KeyVersion, (purpose.name, version))
    if row.current_at is None:
        row.current_at = ctx.clock.now()
        _record(session, purpose, version, "current")


async def _retire(session: AsyncSession, ctx: Context, purpose: Purpose, version: int) -> str | None:
    await repository.lock(session)
    left = await renewal.left(session, ctx, purpose, version)
    if left:
        raise RotationStopped(
            "keys_rows_left",
            f"{sum(left.values())} rows are still under an older version of {purpose.name} "
            f"({', '.join(f'{name}: {count}' for name, count in left.items())}), written while the rotation ended. "
            f"Run again: wh-cp keys rotate {purpose.name}",
        )
    lives = USES[purpose].lives
    known = await repository.versions(session, purpose.name)
    row = next(row for row in known if row.version == version)
    end = (row.current_at or ctx.clock.now()) + lives if lives else ctx.clock.now()
    if any(older.retired_at is None for older in known if older.version < version):
        await repository.retire(session, purpose.name, version, end)
        _record(session, purpose, version, "older retired", until=end.isoformat())
    return end.isoformat() if lives else None


async def _renew(ctx: Context, purpose: Purpose, version: int, tell: Tell) -> int:
    if USES[purpose].kind not in {Kind.sealed, Kind.lookup}:
        return 0
    done = await renewal.renew(ctx, purpose, version, tell)
    if done.broken:
        shown = ", ".join(done.broken[:5]) + (" and others" if len(done.broken) > 5 else "")
        raise RotationStopped(
            "keys_rows_broken",
            f"{len(done.broken)} rows do not open under any version: {shown}. They were changed outside WiseHosting or "
            "sealed under another master key. Restore or delete them, then run again: "
            f"wh-cp keys rotate {purpose.name}. The old version stays accepted until then.",
        )
    return done.rows


async def _settle(ctx: Context, seconds: float) -> None:
    await learn(ctx)
    await asyncio.sleep(seconds)


async def _earlier_writers_over(ctx: Context) -> None:
    number = await _in_transaction(ctx, repository.mark)
    while True:
        if await _in_transaction(ctx, lambda session: repository.ended_before(session, number)):
            return
        await asyncio.sleep(0.1)


async def _in_transaction(ctx: Context, act: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    async with ctx.db.transaction() as session:
        return await act(session)


def _record(session: AsyncSession, purpose: Purpose, version: int, step: str, **detail: Any) -> None:
    record(
        session,
        actor=ACTOR,
        action="keys.rotate",
        subject=f"key:{purpose.name}",
        purpose=purpose.name,
        version=version,
        step=step,
        **detail,
    )
