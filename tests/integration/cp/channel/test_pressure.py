"""A worker that does not read, a database that does not answer, a control plane that starts anew."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from websockets.exceptions import ConnectionClosed

from wisehosting_cp.channel import frames
from wisehosting_cp.channel.hub import Hub
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.projects.variables import Change, write
from wisehosting_wire.messages import Ack, InstanceObserved, SecretsWanted, TokenRenewed, TokenWanted
from wisehosting_wire.workload import InstanceStatus

pytestmark = pytest.mark.anyio


async def test_a_worker_that_does_not_read_is_let_go_and_harms_no_other(mesh: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(frames, "SEND_SECONDS", 0.5)
    slow, other = await mesh.connected("slow"), await mesh.connected("other")
    environment = await mesh.environment()
    async with mesh.context.db.transaction() as session:
        row = await session.get_one(Environment, environment)
        project = await session.get_one(Project, row.project_id)
        changes = {f"V{number}": Change("x" * 60_000) for number in range(8)}
        await write(
            session,
            mesh.context,
            environment=row,
            project=project,
            changes=changes,
            removed=[],
            asker={"actor": "platform"},
        )
    async with mesh.context.db.transaction() as session:
        from wisehosting_cp.instances import service as instances

        await instances.create(
            session,
            environment_id=environment,
            deployment_id=environment,
            worker_id=UUID(slow.worker),
            process="web",
            spec={"image": "sha256:1", "variables_version": 2},
        )

    async def ask() -> None:
        for _ in range(100):
            await slow.send(SecretsWanted(environment=str(environment), version=2))

    asking = asyncio.create_task(ask())

    async def gone() -> bool:
        return UUID(slow.worker) not in mesh.hub.connections

    await mesh.eventually(gone, within=30)
    await other.send(TokenWanted())
    assert await other.get(TokenRenewed)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    slow.socket.transport.abort()


async def test_mail_that_met_a_dead_database_is_not_acknowledged_and_arrives_after_the_reconnect(mesh: Any) -> None:
    agent = await mesh.connected()
    instance = await mesh.instance(await mesh.environment(), agent.worker)
    said = InstanceObserved(instance=str(instance.id), status=InstanceStatus.ready)
    async with mesh.context.db.transaction() as session:
        # The row is held for so long that the hub's statement is ended by the server.
        await session.execute(text("SELECT 1 FROM inbox FOR UPDATE"))
        await agent.send(said, 1)
        await agent.silent(Ack)
        assert agent.socket.close_code is None
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database() AND wait_event_type = 'Lock'"
            )
        )
        with pytest.raises(ConnectionClosed):
            await agent.get(Ack)
    assert agent.socket.close_code == 1013
    assert (await agent.connect()).received == 0
    await agent.send(said, 1)
    assert (await agent.get(Ack)).number == 1
    async with mesh.context.db.read() as session:
        assert (await session.get_one(Instance, instance.id)).status is InstanceStatus.ready


async def test_a_new_process_goes_on_where_the_old_one_stood(mesh: Any) -> None:
    agent = await mesh.connected()
    instance = await mesh.instance(await mesh.environment(), agent.worker)
    await agent.send(InstanceObserved(instance=str(instance.id), status=InstanceStatus.ready), 1)
    await agent.get(Ack)
    # All that a new process knows is in the database.
    mesh.hub.__dict__.update({**Hub(mesh.context).__dict__, "connections": mesh.hub.connections})
    assert (await agent.connect()).received == 1
    await agent.send(InstanceObserved(instance=str(instance.id), status=InstanceStatus.exited), 1)
    await agent.get(Ack)
    async with mesh.context.db.read() as session:
        assert (await session.get_one(Instance, instance.id)).status is InstanceStatus.ready
