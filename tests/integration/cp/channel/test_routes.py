"""The routing table on its way to ingress nodes."""

import uuid
from typing import Any
from uuid import UUID

import pytest

from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.ingress.models import RouteAck as RouteAckRow
from wisehosting_wire.messages import (
    Ack,
    InstanceObserved,
    Probe,
    RouteAck,
    RouteDrained,
    RouteProbe,
    RouteProbed,
    Routes,
)
from wisehosting_wire.routes import routes_digest
from wisehosting_wire.workload import InstanceStatus, RouteApp

pytestmark = pytest.mark.anyio


class Table:
    """What an ingress node makes of the stream."""

    def __init__(self) -> None:
        self.revision = 0
        self.apps: dict[str, RouteApp] = {}

    def apply(self, message: Routes) -> None:
        if message.snapshot:
            self.apps = {}
        else:
            assert message.base == self.revision
        self.apps |= {app.app: app for app in message.apps}
        for name in message.removed:
            self.apps.pop(name, None)
        self.revision = message.revision

    def ack(self) -> RouteAck:
        return RouteAck(revision=self.revision, digest=routes_digest(self.apps.values()))


async def ensure(mesh: Any, environment: UUID, host: str = "shop.localhost") -> None:
    async with mesh.context.db.transaction() as session:
        await ingress.ensure(session, environment, [host])


async def test_an_ingress_node_gets_a_snapshot_then_changes_and_its_acknowledgement_counts(mesh: Any) -> None:
    agent = await mesh.connected()
    table = Table()
    first = await agent.get(Routes)
    assert first.snapshot
    table.apply(first)
    environment = await mesh.environment()
    deployment = uuid.uuid4()
    instance = await mesh.instance(environment, agent.worker, deployment)
    await ensure(mesh, environment)
    change = await agent.get(Routes)
    assert not change.snapshot
    table.apply(change)
    async with mesh.context.db.transaction() as session:
        await ingress.lease(session, deployment_id=deployment, environment_id=environment, number=7)
        await ingress.point(session, environment, deployment)
    table.apply(await agent.get(Routes))
    await agent.send(
        InstanceObserved(instance=str(instance.id), status=InstanceStatus.ready, port=20001, address="127.0.0.1"), 1
    )
    await agent.get(Ack)
    table.apply(await agent.get(Routes))
    [app] = table.apps.values()
    assert app.live == str(deployment)
    assert app.deployments[0].number == 7
    assert [(server.port, server.ready) for server in app.deployments[0].servers] == [(20001, True)]
    await agent.send(table.ack(), 2)
    await agent.get(Ack)
    async with mesh.context.db.read() as session:
        row = await session.get(RouteAckRow, UUID(agent.worker))
        assert row is not None
        assert row.revision == table.revision
        assert await ingress.in_force(session, environment, [UUID(agent.worker)])


async def test_a_node_that_holds_the_table_is_sent_nothing(mesh: Any) -> None:
    agent = await mesh.joined()
    await ensure(mesh, await mesh.environment())
    await agent.connect()
    table = Table()
    table.apply(await agent.get(Routes))
    agent.routes = (table.revision, table.ack().digest)
    await agent.connect()
    await agent.silent(Routes)
    agent.routes = (table.revision, b"another")
    await agent.connect()
    assert (await agent.get(Routes)).snapshot


async def test_a_digest_that_is_not_ours_does_not_count_and_brings_a_snapshot(mesh: Any) -> None:
    agent = await mesh.joined()
    await ensure(mesh, await mesh.environment())
    await agent.connect()
    sent = await agent.get(Routes)
    await agent.send(RouteAck(revision=sent.revision, digest=b"\0" * 32), 1)
    assert (await agent.get(Ack)).number == 1
    again = await agent.get(Routes)
    assert again.snapshot
    async with mesh.context.db.read() as session:
        assert await session.get(RouteAckRow, UUID(agent.worker)) is None
    table = Table()
    table.apply(again)
    await agent.send(table.ack(), 2)
    await agent.get(Ack)
    await agent.silent(Routes)


async def test_a_node_that_missed_a_change_says_what_it_has_and_gets_a_snapshot(mesh: Any) -> None:
    agent = await mesh.joined()
    environment = await mesh.environment()
    await ensure(mesh, environment)
    await agent.connect()
    table = Table()
    table.apply(await agent.get(Routes))
    await agent.send(table.ack(), 1)
    await agent.get(Ack)
    await ensure(mesh, environment, "other.localhost")
    missed = await agent.get(Routes)
    assert not missed.snapshot
    await agent.send(table.ack(), 2)
    again = await agent.get(Routes)
    assert again.snapshot
    assert again.revision == missed.revision


async def test_a_worker_without_the_role_gets_no_routes(mesh: Any) -> None:
    agent = await mesh.joined()
    agent.roles = ("apps", "builds")
    await ensure(mesh, await mesh.environment())
    await agent.connect()
    await agent.silent(Routes)


async def test_a_probe_is_asked_until_it_is_answered(mesh: Any) -> None:
    agent = await mesh.connected()
    environment = await mesh.environment()
    deployment = uuid.uuid4()
    await ensure(mesh, environment)
    async with mesh.context.db.transaction() as session:
        await ingress.lease(session, deployment_id=deployment, environment_id=environment, number=3)
        await ingress.want_probes(session, deployment, [UUID(agent.worker)], now=mesh.context.clock.now())
    probe = await agent.get(Probe)
    assert (probe.host, probe.deployment) == ("shop.localhost", str(deployment))
    await agent.send(RouteProbed(revision=1, result=RouteProbe(deployment=str(deployment), seen=2, status=200)))
    await agent.get(Probe)
    await agent.send(RouteProbed(revision=1, result=RouteProbe(deployment=str(deployment), seen=3, status=200)))

    async def verified() -> bool:
        async with mesh.context.db.read() as session:
            return await ingress.verified(session, deployment, [UUID(agent.worker)])

    await mesh.eventually(verified)
    agent.inbox.clear()
    await agent.silent(Probe, 0.8)


async def test_a_drained_backend_is_noted_once(mesh: Any) -> None:
    agent = await mesh.connected()
    environment = await mesh.environment()
    deployment = uuid.uuid4()
    await ensure(mesh, environment)
    async with mesh.context.db.transaction() as session:
        await ingress.lease(session, deployment_id=deployment, environment_id=environment, number=3)
        await ingress.drain(session, deployment, now=mesh.context.clock.now())
    for number in (1, 2):
        await agent.send(RouteDrained(deployment=str(deployment), closed_streams=1), number)
        await agent.get(Ack)
    async with mesh.context.db.read() as session:
        assert await ingress.empty(session, deployment, [UUID(agent.worker)])


async def test_a_table_larger_than_a_frame_comes_in_parts(mesh: Any) -> None:
    agent = await mesh.joined()
    environment = await mesh.environment()
    hosts = [f"{'a' * 200}{number}.localhost" for number in range(3000)]
    async with mesh.context.db.transaction() as session:
        await ingress.ensure(session, environment, hosts)
        await ingress.ensure(session, await mesh.environment("second"), hosts[:100])
    await agent.connect()
    first = await agent.get(Routes)
    second = await agent.get(Routes)
    assert (first.part, first.parts, second.part, second.parts) == (1, 2, 2, 2)
    apps = [*first.apps, *second.apps]
    assert routes_digest(apps) == mesh.hub.feed.digest()
