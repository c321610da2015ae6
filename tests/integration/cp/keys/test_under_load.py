"""Rotating what columns are sealed with while two processes read and write them: nothing fails, nothing is left behind."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from wisehosting_cp.keys import renewal
from wisehosting_cp.keys.columns import SEALED
from wisehosting_cp.keys.rotation import rotate
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.projects import service

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
SETTLE = 0.4
RENEWED = text("SELECT count(*) FROM variables WHERE name LIKE 'OLD%' AND get_byte(sealed_value, 0) = 2")
BEFORE = 240
"""Variables that are there when the rotation begins."""


async def _project(client: Any, name: str) -> str:
    source = {"url": "https://example.org/a.git"}
    made = await client.post("/api/v1/projects", json={"name": name, "source": source, "deploy": False})
    assert made.status_code == 201, made.text
    environment: str = made.json()["environments"][0]["id"]
    return environment


async def _fill(client: Any, environment: str) -> None:
    values = {f"OLD_{number}": {"value": f"old {number}"} for number in range(BEFORE)}
    written = await client.put(f"/api/v1/environments/{environment}/variables", json={"set": values})
    assert written.status_code == 200, written.text


class Load:
    """Requests, all the time, by both processes: every value is written by one and read by the other."""

    def __init__(self, processes: list[Any], token: str, environments: list[str]) -> None:
        self.processes, self.token, self.environments = processes, token, environments
        self.requests = 0
        self.failed: list[str] = []
        self.stop = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number, environment in enumerate(self.environments):
                group.create_task(self._one(number, environment))

    async def _one(self, number: int, environment: str) -> None:
        writer, reader = self.processes[number % 2], self.processes[1 - number % 2]
        async with writer.client(self.token) as mine, reader.client(self.token) as other:
            turn = 0
            while not self.stop.is_set():
                turn += 1
                path = f"/api/v1/environments/{environment}/variables"
                written = await mine.put(path, json={"set": {"NOW": {"value": f"{turn}"}}})
                # The same value again is opened, compared, and no new version.
                again = await other.put(path, json={"set": {"NOW": {"value": f"{turn}"}}})
                self._check(written.status_code == 200, written.text)
                self._check(again.status_code == 200 and again.json() == written.json(), again.text)
                async with reader.ctx.db.read() as session:
                    version = written.json()["version"]
                    opened, _ = await service.variables_for(session, reader.ctx, UUID(environment), version)
                self._check(opened["NOW"] == f"{turn}", "another value")
                body = {"name": f"t{turn}", "scopes": ["read"]}
                headers = {"idempotency-key": f"{number}-{turn}"}
                made = await mine.post("/api/v1/account/tokens", json=body, headers=headers)
                replayed = await other.post("/api/v1/account/tokens", json=body, headers=headers)
                self._check(made.status_code == 201 and made.json() == replayed.json(), replayed.text)

    def _check(self, right: bool, problem: str) -> None:
        self.requests += 1
        if not right:
            self.failed.append(problem)


async def _versions(ctx: Context) -> dict[str, dict[int, int]]:
    async with ctx.db.read() as session:
        return await renewal.counts(session, ctx, Purpose.sealing)


async def test_a_rotation_under_load_fails_no_request_and_leaves_no_row_behind(
    people: People, processes: list[Any], said: list[str], told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "BATCH", 20)
    ada = await people()
    async with processes[0].client(ada.token) as client:
        environments = [await _project(client, f"shop-{number}") for number in range(4)]
        for environment in environments:
            await _fill(client, environment)
    load = Load(processes, ada.token, environments)
    running = asyncio.create_task(load.run())
    operator = processes[1].ctx

    # Killed when some rows are under the new version and some are not.
    first = asyncio.create_task(rotate(operator, Purpose.sealing, tell=told, settle=SETTLE))
    async with operator.db.read() as session:
        while not (renewed := (await session.execute(RENEWED)).scalar_one()):
            assert not first.done(), "it was over before it could be killed"
            await asyncio.sleep(0.005)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert (await _versions(operator))["variables.sealed_value"][1], f"killed too late, {renewed} rows were done"
    at_kill = load.requests

    done = await rotate(operator, Purpose.sealing, tell=told, settle=SETTLE)
    assert (done.version, done.resumed, done.old_until) == (2, True, None)
    after = load.requests
    while load.requests < after + 40:
        await asyncio.sleep(0.01)
    load.stop.set()
    await running
    print(  # noqa: T201 - what was injected
        f"{load.requests} checks under load, {at_kill} before the kill after {renewed} rows; {done.rows} rows after it: {said}"
    )
    assert load.failed == []
    assert at_kill > 20
    assert after > at_kill

    found = await _versions(operator)
    assert {name: set(each) for name, each in found.items() if each} == {
        "variables.sealed_value": {2},
        "webhooks.sealed_secret": {2},
        "idempotency_keys.sealed_body": {2},
    }
    for process in processes:
        assert process.ctx.keyring.accepted(Purpose.sealing) == [2]
        async with process.ctx.db.read() as session:
            for environment in environments:
                opened, _ = await service.variables_for(session, process.ctx, UUID(environment), 2)
                assert {name: value for name, value in opened.items() if name != "NOW"} == {
                    f"OLD_{number}": f"old {number}" for number in range(BEFORE)
                }
            for sealed in SEALED:
                for row in (await session.execute(select(*sealed.key_columns(), sealed.column))).all():
                    if row[-1] is not None:
                        process.ctx.sealer.open(row[-1], **sealed.place(row[:-1]))


async def test_each_change_of_a_version_is_one_audit_row_and_a_third_run_is_another_rotation(
    context: Context, told: Any
) -> None:
    for wanted in (2, 3):
        done = await rotate(context, Purpose.sealing, tell=told, settle=0)
        assert (done.version, done.resumed) == (wanted, False)
    async with context.db.read() as session:
        rows = (await session.execute(select(AuditEvent).order_by(AuditEvent.id))).scalars().all()
    assert [(row.action, row.detail["purpose"], row.detail["version"], row.detail["step"]) for row in rows] == [
        ("keys.rotate", "sealing", version, step)
        for version in (2, 3)
        for step in ("accepted", "current", "older retired")
    ]
