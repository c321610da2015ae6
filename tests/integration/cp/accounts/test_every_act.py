"""Every act leaves a row in the audit trail, and is not done when it cannot. A new route joins by itself."""

from typing import Any

import pytest
from every_way import GIT, STREAMS, People, Way, World, made_world, ways
from fastapi import FastAPI
from sqlalchemy import text

from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.permissions import PERMISSIONS
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

READS = {"GET", "HEAD"}
UNRECORDED = {
    ("POST", "/api/v1/account/second-factor/passkeys/options"): "a challenge: nothing is anybody's yet",
    ("POST", "/api/v1/account/second-factor/totp"): "a secret that counts only once it is confirmed",
    ("POST", "/api/v1/session/step-up/passkey-options"): "a challenge",
    ("POST", "/api/v1/account/sessions/revoke-others"): "there is no other session",
    ("POST", "/api/v1/teams/{team_id}/restore"): "nothing is deleted",
    ("POST", "/api/v1/projects/{project_id}/restore"): "nothing is deleted",
    ("POST", "/api/v1/environments/{environment_id}/restore"): "nothing is deleted",
}
"""Ways that change nothing for anybody, each with its reason."""
# They end what the others are asked of, the widest last.
LAST = ("/api/v1/environments/", "/api/v1/projects/", "/api/v1/account/", "/api/v1/teams/")
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"


def _acts(app: FastAPI) -> list[Way]:
    found = [
        way
        for way in ways(app)
        if way.method not in READS and way.path not in STREAMS | GIT and not PERMISSIONS[way.permission].operator
    ]

    def order(way: Way) -> tuple[int, int]:
        place = next((at for at, begins in enumerate(LAST) if way.path.startswith(begins)), -1)
        return (place if way.method == "DELETE" else -1, -len(way.path))

    return sorted(found, key=order)


async def _count(context: Context) -> int:
    async with context.db.read() as session:
        return int((await session.execute(text("SELECT count(*) FROM audit_events"))).scalar_one())


async def _content(context: Context) -> dict[str, str]:
    """Return a digest of each table."""
    async with context.db.read() as session:
        names = (await session.execute(text(TABLES))).scalars().all()
        content = "SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM \"{}\" t"
        return {name: str((await session.execute(text(content.format(name)))).scalar_one()) for name in names}


async def _world(people: People, context: Context, team_name: str = "shop-team") -> World:
    world = await made_world(people, context, team_name)
    world.ids["user_id"] = str(world.members[Role.developer].user_id)
    return world


async def _walk(app: FastAPI, world: World, context: Context) -> dict[tuple[str, str], int]:
    """Go every way once as the owner; return how many rows each act that was done left."""
    done = {}
    for way in _acts(app):
        before = await _count(context)
        answer = await world.ask(world.members[Role.owner].browser, way)
        assert answer.status_code != 422, (way, answer.text)
        if answer.is_success:
            done[way.method, way.path] = await _count(context) - before
    return done


async def test_every_act_that_is_done_leaves_a_row(app: FastAPI, people: People, context: Context) -> None:
    done = await _walk(app, await _world(people, context), context)
    silent = {way for way, rows in done.items() if rows == 0}
    assert silent - UNRECORDED.keys() == set()
    recorded = {way for way, rows in done.items() if rows}
    print(f"{len(recorded)} acts done, each with a row")  # noqa: T201 - the figure belongs to the test
    assert len(recorded) >= 16


async def test_no_act_is_done_without_its_row(app: FastAPI, people: People, context: Context) -> None:
    done = await _walk(app, await _world(people, context), context)
    recorded = {way for way, rows in done.items() if rows}
    world = await _world(Again(people), context, "second-team")
    async with context.db.transaction() as session:
        for statement in (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space'; END $$",
            "CREATE TRIGGER refuse BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse()",
        ):
            await session.execute(text(statement))
    before = await _content(context)
    refused = 0
    for way in _acts(app):
        if (way.method, way.path) in recorded:
            answer = await world.ask(world.members[Role.owner].browser, way)
            refused += answer.status_code == 500
            assert await _content(context) == before, way
    print(f"{refused} acts rolled back")  # noqa: T201 - the figure belongs to the test
    assert refused >= 13


class Again:
    """The same people by other names: a second world beside the first."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def __call__(self, name: str = "ada") -> Any:
        return await self._people(f"{name}-again")
