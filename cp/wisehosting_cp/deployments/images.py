"""Images on workers: what the rows say of them, the decision to remove, and the refusal to start from one that is gone."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import Team
from wisehosting_cp.deployments.models import Build, Deployment, Release
from wisehosting_cp.deployments.reachability import (
    EnvironmentImages,
    InstanceImage,
    ReleaseImage,
    plain,
    reasons,
    unreachable,
)
from wisehosting_cp.deployments.status import ACTIVE, DeploymentStatus
from wisehosting_cp.errors import Conflict
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.jobs.models import Job, JobKind
from wisehosting_cp.jobs.repository import OPEN
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.projects.models import Environment, EnvironmentKind, Project
from wisehosting_wire.workload import Wanted

log = logger(__name__)
S = DeploymentStatus
MOST_NAMED = 10
"""Releases a sentence names."""


async def judge(
    session: AsyncSession, worker_id: UUID, reported: Mapping[UUID, Collection[str]], *, kept: int, now: datetime
) -> dict[UUID, list[str]]:
    """Decide which of the images a worker reported, by team, it is to remove; from then on nothing starts from them.

    The decision is noted under the locks that a rollback takes. What is reachable and still there counts as there again:
    an order that was not followed leaves no trace. A second call decides the same and keeps the time of the first.
    Images of teams that do not exist here are left alone.
    """
    why = await why_kept(session, reported.keys(), kept=kept)
    busy = await building_on(session, worker_id)
    doubtful = [team for team in why if unreachable(reported[team], why[team], building=team in busy)]
    if doubtful:
        await _lock_environments(session, doubtful)
        why |= await why_kept(session, doubtful, kept=kept)
        busy = await building_on(session, worker_id)
    await _found_again(session, worker_id, {team: why[team].keys() & _plain(reported[team]) for team in why})
    result: dict[UUID, list[str]] = {}
    for team in doubtful:
        if gone := sorted(unreachable(reported[team], why[team], building=team in busy)):
            result[team] = gone
            await session.execute(
                update(Build)
                .where(*_builds_of(worker_id, team, gone), Build.image_removed_at.is_(None))
                .values(image_removed_at=now)
                .execution_options(synchronize_session=False)
            )
            log.info("images are no longer needed", worker=str(worker_id), team=str(team), images=len(gone))
    return result


async def refuse_gone(session: AsyncSession, release: Release) -> None:
    """Raise Conflict(image_gone) when a release has no image any more. The caller holds its environment's lock."""
    gone = select(Build.image_removed_at).where(Build.id == release.build_id)
    if (await session.execute(gone)).scalar_one_or_none() is None:
        return
    query = (
        select(Release.number)
        .join(Build, Build.id == Release.build_id)
        .where(Release.environment_id == release.environment_id, Build.image_removed_at.is_(None))
        .order_by(Release.number.desc())
        .limit(MOST_NAMED)
    )
    numbers = [str(number) for number in reversed((await session.execute(query)).scalars().all())]
    there = f"{', '.join(numbers[:-1])} and {numbers[-1]}" if len(numbers) > 1 else "".join(numbers)
    those = f"Kept are those of release{'s' if len(numbers) > 1 else ''} {there}." if numbers else "None is kept."
    raise Conflict(
        "image_gone",
        f"The image of release {release.number} was removed to save disk. {those} "
        f"Deploy its commit {release.commit[:12]} instead: it is built again.",
    )


async def why_kept(session: AsyncSession, teams: Collection[UUID], *, kept: int) -> dict[UUID, dict[str, list[str]]]:
    """Return, for each of these teams that exists, why each of its images is kept; nothing keeps those of one without projects."""
    there = (await session.execute(select(Team.id).where(Team.id.in_(teams)))).scalars().all()
    found = await _environments(session, there, kept)
    return {team: reasons(found.get(team, []), kept=kept) for team in there}


async def building_on(session: AsyncSession, worker_id: UUID) -> set[UUID]:
    """Return the teams whose images may not be judged now: a build is under way there, or has ended and has no release yet."""
    jobs = select(Job.payload["team"].as_string()).where(
        Job.worker_id == worker_id, Job.kind == JobKind.build, Job.status.in_(OPEN)
    )
    ended = (
        select(Project.team_id)
        .join(Deployment, Deployment.project_id == Project.id)
        .join(Build, Build.id == Deployment.build_id)
        .where(Build.worker_id == worker_id, Deployment.status == S.building)
    )
    named = [UUID(text) for text in (await session.execute(jobs)).scalars() if text]
    return {*named, *(await session.execute(ended)).scalars()}


async def builders_of(session: AsyncSession, images: Collection[str]) -> dict[str, set[str]]:
    """Return for which environments images were built, by name for people."""
    query = (
        select(Build.image_id, Project.name, Environment.name, Environment.kind)
        .join(Environment, Environment.id == Build.environment_id)
        .join(Project, Project.id == Environment.project_id)
        .where(Build.image_id.in_(_both_ways(images)))
        .distinct()
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for image, project, name, kind in (await session.execute(query)).all():
        found[plain(str(image))].add(_label(project, name, kind))
    return dict(found)


# What names images. Columns, not entities: what the session read before a lock must not count.


async def _environments(
    session: AsyncSession, teams: Collection[UUID], kept: int
) -> dict[UUID, list[EnvironmentImages]]:
    query = (
        select(Environment.id, Environment.name, Environment.kind, Project.name.label("project"), Project.team_id)
        .join(Project, Project.id == Environment.project_id)
        .where(Project.team_id.in_(teams))
        .order_by(Project.name, Environment.id)
    )
    rows = (await session.execute(query)).all()
    ids = [row.id for row in rows]
    live, active = await _deployed(session, ids)
    instances = await _instances(session, ids)
    releases = await _newest(session, ids, kept)
    found: defaultdict[UUID, list[EnvironmentImages]] = defaultdict(list)
    for row in rows:
        last = live.get(row.id)
        found[row.team_id].append(
            EnvironmentImages(
                name=_label(row.project, row.name, row.kind),
                live=last[0] if last else None,
                is_live=last is not None and last[1],
                active=tuple(active[row.id]),
                instances=tuple(instances[row.id]),
                releases=tuple(releases[row.id]),
            )
        )
    return dict(found)


async def _deployed(
    session: AsyncSession, ids: list[UUID]
) -> tuple[dict[UUID, tuple[ReleaseImage, bool]], defaultdict[UUID, list[ReleaseImage]]]:
    """The deployment of each environment that is live, or was last; and the releases of active ones."""
    query = (
        select(Deployment.environment_id, Deployment.status, Release.number, Release.image_id)
        .join(Release, Release.id == Deployment.release_id)
        .where(Deployment.environment_id.in_(ids))
    )
    newest = (
        query.where(Deployment.status.in_([S.live, S.replaced]))
        .order_by(Deployment.environment_id, (Deployment.status == S.live).desc(), Deployment.number.desc())
        .ext(distinct_on(Deployment.environment_id))
    )
    live = {
        row.environment_id: (ReleaseImage(row.number, row.image_id), row.status is S.live)
        for row in (await session.execute(newest)).all()
    }
    active: defaultdict[UUID, list[ReleaseImage]] = defaultdict(list)
    for row in (await session.execute(query.where(Deployment.status.in_(list(ACTIVE))))).all():
        active[row.environment_id].append(ReleaseImage(row.number, row.image_id))
    return live, active


async def _instances(session: AsyncSession, ids: list[UUID]) -> defaultdict[UUID, list[InstanceImage]]:
    query = (
        select(
            Instance.environment_id,
            Instance.spec["image"].as_string().label("image"),
            Instance.tombstone,
            Instance.wanted,
            Release.number,
        )
        .outerjoin(Deployment, Deployment.id == Instance.deployment_id)
        .outerjoin(Release, Release.id == Deployment.release_id)
        .where(Instance.environment_id.in_(ids), Instance.removed_at.is_(None))
    )
    found: defaultdict[UUID, list[InstanceImage]] = defaultdict(list)
    for row in (await session.execute(query)).all():
        found[row.environment_id].append(
            InstanceImage(
                image=row.image,
                release=row.number,
                leaving=row.tombstone,
                resting=row.wanted is Wanted.stopped,
            )
        )
    return found


async def _newest(session: AsyncSession, ids: list[UUID], kept: int) -> defaultdict[UUID, list[ReleaseImage]]:
    """Of each environment the newest `kept` images of its releases, with the newest release of each."""
    number = func.max(Release.number).label("number")
    place = (
        func.row_number().over(partition_by=Release.environment_id, order_by=func.max(Release.number).desc())
    ).label("place")
    ranked = (
        select(Release.environment_id, Release.image_id, number, place)
        .where(Release.environment_id.in_(ids))
        .group_by(Release.environment_id, Release.image_id)
        .subquery()
    )
    query = select(ranked).where(ranked.c.place <= kept).order_by(ranked.c.place)
    found: defaultdict[UUID, list[ReleaseImage]] = defaultdict(list)
    for row in (await session.execute(query)).all():
        found[row.environment_id].append(ReleaseImage(row.number, row.image_id))
    return found


async def _lock_environments(session: AsyncSession, teams: Collection[UUID]) -> None:
    """Lock all environments of teams for this transaction, in the order everybody takes them."""
    query = (
        select(Environment.id)
        .join(Project, Project.id == Environment.project_id)
        .where(Project.team_id.in_(teams))
        .order_by(Environment.id)
        .with_for_update(of=Environment)
    )
    await session.execute(query)


async def _found_again(session: AsyncSession, worker_id: UUID, there: Mapping[UUID, Collection[str]]) -> None:
    for team, images in there.items():
        if images:
            await session.execute(
                update(Build)
                .where(*_builds_of(worker_id, team, images), Build.image_removed_at.is_not(None))
                .values(image_removed_at=None)
                .execution_options(synchronize_session=False)
            )


def _builds_of(worker_id: UUID, team: UUID, images: Collection[str]) -> list[Any]:
    of_team = select(Environment.id).join(Project, Project.id == Environment.project_id).where(Project.team_id == team)
    return [
        Build.worker_id == worker_id,
        Build.environment_id.in_(of_team),
        Build.image_id.in_(_both_ways(images)),
    ]


def _both_ways(images: Collection[str]) -> list[str]:
    """Ids as rows may have them: with the name of the hash, or without."""
    return [form for image in images for form in (plain(image), f"sha256:{plain(image)}")]


def _plain(images: Collection[str]) -> set[str]:
    return {plain(image) for image in images}


def _label(project: str, name: str, kind: EnvironmentKind) -> str:
    return project if kind is EnvironmentKind.production else f"{project}/{name}"
