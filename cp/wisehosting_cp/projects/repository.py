"""SQL of projects. Whoever asks for one thing says what they reach: there is no getter without."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.permissions import Reach
from wisehosting_cp.projects.models import Environment, EnvironmentKind, HostnameHold, Project, Variable

SEAL_OVERHEAD = 29
"""Bytes that sealing adds: version, nonce, tag."""
_OWNING_TEAMS = "SELECT DISTINCT team_id FROM projects WHERE team_id = ANY($1) ORDER BY team_id"


def within(reach: Reach) -> ColumnElement[bool]:
    """Return the condition on `projects` that every query made for somebody carries."""
    mine = Project.team_id.in_(reach.teams)
    return mine if reach.project is None else and_(mine, Project.id == reach.project)


async def project(session: AsyncSession, reach: Reach, project_id: UUID) -> Project | None:
    """Return a project within reach."""
    query = select(Project).where(Project.id == project_id, within(reach))
    return (await session.execute(query)).scalar_one_or_none()


async def projects(session: AsyncSession, reach: Reach, *, after: UUID | None, limit: int) -> Sequence[Project]:
    """Return a page of the projects within reach, newest first."""
    query = select(Project).where(within(reach)).order_by(Project.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Project.id < after)
    return (await session.execute(query)).scalars().all()


async def owning_teams(connection: Any, teams: Sequence[UUID]) -> list[UUID]:
    """Return which of these teams own a project, in the order of their ids; `connection` is asyncpg's."""
    return [row["team_id"] for row in await connection.fetch(_OWNING_TEAMS, teams)]


async def environment(session: AsyncSession, reach: Reach, environment_id: UUID) -> tuple[Environment, Project] | None:
    """Return an environment within reach with its project."""
    query = (
        select(Environment, Project)
        .join(Project, Project.id == Environment.project_id)
        .where(Environment.id == environment_id, within(reach))
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def environments(session: AsyncSession, projects: Sequence[Project]) -> dict[UUID, list[Environment]]:
    """Return the environments of these projects in one query; production first."""
    query = (
        select(Environment)
        .where(Environment.project_id.in_([row.id for row in projects]))
        .order_by(Environment.kind.desc(), Environment.id)
    )
    found: dict[UUID, list[Environment]] = {row.id: [] for row in projects}
    for row in (await session.execute(query)).scalars():
        found[row.project_id].append(row)
    return found


async def production(session: AsyncSession, project: Project) -> Environment:
    """Return the production environment of a project, which every project has."""
    query = select(Environment).where(
        Environment.project_id == project.id, Environment.kind == EnvironmentKind.production
    )
    return (await session.execute(query)).scalar_one()


async def names(session: AsyncSession, team_id: UUID) -> set[str]:
    """Return the names that a team's projects have."""
    return set((await session.execute(select(Project.name).where(Project.team_id == team_id))).scalars())


async def named(session: AsyncSession, team_id: UUID, name: str) -> Project | None:
    """Return the team's project of this name, a deleted one too."""
    query = select(Project).where(Project.team_id == team_id, Project.name == name)
    return (await session.execute(query)).scalar_one_or_none()


async def hold_hostname(session: AsyncSession, hostname: str, team_id: UUID, until: datetime) -> None:
    """Keep a hostname for a team until then."""
    values = {"hostname": hostname, "team_id": team_id, "until": until}
    statement = insert(HostnameHold).values(values)
    await session.execute(statement.on_conflict_do_update(index_elements=["hostname"], set_=values))


async def forget_if_empty(session: AsyncSession, project_id: UUID) -> bool:
    """Delete a deleted project without environments; what belongs to it elsewhere goes with it."""
    left = select(Environment.id).where(Environment.project_id == project_id)
    statement = (
        delete(Project)
        .where(Project.id == project_id, Project.deleted_at.is_not(None), ~left.exists())
        .execution_options(synchronize_session=False)
        .returning(Project.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def add_project(session: AsyncSession, row: Project) -> bool:
    """Add a project; False when its name is taken in the team."""
    values = {
        "id": row.id,
        "team_id": row.team_id,
        "name": row.name,
        "provider": row.provider,
        "repository_url": row.repository_url,
        "branch": row.branch,
        "root_directory": row.root_directory,
        "settings": row.settings,
        "created_at": row.created_at,
        "created_by": row.created_by,
    }
    statement = insert(Project).values(values).on_conflict_do_nothing(index_elements=["team_id", "name"])
    return (await session.execute(statement.returning(Project.id))).scalar_one_or_none() is not None


async def lock_hostnames(session: AsyncSession) -> None:
    """Let one transaction at a time choose hostnames."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("wisehosting/hostnames"))))


async def hostname_free(session: AsyncSession, hostname: str, team_id: UUID, now: datetime) -> bool:
    """Tell whether no environment has this hostname and no other team's is held."""
    used = select(Environment.id).where(Environment.hostname == hostname)
    held = select(HostnameHold.hostname).where(
        HostnameHold.hostname == hostname, HostnameHold.team_id != team_id, HostnameHold.until > now
    )
    return not (await session.execute(select(used.exists() | held.exists()))).scalar_one()


async def lock_environment(session: AsyncSession, environment: Environment) -> None:
    """Let one transaction at a time change this environment's variables, and read what is true now."""
    await session.refresh(environment, with_for_update=True)


async def variables(session: AsyncSession, environment_id: UUID, version: int) -> Sequence[Variable]:
    """Return the variables as they were at a version, by name."""
    query = (
        select(Variable)
        .where(
            Variable.environment_id == environment_id,
            Variable.added_version <= version,
            (Variable.removed_version.is_(None)) | (Variable.removed_version > version),
        )
        .order_by(Variable.name)
    )
    return (await session.execute(query)).scalars().all()


async def close_variables(session: AsyncSession, environment_id: UUID, names: Collection[str], version: int) -> None:
    """End the current values of these names with a version."""
    await session.execute(
        update(Variable)
        .where(Variable.environment_id == environment_id, Variable.name.in_(names), Variable.removed_version.is_(None))
        .values(removed_version=version)
    )
