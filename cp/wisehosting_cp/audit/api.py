"""REST of the audit list."""

from typing import Annotated

from fastapi import APIRouter, Query

from wisehosting_cp.accounts.access import AuditReader
from wisehosting_cp.accounts.models import Role
from wisehosting_cp.audit import repository
from wisehosting_cp.audit.schemas import AuditEventView, AuditFilter
from wisehosting_cp.kit.web import Page, Reading, decode_cursor, encode_cursor

router = APIRouter(prefix="/api/v1", tags=["audit"])


@router.get("/audit-events", operation_id="list_audit_events")
async def page(session: Reading, asker: AuditReader, asked: Annotated[AuditFilter, Query()]) -> Page[AuditEventView]:
    """List what was done in the teams one administers, newest first; operators also see what concerns no team."""
    rows = await repository.page(
        session,
        asker.team_ids(Role.admin),
        platform=asker.operator,
        wanted=repository.Wanted(**asked.model_dump(exclude={"cursor", "limit"})),
        before=decode_cursor(asked.cursor) if asked.cursor else None,
        limit=asked.limit + 1,
    )
    more = encode_cursor(rows[asked.limit - 1].id) if len(rows) > asked.limit else None
    items = [AuditEventView.model_validate(row, from_attributes=True) for row in rows[: asked.limit]]
    return Page(items=items, next_cursor=more)
