"""Looking at a project's branch: which commit is there now, and is it new? Used by polls, hooks and `check`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments import repository as deployments
from wisehosting_cp.deployments import service as starting
from wisehosting_cp.deployments.models import Cause, Deployment
from wisehosting_cp.deployments.status import ACTIVE, DeploymentStatus
from wisehosting_cp.errors import NotFound, Unavailable, WiseHostingError
from wisehosting_cp.git import service as git
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import NoDatabase, announce
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_cp.sources import repository
from wisehosting_cp.sources.models import SeenRef

MOST_BACK_OFF_SECONDS = 300
JITTER = 0.1
TRIES = 3
SOON_SECONDS = 2.0

_random = SystemRandom()


@dataclass(frozen=True)
class Looked:
    """What a look found."""

    changed: bool
    commit: str | None
    subject: str | None
    deployment: Deployment | None
    error: str | None


async def look(ctx: Context, project_id: UUID, *, cause: Cause, asker: Mapping[str, Any]) -> Looked:
    """Read the branch's commit, and start a deployment when it was not seen before. Raises NotFound.

    A second look at the same commit starts nothing. When somebody else's look ended meanwhile, ours may be older: it is
    done again.
    """
    for _ in range(TRIES):
        async with ctx.db.read() as session:
            found = await repository.watched(session, project_id)
        if found is None:
            raise NotFound
        project, environment, before = found
        try:
            commit, error = await git.resolve(ctx, project.repository_url, project.branch), None
        except git.GitError as refused:
            commit, error = None, refused.detail
        except Unavailable as refused:
            commit, error = None, refused.detail
        async with ctx.db.transaction() as session:
            if commit not in {None, before.commit}:
                # Whoever starts a deployment by hand right now is waited for: it may be all that this commit wants.
                await deployments.lock_environment(session, environment.id, wait=True)
            looked = await _conclude(session, ctx, before, commit=commit, error=error, cause=cause, asker=asker)
        if looked is not None:
            return looked
    raise Unavailable("busy", "Others are checking this repository right now. Try again in a moment.")


async def _conclude(
    session: AsyncSession,
    ctx: Context,
    before: SeenRef,
    *,
    commit: str | None,
    error: str | None,
    cause: Cause,
    asker: Mapping[str, Any],
) -> Looked | None:
    found = await repository.watched(session, before.project_id, lock=True)
    if found is None:
        raise NotFound
    project, environment, seen = found
    if seen.seen_at != before.seen_at:
        return None
    now = ctx.clock.now()
    if error is not None or commit is None:
        if seen.error != error:
            announce(session, f"project:{project.id}")
        seen.error, seen.failures, seen.seen_at = error, seen.failures + 1, now
        seen.next_check_at = now + timedelta(seconds=interval(ctx.settings.poll_seconds, seen.failures))
        return Looked(changed=False, commit=seen.commit, subject=seen.subject, deployment=None, error=error)
    if seen.error is not None or seen.commit != commit:
        announce(session, f"project:{project.id}")
    latest = await deployments.latest(session, environment.id)
    if seen.commit not in {None, commit} and _reads_now(latest, project):
        # Which commit it gets is known in a moment; until then this one is not called seen.
        seen.error, seen.failures, seen.seen_at = None, 0, now
        seen.next_check_at = now + timedelta(seconds=min(SOON_SECONDS, ctx.settings.poll_seconds))
        return Looked(changed=True, commit=commit, subject=None, deployment=None, error=None)
    deployment = None
    if await _is_new(session, environment, project, seen, commit):
        deployment = await starting.start(
            session,
            ctx,
            environment=environment,
            project=project,
            cause=cause,
            ref=project.branch,
            commit=commit,
            asker=asker,
        )
    changed = seen.commit is not None and seen.commit != commit
    if seen.commit != commit:
        seen.commit, seen.subject, seen.author = commit, None, None
    seen.error, seen.failures, seen.seen_at = None, 0, now
    seen.next_check_at = now + timedelta(seconds=interval(ctx.settings.poll_seconds, 0))
    return Looked(changed=changed, commit=commit, subject=seen.subject, deployment=deployment, error=None)


def _reads_now(latest: Deployment | None, project: Project) -> bool:
    """Tell whether a deployment is just reading the branch."""
    return (
        latest is not None
        and latest.status is DeploymentStatus.building
        and latest.commit is None
        and latest.ref == project.branch
    )


async def _is_new(
    session: AsyncSession, environment: Environment, project: Project, seen: SeenRef, commit: str
) -> bool:
    """Tell whether the commit wants a deployment.

    Only a move of the branch counts, so a rollback is not undone. A deployment that somebody started by hand for this
    very commit, or that is still to read the branch, is enough.
    """
    if seen.commit == commit:
        return False
    latest = await deployments.latest(session, environment.id)
    if seen.commit is None and (latest is None or latest.commit is None):
        # The first look only notes where the branch is, unless the first deployment failed for want of this very commit.
        return latest is not None and latest.status is DeploymentStatus.failed and seen.failures > 0
    if latest is None or latest.ref != project.branch:
        return True
    if latest.status is DeploymentStatus.queued and latest.commit is None:
        return False
    return not (latest.commit == commit and latest.status in ACTIVE | {DeploymentStatus.live})


def interval(poll_seconds: float, failures: int) -> float:
    """Return the seconds until the next look: with jitter, and longer after each failure, up to five minutes."""
    base = (
        min(poll_seconds * 2 ** min(failures, 10), max(MOST_BACK_OFF_SECONDS, poll_seconds))
        if failures
        else poll_seconds
    )
    return base * _random.uniform(1 - JITTER, 1 + JITTER) if base < MOST_BACK_OFF_SECONDS else base


async def look_quietly(ctx: Context, project_id: UUID, *, cause: Cause, asker: Mapping[str, Any]) -> Looked | None:
    """Look where nobody waits for the answer: an error of ours is for the next look."""
    try:
        return await look(ctx, project_id, cause=cause, asker=asker)
    except NoDatabase:
        raise
    except WiseHostingError:
        return None
