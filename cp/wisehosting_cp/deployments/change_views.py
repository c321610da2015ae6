"""What a deployment or a release changed, as the API says it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments import changes, repository
from wisehosting_cp.deployments.changes import Side
from wisehosting_cp.deployments.models import Build, Deployment, Release
from wisehosting_cp.deployments.schemas import (
    BaseChangeView,
    ChangeState,
    DeploymentChangesView,
    PreviousView,
    ReleaseChangesView,
    SettingChangeView,
    VariableChangesView,
)
from wisehosting_cp.deployments.status import ACTIVE
from wisehosting_cp.git.compare import compare_url
from wisehosting_cp.jobs.models import Job
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects import variable_changes
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.projects.variable_changes import VariableChanges


async def changes_of(session: AsyncSession, ctx: Context, deployment: Deployment) -> DeploymentChangesView:
    """Compare a deployment with what was live before it; while it is being built, only what is known already."""
    environment = await session.get_one(Environment, deployment.environment_id)
    previous = await repository.release_before(session, deployment)
    release = await repository.release_of(session, deployment)
    sides = await _sides(session, [row for row in (previous, release) if row is not None])
    names = variable_changes.NOTHING
    if previous is not None:
        versions = (previous.variables_version, deployment.variables_version)
        names = (await variable_changes.between(session, ctx, environment.id, {versions}))[versions]
    if release is None:
        project = await session.get_one(Project, deployment.project_id)
        facts = _unbuilt(previous, sides, deployment, project, names)
    else:
        facts = _compared(previous, release, sides, names)
    return DeploymentChangesView(**facts, replicas=environment.replicas)


async def changes_of_releases(
    session: AsyncSession, ctx: Context, environment_id: UUID, rows: Sequence[Release]
) -> dict[UUID, ReleaseChangesView]:
    """Compare each release, newest first, with the one after it in the list; the number of queries does not grow."""
    sides = await _sides(session, rows)
    pairs = [(older, row) for row, older in zip(rows, [*rows, None][1:], strict=True)]
    versions = {(older.variables_version, row.variables_version) for older, row in pairs if older is not None}
    names = await variable_changes.between(session, ctx, environment_id, versions)

    def said(older: Release | None, row: Release) -> ReleaseChangesView:
        if older is None:
            return ReleaseChangesView(**_compared(None, row, sides, variable_changes.NOTHING))
        between = names[older.variables_version, row.variables_version]
        return ReleaseChangesView(**_compared(older, row, sides, between))

    return {row.id: said(older, row) for older, row in pairs}


async def _sides(session: AsyncSession, releases: Sequence[Release]) -> dict[UUID, Side]:
    ids = {row.build_id for row in releases}
    builds = await repository.builds(session, ids) if ids else {}
    jobs = await repository.jobs_of(session, ids) if ids else {}
    return {row.id: _side(row, builds[row.build_id], jobs.get(row.build_id)) for row in releases}


def _side(release: Release, build: Build, job: Job | None) -> Side:
    return Side(
        commit=release.commit,
        image=release.image_id,
        image_size=build.image_size,
        built_at=build.created_at,
        worker=build.worker_id,
        bases=build.image_facts.get("bases") or {},
        asked=job.payload if job else None,
        plan=build.plan,
        processes=tuple(release.processes),
    )


def _compared(
    previous: Release | None, release: Release, sides: dict[UUID, Side], names: VariableChanges
) -> dict[str, Any]:
    after = sides[release.id]
    if previous is None:
        return _said(ChangeState.first, None, after.commit, names) | {"image_size": after.image_size}
    before = sides[previous.id]
    differing = changes.settings(before, after)
    base = changes.bases(before, after)
    same = (
        before.image == after.image
        and before.commit == after.commit
        and not differing
        and names == variable_changes.NOTHING
    )
    state = ChangeState.same if same else ChangeState.changed
    return _said(state, previous, after.commit, names) | {
        "backwards": changes.backwards(before, after),
        "compare_url": _comparison(before, after),
        "image_rebuilt": before.image != after.image,
        "image_size_before": before.image_size,
        "image_size": after.image_size,
        "base": BaseChangeView(**asdict(base)) if base else None,
        "settings": [SettingChangeView(**asdict(item)) for item in differing],
    }


def _unbuilt(
    previous: Release | None,
    sides: dict[UUID, Side],
    deployment: Deployment,
    project: Project,
    names: VariableChanges,
) -> dict[str, Any]:
    if previous is None:
        return _said(ChangeState.first, None, deployment.commit, names)
    state = ChangeState.building if deployment.status in ACTIVE else ChangeState.not_built
    this = Side(commit=deployment.commit or "", image="", asked={"url": project.repository_url})
    return _said(state, previous, deployment.commit, names) | {
        # Whoever looks for what broke a build wants the commits above all.
        "compare_url": _comparison(sides[previous.id], this),
        "image_size_before": sides[previous.id].image_size,
    }


def _said(state: ChangeState, previous: Release | None, commit: str | None, names: VariableChanges) -> dict[str, Any]:
    """Return what every answer says; what only an image tells is null."""
    return {
        "state": state,
        "previous": PreviousView(release=previous.number, commit=previous.commit or None) if previous else None,
        "commit": commit or None,
        "backwards": False,
        "compare_url": None,
        "variables": VariableChangesView(**asdict(names)),
        "image_rebuilt": None,
        "image_size_before": None,
        "image_size": None,
        "base": None,
        "settings": None,
    }


def _comparison(before: Side, after: Side) -> str | None:
    """Return where the commits between the two are shown; both must come from the same repository."""
    if not before.asked or not after.asked or before.asked.get("url") != after.asked.get("url"):
        return None
    older, newer = (after, before) if changes.backwards(before, after) else (before, after)
    return compare_url(str(after.asked.get("url")), older.commit, newer.commit)
