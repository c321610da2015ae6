"""Ways in, each good once: into a team for one verified e-mail address, and the first operator's."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.models import Invitation, Role, Team, User
from wisehosting_cp.accounts.permissions import Permission, at_least
from wisehosting_cp.accounts.principal import PLATFORM, Principal
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.accounts.teams import service as teams
from wisehosting_cp.errors import Conflict, Forbidden, NotFound
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.kit.security import digest, new_token

DAYS = 7
BOOTSTRAP_MINUTES = 60


@dataclass(frozen=True)
class Offer:
    """What an invitation offers, for whoever holds its link."""

    team: str | None
    role: Role | None
    email: str | None
    invited_by: str | None
    operator: bool


def gone() -> NotFound:
    """Return the one answer to a link that is unknown, used, taken back or too old."""
    return NotFound(
        "invitation_gone", "This invitation was used, taken back, or is too old. Ask whoever invited you for a new one."
    )


def link(ctx: Context, token: str) -> str:
    """Return the address to open. The token stands behind the #, which browsers send to nobody."""
    return f"{ctx.settings.public_url.rstrip('/')}/invitation#{token}"


async def invite(
    session: AsyncSession, ctx: Context, asker: Principal, team_id: UUID, *, email: str, role: Role, days: int
) -> tuple[Invitation, str]:
    """Invite an address into a team; earlier open invitations of it end. Returns the row and its token, shown once.

    Raises NotFound, Forbidden, Conflict.
    """
    team = await teams.held(session, asker, team_id, Permission.members_change)
    if team.personal:
        raise Conflict("team_personal", "A personal team has one member. Make a team to work with others.")
    teams.refuse_above(asker, team, role)
    address = email.strip().lower()
    if any(member.email.lower() == address for member, _ in await memberships.members(session, team_id)):
        raise Conflict("member_already", f"{address} is in this team already. Change the role there instead.")
    now = ctx.clock.now()
    earlier = await memberships.revoke_invitations(session, now, team_id=team_id, email=address)
    teams.record_revoked(session, asker.audit(), earlier)
    row, token = _new(ctx, days=days)
    row.team_id, row.role, row.email, row.invited_by = team_id, role, address, asker.user_id
    session.add(row)
    await session.flush()
    announce(session, teams.topic(team_id))
    record(
        session,
        **asker.audit(),
        action="invitation.create",
        subject=f"invitation:{row.id}",
        team_id=team_id,
        email=address,
        role=role.value,
    )
    return row, token


async def take_back(session: AsyncSession, ctx: Context, asker: Principal, team_id: UUID, invitation_id: UUID) -> None:
    """Take an open invitation back. Raises NotFound for any other, also for one taken back before."""
    await teams.held(session, asker, team_id, Permission.members_change)
    gone_ones = await memberships.revoke_invitations(session, ctx.clock.now(), team_id=team_id, ids=[invitation_id])
    if not gone_ones:
        raise gone()
    announce(session, teams.topic(team_id))
    teams.record_revoked(session, asker.audit(), gone_ones)


async def _found(session: AsyncSession, ctx: Context, token_hash: bytes) -> Invitation | None:
    """Return an invitation that can be accepted: whoever made it must still be allowed to."""
    found = await memberships.invitation(session, token_hash, ctx.clock.now())
    if found is None or found.team_id is None or found.invited_by is None:
        return found
    inviter = await accounts.user(session, found.invited_by)
    if inviter is None or inviter.disabled_at is not None:
        return None
    member = await memberships.membership(session, found.team_id, found.invited_by)
    wanted = Role.owner if found.role == Role.owner else Role.admin
    return found if at_least(member.role if member else None, wanted) else None


async def offer(session: AsyncSession, ctx: Context, token: str) -> Offer:
    """Return what a link offers; looking uses nothing up. Raises NotFound."""
    found = await _found(session, ctx, digest(token))
    team = await session.get(Team, found.team_id) if found and found.team_id else None
    if found is None or (found.team_id and (team is None or team.deleted_at is not None)):
        raise gone()
    inviter = await accounts.user(session, found.invited_by) if found.invited_by else None
    return Offer(
        team=team.name if team else None,
        role=found.role,
        email=found.email,
        invited_by=inviter.name if inviter else None,
        operator=found.operator,
    )


async def fits(
    session: AsyncSession, ctx: Context, token_hash: bytes, email: str, *, operators_only: bool = False
) -> bool:
    """Whether somebody with this verified address may come in by an invitation, or only by an operator's link."""
    found = await _found(session, ctx, token_hash)
    if found is None or (operators_only and not found.operator):
        return False
    return found.email is None or found.email == email.lower()


async def accept(
    session: AsyncSession, ctx: Context, user: User, token_hash: bytes, *, address: str, request_id: str
) -> Invitation:
    """Use an invitation up for a signed-in person: they join the team, or operate the platform.

    Of many at once one gets it. A member keeps the higher of both roles. Raises NotFound, Forbidden.
    """
    known = await memberships.invitation(session, token_hash, ctx.clock.now())
    # Under the team's lock nobody loses the right to invite between the look and the joining.
    team = await memberships.lock_team(session, known.team_id) if known and known.team_id else None
    found = await _found(session, ctx, token_hash)
    if found is None or (found.team_id and (team is None or team.deleted_at is not None)):
        raise gone()
    if found.email is not None and found.email != user.email.lower():
        raise Forbidden(
            "invitation_of_another", f"This invitation is for {found.email}. Sign in with that address to accept it."
        )
    taken = await memberships.accept(session, token_hash, user_id=user.id, now=ctx.clock.now())
    if taken is None:
        raise gone()
    epoch.advance(session)
    if taken.operator:
        user.operator = True
    if taken.team_id and taken.role:
        mine = await memberships.membership(session, taken.team_id, user.id)
        if not at_least(mine.role if mine else None, taken.role):
            await memberships.set_role(session, taken.team_id, user.id, taken.role)
        announce(session, teams.topic(taken.team_id))
    record(
        session,
        actor=f"user:{user.id}",
        action="invitation.accept",
        subject=f"invitation:{taken.id}",
        team_id=taken.team_id,
        address=address,
        request_id=request_id,
        role=taken.role.value if taken.role else None,
        operator=taken.operator,
    )
    return taken


async def bootstrap(session: AsyncSession, ctx: Context, *, another: bool = False) -> str:
    """Return the link by which the first operator comes in, good once for an hour; earlier ones end.

    Raises Conflict when there is an operator already and `another` was not asked for.
    """
    operators = await memberships.operators(session)
    if operators and not another:
        raise Conflict(
            "operator_exists",
            f"This platform has {operators} operators already. Add --another to make a link for one more.",
        )
    earlier = await memberships.revoke_invitations(session, ctx.clock.now(), team_id=None)
    teams.record_revoked(session, PLATFORM, earlier)
    row, token = _new(ctx, minutes=BOOTSTRAP_MINUTES)
    row.operator = True
    session.add(row)
    await session.flush()
    record(session, actor="platform", action="invitation.bootstrap", subject=f"invitation:{row.id}", another=another)
    return link(ctx, token)


def _new(ctx: Context, *, days: int = 0, minutes: int = 0) -> tuple[Invitation, str]:
    token, now = new_token(), ctx.clock.now()
    row = Invitation(
        id=new_id(),
        token_hash=digest(token),
        operator=False,
        created_at=now,
        expires_at=now + timedelta(days=days, minutes=minutes),
    )
    return row, token
