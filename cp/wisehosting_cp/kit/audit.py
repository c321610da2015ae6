"""Recording privileged acts: one row per act, in the same transaction, appended last. If it fails, the act is rolled back.

Rows are chained (kit/audit_chain.py), so they are appended one transaction after the other, under one advisory lock that
is taken only at the commit edge.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.audit_chain import ORIGIN, Entry, Head, parse, seal
from wisehosting_cp.kit.columns import CreatedAt, Id, Json
from wisehosting_cp.kit.db import Model, announce, before_commit
from wisehosting_cp.kit.ids import new_id

LOCK = 0x7768_6175_6469_74
"""Of pg_advisory_xact_lock: `whaudit`. It is held from the first audit row of a transaction to its commit."""
TOPIC = "audit"
"""Wakes those who follow the trail."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AuditEvent(Model):
    """Who did what to which thing, when, from where."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_team_id_id", "team_id", "id"),
        CheckConstraint("octet_length(mac) = 32", name="mac_length"),
        CheckConstraint("seq > 0", name="seq_positive"),
    )

    id: Mapped[Id]
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    """Its place in the chain: 1, 2, 3 … without gaps."""
    mac: Mapped[bytes] = mapped_column(LargeBinary)
    """Seal over all other columns and the seal of the row before."""
    at: Mapped[CreatedAt]
    actor: Mapped[str] = mapped_column(String(80))
    """`user:<id>`, `token:<id>`, `worker:<id>`, `hook:<id>`, `platform`, or `stranger` for whom a sign-in let in nobody."""
    action: Mapped[str] = mapped_column(String(60))
    """`deployment.start`, `variables.write`, `session.login` …"""
    subject: Mapped[str] = mapped_column(String(120))
    """`deployment:<id>`."""
    team_id: Mapped[UUID | None]
    address: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[Json] = mapped_column(default=dict)
    """Names, never values of secrets."""


def record(
    session: AsyncSession,
    *,
    actor: str,
    action: str,
    subject: str,
    team_id: UUID | None = None,
    address: str = "",
    request_id: str = "",
    **detail: Any,
) -> None:
    """Append an audit row at the end of this transaction. Raises RuntimeError where the platform's audit key is missing."""
    if session.info.get("audit_key") is None:
        raise RuntimeError("nothing privileged is done without the audit key; give it to Database")
    row = AuditEvent(
        id=new_id(),
        actor=actor,
        action=action,
        subject=subject,
        team_id=team_id,
        address=address,
        request_id=request_id,
        detail=detail,
    )
    waiting: list[AuditEvent] = session.info.setdefault("audit_rows", [])
    if not waiting:
        before_commit(session, _append)
    waiting.append(row)


async def head(session: AsyncSession) -> Head:
    """Return the newest row's place and seal."""
    query = select(AuditEvent.seq, AuditEvent.mac).order_by(AuditEvent.seq.desc()).limit(1)
    newest = (await session.execute(query)).one_or_none()
    return Head(newest.seq, newest.mac) if newest else Head(0, ORIGIN)


async def _append(session: AsyncSession) -> None:
    """Seal what waits, in the order in which it was recorded, after what others have committed."""
    # What the act itself writes, and may be refused for, comes first: nobody else waits for it then.
    await session.flush()
    await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    # A statement of its own: its snapshot is younger than the lock.
    last = await head(session)
    at = (await session.execute(select(func.now()))).scalar_one()
    waiting = session.info.pop("audit_rows")
    for row in waiting:
        row.at = at
        row.seq, row.mac = last.seq + 1, seal(session.info["audit_key"], last.mac, last.seq + 1, _entry(row))
        last = Head(row.seq, row.mac)
    session.add_all(waiting)
    await session.flush()
    announce(session, TOPIC)


def _entry(row: AuditEvent) -> Entry:
    return Entry(
        id=row.id,
        at=str((row.at - EPOCH) // timedelta(microseconds=1)),
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        team_id=row.team_id,
        address=row.address,
        request_id=row.request_id,
        detail=parse(json.dumps(row.detail)),
    )
