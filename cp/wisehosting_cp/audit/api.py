"""REST of the audit trail."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from wisehosting_cp.accounts.access import AuditReader
from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.audit import repository
from wisehosting_cp.audit.lines import line
from wisehosting_cp.audit.schemas import AuditEventView, AuditFilter, AuditWanted
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.web import Ctx, Page, Reading, decode_cursor, encode_cursor

router = APIRouter(prefix="/api/v1", tags=["audit"])


class Lines(StreamingResponse):
    """One JSON object a line."""

    media_type = "application/x-ndjson"


@router.get("/audit-events", operation_id="list_audit_events")
async def page(session: Reading, asker: AuditReader, asked: Annotated[AuditFilter, Query()]) -> Page[AuditEventView]:
    """List what was done in the teams one administers, newest first; operators also see what concerns no team."""
    rows = await repository.page(
        session,
        repository.seen_by(asker.team_ids(Role.admin), platform=asker.operator),
        wanted=repository.Wanted(**asked.model_dump(exclude={"cursor", "limit"})),
        before=decode_cursor(asked.cursor) if asked.cursor else None,
        limit=asked.limit + 1,
    )
    more = encode_cursor(rows[asked.limit - 1].id) if len(rows) > asked.limit else None
    shown = rows[: asked.limit]
    names = await repository.names(session, {row.actor for row in shown})
    views = [AuditEventView.model_validate(row, from_attributes=True) for row in shown]
    items = [view.model_copy(update={"actor_name": names.get(view.actor)}) for view in views]
    return Page(items=items, next_cursor=more)


@router.get("/audit-events/export", operation_id="export_audit_events", response_class=Lines)
async def export(ctx: Ctx, asker: AuditReader, asked: Annotated[AuditWanted, Query()]) -> Response:
    """Return the same as JSON lines, oldest first, with the seal of each row."""
    wanted = repository.Wanted(**asked.model_dump())
    name = f"audit-{asked.team or 'all'}-{ctx.clock.now():%Y-%m-%d}.jsonl"
    return Lines(_lines(ctx, asker, wanted), headers={"content-disposition": f'attachment; filename="{name}"'})


async def _lines(ctx: Context, asker: Principal, wanted: repository.Wanted) -> AsyncIterator[str]:
    """Yield the rows. A reader that is slow keeps no connection to the database meanwhile."""
    within = repository.seen_by(asker.team_ids(Role.admin), platform=asker.operator)
    last = 0
    while True:
        async with ctx.db.read() as session:
            rows = await repository.batch(session, wanted, within, after=last)
        if not rows:
            return
        last = rows[-1].seq
        yield "".join(f"{line(row)}\n" for row in rows)
