"""The list of projects, encoded once for all who see the same and given again until something in it changes."""

import functools
from collections.abc import Hashable
from dataclasses import replace
from urllib.parse import parse_qsl
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.permissions import Reach
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.errors import WiseHostingError
from wisehosting_cp.kit.answers import Answer, answers_of
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.web import Page, decode_cursor, encode_cursor
from wisehosting_cp.projects import service as projects
from wisehosting_cp.sources.schemas import ProjectView
from wisehosting_cp.sources.views import views

USUAL, MOST = 50, 200
LONGEST_QUERY = 128
"""Characters: more than a cursor and a limit take. Longer ones would be kept as well, and be read as longer numbers."""
PAGE = TypeAdapter(Page[ProjectView])
PARTS = tuple(f"{kind}:*" for kind in ("project", "environment", "deployment", "instance", "job", "source", "worker"))
"""What a project as the API says it is made of: any of them changes it."""


async def page(session: AsyncSession, ctx: Context, asker: Principal, after: UUID | None, limit: int) -> bytes:
    """Return a page as JSON, newest first, made anew when something in it changed."""
    seen = _without_the_empty(asker.reach, await _owners(ctx, asker.reach))

    async def made() -> bytes:
        rows = await projects.page(session, seen, after=after, limit=limit + 1)
        more = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
        return PAGE.dump_json(Page[ProjectView](items=await views(session, ctx, rows[:limit]), next_cursor=more))

    return await answers_of(ctx).of(ctx, _page(seen, after, limit), PARTS, made)


async def again(ctx: Context, asker: Principal, query: str) -> Answer | None:
    """Return the page that a query of the address asks for, when it was made and nothing in it has changed; or None."""
    page_of = asked(query)
    if page_of is None:
        return None
    seen = _without_the_empty(asker.reach, await _owners(ctx, asker.reach))
    return answers_of(ctx).again(ctx, _page(seen, *page_of), PARTS)


async def _owners(ctx: Context, reach: Reach) -> bytes:
    """Return the ids of the teams that own something, one after the other.

    Most people have a team of their own that owns nothing: without it, what they see is what their colleagues see.
    """

    async def owning() -> bytes:
        return b"".join(team.bytes for team in await projects.owning_teams(ctx, reach))

    return await answers_of(ctx).of(ctx, ("owning", reach.teams), PARTS, owning)


def asked(query: str) -> tuple[UUID | None, int] | None:
    """Read `cursor` and `limit`; None for what the route must look at, and perhaps refuse."""
    return _read(query) if len(query) <= LONGEST_QUERY else None


@functools.lru_cache(maxsize=1024)
def _read(query: str) -> tuple[UUID | None, int] | None:
    given = parse_qsl(query, keep_blank_values=True)
    said = dict(given)
    limit = said.get("limit", str(USUAL))
    if len(said) < len(given) or said.keys() - {"cursor", "limit"} or not limit.isdecimal() or not limit.isascii():
        return None
    try:
        after = decode_cursor(said["cursor"]) if said.get("cursor") else None
    except WiseHostingError:
        return None
    return (after, int(limit)) if 1 <= int(limit) <= MOST else None


def _page(seen: Reach, after: UUID | None, limit: int) -> Hashable:
    return ("projects", seen, after, limit)


@functools.lru_cache(maxsize=1024)
def _without_the_empty(reach: Reach, owners: bytes) -> Reach:
    return replace(reach, teams=tuple(UUID(bytes=owners[at : at + 16]) for at in range(0, len(owners), 16)))
