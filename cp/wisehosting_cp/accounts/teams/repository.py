"""SQL of teams, their members and invitations."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import (
    Invitation,
    Membership,
    ProjectRole,
    Role,
    Team,
    User,
)

RUN_OUT = timedelta(days=7)
"""An invitation that nobody accepted in time is shown for so long."""


async def lock_team(session: AsyncSession, team_id: UUID) -> Team | None:
    """Return a team, held until the transaction ends: who is in it changes one step at a time."""
    query = select(Team).where(Team.id == team_id).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def add_team(session: AsyncSession, name: str, *, personal: bool = False) -> Team | None:
    """Make a team without members, or return None when the name is taken."""
    made = insert(Team).values(name=name, personal=personal, second_factor_required=False)
    statement = made.on_conflict_do_nothing(index_elements=["name"]).returning(Team)
    return (await session.execute(statement)).scalar_one_or_none()


async def name_taken(session: AsyncSession, name: str) -> bool:
    """Whether a team has this name, a deleted one included."""
    return (await session.execute(select(Team.id).where(Team.name == name))).scalar_one_or_none() is not None


async def teams(session: AsyncSession, user_id: UUID) -> Sequence[Row[Team, Role, int]]:
    """Return somebody's teams with their role and how many are in it; the personal one first, then by name."""
    count = select(func.count()).where(Membership.team_id == Team.id).correlate(Team).scalar_subquery()
    query = (
        select(Team, Membership.role, count)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.user_id == user_id)
        .order_by(Team.personal.desc(), Team.name)
    )
    return (await session.execute(query)).all()


async def members(session: AsyncSession, team_id: UUID) -> Sequence[Row[User, Role]]:
    """Return who is in a team, by name."""
    query = (
        select(User, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.team_id == team_id)
        .order_by(User.name, User.id)
    )
    return (await session.execute(query)).all()


async def membership(session: AsyncSession, team_id: UUID, user_id: UUID) -> Membership | None:
    """Return somebody's membership."""
    query = select(Membership).where(Membership.team_id == team_id, Membership.user_id == user_id)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def owners(session: AsyncSession, team_id: UUID, *, besides: UUID | None = None) -> int:
    """Return how many owners a team has who can sign in, perhaps besides somebody."""
    query = (
        select(func.count())
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .where(Membership.team_id == team_id, Membership.role == Role.owner)
        .where(User.disabled_at.is_(None))
    )
    if besides is not None:
        query = query.where(Membership.user_id != besides)
    return (await session.execute(query)).scalar_one()


async def set_role(session: AsyncSession, team_id: UUID, user_id: UUID, role: Role) -> None:
    """Put somebody into a team, or give a member another role."""
    statement = insert(Membership).values(team_id=team_id, user_id=user_id, role=role)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["team_id", "user_id"], set_={"role": statement.excluded.role})
    )


async def remove(session: AsyncSession, team_id: UUID, user_id: UUID) -> bool:
    """Take somebody out of a team, their roles in its projects with it. False when they were not in it."""
    statement = delete(Membership).where(Membership.team_id == team_id, Membership.user_id == user_id)
    return (await session.execute(statement.returning(Membership.user_id))).scalar_one_or_none() is not None


async def project_roles(session: AsyncSession, project_id: UUID) -> Sequence[Row[User, Role, Role]]:
    """Return who has another role in a project than in its team: the person, the role there, the role in the team."""
    query = (
        select(User, ProjectRole.role, Membership.role)
        .join(ProjectRole, ProjectRole.user_id == User.id)
        .join(Membership, (Membership.user_id == User.id) & (Membership.team_id == ProjectRole.team_id))
        .where(ProjectRole.project_id == project_id)
        .order_by(User.name, User.id)
    )
    return (await session.execute(query)).all()


async def set_project_role(
    session: AsyncSession, *, team_id: UUID, project_id: UUID, user_id: UUID, role: Role
) -> None:
    """Give a member another role in one project."""
    statement = insert(ProjectRole).values(team_id=team_id, project_id=project_id, user_id=user_id, role=role)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["project_id", "user_id"], set_={"role": statement.excluded.role}
        )
    )


async def project_role(session: AsyncSession, project_id: UUID, user_id: UUID) -> Role | None:
    """Return the role somebody has in a project where it is another than in its team."""
    query = select(ProjectRole.role).where(ProjectRole.project_id == project_id, ProjectRole.user_id == user_id)
    return (await session.execute(query)).scalar_one_or_none()


async def clear_project_role(session: AsyncSession, project_id: UUID, user_id: UUID) -> bool:
    """Let the team's role count again. False when it did already."""
    statement = delete(ProjectRole).where(ProjectRole.project_id == project_id, ProjectRole.user_id == user_id)
    return (await session.execute(statement.returning(ProjectRole.user_id))).scalar_one_or_none() is not None


async def forget_project(session: AsyncSession, project_id: UUID) -> None:
    """Delete the roles in a project that is gone."""
    await session.execute(delete(ProjectRole).where(ProjectRole.project_id == project_id))


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now)


async def invitations(session: AsyncSession, team_id: UUID, now: datetime) -> Sequence[Invitation]:
    """Return a team's invitations that can still be accepted, and those just run out, newest first."""
    query = (
        select(Invitation).where(Invitation.team_id == team_id, *_open(now - RUN_OUT)).order_by(Invitation.id.desc())
    )
    return (await session.execute(query)).scalars().all()


async def invitation(session: AsyncSession, token_hash: bytes, now: datetime) -> Invitation | None:
    """Return an invitation that can still be accepted."""
    query = select(Invitation).where(Invitation.token_hash == token_hash, *_open(now))
    return (await session.execute(query)).scalar_one_or_none()


async def accept(session: AsyncSession, token_hash: bytes, *, user_id: UUID, now: datetime) -> Invitation | None:
    """Use an invitation up. The database decides who of many gets it; None for all others."""
    statement = (
        update(Invitation)
        .where(Invitation.token_hash == token_hash, *_open(now))
        .values(accepted_at=now, accepted_by=user_id)
        .returning(Invitation)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def revoke_invitations(
    session: AsyncSession,
    now: datetime,
    *,
    team_id: UUID | None,
    ids: Collection[UUID] | None = None,
    email: str | None = None,
) -> Sequence[Invitation]:
    """Take back open invitations of a team, or the first operator's; return them."""
    conditions = [Invitation.team_id == team_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)]
    if ids is not None:
        conditions.append(Invitation.id.in_(ids))
    if email is not None:
        conditions.append(Invitation.email == email)
    statement = update(Invitation).where(*conditions).values(revoked_at=now).returning(Invitation)
    return (await session.execute(statement)).scalars().all()


async def operators(session: AsyncSession) -> int:
    """Return how many people operate the platform."""
    query = select(func.count()).where(User.operator.is_(True), User.disabled_at.is_(None))
    return (await session.execute(query)).scalar_one()


async def purgeable(session: AsyncSession, now: datetime) -> Sequence[Team]:
    """Return the teams whose time to be restored is over, held for this transaction."""
    query = select(Team).where(Team.purge_at <= now).with_for_update(skip_locked=True).limit(100)
    return (await session.execute(query)).scalars().all()


async def purge(session: AsyncSession, team_id: UUID) -> None:
    """Delete a team with its memberships and invitations."""
    await session.execute(delete(Membership).where(Membership.team_id == team_id))
    await session.execute(delete(Team).where(Team.id == team_id))


async def held_user(session: AsyncSession, user_id: UUID) -> User | None:
    """Return a user as they are now; until the transaction ends they are not disabled."""
    query = select(User).where(User.id == user_id).with_for_update(read=True)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
