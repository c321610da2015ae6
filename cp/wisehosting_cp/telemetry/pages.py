"""A log as pages of JSON, for whoever reads it without following it."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.errors import Invalid
from wisehosting_cp.telemetry import log
from wisehosting_cp.telemetry.sse import line_view


async def log_page(
    session: AsyncSession, subject_id: UUID | None, *, cursor: str | None, limit: int, over: bool
) -> dict[str, Any]:
    """Return up to `limit` lines after a cursor, and the cursor to go on from. Raises Invalid.

    The cursor is the number of the last line read. It is null only when no line can follow: while what the log is about
    is not `over`, an empty page has one too, and is to be asked for again later.
    """
    after = _number(cursor)
    if subject_id is None:
        return {"items": [], "next_cursor": None if over else str(after)}
    page = await log.lines(session, subject_id, after, limit)
    items = page.lines[:limit]
    cut = len(page.lines) > limit
    last = items[-1].n if cut else page.last
    # Lines travel apart from the end of what they are about; a log that closed is complete, one that is cut is not.
    ended = not cut and (page.closed or (over and not items))
    return {"items": [line_view(item.n, item.line) for item in items], "next_cursor": None if ended else str(last)}


def _number(cursor: str | None) -> int:
    if not cursor:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or int(cursor) > log.HIGHEST_NUMBER:
        raise Invalid("cursor_invalid", "This cursor is not one this list gave out; start from the first page.")
    return int(cursor)
