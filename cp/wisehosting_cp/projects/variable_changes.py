"""Which variables differ between two versions of an environment: names only, no value leaves this module."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.sealing import SealBroken
from wisehosting_cp.projects.models import Variable, VariableScope

Versions = tuple[int, int]
Span = Row[UUID, str, VariableScope, int, int | None]


@dataclass(frozen=True)
class VariableChanges:
    """Names, in order."""

    added: list[str]
    changed: list[str]
    """Another value or another scope."""
    removed: list[str]


NOTHING = VariableChanges([], [], [])


async def between(
    session: AsyncSession, ctx: Context, environment_id: UUID, pairs: Collection[Versions]
) -> dict[Versions, VariableChanges]:
    """Return what differs from the first version of each pair to the second; at most two queries for all of them.

    A value that was changed and changed back is no change: where only that can tell, both are opened and compared.
    """
    differing = {pair for pair in pairs if pair[0] != pair[1]}
    if not differing:
        return dict.fromkeys(pairs, NOTHING)
    query = select(Variable.id, Variable.name, Variable.scope, Variable.added_version, Variable.removed_version).where(
        Variable.environment_id == environment_id
    )
    spans = (await session.execute(query.order_by(Variable.name))).all()
    sides = {pair: (_at(spans, pair[0]), _at(spans, pair[1])) for pair in differing}
    doubtful = {
        span.id
        for before, after in sides.values()
        for name in before.keys() & after.keys()
        if before[name].id != after[name].id and before[name].scope is after[name].scope
        for span in (before[name], after[name])
    }
    values = await _values(session, ctx, doubtful)

    def same(one: Span, other: Span) -> bool:
        if one.id == other.id:
            return True
        return one.scope is other.scope and values[one.id] is not None and values[one.id] == values[other.id]

    found = {
        pair: VariableChanges(
            added=[name for name in after if name not in before],
            changed=[name for name in after if name in before and not same(before[name], after[name])],
            removed=[name for name in before if name not in after],
        )
        for pair, (before, after) in sides.items()
    }
    return {pair: found.get(pair, NOTHING) for pair in pairs}


def _at(spans: Sequence[Span], version: int) -> dict[str, Span]:
    return {
        span.name: span
        for span in spans
        if span.added_version <= version and (span.removed_version is None or span.removed_version > version)
    }


async def _values(session: AsyncSession, ctx: Context, ids: Collection[UUID]) -> dict[UUID, bytes | None]:
    if not ids:
        return {}
    query = select(Variable.id, Variable.sealed_value).where(Variable.id.in_(ids))
    return {row.id: _open(ctx, row.id, row.sealed_value) for row in (await session.execute(query)).all()}


def _open(ctx: Context, variable_id: UUID, sealed: bytes) -> bytes | None:
    try:
        return ctx.sealer.open(sealed, table="variables", column="sealed_value", row=str(variable_id))
    except SealBroken:
        return None
