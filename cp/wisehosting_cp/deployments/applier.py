"""Carries out a plan inside the pass's transaction. Every action checks the rows first: a second run changes nothing."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments import actions as do
from wisehosting_cp.deployments import phases
from wisehosting_cp.deployments.loader import Loaded
from wisehosting_cp.deployments.models import Build, Deployment, Phase, Release
from wisehosting_cp.deployments.service import tell
from wisehosting_cp.deployments.status import DeploymentStatus, move_to
from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.instances import service as instances
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects.models import Environment, EnvironmentKind, Project
from wisehosting_wire.workload import Wanted

S = DeploymentStatus
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True)
class Pass:
    """One pass: the transaction and the rows the plan was made from."""

    session: AsyncSession
    ctx: Context
    loaded: Loaded


async def apply(this: Pass, step: do.Action) -> None:
    """Carry out one action."""
    deployment = this.loaded.deployments[step.deployment]
    await APPLY[type(step)](this, deployment, step)
    tell(this.session, deployment)


async def _start_waiting(_: Pass, deployment: Deployment, step: do.StartWaiting) -> None:
    deployment.deadline_at = step.deadline_at


async def _expect_by(_: Pass, deployment: Deployment, step: do.ExpectBy) -> None:
    deployment.deadline_at = min(step.deadline_at, deployment.deadline_at or step.deadline_at)


async def _remove_instances(this: Pass, deployment: Deployment, step: do.RemoveInstances) -> None:
    for instance_id in step.instances:
        await instances.remove(this.session, this.loaded.instances[instance_id])
    if deployment.status is S.live:
        await ingress.forget_drains(this.session, step.instances)
        await ingress.touch(this.session, deployment.environment_id)


async def _take_over(this: Pass, deployment: Deployment, step: do.TakeOver) -> None:
    for instance_id in step.instances:
        await instances.hand_over(this.session, this.loaded.instances[instance_id], deployment.id)
    await ingress.touch(this.session, deployment.environment_id)


async def _rest_instances(this: Pass, _: Deployment, step: do.RestInstances) -> None:
    for instance_id in step.instances:
        await instances.set_wanted(this.session, this.loaded.instances[instance_id], Wanted.stopped)


async def _drain_instances(this: Pass, deployment: Deployment, step: do.DrainInstances) -> None:
    for instance_id in step.instances:
        await instances.drain(this.session, this.loaded.instances[instance_id], now=this.ctx.clock.now())
    await ingress.touch(this.session, deployment.environment_id)


async def _return_instances(this: Pass, deployment: Deployment, step: do.ReturnInstances) -> None:
    for instance_id in step.instances:
        await instances.drain(this.session, this.loaded.instances[instance_id], now=None)
    await ingress.forget_drains(this.session, step.instances)
    await ingress.touch(this.session, deployment.environment_id)


async def _settle(this: Pass, _: Deployment, __: do.Settle) -> None:
    this.loaded.environment.unsettled = False


async def _close_route(this: Pass, _: Deployment, __: do.CloseRoute) -> None:
    await ingress.close(this.session, this.loaded.environment.id)
    this.loaded.environment.unsettled = False


async def _lease_and_point(this: Pass, deployment: Deployment, _: do.LeaseAndPoint) -> None:
    environment = this.loaded.environment
    await ingress.ensure(this.session, environment.id, [environment.hostname])
    await ingress.lease(
        this.session, deployment_id=deployment.id, environment_id=environment.id, number=deployment.number
    )
    await ingress.point(this.session, environment.id, deployment.id)
    deployment.routed = True


async def _point_back(this: Pass, _: Deployment, step: do.PointBack) -> None:
    await ingress.point(this.session, this.loaded.environment.id, step.to)


async def _want_probes(this: Pass, deployment: Deployment, _: do.WantProbes) -> None:
    await ingress.want_probes(this.session, deployment.id, this.loaded.nodes, now=this.ctx.clock.now())


async def _drain(this: Pass, deployment: Deployment, _: do.Drain) -> None:
    await ingress.drain(this.session, deployment.id, now=this.ctx.clock.now())


async def _release(this: Pass, deployment: Deployment, _: do.Release) -> None:
    deployment.closed_streams += await ingress.closed_streams(this.session, deployment.id)
    await ingress.release(this.session, deployment.id)


async def _cancel_job(this: Pass, deployment: Deployment, _: do.CancelJob) -> None:
    job = this.loaded.jobs.get(deployment.build_id) if deployment.build_id else None
    if job is None:
        return
    if job.cancel_wanted or (job.lease_until is not None and job.lease_until <= this.ctx.clock.now()):
        await jobs.give_up(this.session, job.id, reason="worker_lost", detail="Its worker was lost.")
    else:
        await jobs.cancel(this.session, job.id)


async def _mark_drained(_: Pass, deployment: Deployment, __: do.MarkDrained) -> None:
    deployment.drained = True


async def _probe_edge(_: Pass, __: Deployment, ___: do.ProbeEdge) -> None:
    """Nothing inside the transaction: the reconciler asks the edge after it."""


async def _move(this: Pass, deployment: Deployment, step: do.Move) -> None:
    session, now = this.session, this.ctx.clock.now()
    if step.status is S.live:
        for other in this.loaded.deployments.values():
            if other.status is S.live:
                move_to(other, S.replaced, now=now)
                await session.flush()
                tell(session, other)
    move_to(deployment, step.status, now=now, reason=step.reason, detail=step.detail)
    if step.status in {S.live, S.failed, S.cancelled}:
        await phases.end_all(session, deployment.id, now)
    await session.flush()


async def _note_phase(this: Pass, deployment: Deployment, step: do.NotePhase) -> None:
    session, now = this.session, this.ctx.clock.now()
    await phases.end(session, deployment.id, Phase(step.phase), now)
    if step.next_phase is not None:
        await phases.begin(session, deployment.id, Phase(step.next_phase), now)
    if step.facts.get("commit"):
        deployment.commit = step.facts["commit"]
        deployment.subject = step.facts.get("subject") or deployment.subject
        deployment.author = step.facts.get("author") or deployment.author


async def _start_build(this: Pass, deployment: Deployment, step: do.StartBuild) -> None:
    session, ctx, worker = this.session, this.ctx, step.worker
    project = await _project(session, deployment)
    build = Build(
        environment_id=deployment.environment_id,
        ref=deployment.ref,
        commit=deployment.commit,
        variables_version=deployment.variables_version,
        worker_id=worker,
        created_at=ctx.clock.now(),
    )
    session.add(build)
    await session.flush()
    deployment.build_id = build.id
    await jobs.start_build(
        session,
        build_id=build.id,
        worker_id=worker,
        payload=build_payload(project, this.loaded.environment, deployment, local=ctx.settings.local),
    )


def build_payload(project: Project, environment: Environment, deployment: Deployment, *, local: bool) -> dict[str, Any]:
    """Return what the worker needs besides ids: no secret, only names and versions."""
    named = COMMIT.fullmatch(deployment.ref) is not None
    return {
        "url": project.repository_url,
        "branch": project.branch if named else deployment.ref,
        "commit": deployment.commit or (deployment.ref if named else ""),
        "root_directory": project.root_directory,
        "submodules": project.settings.get("submodules", False),
        "large_files": project.settings.get("large_files", False),
        "build": project.settings.get("build", {}),
        "variables_version": deployment.variables_version,
        "team": str(project.team_id),
        "project": project.name,
        "environment_id": str(environment.id),
        "environment_number": environment.number,
        # A pull request is written by strangers: what it leaves in a cache must not be found by production.
        "packages": str(project.id if environment.kind is EnvironmentKind.production else environment.id),
        "allow_loopback": local,
        "limits": project.settings.get("build_limits", {}),
    }


async def _make_release(this: Pass, deployment: Deployment, step: do.MakeRelease) -> None:
    session, ctx, loaded = this.session, this.ctx, this.loaded
    if deployment.build_id is None or deployment.release_id is not None:
        return
    build = loaded.builds[deployment.build_id]
    build.image_id = step.result["image"]
    build.image_size = step.result.get("size_bytes")
    build.image_facts = {key: step.result.get(key) for key in ("exposed", "user", "command", "bases")}
    build.content_key = step.result.get("content_key")
    build.reused = bool(step.result.get("reused"))
    build.commit = deployment.commit
    build.finished_at = ctx.clock.now()
    loaded.environment.releases_count += 1
    release = Release(
        environment_id=deployment.environment_id,
        number=loaded.environment.releases_count,
        build_id=build.id,
        image_id=build.image_id,
        variables_version=deployment.variables_version,
        processes=[
            {
                "name": item.name,
                "command": list(item.command) if item.command else None,
                "port": item.port,
                "settings": dict(item.settings),
            }
            for item in step.processes
        ],
        commit=deployment.commit or "",
        created_at=ctx.clock.now(),
    )
    session.add(release)
    await session.flush()
    deployment.release_id = release.id


async def _create_instances(this: Pass, deployment: Deployment, step: do.CreateInstances) -> None:
    session = this.session
    if deployment.release_id is None:
        return
    release = this.loaded.releases[deployment.release_id]
    for _ in range(step.count):
        await instances.create(
            session,
            environment_id=deployment.environment_id,
            deployment_id=deployment.id,
            worker_id=step.worker,
            process=step.process.name,
            spec={
                "image": release.image_id,
                "command": list(step.process.command) if step.process.command else None,
                "port": step.process.port,
                "variables_version": release.variables_version,
                **step.process.settings,
            },
        )


async def _project(session: AsyncSession, deployment: Deployment) -> Project:
    return await session.get_one(Project, deployment.project_id)


APPLY: Mapping[type[do.Action], Callable[[Pass, Deployment, Any], Awaitable[None]]] = {
    do.StartWaiting: _start_waiting,
    do.StartBuild: _start_build,
    do.NotePhase: _note_phase,
    do.MakeRelease: _make_release,
    do.CreateInstances: _create_instances,
    do.RemoveInstances: _remove_instances,
    do.TakeOver: _take_over,
    do.RestInstances: _rest_instances,
    do.DrainInstances: _drain_instances,
    do.ReturnInstances: _return_instances,
    do.Settle: _settle,
    do.CloseRoute: _close_route,
    do.LeaseAndPoint: _lease_and_point,
    do.PointBack: _point_back,
    do.ExpectBy: _expect_by,
    do.WantProbes: _want_probes,
    do.ProbeEdge: _probe_edge,
    do.Drain: _drain,
    do.Release: _release,
    do.CancelJob: _cancel_job,
    do.Move: _move,
    do.MarkDrained: _mark_drained,
}
