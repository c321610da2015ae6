"""Routes: which hostname leads to which deployment, which backends are leased, what the ingress nodes have in force.

Every change of an app's routes takes a new revision; ingress nodes are told what changed since the one they have.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.ingress import repository
from wisehosting_cp.ingress.models import Route, RouteAck, RouteBackend
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.kit.db import announce
from wisehosting_wire.workload import InstanceStatus, RouteApp, RouteDeployment, RouteServer


@dataclass(frozen=True)
class ProbeWanted:
    """A request an ingress node should make through itself."""

    deployment: UUID
    host: str
    path: str
    revision: int


async def route(session: AsyncSession, environment_id: UUID) -> Route | None:
    """Return the environment's route."""
    return await repository.route_of(session, environment_id)


async def ensure(session: AsyncSession, environment_id: UUID, hosts: Iterable[str]) -> Route:
    """Give an environment its route; a second call only changes hosts that differ."""
    route = await repository.route_of(session, environment_id)
    wanted = sorted(hosts)
    if route is None:
        route = Route(environment_id=environment_id, hosts=wanted, revision=await repository.next_revision(session))
        session.add(route)
        await session.flush()
        announce(session, "routes")
    elif route.hosts != wanted or route.removed:
        route.hosts, route.removed = wanted, False
        await touch(session, environment_id)
    return route


async def close(session: AsyncSession, environment_id: UUID) -> None:
    """Take an environment's hosts away and point at nothing; its backends drain. A second call changes nothing."""
    route = await repository.route_of(session, environment_id)
    if route is not None and (route.hosts or route.live_deployment_id):
        route.hosts, route.live_deployment_id = [], None
        await touch(session, environment_id)


async def bury(session: AsyncSession, environment_id: UUID) -> None:
    """Take an environment out of the routing table for good; the tombstone tells nodes that know it."""
    route = await repository.route_of(session, environment_id)
    if route is not None and not route.removed:
        route.hosts, route.live_deployment_id, route.removed = [], None, True
        await touch(session, environment_id)


async def touch(session: AsyncSession, environment_id: UUID) -> None:
    """Instances or backends of this environment changed: give its route a new revision. Harmless without a route."""
    route = await repository.route_of(session, environment_id)
    if route is not None:
        route.revision = await repository.next_revision(session)
        await session.flush()
        announce(session, "routes")


async def lease(session: AsyncSession, *, deployment_id: UUID, environment_id: UUID, number: int) -> None:
    """Lease a backend for a deployment on every ingress node; a second call changes nothing."""
    if await session.get(RouteBackend, deployment_id) is None:
        session.add(RouteBackend(deployment_id=deployment_id, environment_id=environment_id, number=number))
        await touch(session, environment_id)


async def point(session: AsyncSession, environment_id: UUID, deployment_id: UUID | None) -> None:
    """Point the hosts at a deployment; a second call changes nothing."""
    route = await repository.route_of(session, environment_id)
    if route is not None and route.live_deployment_id != deployment_id:
        route.live_deployment_id = deployment_id
        await touch(session, environment_id)


async def drain(session: AsyncSession, deployment_id: UUID, *, now: datetime) -> None:
    """Begin to drain a deployment's backend; a second call changes nothing."""
    backend = await session.get(RouteBackend, deployment_id)
    if backend is not None and backend.draining_since is None:
        backend.draining_since = now
        await touch(session, backend.environment_id)


async def release(session: AsyncSession, deployment_id: UUID) -> None:
    """Give the backend back; a second call changes nothing."""
    backend = await session.get(RouteBackend, deployment_id)
    if backend is not None:
        await session.delete(backend)
        await repository.forget(session, deployment_id)
        await touch(session, backend.environment_id)


async def table(session: AsyncSession) -> tuple[int, list[RouteApp]]:
    """Return the newest revision and all apps."""
    return await repository.newest_revision(session), await _apps(session, await repository.routes(session))


async def changes(session: AsyncSession, since: int) -> tuple[int, list[RouteApp], list[str]]:
    """Return the newest revision, the apps changed since `since`, and the ids of removed ones."""
    newest = await repository.newest_revision(session)
    changed = await repository.routes(session, since=since, with_removed=True)
    apps = await _apps(session, [route for route in changed if not route.removed])
    return newest, apps, [str(route.environment_id) for route in changed if route.removed]


async def _apps(session: AsyncSession, routes: list[Route]) -> list[RouteApp]:
    environments = [route.environment_id for route in routes]
    backends: dict[UUID, list[RouteBackend]] = defaultdict(list)
    for backend in await repository.backends(session, environments):
        backends[backend.environment_id].append(backend)
    servers: dict[UUID, list[Instance]] = defaultdict(list)
    for instance in await repository.traffic_instances(session, environments):
        servers[instance.deployment_id].append(instance)
    return [
        RouteApp(
            app=str(route.environment_id),
            hosts=route.hosts,
            live=str(route.live_deployment_id) if route.live_deployment_id else None,
            deployments=[
                RouteDeployment(
                    deployment=str(backend.deployment_id),
                    number=backend.number,
                    servers=[_server(instance) for instance in servers[backend.deployment_id]],
                    draining=backend.draining_since is not None,
                )
                for backend in backends[route.environment_id]
            ],
        )
        for route in routes
    ]


def _server(instance: Instance) -> RouteServer:
    return RouteServer(
        instance=str(instance.id),
        address=instance.address,
        port=instance.port,
        ready=instance.status is InstanceStatus.ready,
        draining=instance.draining_since is not None,
    )


async def acknowledge(
    session: AsyncSession, worker_id: UUID, *, revision: int, digest: bytes, refused: list[str], now: datetime
) -> None:
    """Note what an ingress node has in force. Wakes the environments it refused and those that wait for this revision."""
    ack = await session.get(RouteAck, worker_id)
    before = ack.revision if ack else 0
    if ack is None:
        ack = RouteAck(worker_id=worker_id)
        session.add(ack)
    ack.revision, ack.digest, ack.refused, ack.at = revision, digest, refused, now
    await session.flush()
    waiting = {route.environment_id for route in await repository.routes(session, since=min(before, revision - 1))}
    waiting |= {UUID(item.split(":", 1)[0]) for item in refused}
    announce(session, *(f"environment:{environment}" for environment in waiting))


async def refusals(session: AsyncSession, environment_id: UUID, nodes: list[UUID]) -> list[str]:
    """Return why these ingress nodes do not route this environment as it is now (`pool_empty`, `too_many_instances`)."""
    route = await repository.route_of(session, environment_id)
    prefix = f"{environment_id}:"
    return [
        item.removeprefix(prefix)
        for ack in await repository.acks(session)
        for item in ack.refused
        if route is not None and ack.worker_id in nodes and ack.revision >= route.revision and item.startswith(prefix)
    ]


async def in_force(session: AsyncSession, environment_id: UUID, nodes: list[UUID]) -> bool:
    """Tell whether every ingress node has this environment's newest route in force. False without any node."""
    route = await repository.route_of(session, environment_id)
    acks = {ack.worker_id: ack.revision for ack in await repository.acks(session)}
    return route is not None and bool(nodes) and all(acks.get(node, 0) >= route.revision for node in nodes)


async def want_probes(session: AsyncSession, deployment_id: UUID, nodes: list[UUID], *, now: datetime) -> None:
    """Ask every ingress node for a request through itself; nodes that were asked already are not asked again."""
    for node in nodes:
        await repository.want_probe(session, node, deployment_id, now)
    announce(session, "routes")


async def probes_wanted(session: AsyncSession, worker_id: UUID) -> list[ProbeWanted]:
    """Return the requests this node still owes."""
    return [
        ProbeWanted(deployment=probe.deployment_id, host=route.hosts[0], path="/", revision=route.revision)
        for probe, route in await repository.probes_wanted(session, worker_id)
        if route.hosts
    ]


async def probed(
    session: AsyncSession,
    worker_id: UUID,
    *,
    deployment_id: UUID,
    seen: int | None,
    status: int,
    detail: str,
    now: datetime,
) -> None:
    """Note what a node's request saw. Only the wanted number ends the asking; anything else is asked again."""
    backend = await session.get(RouteBackend, deployment_id)
    if backend is None:
        return
    done = seen == backend.number
    await repository.note_probe(
        session, worker_id, deployment_id, seen=seen, status=status, detail=detail, now=now, wanted=not done
    )
    announce(session, f"environment:{backend.environment_id}")


async def asked(session: AsyncSession, deployment_id: UUID, nodes: list[UUID]) -> bool:
    """Tell whether every ingress node was asked for a request through itself."""
    return bool(nodes) and set(nodes) <= await repository.probed_nodes(session, deployment_id)


async def verified(session: AsyncSession, deployment_id: UUID, nodes: list[UUID]) -> bool:
    """Tell whether a request through every ingress node has seen this deployment's number."""
    done = await repository.verified_nodes(session, deployment_id)
    return bool(nodes) and set(nodes) <= done


async def last_probe_detail(session: AsyncSession, deployment_id: UUID) -> str:
    """Return what the last failed request through an ingress node saw, as a sentence."""
    return await repository.last_probe_detail(session, deployment_id)


async def drained(
    session: AsyncSession,
    worker_id: UUID,
    *,
    deployment_id: UUID,
    closed_streams: int,
    instance_id: UUID | None = None,
) -> None:
    """Note that a node has no connection left to a draining deployment, or to one draining instance of a live one.

    A second report changes nothing.
    """
    backend = await session.get(RouteBackend, deployment_id)
    if backend is not None:
        await repository.note_drain(session, worker_id, instance_id or deployment_id, closed_streams)
        announce(session, f"environment:{backend.environment_id}")


async def empty(session: AsyncSession, deployment_id: UUID, nodes: list[UUID]) -> bool:
    """Tell whether all ingress nodes have reported this deployment empty, or none holds it."""
    backend = await session.get(RouteBackend, deployment_id)
    if backend is None:
        return True
    return set(nodes) <= (await repository.drained_nodes(session, [deployment_id]))[deployment_id]


async def closed_streams(session: AsyncSession, deployment_id: UUID) -> int:
    """Return how many streams all ingress nodes closed at a deployment's drain deadline."""
    return await repository.closed_streams(session, deployment_id)


async def empty_instances(session: AsyncSession, instances: Collection[UUID], nodes: list[UUID]) -> frozenset[UUID]:
    """Return those of these draining instances that all ingress nodes have reported empty."""
    reported = await repository.drained_nodes(session, instances)
    return frozenset(instance for instance, seen in reported.items() if set(nodes) <= seen)


async def forget_drains(session: AsyncSession, instances: Collection[UUID]) -> None:
    """These instances serve on, or are gone: what was reported of their draining says nothing any more."""
    await repository.forget_drains(session, instances)
