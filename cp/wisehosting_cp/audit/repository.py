"""SQL of the audit trail."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import ApiToken, Team, User
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.audit_chain import Entry, Link, parse

BATCH = 1000

# As PostgreSQL has it: Python has no infinite time, and would round numbers of jsonb.
LINKS = text("""
    SELECT seq, mac, id, trunc(extract(epoch FROM at) * 1000000)::text AS at, actor, action, subject, team_id, address,
        request_id, detail::text AS detail
    FROM audit_events WHERE (seq, id) > (:seq, :id) ORDER BY seq, id LIMIT :batch
""")


@dataclass(frozen=True)
class Wanted:
    """Which events; all of them without a condition."""

    team: UUID | None = None
    action: str = ""
    """How the action begins: `token.`, or `token.issue`."""
    actor: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """This moment itself is left out."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same in SQL."""
        found: list[ColumnElement[bool]] = []
        if self.team is not None:
            found.append(AuditEvent.team_id == self.team)
        if self.action:
            found.append(AuditEvent.action.startswith(self.action, autoescape=True))
        if self.actor is not None:
            found.append(AuditEvent.actor == self.actor)
        if self.subject is not None:
            found.append(AuditEvent.subject == self.subject)
        if self.since is not None:
            found.append(AuditEvent.at >= self.since)
        if self.until is not None:
            found.append(AuditEvent.at < self.until)
        return found


async def links(session: AsyncSession, *, after: int = 0) -> AsyncIterator[Link]:
    """Yield all rows with a place, or those after one, by rising place, a batch in memory at a time."""
    last = {"seq": after, "id": UUID(int=2**128 - 1)}
    while True:
        rows = (await session.execute(LINKS, last | {"batch": BATCH})).all()
        for row in rows:
            seq, mac, *columns, detail = row
            yield Link(seq, mac or b"", Entry._make([*columns, None if detail is None else parse(detail)]))
        if len(rows) < BATCH:
            return
        last = {"seq": rows[-1].seq, "id": rows[-1].id}


async def without_place(session: AsyncSession) -> Sequence[UUID]:
    """Return a few rows without a place from 1 on, which the table lets nobody write."""
    query = text("SELECT id FROM audit_events WHERE seq IS NULL OR seq <= 0 LIMIT 10")
    return (await session.execute(query)).scalars().all()


async def mac_at(session: AsyncSession, seq: int) -> bytes | None:
    """Return the seal of the row at this place."""
    return (await session.execute(select(AuditEvent.mac).where(AuditEvent.seq == seq))).scalar_one_or_none()


async def exported(session: AsyncSession, wanted: Wanted) -> AsyncIterator[AuditEvent]:
    """Yield what is wanted of all teams by rising place, a batch in memory at a time."""
    last = 0
    while rows := await batch(session, wanted, true(), after=last):
        for row in rows:
            yield row
        last = rows[-1].seq


async def batch(
    session: AsyncSession, wanted: Wanted, within: ColumnElement[bool], *, after: int
) -> Sequence[AuditEvent]:
    """Return the next of the wanted events by rising place; none at the end."""
    query = select(AuditEvent).where(AuditEvent.seq > after, within, *wanted.conditions())
    return (await session.execute(query.order_by(AuditEvent.seq).limit(BATCH))).scalars().all()


def up_to(seq: int) -> ColumnElement[bool]:
    """Return the condition of the rows to this place: what is written later is left out."""
    return AuditEvent.seq <= seq


def seen_by(teams: Collection[UUID], *, platform: bool) -> ColumnElement[bool]:
    """Return the condition of those who see these teams' events; with `platform` also those of no team."""
    mine = AuditEvent.team_id.in_(teams)
    return or_(mine, AuditEvent.team_id.is_(None)) if platform else mine


async def page(
    session: AsyncSession, within: ColumnElement[bool], *, wanted: Wanted, before: UUID | None, limit: int
) -> Sequence[AuditEvent]:
    """Return a page of the wanted events, newest first."""
    query = select(AuditEvent).where(within, *wanted.conditions())
    if before is not None:
        query = query.where(AuditEvent.id < before)
    return (await session.execute(query.order_by(AuditEvent.id.desc()).limit(limit))).scalars().all()


async def names(session: AsyncSession, named: Collection[str]) -> dict[str, str]:
    """Return how people, tokens and teams (`user:ID`, `token:ID`, `team:ID`) are called."""
    found: dict[str, str] = {}
    for kind, model in (("user", User), ("token", ApiToken), ("team", Team)):
        ids = [found_id for one in named if (found_id := _id(one, kind))]
        if ids:
            rows = await session.execute(select(model.id, model.name).where(model.id.in_(ids)))
            found |= {f"{kind}:{row.id}": row.name for row in rows}
    return found


def _id(named: str, kind: str) -> UUID | None:
    """Return the id of what is of this kind; None for others, and for one that was written otherwise."""
    of, _, told = named.partition(":")
    try:
        return UUID(told) if of == kind else None
    except ValueError:
        return None
