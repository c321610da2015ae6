"""SQL of the audit list."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.kit.audit import AuditEvent


async def page(
    session: AsyncSession, teams: Collection[UUID], *, platform: bool, before: UUID | None, limit: int
) -> Sequence[AuditEvent]:
    """Return a page of the events of these teams, newest first; with `platform` also those of no team."""
    mine = AuditEvent.team_id.in_(teams)
    query = select(AuditEvent).where(or_(mine, AuditEvent.team_id.is_(None)) if platform else mine)
    if before is not None:
        query = query.where(AuditEvent.id < before)
    return (await session.execute(query.order_by(AuditEvent.id.desc()).limit(limit))).scalars().all()
