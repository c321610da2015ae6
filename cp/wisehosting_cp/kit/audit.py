"""Recording privileged acts: one row per act, in the same transaction, appended last. If it fails, the act is rolled back."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.columns import CreatedAt, Id, Json
from wisehosting_cp.kit.db import Model, before_commit


class AuditEvent(Model):
    """Who did what to which thing, when, from where."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_team_id_id", "team_id", "id"),)

    id: Mapped[Id]
    at: Mapped[CreatedAt]
    actor: Mapped[str] = mapped_column(String(80))
    """`user:<id>`, `token:<id>`, `worker:<id>`, `hook:<id>` or `platform`."""
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
    """Append an audit row at the end of this transaction."""
    row = AuditEvent(
        actor=actor,
        action=action,
        subject=subject,
        team_id=team_id,
        address=address,
        request_id=request_id,
        detail=detail,
    )

    async def append(inner: AsyncSession) -> None:
        inner.add(row)
        await inner.flush()

    before_commit(session, append)
