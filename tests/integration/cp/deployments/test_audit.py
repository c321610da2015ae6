"""What deployments leave in the audit list."""

from typing import Any

import pytest
from sqlalchemy import select

from wisehosting_cp.deployments import service
from wisehosting_cp.deployments.models import Deployment
from wisehosting_cp.kit.audit import AuditEvent
from wisehosting_cp.projects.models import Environment, Project

pytestmark = pytest.mark.anyio

ASKER = {"actor": "user:1", "address": "127.0.0.9", "request_id": "r"}


async def _acts(stage: Any) -> list[tuple[str, int, str | None]]:
    async with stage.context.db.read() as session:
        rows = (await session.execute(select(AuditEvent).order_by(AuditEvent.id))).scalars().all()
        return [(row.action, row.detail["number"], row.detail.get("reason")) for row in rows]


async def _ask(stage: Any, what: Any, **arguments: Any) -> Deployment:
    async with stage.context.db.transaction() as session:
        environment = await session.get_one(Environment, stage.environment)
        project = await session.get_one(Project, environment.project_id)
        facts = {"environment": environment, "project": project, "asker": ASKER, "created_by": None}
        made: Deployment = await what(session, stage.context, **facts, **arguments)
        return made


async def test_a_newer_push_records_the_deployment_that_it_cancels(stage: Any) -> None:
    older = await stage.start()
    await stage.start()
    assert await _acts(stage) == [
        ("deployment.start", 1, None),
        ("deployment.cancel", 1, "newer_push"),
        ("deployment.start", 2, None),
    ]
    async with stage.context.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action == "deployment.cancel")
        row = (await session.execute(query)).scalar_one()
    assert (row.subject, row.actor) == (f"deployment:{older}", "platform")
    assert row.team_id is not None


async def test_a_rollback_has_its_own_name_and_records_all_that_it_cancels(stage: Any) -> None:
    await stage.go_live()
    await stage.start()
    await stage.reconcile()
    await stage.start()
    before = len(await _acts(stage))
    await _ask(stage, service.rollback, number=1)
    assert (await _acts(stage))[before:] == [
        ("deployment.cancel", 3, "rolled_back"),
        ("deployment.cancel", 2, "rolled_back"),
        ("deployment.rollback", 4, None),
    ]
    async with stage.context.db.read() as session:
        rows = (await session.execute(select(AuditEvent).order_by(AuditEvent.id))).scalars().all()[before:]
    assert {row.actor for row in rows} == {"user:1"}
    assert rows[-1].detail["release"] == 1


async def test_a_restart_has_its_own_name(stage: Any) -> None:
    await stage.go_live()
    await _ask(stage, service.restart)
    assert (await _acts(stage))[-1] == ("deployment.restart", 2, None)


async def test_a_cancel_by_hand_says_so(stage: Any) -> None:
    deployment_id = await stage.start()
    async with stage.context.db.transaction() as session:
        deployment = await session.get_one(Deployment, deployment_id)
        project = await session.get_one(Project, deployment.project_id)
        await service.cancel(session, stage.context, deployment, project=project, asker=ASKER)
    assert (await _acts(stage))[-1] == ("deployment.cancel", 1, "cancelled_by_user")


async def test_when_the_cancel_cannot_be_recorded_neither_it_nor_the_push_happens(stage: Any) -> None:
    older = await stage.start()
    async with stage.context.db.hot() as connection:
        await connection.execute(
            "ALTER TABLE audit_events ADD CONSTRAINT broken CHECK (action <> 'deployment.cancel') NOT VALID"
        )
    with pytest.raises(Exception, match="broken"):
        await stage.start()
    assert (await stage.get(older)).status == "queued"
    assert len(await _acts(stage)) == 1
