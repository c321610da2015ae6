"""Rows to what the API says."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments import phases, repository
from wisehosting_cp.deployments.change_views import changes_of_releases
from wisehosting_cp.deployments.models import Build, Deployment, Release
from wisehosting_cp.deployments.schemas import (
    BuildPlanView,
    BuildStepView,
    BuildView,
    DeploymentView,
    HintView,
    PhaseView,
    ReleaseView,
    RollbackKind,
)
from wisehosting_cp.deployments.sentences import NEXT_STEP
from wisehosting_cp.deployments.status import DeploymentStatus
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.workers import service as workers

UNSAID = {"seconds": 0.0, "cached": False, "stage": ""}
"""What a worker leaves out of a step."""


def url_of(ctx: Context, hostname: str) -> str:
    """Return the address of an environment, with the port people must type."""
    port = ctx.settings.apps_domain.partition(":")[2]
    return f"{ctx.settings.apps_scheme}://{hostname}{':' + port if port else ''}/"


async def view(session: AsyncSession, ctx: Context, deployment: Deployment) -> DeploymentView:
    """Return one deployment as the API says it."""
    return (await views(session, ctx, [deployment]))[0]


async def views(session: AsyncSession, ctx: Context, deployments: Sequence[Deployment]) -> list[DeploymentView]:
    """Return deployments as the API says them; the number of queries does not grow with them."""
    names = await _names(session, {row.environment_id for row in deployments})
    releases = await repository.releases(session, {row.release_id for row in deployments if row.release_id})
    spent = await phases.of_many(session, {row.id for row in deployments})
    return [
        DeploymentView(
            id=row.id,
            number=row.number,
            project_id=row.project_id,
            project_name=names[row.environment_id][1],
            environment_id=row.environment_id,
            status=row.status,
            reason=row.reason,
            detail=row.detail,
            next_step=NEXT_STEP[row.reason] if row.reason else None,
            cause=row.cause,
            ref=row.ref,
            commit=row.commit,
            subject=row.subject,
            author=row.author,
            release=releases[row.release_id].number if row.release_id else None,
            url=url_of(ctx, names[row.environment_id][0]),
            closed_streams=row.closed_streams,
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            phases=[
                PhaseView(phase=phase.phase, started_at=phase.started_at, seconds=phase.seconds)
                for phase in spent.get(row.id, [])
            ],
            waiting_for=await _waiting_for(session, row),
        )
        for row in deployments
    ]


def build_view(build: Build) -> BuildView:
    """Return a build as the API says it."""
    said = build.report
    return BuildView(
        id=build.id,
        commit=build.commit,
        reused=build.reused,
        image=build.image_id,
        image_size=build.image_size,
        created_at=build.created_at,
        finished_at=build.finished_at,
        plan=BuildPlanView(**build.plan) if build.plan else None,
        steps=[BuildStepView(**UNSAID | step) for step in said.get("steps", [])],
        failed_step=said.get("failed_step") or None,
        last_lines=said.get("last_lines", []),
        hint=HintView(**said["hint"]) if said.get("hint") else None,
    )


async def release_views(
    session: AsyncSession, ctx: Context, environment_id: UUID, rows: Sequence[Release], limit: int
) -> list[ReleaseView]:
    """Return the first `limit` releases as the API says them; the number of queries does not grow with them.

    The row after them, where there is one, is what the last of them is compared with.
    """
    releases = rows[:limit]
    changed = await changes_of_releases(session, ctx, environment_id, rows)
    builds = await repository.builds(session, {row.build_id for row in releases})
    deployments = await repository.newest_deployments(session, [row.id for row in releases])
    live = await repository.in_status(session, environment_id, frozenset({DeploymentStatus.live}))
    kept = await repository.kept_releases(session, environment_id)

    def kind(row: Release) -> RollbackKind:
        if live is not None and live.release_id == row.id:
            return RollbackKind.live
        if row.id in kept:
            return RollbackKind.instant
        return RollbackKind.image if builds[row.build_id].image_removed_at is None else RollbackKind.gone

    def said(row: Release) -> ReleaseView:
        deployment = deployments.get(row.id)
        return ReleaseView(
            id=row.id,
            number=row.number,
            commit=row.commit,
            subject=deployment.subject if deployment else None,
            author=deployment.author if deployment else None,
            variables_version=row.variables_version,
            image_size=builds[row.build_id].image_size,
            created_at=row.created_at,
            deployment=deployment.number if deployment else None,
            rollback=kind(row),
            changes=changed[row.id],
        )

    return [said(row) for row in releases]


async def _names(session: AsyncSession, environments: set[UUID]) -> dict[UUID, tuple[str, str]]:
    query = (
        select(Environment.id, Environment.hostname, Project.name)
        .join(Project, Project.id == Environment.project_id)
        .where(Environment.id.in_(environments))
    )
    return {row.id: (row.hostname, row.name) for row in (await session.execute(query)).all()}


async def _waiting_for(session: AsyncSession, row: Deployment) -> str | None:
    """Say in a sentence what a deployment waits for; only the one or two that are active in an environment can wait."""
    if row.status is DeploymentStatus.queued:
        running = await repository.running(session, row.environment_id)
        if running is not None:
            return f"Deployment {running.number} has to end first."
        builder = await workers.choose_builder(session, load=await jobs.open_by_worker(session))
        return None if builder.worker_id else builder.why
    return None
