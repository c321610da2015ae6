"""The people of the platform, as its operators see them: listed, shut out, let in again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.models import ApiToken, BrowserSession, Membership, Role, Team, User
from wisehosting_cp.accounts.second_factor.models import PendingSignIn
from wisehosting_cp.errors import Conflict, NotFound
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context


@dataclass(frozen=True)
class Ended:
    """What ended with somebody's access."""

    sessions: int
    tokens: int


async def person(session: AsyncSession, named: str) -> User:
    """Return the user with this id or e-mail address. Raises NotFound, and Conflict when several have the address."""
    try:
        query = select(User).where(User.id == UUID(named))
    except ValueError:
        query = select(User).where(func.lower(User.email) == named.lower())
    found = list((await session.execute(query.order_by(User.id))).scalars())
    if not found:
        raise NotFound("user_unknown", f"Nobody here is {named}. Give the e-mail address or the id of a user.")
    if len(found) > 1:
        ids = ", ".join(str(user.id) for user in found)
        raise Conflict("email_ambiguous", f"Several users have this address. Give one of their ids: {ids}")
    return found[0]


async def page(session: AsyncSession, *, before: UUID | None, limit: int) -> Sequence[User]:
    """Return everybody who ever signed in, newest first."""
    query = select(User).order_by(User.id.desc()).limit(limit)
    if before is not None:
        query = query.where(User.id < before)
    return (await session.execute(query)).scalars().all()


async def disable(
    session: AsyncSession,
    ctx: Context,
    user_id: UUID,
    *,
    asker: Mapping[str, Any],
    although_last_owner: bool = False,
) -> tuple[User, Ended]:
    """Shut somebody out within a second: sessions, tokens and sign-ins end, and no new ones begin.

    A second run changes nothing. Raises NotFound, and Conflict when the platform would be left without an operator, or,
    unless `although_last_owner`, a team with other members without an owner.
    """
    await _hold_teams(session, user_id)
    operators = set((await session.execute(_operators())).scalars())
    user = await _held(session, user_id)
    if user.disabled_at is not None:
        return user, Ended(0, 0)
    # Counted now that nobody can hand them a team any more.
    stranded = await _teams_left_without_owner(session, user_id)
    if operators <= {user.id} and user.operator:
        raise Conflict(
            "last_operator",
            "This is the platform's only operator. Make another first: wh-cp bootstrap --another prints a link for one.",
        )
    if stranded and not although_last_owner:
        raise Conflict(
            "last_owner",
            f"This is the only owner of {', '.join(stranded[:5])}, which others are in. Have an owner added first, or "
            "say that it is to be done all the same: until they are enabled again nobody owns it then.",
        )
    user.disabled_at = ctx.clock.now()
    ended = await _end_all(session, ctx, user_id)
    record(
        session,
        **asker,
        action="user.disable",
        subject=f"user:{user_id}",
        sessions=ended.sessions,
        tokens=ended.tokens,
        ownerless=stranded,
    )
    return user, ended


async def enable(session: AsyncSession, ctx: Context, user_id: UUID, *, asker: Mapping[str, Any]) -> User:
    """Let somebody sign in again; what ended stays ended. A second run changes nothing. Raises NotFound."""
    user = await _held(session, user_id)
    if user.disabled_at is not None:
        # A sign-in that was under way when they were disabled must not come to life now.
        await _end_all(session, ctx, user_id)
        user.disabled_at = None
        record(session, **asker, action="user.enable", subject=f"user:{user_id}")
    return user


async def _held(session: AsyncSession, user_id: UUID) -> User:
    query = select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    user = (await session.execute(query)).scalar_one_or_none()
    if user is None:
        raise NotFound("user_unknown", "Nobody here has this id.")
    return user


def _operators() -> Select[UUID]:
    # Held, so that of two operators who disable each other one stays.
    return (
        select(User.id).where(User.operator.is_(True), User.disabled_at.is_(None)).order_by(User.id).with_for_update()
    )


def _owned(user_id: UUID) -> Select[UUID, str]:
    return (
        select(Team.id, Team.name)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.user_id == user_id, Membership.role == Role.owner)
        .where(Team.personal.is_(False), Team.deleted_at.is_(None))
        .order_by(Team.id)
    )


async def _hold_teams(session: AsyncSession, user_id: UUID) -> None:
    """Let who owns the teams of this user stay as it is. Before the user: whoever hands a team over holds it first."""
    await session.execute(_owned(user_id).with_for_update(of=Team))


async def _teams_left_without_owner(session: AsyncSession, user_id: UUID) -> list[str]:
    """Name the teams with other members whose only owner who can sign in this is."""
    teams = {row.id: row.name for row in await session.execute(_owned(user_id))}
    other = aliased(Membership)
    query = (
        select(other.team_id)
        .join(User, User.id == other.user_id)
        .where(other.team_id.in_(teams), other.user_id != user_id, User.disabled_at.is_(None))
        .group_by(other.team_id)
        .having(func.count().filter(other.role == Role.owner) == 0)
    )
    return sorted(teams[team_id] for team_id in (await session.execute(query)).scalars())


async def _end_all(session: AsyncSession, ctx: Context, user_id: UUID) -> Ended:
    now = ctx.clock.now()
    counted = []
    for table in (BrowserSession, ApiToken):
        ended = await session.execute(
            update(table)
            .where(table.user_id == user_id, table.revoked_at.is_(None), table.expires_at > now)
            .values(revoked_at=now)
            .returning(table.id)
        )
        counted.append(len(ended.scalars().all()))
    await session.execute(delete(PendingSignIn).where(PendingSignIn.user_id == user_id))
    epoch.advance(session)
    return Ended(*counted)
