"""Decides what to do next for one environment. Pure: facts in, actions out, the same every time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from wisehosting_cp.deployments import actions as do
from wisehosting_cp.deployments import placement
from wisehosting_cp.deployments.actions import Action, Plan
from wisehosting_cp.deployments.status import DEADLINES, DeploymentReason, DeploymentStatus, reason_of
from wisehosting_cp.deployments.world import DeploymentFacts, InstanceFacts, ProcessFacts, World

S = DeploymentStatus
R = DeploymentReason

DEFAULT_PORT = 8080
NO_HEALTHY_SERVER = "no_healthy_server"
"""An ingress node's word for: no instance of this deployment answers me."""
MEGABYTE = 1024**2
ENDED = frozenset({S.failed, S.cancelled, S.replaced})
OF_INSTANCES = ("health", "limits", "writable", "capabilities")

PROBE_TIME = timedelta(seconds=15)
"""Once visitors are led to a deployment, a request through every way to it must see it this soon: else they go back."""

DEADLINE_SENTENCES = {
    S.building: "The build did not end in time and was stopped. Look at the last lines of its log, then deploy again.",
    S.starting: "The instances did not become ready in time. Look at their log, then deploy again.",
    S.verifying: "The app's address did not answer with this deployment in time, so the previous one stays live. Deploy again; if it repeats, look at the workers page.",
}


def plan(world: World) -> Plan:
    """Return the actions of one pass, in order. An empty plan means: wait for something to change."""
    result: Plan = []
    running = world.one(S.building, S.starting, S.verifying)
    if running is not None:
        result += _running(world, running)
    elif (queued := world.one(S.queued)) is not None:
        result += _queued(world, queued)
    live = world.one(S.live)
    if live is not None:
        result += _live(world, live)
    kept = placement.kept(world, live)
    for deployment in world.deployments:
        if deployment.status in ENDED and not deployment.drained:
            result += _ended(world, deployment, kept=deployment is kept)
        elif deployment.status in ENDED and deployment is not kept and not placement.still_asked(world, deployment):
            result += _remove(deployment)
    return result


def _live(world: World, this: DeploymentFacts) -> Plan:
    """Bring the live deployment to what the environment's settings say: its number of instances, or none at all."""
    if world.closing:
        return [do.CloseRoute(this.id, this.number), _move(this, S.replaced)]
    if this.release is None:
        return []
    steps: Plan = []
    gone = tuple(item.id for item in this.instances if placement.has_drained(world, item))
    if gone and not placement.still_asked(world, this):
        steps.append(do.RemoveInstances(this.id, this.number, gone))
    for process in this.release.processes:
        steps += placement.scale(world, this, this.release, process)
    if world.unsettled and not steps and all(item.stands or item.tombstone for item in this.instances):
        steps.append(do.Settle(this.id, this.number))
    return steps


def _queued(world: World, this: DeploymentFacts) -> Plan:
    if this.deadline_at is None:
        return [do.StartWaiting(this.id, this.number, world.now + DEADLINES[S.queued])]
    if this.release is not None:
        if this.release.worker_id in world.ready_workers:
            return [do.NotePhase(this.id, this.number, "queued", "started"), _move(this, S.starting)]
        waiting_for = "The worker that holds the image is not ready."
    elif world.builder is not None:
        return [
            do.NotePhase(this.id, this.number, "queued", "checked_out"),
            do.StartBuild(this.id, this.number, world.builder),
            _move(this, S.building),
        ]
    else:
        waiting_for = world.no_builder_because or "No worker can take a build."
    if this.deadline_at <= world.now and world.builders_busy and this.release is None:
        return [do.StartWaiting(this.id, this.number, world.now + DEADLINES[S.queued])]
    if this.deadline_at <= world.now:
        detail = f"Nothing could take this deployment. {waiting_for}"
        return [_move(this, S.failed, R.no_worker, detail)]
    return []


def _running(world: World, this: DeploymentFacts) -> Plan:
    if this.status is S.building:
        steps = _building(world, this)
    elif this.status is S.starting:
        steps = _starting(world, this)
    else:
        steps = _verifying(world, this)
    moves = any(isinstance(step, do.Move) for step in steps)
    if not moves and this.deadline_at is not None and this.deadline_at <= world.now:
        if this.status is S.verifying and this.route.probe_detail:
            detail = f"{DEADLINE_SENTENCES[S.verifying]} The last request saw: {this.route.probe_detail}"
            return [_move(this, S.failed, R.probe_failed, detail)]
        return [_move(this, S.failed, R.deadline_passed, DEADLINE_SENTENCES[this.status])]
    return steps


def _building(world: World, this: DeploymentFacts) -> Plan:
    job = this.job
    if job is None:
        return [_move(this, S.failed, R.worker_error, "The build job is gone. Deploy again.")]
    steps: Plan = []
    if "checked_out" in job.progress and "checked_out" not in this.phases:
        facts = job.progress["checked_out"]
        steps.append(do.NotePhase(this.id, this.number, "checked_out", "built", facts))
    if job.succeeded:
        web = web_of(job.result)
        if not job.result.get("command") and web.command is None:
            detail = "The image does not say what to start. Add CMD or ENTRYPOINT to the Containerfile."
            return [*steps, _move(this, S.failed, R.no_start_command, detail)]
        memory = web.settings.get("limits", {}).get("memory_bytes", 0)
        if memory > world.most_memory:
            detail = f"wisehosting.toml asks for {memory // MEGABYTE} MB of memory; this platform gives at most {world.most_memory // MEGABYTE} MB."
            return [*steps, _move(this, S.failed, R.settings_refused, detail)]
        return [
            *steps,
            do.NotePhase(this.id, this.number, "built", "started"),
            do.MakeRelease(this.id, this.number, job.result, (web,)),
            _move(this, S.starting),
        ]
    if not job.open:
        reason = reason_of(job.reason, R.worker_error)
        return [*steps, _move(this, S.failed, reason, job.detail or "The build failed. Look at its log.")]
    if job.worker_lost:
        detail = "The worker that built this was lost. Deploy again; another worker takes it if there is one."
        return [*steps, _move(this, S.failed, R.worker_lost, detail)]
    return steps


def web_of(result: Mapping[str, Any]) -> ProcessFacts:
    """Return the process `web` of a build: what wisehosting.toml says, else what the image says."""
    asked = result.get("settings", {})
    command = asked.get("command")
    return ProcessFacts(
        "web",
        tuple(command) if command else None,
        asked.get("port") or port_of(result.get("exposed", [])),
        {name: asked[name] for name in OF_INSTANCES if name in asked},
    )


def port_of(exposed: list[int]) -> int:
    """Return the port of `web`: the single EXPOSE, else 8080. PORT is set to it either way."""
    return exposed[0] if len(exposed) == 1 else DEFAULT_PORT


def _starting(world: World, this: DeploymentFacts) -> Plan:
    if this.release is None:
        return [_move(this, S.failed, R.worker_error, "The release is gone. Deploy again.")]
    if (broken := _first_broken(this.instances)) is not None:
        reason = reason_of(broken.reason, R.crashed_at_start)
        return [_move(this, S.failed, reason, broken.detail or "An instance failed to start. Look at its log.")]
    steps: Plan = []
    for process in this.release.processes:
        steps += placement.place(world, this, this.release, process)
    if steps or not this.instances:
        return steps
    statuses = {instance.status for instance in this.instances if not instance.tombstone}
    if "started" not in this.phases and statuses <= {"starting", "ready", "unready"}:
        steps.append(do.NotePhase(this.id, this.number, "started", "healthy"))
    if statuses == {"ready"}:
        steps.append(do.NotePhase(this.id, this.number, "healthy", "routed"))
        if _has_traffic(this):
            steps.append(do.LeaseAndPoint(this.id, this.number))
        steps.append(_move(this, S.verifying))
    return steps


def _verifying(world: World, this: DeploymentFacts) -> Plan:
    if (broken := _first_broken(this.instances)) is not None:
        reason = reason_of(broken.reason, R.crashed_at_start)
        return [_move(this, S.failed, reason, broken.detail or "An instance ended while it was being verified.")]
    if not _has_traffic(this):
        return [_move(this, S.live)]
    if this.route.refusals:
        refusal = this.route.refusals[0]
        reason = R.probe_failed if refusal == NO_HEALTHY_SERVER else reason_of(refusal, R.worker_error)
        detail = {
            R.probe_failed: "The instances were ready on their worker, but none answered the ingress, so no visitor was led to them. Does the app go on listening after its first answer?",
            R.pool_empty: "All backends of the ingress are leased. Delete what is not used, or let the operator raise the pool.",
            R.too_many_instances: "A backend has fewer slots than this deployment has instances. Scale down.",
        }.get(reason, f"The ingress refused the route: {refusal}.")
        return [_move(this, S.failed, reason, detail)]
    if not this.route.in_force:
        return []
    steps: Plan = []
    if "routed" not in this.phases:
        steps.append(do.NotePhase(this.id, this.number, "routed", "verified"))
        steps.append(do.ExpectBy(this.id, this.number, world.now + PROBE_TIME))
    if not this.route.verified:
        return steps if this.route.asked else [*steps, do.WantProbes(this.id, this.number)]
    if not this.route.edge_seen:
        return [*steps, do.ProbeEdge(this.id, this.number)]
    return [*steps, do.NotePhase(this.id, this.number, "verified", None), _move(this, S.live)]


def _ended(world: World, this: DeploymentFacts, *, kept: bool) -> Plan:
    """Clean up after a deployment that is over: its build, its place in the map, its backend, its instances.

    The instances of the one that was live before are stopped and kept.
    """
    steps: Plan = []
    building = this.job is not None and this.job.open
    if building and this.job is not None and (this.job.worker_lost or not this.job.cancel_wanted):
        steps.append(do.CancelJob(this.id, this.number))
    if this.route.live:
        live = world.one(S.live)
        steps.append(do.PointBack(this.id, this.number, live.id if live else None))
    if this.route.leased:
        if this.route.draining_since is None:
            return [*steps, do.Drain(this.id, this.number)]
        waited = world.now - this.route.draining_since
        if not this.route.empty and waited < timedelta(seconds=world.drain_seconds) + placement.DRAIN_MARGIN:
            return steps
        steps.append(do.Release(this.id, this.number))
    if placement.still_asked(world, this):
        return steps
    if kept:
        awake = tuple(item.id for item in this.instances if item.stands and not item.rests)
        if awake:
            steps.append(do.RestInstances(this.id, this.number, awake))
        over = all(item.tombstone or (item.rests and item.status in placement.AT_REST) for item in this.instances)
    else:
        steps += _remove(this)
        over = not this.instances
    if over and not steps and not building:
        steps.append(do.MarkDrained(this.id, this.number))
    return steps


def _remove(this: DeploymentFacts) -> Plan:
    standing = tuple(item.id for item in this.instances if not item.tombstone)
    return [do.RemoveInstances(this.id, this.number, standing)] if standing else []


def _first_broken(instances: tuple[InstanceFacts, ...]) -> InstanceFacts | None:
    """Return an instance that gave up: the worker names a reason and it is not running."""
    return next(
        (item for item in instances if item.reason and item.status in {"exited", "removed", "unready", "stopped"}), None
    )


def _has_traffic(this: DeploymentFacts) -> bool:
    return this.release is not None and any(process.port for process in this.release.processes)


def _move(
    this: DeploymentFacts, status: DeploymentStatus, reason: DeploymentReason | None = None, detail: str | None = None
) -> Action:
    return do.Move(this.id, this.number, status, reason, detail)
