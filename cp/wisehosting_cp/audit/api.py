"""REST of the audit trail."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from wisehosting_cp.accounts.access import AuditReader, identify
from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.permissions import Permission
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.audit import repository
from wisehosting_cp.audit.lines import line
from wisehosting_cp.audit.schemas import AuditEventView, AuditFilter, AuditWanted
from wisehosting_cp.errors import WiseHostingError
from wisehosting_cp.kit.audit import head
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import NoDatabase
from wisehosting_cp.kit.web import Ctx, Page, Reading, decode_cursor, encode_cursor

router = APIRouter(prefix="/api/v1", tags=["audit"])


class Revoked(Exception):
    """Who asked may no longer read what an export still holds. The answer breaks off: one that ended would look whole."""


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
    names = await repository.names(session, {named for row in shown for named in (row.actor, row.subject)})
    views = [AuditEventView.model_validate(row, from_attributes=True) for row in shown]
    items = [
        view.model_copy(update={"actor_name": names.get(view.actor), "subject_name": names.get(view.subject)})
        for view in views
    ]
    return Page(items=items, next_cursor=more)


@router.get("/audit-events/export", operation_id="export_audit_events", response_class=Lines)
async def export(ctx: Ctx, request: Request, asker: AuditReader, asked: Annotated[AuditWanted, Query()]) -> Response:
    """Return the same as JSON lines, oldest first, with the seal of each row."""
    wanted = repository.Wanted(**asked.model_dump())
    name = f"audit-{asked.team or 'all'}-{ctx.clock.now():%Y-%m-%d}.jsonl"
    return Lines(_lines(ctx, request, asker, wanted), headers={"content-disposition": f'attachment; filename="{name}"'})


async def _lines(ctx: Context, request: Request, asker: Principal, wanted: repository.Wanted) -> AsyncIterator[str]:
    """Yield the rows up to the newest of now. A reader that is slow keeps no connection to the database meanwhile.

    Raises Revoked.
    """
    readable = _readable(asker, wanted)
    async with ctx.db.read() as session:
        newest = (await head(session)).seq
    within = repository.seen_by(asker.team_ids(Role.admin), platform=asker.operator) & repository.up_to(newest)
    last = 0
    while True:
        async with ctx.db.read() as session:
            rows = await repository.batch(session, wanted, within, after=last)
        if not rows:
            return
        await _still(ctx, request, wanted, readable)
        last = rows[-1].seq
        yield "".join(f"{line(row)}\n" for row in rows)


async def _still(ctx: Context, request: Request, wanted: repository.Wanted, readable: set[UUID | None]) -> None:
    """Ask again who asks, and whether they may read all that they might when they began. Raises Revoked."""
    try:
        now = await identify(request, ctx)
        now.allow(Permission.audit_read)
    except NoDatabase:
        raise
    except WiseHostingError as error:
        raise Revoked from error
    if not readable <= _readable(now, wanted):
        raise Revoked


def _readable(asker: Principal, wanted: repository.Wanted) -> set[UUID | None]:
    """Return the teams, None for the platform, whose events somebody may read and wants."""
    teams: set[UUID | None] = {*asker.team_ids(Role.admin), *([None] if asker.operator else [])}
    return teams if wanted.team is None else teams & {wanted.team}
