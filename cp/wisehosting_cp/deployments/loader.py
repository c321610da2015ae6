"""Loads the world of one environment: rows in, plain facts out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments import phases, repository
from wisehosting_cp.deployments.models import Build, Cause, Deployment, Release
from wisehosting_cp.deployments.status import ACTIVE, RUNNING
from wisehosting_cp.deployments.status import DeploymentStatus as S
from wisehosting_cp.deployments.world import (
    DeploymentFacts,
    InstanceFacts,
    JobFacts,
    ProcessFacts,
    ReleaseFacts,
    RouteFacts,
    World,
)
from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.ingress.models import Route, RouteBackend
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.jobs import service as job_service
from wisehosting_cp.jobs.models import Job, JobStatus
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects.models import Environment
from wisehosting_cp.workers import service as workers
from wisehosting_wire.workload import Wanted

OPEN = frozenset({JobStatus.queued, JobStatus.assigned})
CANCEL_TIME = timedelta(minutes=2)
"""How long a worker may take to say that it stopped a build."""


@dataclass(frozen=True)
class Loaded:
    """The world, and the rows behind it for the actions."""

    world: World
    environment: Environment
    deployments: dict[UUID, Deployment]
    builds: dict[UUID, Build]
    releases: dict[UUID, Release]
    jobs: dict[UUID, Job]
    instances: dict[UUID, Instance]
    nodes: list[UUID]


async def load(session: AsyncSession, ctx: Context, environment: Environment, edge: Mapping[UUID, str]) -> Loaded:
    """Load everything the planner wants to know; `edge` is what the outermost edge said of a deployment, nothing when it has seen it."""
    now = ctx.clock.now()
    rows = {row.id: row for row in await repository.unfinished(session, environment.id)}
    builds = await repository.builds(session, {row.build_id for row in rows.values() if row.build_id})
    releases = await repository.releases(session, {row.release_id for row in rows.values() if row.release_id})
    jobs = await repository.jobs_of(session, set(builds))
    instances: dict[UUID, list[Instance]] = defaultdict(list)
    for instance in await repository.instances_of(session, set(rows)):
        instances[instance.deployment_id].append(instance)
    nodes = await workers.connected_ingress(session)
    going = {item.id for group in instances.values() for item in group if item.draining_since is not None}
    empty = await ingress.empty_instances(session, going, nodes) if going else frozenset()
    if _wants_builder(rows.values()):
        await job_service.lock_builders(session)
    builder = await workers.choose_builder(session, load=await job_service.open_by_worker(session))
    route = await ingress.route(session, environment.id)
    world = World(
        now=now,
        most_memory=ctx.settings.app_memory_max,
        replicas=environment.replicas,
        deployments=tuple(
            [
                DeploymentFacts(
                    id=row.id,
                    number=row.number,
                    status=row.status,
                    deadline_at=row.deadline_at,
                    job=_job(jobs.get(row.build_id) if row.build_id else None, row, ctx),
                    release=_release(releases.get(row.release_id) if row.release_id else None, builds),
                    instances=tuple(_instance(instance, empty) for instance in instances[row.id]),
                    route=await _route(session, row, route, nodes, edge),
                    routed=row.routed,
                    drained=row.drained,
                    fresh=row.cause is Cause.restart,
                    phases=frozenset(
                        phase.phase.value for phase in await phases.of(session, row.id) if phase.seconds is not None
                    )
                    if row.status in ACTIVE
                    else frozenset(),
                )
                for row in rows.values()
            ]
        ),
        builder=builder.worker_id,
        no_builder_because=builder.why,
        builders_busy=builder.busy,
        unsettled=environment.unsettled,
        closing=environment.deleted_at is not None,
        purging=environment.purge_at is not None and environment.purge_at <= now,
        ready_workers=await _ready(session, {build.worker_id for build in builds.values() if build.worker_id}),
    )
    return Loaded(
        world=world,
        environment=environment,
        deployments=rows,
        builds=builds,
        releases=releases,
        jobs=jobs,
        instances={instance.id: instance for group in instances.values() for instance in group},
        nodes=nodes,
    )


def _wants_builder(rows: Iterable[Deployment]) -> bool:
    """Tell whether this pass may give a build to a worker."""
    statuses = {row.status for row in rows if row.status is not S.queued or row.release_id is None}
    return S.queued in statuses and not statuses & RUNNING


async def _ready(session: AsyncSession, holders: set[UUID]) -> frozenset[UUID]:
    """Return those workers, of the ones that hold an image, that take instances now."""
    return frozenset([holder for holder in holders if (await workers.choose_runner(session, only=holder)).worker_id])


def _job(job: Job | None, deployment: Deployment, ctx: Context) -> JobFacts | None:
    if job is None:
        return None
    is_open, now = job.status in OPEN, ctx.clock.now()
    silent = job.lease_until is not None and job.lease_until <= now
    # A worker whose store was replaced no longer knows the job and cannot say that it stopped.
    ignored = job.cancel_wanted and deployment.finished_at is not None and deployment.finished_at + CANCEL_TIME <= now
    return JobFacts(
        open=is_open,
        succeeded=job.status is JobStatus.succeeded,
        worker_lost=is_open and (silent or ignored),
        cancel_wanted=job.cancel_wanted,
        progress=job.progress,
        result=job.result,
        reason=job.reason,
        detail=job.detail,
    )


def _release(release: Release | None, builds: dict[UUID, Build]) -> ReleaseFacts | None:
    if release is None:
        return None
    build = builds.get(release.build_id)
    return ReleaseFacts(
        id=release.id,
        image_id=release.image_id,
        worker_id=build.worker_id if build else None,
        variables_version=release.variables_version,
        processes=tuple(
            ProcessFacts(
                item["name"], tuple(item["command"]) if item["command"] else None, item["port"], item["settings"]
            )
            for item in release.processes
        ),
    )


def _instance(instance: Instance, empty: Collection[UUID]) -> InstanceFacts:
    return InstanceFacts(
        id=instance.id,
        process=instance.process,
        status=instance.status.value,
        reason=instance.reason,
        detail=instance.detail,
        tombstone=instance.tombstone,
        worker=instance.worker_id,
        rests=instance.wanted is Wanted.stopped,
        draining_since=instance.draining_since,
        drained=instance.id in empty,
        reachable=instance.port > 0,
        ready_seconds=instance.ready_seconds,
    )


async def _route(
    session: AsyncSession, deployment: Deployment, route: Route | None, nodes: list[UUID], edge: Mapping[UUID, str]
) -> RouteFacts:
    backend = await session.get(RouteBackend, deployment.id)
    live = route is not None and route.live_deployment_id == deployment.id
    if backend is None:
        return RouteFacts(live=live)
    return RouteFacts(
        leased=True,
        live=live,
        in_force=await ingress.in_force(session, deployment.environment_id, nodes),
        asked=await ingress.asked(session, deployment.id, nodes),
        verified=await ingress.verified(session, deployment.id, nodes),
        edge_seen=edge.get(deployment.id) == "",
        probe_detail=edge.get(deployment.id) or await ingress.last_probe_detail(session, deployment.id),
        refusals=tuple(await ingress.refusals(session, deployment.environment_id, nodes)),
        draining_since=backend.draining_since,
        empty=await ingress.empty(session, deployment.id, nodes),
    )
