"""Who has which role in a project, and the deletion of a team, which its projects must allow."""

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.access import ProjectReader, ProjectRolesChanger, TeamOwner
from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.permissions import Permission
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.accounts.second_factor.step_up import StepUp
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.accounts.teams import service as teams
from wisehosting_cp.accounts.teams.schemas import ProjectRoleView, RoleChange, TeamRow
from wisehosting_cp.accounts.teams.views import row_of
from wisehosting_cp.kit.web import Ctx, Page, Reading, Transaction
from wisehosting_cp.projects import repository, service

router = APIRouter(prefix="/api/v1", tags=["teams"])


@router.get("/projects/{project_id}/roles", operation_id="list_project_roles")
async def roles(project_id: UUID, session: Reading, asker: ProjectReader) -> Page[ProjectRoleView]:
    """List the members who have another role in this project than in its team."""
    project = await service.get(session, asker.reach, project_id)
    return await _roles(session, project.id)


@router.put("/projects/{project_id}/roles/{user_id}", operation_id="set_project_role")
async def set_role(
    project_id: UUID, user_id: UUID, asked: RoleChange, asker: ProjectRolesChanger, session: Transaction
) -> Page[ProjectRoleView]:
    """Give a member another role in this project: more than in the team, or less."""
    return await _set(session, asker, project_id, user_id, asked.role)


@router.delete("/projects/{project_id}/roles/{user_id}", operation_id="clear_project_role")
async def clear_role(
    project_id: UUID, user_id: UUID, asker: ProjectRolesChanger, session: Transaction
) -> Page[ProjectRoleView]:
    """Let the role in the team count again. A second run changes nothing."""
    return await _set(session, asker, project_id, user_id, None)


@router.delete("/teams/{team_id}", operation_id="delete_team", dependencies=[StepUp])
async def delete_team(team_id: UUID, ctx: Ctx, asker: TeamOwner, session: Transaction) -> TeamRow:
    """Delete a team that has no projects; until `purge_at` its owners can restore it. Needs a step-up."""
    team = await teams.held(session, asker, team_id, Permission.team_delete)
    await teams.delete(session, ctx, asker, team, projects=sorted(await repository.names(session, team_id)))
    await session.flush()
    people = await memberships.members(session, team_id)
    return row_of(team, Role.owner, len(people))


async def _set(
    session: AsyncSession, asker: Principal, project_id: UUID, user_id: UUID, role: Role | None
) -> Page[ProjectRoleView]:
    project = await service.get(session, asker.reach, project_id)
    asker.require(Permission.project_roles, team=project.team_id, project=project.id)
    await teams.set_project_role(
        session, asker, team_id=project.team_id, project_id=project.id, user_id=user_id, role=role
    )
    return await _roles(session, project.id)


async def _roles(session: AsyncSession, project_id: UUID) -> Page[ProjectRoleView]:
    rows = await memberships.project_roles(session, project_id)
    return Page(
        items=[
            ProjectRoleView(user_id=user.id, name=user.name, email=user.email, role=role, team_role=team_role)
            for user, role, team_role in rows
        ]
    )
