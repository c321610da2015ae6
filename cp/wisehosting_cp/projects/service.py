"""Projects and their environments."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.permissions import Reach
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.errors import Conflict, Invalid, NotFound
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce
from wisehosting_cp.kit.etag import Stale, matches
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.projects import naming, repository
from wisehosting_cp.projects.deleted import refuse_deleted
from wisehosting_cp.projects.models import Environment, EnvironmentKind, Project
from wisehosting_cp.projects.naming import check_root_directory
from wisehosting_cp.projects.variables import Change, variables_for, write
from wisehosting_git import GitError, Repository, check_ref

__all__ = [
    "Change",
    "change",
    "check_branch",
    "check_root_directory",
    "check_url",
    "create",
    "environment",
    "environments",
    "forget_if_empty",
    "get",
    "hold_hostname",
    "page",
    "production",
    "refuse_deleted",
    "settings_version",
    "variables_for",
    "write",
]


HOSTNAME_HOLD = timedelta(days=30)


async def get(session: AsyncSession, reach: Reach, project_id: UUID) -> Project:
    """Return a project within reach. Raises NotFound, for a foreign id as for a random one."""
    row = await repository.project(session, reach, project_id)
    if row is None:
        raise NotFound
    return row


async def environment(session: AsyncSession, reach: Reach, environment_id: UUID) -> tuple[Environment, Project]:
    """Return an environment within reach with its project. Raises NotFound."""
    found = await repository.environment(session, reach, environment_id)
    if found is None:
        raise NotFound
    return found


async def production(session: AsyncSession, project: Project) -> Environment:
    """Return the production environment of a project."""
    return await repository.production(session, project)


async def environments(session: AsyncSession, projects: Sequence[Project]) -> dict[UUID, list[Environment]]:
    """Return the environments of each of these projects, production first."""
    return await repository.environments(session, projects)


async def page(session: AsyncSession, reach: Reach, *, after: UUID | None, limit: int) -> Sequence[Project]:
    """Return a page of the projects within reach, newest first."""
    return await repository.projects(session, reach, after=after, limit=limit)


async def owning_teams(ctx: Context, reach: Reach) -> list[UUID]:
    """Return which of the teams within reach own a project, in the order of their ids."""
    async with ctx.db.hot() as connection:
        return await repository.owning_teams(connection, reach.teams)


def check_url(ctx: Context, url: str) -> str:
    """Return a repository address in one spelling. Raises Invalid with a sentence for the field `source.url`."""
    try:
        return Repository.parse(url.strip(), allow_http=ctx.settings.local).url
    except GitError as error:
        raise Invalid("url_invalid", error.detail, fields={"source.url": error.detail}) from error


def check_branch(branch: str) -> str:
    """Return a branch name that git accepts. Raises Invalid with a sentence for the field `source.branch`."""
    try:
        return check_ref(branch.strip())
    except GitError as error:
        raise Invalid("branch_invalid", error.detail, fields={"source.branch": error.detail}) from error


async def create(
    session: AsyncSession,
    ctx: Context,
    *,
    team_id: UUID,
    team_name: str,
    name: str,
    url: str,
    branch: str,
    root_directory: str,
    settings: Mapping[str, Any],
    asker: Mapping[str, Any],
    created_by: UUID | None,
) -> tuple[Project, Environment]:
    """Make a project with its production environment and hostname. Raises Invalid, Conflict(name_taken)."""
    now = ctx.clock.now()
    project = Project(
        id=new_id(),
        team_id=team_id,
        name=naming.check_name(name),
        provider="git",
        repository_url=check_url(ctx, url),
        branch=check_branch(branch),
        root_directory=check_root_directory(root_directory),
        settings=dict(settings),
        created_at=now,
        created_by=created_by,
    )
    if not await repository.add_project(session, project):
        await _refuse_held_name(session, team_id, name)
        free = naming.suggestion(name, await repository.names(session, team_id))
        sentence = f"The team has a project named {name} already. {free} is free."
        raise Conflict("name_taken", sentence, fields={"name": sentence})
    project = await get(session, Reach((team_id,)), project.id)
    hostname = await _choose_hostname(session, ctx, project, team_name)
    made = Environment(
        project_id=project.id,
        name="production",
        kind=EnvironmentKind.production,
        hostname=hostname,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    record(
        session,
        **asker,
        action="project.create",
        subject=f"project:{project.id}",
        team_id=team_id,
        name=name,
        repository=project.repository_url,
        branch=project.branch,
    )
    announce(session, f"project:{project.id}", f"environment:{made.id}")
    return project, made


def settings_version(project: Project) -> str:
    """Return a word that is another with every change of what `change` sets."""
    said = [project.branch, project.root_directory, sorted((k, v) for k, v in project.settings.items() if v)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


async def change(
    session: AsyncSession,
    project: Project,
    asked: Mapping[str, Any],
    *,
    asker: Mapping[str, Any],
    if_match: str | None = None,
) -> list[str]:
    """Set `branch`, `root_directory`, `submodules`, `large_files` or `build`; the names of what is another now are returned.

    A second call changes nothing. Raises Invalid with a sentence for the field, and Stale when `if_match` names other
    settings than those that are set.
    """
    # Not its key: a look that queues a deployment of this project holds the branch, which this one may take away.
    await session.refresh(project, with_for_update={"key_share": True})
    if not matches(if_match, settings_version(project)):
        raise Stale(
            "settings_changed",
            "Somebody changed these settings since you read them; nothing was written. Read them again, then repeat "
            "your change.",
        )
    before = {"branch": project.branch, "root_directory": project.root_directory, **project.settings}
    after = dict(asked)
    if "branch" in after:
        after["branch"] = check_branch(after["branch"])
    if "root_directory" in after:
        after["root_directory"] = check_root_directory(after["root_directory"])
    changed = sorted(name for name, value in after.items() if (before.get(name) or None) != (value or None))
    if not changed:
        return []
    project.branch = after.get("branch", project.branch)
    project.root_directory = after.get("root_directory", project.root_directory)
    kept = {name: value for name, value in after.items() if name in {"submodules", "large_files", "build"}}
    project.settings = {**project.settings, **kept}
    await session.flush()
    record(
        session,
        **asker,
        action="project.change",
        subject=f"project:{project.id}",
        team_id=project.team_id,
        name=project.name,
        changed=changed,
    )
    announce(session, f"project:{project.id}")
    return changed


async def _refuse_held_name(session: AsyncSession, team_id: UUID, name: str) -> None:
    holder = await repository.named(session, team_id, name)
    if holder is not None and holder.deleted_at is not None:
        sentence = f"A deleted project named {name} can still be restored. Restore it, delete it for good, or choose another name."
        raise Conflict("name_taken", sentence, fields={"name": sentence})


async def hold_hostname(session: AsyncSession, ctx: Context, environment: Environment, project: Project) -> None:
    """Keep an environment's hostname from other teams for 30 days after it is gone. A second call moves the end."""
    until = ctx.clock.now() + HOSTNAME_HOLD
    await repository.hold_hostname(session, environment.hostname, project.team_id, until)


async def forget_if_empty(session: AsyncSession, project_id: UUID) -> bool:
    """Delete a deleted project's row once none of its environments is left; tell whether it went."""
    gone = await repository.forget_if_empty(session, project_id)
    if gone:
        await memberships.forget_project(session, project_id)
    return gone


async def _choose_hostname(session: AsyncSession, ctx: Context, project: Project, team_name: str) -> str:
    await repository.lock_hostnames(session)
    for hostname in naming.hostnames(project.name, team_name, ctx.settings.apps_domain):
        if await repository.hostname_free(session, hostname, project.team_id, ctx.clock.now()):
            return hostname
    raise AssertionError("numbered hostnames never end")
