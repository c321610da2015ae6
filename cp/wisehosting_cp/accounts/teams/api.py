"""Teams, their members and invitations."""

from uuid import UUID

from fastapi import APIRouter

from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.access import (
    MembersChanger,
    Public,
    TeamChanger,
    TeamMaker,
    TeamMember,
    TeamOwner,
    TeamReader,
    Throttled,
)
from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.once import Once, OnceRoute
from wisehosting_cp.accounts.second_factor import step_up
from wisehosting_cp.accounts.second_factor.step_up import StepUp
from wisehosting_cp.accounts.teams import invitations
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.accounts.teams import service as teams
from wisehosting_cp.accounts.teams.schemas import (
    HandOver,
    InvitationToken,
    Invite,
    NewInvitationView,
    OfferView,
    RoleChange,
    TeamChange,
    TeamCreate,
    TeamDetail,
    TeamRow,
)
from wisehosting_cp.accounts.teams.views import detail_of, invitation_of, row_of
from wisehosting_cp.errors import NotSignedIn
from wisehosting_cp.kit.security import digest
from wisehosting_cp.kit.web import Ctx, Page, Reading, Transaction

router = APIRouter(prefix="/api/v1", tags=["teams"], route_class=OnceRoute)


@router.get("/teams", operation_id="list_teams")
async def page(session: Reading, asker: TeamReader) -> Page[TeamRow]:
    """List one's teams, the personal one first; a deleted one is there for its owners as long as it can be restored."""
    rows = await memberships.teams(session, asker.user_id)
    return Page(
        items=[
            row_of(team, role, count)
            for team, role, count in rows
            if asker.project_id is None and (team.deleted_at is None or role == Role.owner)
        ]
    )


@router.post("/teams", status_code=201, operation_id="create_team")
async def create(asked: TeamCreate, asker: TeamMaker, session: Once) -> TeamRow:
    """Make a team. Whoever makes it owns it."""
    asker.require_unlimited()
    team = await teams.create(session, asker, asked.name)
    return row_of(team, Role.owner, 1)


@router.get("/teams/{team_id}", operation_id="get_team")
async def get(team_id: UUID, session: Reading, ctx: Ctx, asker: TeamReader) -> TeamDetail:
    """Return a team with its people, and for whoever may invite with its invitations."""
    return await detail_of(session, ctx, asker, team_id)


@router.patch("/teams/{team_id}", operation_id="change_team")
async def change(team_id: UUID, asked: TeamChange, ctx: Ctx, asker: TeamChanger, session: Transaction) -> TeamDetail:
    """Rename a team, or say whether its members need a second factor, which takes a step-up. URLs of projects stay."""
    if asked.second_factor_required:
        await teams.refuse_without_factor(session, asker)
    if asked.second_factor_required is not None:
        await step_up.require(session, ctx, asker, "change_team")
    await teams.change(session, asker, team_id, name=asked.name, second_factor_required=asked.second_factor_required)
    await session.flush()
    return await detail_of(session, ctx, asker, team_id)


@router.post("/teams/{team_id}/restore", operation_id="restore_team")
async def restore(team_id: UUID, ctx: Ctx, asker: TeamMember, session: Once) -> TeamRow:
    """Take the deletion of a team back. A second run changes nothing."""
    team = await teams.restore(session, ctx, asker, team_id)
    await session.flush()
    people = await memberships.members(session, team_id)
    return row_of(team, Role.owner, len(people))


@router.post("/teams/{team_id}/hand-over", operation_id="hand_over_team", dependencies=[StepUp])
async def hand_over(team_id: UUID, asked: HandOver, ctx: Ctx, asker: TeamOwner, session: Once) -> TeamDetail:
    """Make a member the owner in one's place; one stays as admin. Needs a step-up."""
    await teams.hand_over(session, asker, team_id, asked.user_id)
    await session.flush()
    return await detail_of(session, ctx, asker, team_id)


@router.patch("/teams/{team_id}/members/{user_id}", operation_id="change_member")
async def change_member(
    team_id: UUID, user_id: UUID, asked: RoleChange, ctx: Ctx, asker: MembersChanger, session: Transaction
) -> TeamDetail:
    """Give a member another role. It holds at once, also where they are signed in. Making an owner needs a step-up."""
    if asked.role == Role.owner:
        await step_up.require(session, ctx, asker, "change_member")
    await teams.set_role(session, asker, team_id, user_id, asked.role)
    await session.flush()
    return await detail_of(session, ctx, asker, team_id)


@router.delete("/teams/{team_id}/members/{user_id}", status_code=204, operation_id="remove_member")
async def remove_member(team_id: UUID, user_id: UUID, ctx: Ctx, asker: TeamMember) -> None:
    """Take a member out of a team, or leave it."""
    async with ctx.db.transaction() as session:
        await teams.remove(session, asker, team_id, user_id)


@router.post("/teams/{team_id}/invitations", status_code=201, operation_id="invite")
async def invite(team_id: UUID, asked: Invite, ctx: Ctx, asker: MembersChanger, session: Once) -> NewInvitationView:
    """Invite an e-mail address. The answer holds the link to send, this once. Inviting an owner needs a step-up."""
    if asked.role == Role.owner:
        await step_up.require(session, ctx, asker, "invite")
    row, token = await invitations.invite(
        session, ctx, asker, team_id, email=asked.email, role=asked.role, days=asked.expires_in_days
    )
    return NewInvitationView(**invitation_of(row).model_dump(), link=invitations.link(ctx, token))


@router.delete("/teams/{team_id}/invitations/{invitation_id}", status_code=204, operation_id="revoke_invitation")
async def take_back(team_id: UUID, invitation_id: UUID, ctx: Ctx, asker: MembersChanger, session: Transaction) -> None:
    """Take an invitation back; its link stops working at once."""
    await invitations.take_back(session, ctx, asker, team_id, invitation_id)


@router.post("/invitations/offer", operation_id="get_invitation", dependencies=[Public, Throttled])
async def offer(asked: InvitationToken, session: Reading, ctx: Ctx) -> OfferView:
    """Return what an invitation offers to whoever holds its link. Looking uses nothing up."""
    return OfferView.model_validate(await invitations.offer(session, ctx, asked.token), from_attributes=True)


@router.post("/invitations/accept", operation_id="accept_invitation")
async def accept(asked: InvitationToken, ctx: Ctx, asker: TeamMember, session: Once) -> OfferView:
    """Accept an invitation where one is signed in with its address already."""
    user = await accounts.user(session, asker.user_id)
    if user is None or asker.session_id is None:
        raise NotSignedIn("Accept invitations in a browser, signed in.")
    offered = await invitations.offer(session, ctx, asked.token)
    await invitations.accept(
        session, ctx, user, digest(asked.token), address=asker.address, request_id=asker.request_id
    )
    await session.flush()
    return OfferView.model_validate(offered, from_attributes=True)
