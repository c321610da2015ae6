"""Teams and who is in them: made, changed, left, handed over, deleted and restored."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.models import Invitation, Membership, Role, Team
from wisehosting_cp.accounts.permissions import RANK, Permission, at_least, effective
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.accounts.second_factor import service as second_factor
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.errors import Conflict, Forbidden, NotFound
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce


def topic(team_id: UUID) -> str:
    """Return what wakes those who look at a team: its name, its settings, who is in it or invited."""
    return f"team:{team_id}"


def no_team() -> NotFound:
    """Return the one answer for a team that is foreign, gone, or was never there."""
    return NotFound("team_not_found", "There is no such team, or you are not in it.")


async def create(session: AsyncSession, asker: Principal, name: str) -> Team:
    """Make a team that the asker owns. Raises Conflict when the name is taken."""
    team = await memberships.add_team(session, name)
    if team is None:
        raise _taken(name)
    await memberships.set_role(session, team.id, asker.user_id, Role.owner)
    _record(session, asker, "team.create", team, name=name)
    return team


async def held(session: AsyncSession, asker: Principal, team_id: UUID, permission: Permission) -> Team:
    """Return a team, held for this transaction, in which the asker may do this. Raises NotFound, Forbidden.

    The role is read again under the lock: what it was when the request came in may have changed since.
    """
    team = await memberships.lock_team(session, team_id) if team_id in asker.teams else None
    mine = await memberships.membership(session, team_id, asker.user_id) if team else None
    if team is None or mine is None or team.deleted_at is not None:
        raise no_team()
    asker.require(permission, team=team_id)
    if not at_least(mine.role, asker.teams[team_id]):
        raise _role_changed()
    return team


async def change(
    session: AsyncSession, asker: Principal, team_id: UUID, *, name: str | None, second_factor_required: bool | None
) -> Team:
    """Rename a team, or ask a second factor of its members. What is so already stays. Raises NotFound, Conflict."""
    team = await held(session, asker, team_id, Permission.team_change)
    if name is not None and name != team.name:
        if await memberships.name_taken(session, name):
            raise _taken(name)
        _record(session, asker, "team.rename", team, before=team.name, name=name)
        team.name = name
    if second_factor_required is not None and second_factor_required != team.second_factor_required:
        team.second_factor_required = second_factor_required
        _record(session, asker, "team.second_factor", team, required=second_factor_required)
    return team


async def refuse_without_factor(session: AsyncSession, asker: Principal) -> None:
    """Raise Conflict for whoever would lock themselves out of a team that asks for a second factor."""
    if not (await second_factor.factors(session, asker.user_id)).needed:
        raise Conflict("second_factor_first", "Set up a second factor of your own first: you would lock yourself out.")
    if asker.token_id is not None and not asker.second_factor:
        raise Conflict(
            "second_factor_first",
            "This token was made without a second factor, and would lock itself out. Do it in the dashboard.",
        )


async def set_role(session: AsyncSession, asker: Principal, team_id: UUID, user_id: UUID, role: Role) -> None:
    """Give a member another role. Only owners make owners or change one. Raises NotFound, Forbidden, Conflict."""
    team = await held(session, asker, team_id, Permission.members_change)
    member = await _member(session, team, user_id)
    if member.role == role:
        return
    refuse_above(asker, team, member.role, role)
    if member.role == Role.owner:
        await _refuse_last_owner(session, team, user_id)
    before, member.role = member.role, role
    _record(session, asker, "member.role", team, user=str(user_id), before=before.value, role=role.value)


async def remove(session: AsyncSession, asker: Principal, team_id: UUID, user_id: UUID) -> None:
    """Take a member out, or leave. A personal team is not left. Raises NotFound, Forbidden, Conflict."""
    leaving = user_id == asker.user_id
    team = await held(session, asker, team_id, Permission.team_leave if leaving else Permission.members_change)
    member = await _member(session, team, user_id)
    if not leaving:
        refuse_above(asker, team, member.role)
    elif team.personal:
        raise Conflict("team_personal", "Your personal team is yours as long as your account is.")
    if member.role == Role.owner:
        await _refuse_last_owner(session, team, user_id)
    await memberships.remove(session, team.id, user_id)
    _record(session, asker, "member.leave" if leaving else "member.remove", team, user=str(user_id))


async def hand_over(session: AsyncSession, asker: Principal, team_id: UUID, user_id: UUID) -> None:
    """Make a member the owner in the asker's place, who stays as admin. Raises NotFound, Forbidden, Conflict."""
    team = await held(session, asker, team_id, Permission.team_delete)
    member = await _member(session, team, user_id)
    if team.personal:
        raise Conflict("team_personal", "A personal team cannot be handed over. Make a team, and move what is to go.")
    if user_id == asker.user_id:
        return
    heir = await memberships.held_user(session, user_id)
    if heir is None or heir.disabled_at is not None:
        raise Conflict(
            "member_disabled", "An operator has disabled this account: the team would have no owner. Choose another."
        )
    mine = await _member(session, team, asker.user_id)
    member.role, mine.role = Role.owner, Role.admin
    _record(session, asker, "team.hand_over", team, user=str(user_id))


async def delete(session: AsyncSession, ctx: Context, asker: Principal, team: Team, *, projects: Sequence[str]) -> None:
    """Delete a team that is held and has no projects; its owners can restore it until `purge_at`. Raises Conflict."""
    if team.personal:
        raise Conflict("team_personal", "Your personal team is yours as long as your account is.")
    if projects:
        raise Conflict(
            "team_has_projects",
            f"Delete its projects first: {', '.join(projects[:5])}. Nothing of them is lost by accident.",
        )
    team.deleted_at = ctx.clock.now()
    team.purge_at = team.deleted_at + timedelta(days=ctx.settings.deletion_grace_days)
    invitations = await memberships.revoke_invitations(session, team.deleted_at, team_id=team.id)
    record_revoked(session, asker.audit(), invitations)
    _record(session, asker, "team.delete", team, name=team.name)


def record_revoked(session: AsyncSession, asked_by: Mapping[str, Any], invitations: Sequence[Invitation]) -> None:
    """Record invitations that were taken back, an audit row each."""
    for one in invitations:
        record(
            session,
            **asked_by,
            action="invitation.revoke",
            subject=f"invitation:{one.id}",
            team_id=one.team_id,
            email=one.email,
        )


async def restore(session: AsyncSession, ctx: Context, asker: Principal, team_id: UUID) -> Team:
    """Take a deletion back; a second run changes nothing. Raises NotFound when it is over or one is not an owner."""
    team = await memberships.lock_team(session, team_id)
    mine = await memberships.membership(session, team_id, asker.user_id) if team else None
    if team is None or mine is None or mine.role != Role.owner or asker.project_id is not None:
        raise no_team()
    if team.purge_at is not None and team.purge_at <= ctx.clock.now():
        raise no_team()
    if team.deleted_at is not None:
        team.deleted_at = team.purge_at = None
        _record(session, asker, "team.restore", team)
    return team


async def purge_due(ctx: Context) -> int:
    """Delete for good the teams whose time is over; return how many. A second run finds none."""
    async with ctx.db.transaction() as session:
        due = await memberships.purgeable(session, ctx.clock.now())
        for team in due:
            record(session, actor="platform", action="team.purge", subject=f"team:{team.id}", name=team.name)
            await memberships.purge(session, team.id)
    return len(due)


async def set_project_role(
    session: AsyncSession, asker: Principal, *, team_id: UUID, project_id: UUID, user_id: UUID, role: Role | None
) -> None:
    """Give a member another role in one project, or none of its own. Raises NotFound, Forbidden, Conflict."""
    await _held_in_project(session, asker, team_id, project_id)
    member = await memberships.membership(session, team_id, user_id)
    if member is None:
        raise NotFound("member_not_found", "There is no such member in the project's team. Invite them to it first.")
    if role is None:
        changed = await memberships.clear_project_role(session, project_id, user_id)
    else:
        if RANK[role] > RANK[Role.admin]:
            raise Conflict("role_of_team", "Owners are owners of a whole team. Choose viewer, developer or admin.")
        if at_least(member.role, Role.admin):
            raise Conflict("role_of_team", f"An {member.role} of the team has that role in all its projects.")
        await memberships.set_project_role(session, team_id=team_id, project_id=project_id, user_id=user_id, role=role)
        changed = True
    if changed:
        epoch.advance(session)
        record(
            session,
            **asker.audit(),
            action="project.role",
            subject=f"project:{project_id}",
            team_id=team_id,
            user=str(user_id),
            role=role.value if role else None,
        )


async def _held_in_project(session: AsyncSession, asker: Principal, team_id: UUID, project_id: UUID) -> None:
    """Hold a project's team, and read the asker's role in the project again under the lock. Raises Forbidden, Conflict."""
    team = await memberships.lock_team(session, team_id)
    mine = await memberships.membership(session, team_id, asker.user_id) if team else None
    if team is None or mine is None or team.deleted_at is not None:
        raise no_team()
    asker.require(Permission.project_roles, team=team_id, project=project_id)
    now = effective(mine.role, await memberships.project_role(session, project_id, asker.user_id))
    if not at_least(now, effective(asker.teams[team_id], asker.projects.get(project_id)) or Role.viewer):
        raise _role_changed()


def _role_changed() -> Conflict:
    return Conflict("role_changed", "Your role in this team has just been changed. Load the page again.")


async def _member(session: AsyncSession, team: Team, user_id: UUID) -> Membership:
    member = await memberships.membership(session, team.id, user_id)
    if member is None:
        raise NotFound("member_not_found", "There is no such member in this team.")
    return member


def refuse_above(asker: Principal, team: Team, *roles: Role) -> None:
    """Raise Forbidden for whoever is no owner and makes an owner or touches one: else an admin could take a team over."""
    if Role.owner in roles and asker.teams[team.id] != Role.owner:
        raise Forbidden("role_too_low", "Only an owner can make somebody an owner, change or remove one.")


async def _refuse_last_owner(session: AsyncSession, team: Team, user_id: UUID) -> None:
    if not await memberships.owners(session, team.id, besides=user_id):
        raise Conflict("last_owner", "A team needs an owner. Make somebody else an owner first, or delete the team.")


def _taken(name: str) -> Conflict:
    sentence = f"A team is named {name} already. Choose another name."
    return Conflict("name_taken", sentence, fields={"name": sentence})


def _record(session: AsyncSession, asker: Principal, action: str, team: Team, **detail: Any) -> None:
    epoch.advance(session)
    announce(session, topic(team.id))
    asked_by: Mapping[str, Any] = asker.audit()
    record(session, **asked_by, action=action, subject=f"team:{team.id}", team_id=team.id, **detail)
