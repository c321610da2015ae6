"""What is told of teams, their people and invitations."""

from uuid import UUID

from wisehosting_cp.accounts.models import Invitation, Role, Team
from wisehosting_cp.accounts.permissions import PERMISSIONS, Permission, at_least
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.accounts.second_factor import repository as factors
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.accounts.teams import service as teams
from wisehosting_cp.accounts.teams.schemas import (
    InvitationView,
    MemberView,
    TeamDetail,
    TeamRow,
)
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.web import Reading


def row_of(team: Team, role: Role, members: int) -> TeamRow:
    """Return a team as a list shows it."""
    return TeamRow(
        id=team.id,
        name=team.name,
        personal=team.personal,
        role=role,
        members=members,
        second_factor_required=team.second_factor_required,
        created_at=team.created_at,
        deleted_at=team.deleted_at,
        purge_at=team.purge_at,
    )


async def detail_of(session: Reading, ctx: Context, asker: Principal, team_id: UUID) -> TeamDetail:
    """Return a team with its people. Raises NotFound."""
    if team_id not in asker.teams or asker.project_id is not None:
        raise teams.no_team()
    team = await session.get(Team, team_id, populate_existing=True)
    people = await memberships.members(session, team_id)
    role = next((role for user, role in people if user.id == asker.user_id), None)
    if team is None or role is None:
        raise teams.no_team()
    may_invite = at_least(role, PERMISSIONS[Permission.members_change].role or Role.owner)
    asks = PERMISSIONS[Permission.team_change]
    may_ask = at_least(role, asks.role or Role.owner) and asks.scope in asker.scopes
    open_ones = await memberships.invitations(session, team_id, ctx.clock.now()) if may_invite else []
    return TeamDetail(
        **row_of(team, role, len(people)).model_dump(),
        people=[
            MemberView(user_id=user.id, name=user.name, email=user.email, role=their_role, you=user.id == asker.user_id)
            for user, their_role in people
        ],
        invitations=[invitation_of(row) for row in open_ones],
        without_second_factor=await factors.members_without(session, team_id) if may_ask else None,
    )


def invitation_of(row: Invitation) -> InvitationView:
    """Return an invitation as a list shows it."""
    return InvitationView.model_validate(row, from_attributes=True)
