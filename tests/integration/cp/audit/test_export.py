"""An export while it lasts: it ends, and breaks off when whoever reads it may not read all of it any more."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from servedapp import on_free_port, served_at
from sqlalchemy import delete, update

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.models import ApiToken, BrowserSession, Membership, Role, User
from wisehosting_cp.audit import repository
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.settings import Settings

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
EXPORT = "/api/v1/audit-events/export"
MANY = 6000
"""Rows of 2 KiB: more than fits between a server and a reader that does not read."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return on_free_port(settings)


@pytest.fixture
async def served(app: FastAPI, settings: Settings) -> AsyncIterator[FastAPI]:
    async with served_at(app, settings.public_port):
        yield app


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "BATCH", 100)


async def _act(context: Context, team: UUID | None, many: int = MANY) -> None:
    async with context.db.transaction() as session:
        for number in range(many):
            record(session, actor="platform", action="door.open", subject=f"door:{number}", team_id=team, x="x" * 2048)


class Reader:
    """Reads the beginning of an export, then nothing until it is told to."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._parts = answer.aiter_raw()
        self.read = b""

    async def begin(self) -> None:
        self.read += await anext(self._parts)
        # The server is given the time to write as much as it can.
        await asyncio.sleep(0.3)

    async def rest(self) -> None:
        """Read on to the end. Raises RemoteProtocolError when the answer broke off."""
        async for part in self._parts:
            self.read += part

    def doors(self) -> list[str]:
        return [json.loads(line)["subject"] for line in self.read.splitlines()[:-1]]


@contextlib.asynccontextmanager
async def _export(person: Any, settings: Settings, *, token: bool = False, **asked: str) -> AsyncIterator[Reader]:
    mine = person.script if token else person.browser
    async with (
        httpx2.AsyncClient(base_url=settings.public_url, headers=mine.headers, cookies=mine.cookies) as client,
        client.stream("GET", EXPORT, params=asked, headers={"accept-encoding": "identity"}) as answer,
    ):
        assert answer.status_code == 200
        reader = Reader(answer)
        await reader.begin()
        yield reader


async def _take(context: Context, *statements: Any) -> None:
    async with context.db.transaction() as session:
        for statement in statements:
            await session.execute(statement)
        epoch.advance(session)


@pytest.mark.parametrize("what", ["removed", "lowered", "disabled", "signed out", "token revoked", "no operator"])
async def test_an_export_breaks_off_when_the_right_to_read_it_is_gone(
    served: FastAPI, people: People, context: Context, settings: Settings, what: str
) -> None:
    ada = await people("ada", operator=True)
    mine = (Membership.user_id == ada.user_id, Membership.team_id == ada.team_id)
    now = context.clock.now()
    taking = {
        "removed": delete(Membership).where(*mine),
        "lowered": update(Membership).where(*mine).values(role=Role.developer),
        "disabled": update(User).where(User.id == ada.user_id).values(disabled_at=now),
        "signed out": update(BrowserSession).where(BrowserSession.user_id == ada.user_id).values(revoked_at=now),
        "token revoked": update(ApiToken).where(ApiToken.user_id == ada.user_id).values(revoked_at=now),
        "no operator": update(User).where(User.id == ada.user_id).values(operator=False),
    }
    await _act(context, None if what == "no operator" else ada.team_id)
    async with _export(ada, settings, token=what == "token revoked", action="door.") as reader:
        await _take(context, taking[what])
        with pytest.raises(httpx2.RemoteProtocolError):
            await reader.rest()
    assert 0 < len(reader.doors()) < MANY


async def test_an_export_goes_on_when_something_else_was_taken_and_ends_at_what_was_the_newest(
    served: FastAPI, people: People, context: Context, settings: Settings
) -> None:
    ada = await people("ada")
    crew = UUID((await ada.browser.post("/api/v1/teams", json={"name": "crew"})).json()["id"])
    await _act(context, ada.team_id)
    async with _export(ada, settings, action="door.", team=str(ada.team_id)) as reader:
        await _take(context, delete(Membership).where(Membership.team_id == crew))
        await _act(context, ada.team_id, 10)
        await reader.rest()
    assert len(reader.read.splitlines()) == MANY
