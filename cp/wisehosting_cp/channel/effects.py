"""What durable messages do: each runs in the transaction that moves the inbox position, so it happens once."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.channel.text import clean, clean_all, reason_and_detail
from wisehosting_cp.deployments import repository, service
from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.ingress.models import RouteBackend
from wisehosting_cp.instances import service as instances
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.kit.context import Context
from wisehosting_cp.workers.errors import Misplaced
from wisehosting_wire.facts import BuildReport
from wisehosting_wire.messages import InstanceObserved, JobFinished, JobProgress, RouteAck, RouteDrained

HIGHEST_INTEGER = 2**31 - 1
"""What an integer column holds."""


def identity(text: str, what: str) -> UUID:
    """Read an id a worker names. Raises Misplaced for what is none: nothing of that name is placed there."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Misplaced(f"{what} {clean(text, 80)}") from error


async def instance_observed(session: AsyncSession, ctx: Context, worker: UUID, said: InstanceObserved) -> None:
    """Apply what a worker says of an instance; the routes to it follow."""
    reason, detail = reason_and_detail(said.reason, said.detail)
    seen = await instances.observe(
        session,
        worker,
        instances.Observation(
            instance_id=identity(said.instance, "instance"),
            status=said.status,
            reason=reason,
            detail=detail,
            address=clean(said.address, 64),
            port=said.port if 0 <= said.port < 65536 else 0,
            container=clean(said.container, 80),
            exit_code=None if said.exit_code is None else _bounded(said.exit_code),
            restarts=_bounded(said.restarts),
            generation=said.generation,
            seconds=said.seconds,
        ),
        now=ctx.clock.now(),
    )
    if seen is not None and seen.serving_changed:
        backend = await session.get(RouteBackend, seen.instance.deployment_id)
        if backend is not None:
            await ingress.touch(session, seen.instance.environment_id)


async def job_progress(session: AsyncSession, _: Context, worker: UUID, said: JobProgress) -> None:
    """Note a phase of a job."""
    facts: dict[str, Any] = {
        "seconds": said.seconds,
        "commit": clean(said.commit, 64),
        "subject": clean(said.subject, 500),
        "author": clean(said.author, 200),
    }
    job_id = identity(said.job, "job")
    noted = await jobs.progress(
        session,
        worker,
        job_id=job_id,
        attempt=said.attempt,
        phase=clean(said.phase, 40),
        facts=facts,
    )
    if noted and said.plan is not None:
        await service.note_plan(session, job_id, clean_all(msgspec.to_builtins(said.plan)))


async def job_finished(session: AsyncSession, _: Context, worker: UUID, said: JobFinished) -> None:
    """End a job."""
    result: dict[str, Any] | None = None
    if said.image is not None and not said.reason:
        result = {
            **clean_all(msgspec.to_builtins(said.image)),
            "exposed": list(said.image.exposed),
            "user": clean(said.image.user, 200),
            "command": clean_all(list(said.image.command)),
            "content_key": clean(said.content_key, 80),
            "reused": said.reused,
            "settings": clean_all(msgspec.to_builtins(said.settings)),
            "seconds": said.seconds,
        }
    reason, detail = reason_and_detail(said.reason or ("" if result else "worker_error"), said.detail)
    job_id = identity(said.job, "job")
    ended = await jobs.finish(
        session, worker, job_id=job_id, attempt=said.attempt, result=result, reason=reason, detail=detail
    )
    if ended and said.report != BuildReport():
        await repository.note_report(session, job_id, clean_all(msgspec.to_builtins(said.report)))


async def route_acknowledged(session: AsyncSession, ctx: Context, worker: UUID, said: RouteAck) -> None:
    """Note what an ingress node has in force."""
    refused = [clean(item, 200) for item in said.refused if _names_app(item)]
    await ingress.acknowledge(
        session, worker, revision=said.revision, digest=said.digest, refused=refused, now=ctx.clock.now()
    )


async def route_drained(session: AsyncSession, _: Context, worker: UUID, said: RouteDrained) -> None:
    """Note that a draining deployment or instance has no connection left on a node."""
    await ingress.drained(
        session,
        worker,
        deployment_id=identity(said.deployment, "deployment"),
        closed_streams=_bounded(said.closed_streams),
        instance_id=identity(said.instance, "instance") if said.instance else None,
    )


Effect = Callable[[AsyncSession, Context, UUID, Any], Awaitable[None]]

DURABLE: dict[type, Effect] = {
    InstanceObserved: instance_observed,
    JobProgress: job_progress,
    JobFinished: job_finished,
    RouteAck: route_acknowledged,
    RouteDrained: route_drained,
}


def _bounded(number: int) -> int:
    return max(-HIGHEST_INTEGER, min(number, HIGHEST_INTEGER))


def _names_app(item: str) -> bool:
    try:
        UUID(item.split(":", 1)[0])
    except ValueError:
        return False
    return True
