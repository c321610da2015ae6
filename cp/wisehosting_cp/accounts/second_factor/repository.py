"""SQL of the second factor."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import Membership
from wisehosting_cp.accounts.second_factor.models import (
    Passkey,
    RecoveryCode,
    SecondFactorAttempt,
    SecondFactorReset,
    TotpCredential,
)


async def lock(session: AsyncSession, user_id: UUID) -> None:
    """Let one attempt at a time be decided for this user."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"second-factor|{user_id}", 0))))


async def totp(session: AsyncSession, user_id: UUID) -> TotpCredential | None:
    """Return the user's authenticator app, confirmed or not, as it is in the database now."""
    query = select(TotpCredential).where(TotpCredential.user_id == user_id)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def members_without(session: AsyncSession, team_id: UUID) -> int:
    """Return how many members of a team have no second factor."""
    by_app = exists().where(TotpCredential.user_id == Membership.user_id, TotpCredential.confirmed_at.is_not(None))
    by_passkey = exists().where(Passkey.user_id == Membership.user_id)
    query = select(func.count()).select_from(Membership).where(Membership.team_id == team_id, ~by_app, ~by_passkey)
    return (await session.execute(query)).scalar_one()


async def put_totp(session: AsyncSession, user_id: UUID, sealed_secret: bytes, *, holder: str, now: datetime) -> bool:
    """Keep a secret that is not confirmed yet, in place of one that was not; False when there is a confirmed one."""
    fresh = {"sealed_secret": sealed_secret, "holder": holder, "created_at": now, "last_step": 0}
    statement = insert(TotpCredential).values(user_id=user_id, **fresh)
    statement = statement.on_conflict_do_update(
        index_elements=["user_id"],
        set_=fresh,
        where=TotpCredential.confirmed_at.is_(None),
    )
    return (await session.execute(statement.returning(TotpCredential.user_id))).scalar_one_or_none() is not None


async def confirm_totp(session: AsyncSession, user_id: UUID, step: int, now: datetime) -> bool:
    """Make a secret count; False when it did before."""
    statement = update(TotpCredential).where(TotpCredential.user_id == user_id, TotpCredential.confirmed_at.is_(None))
    done = await session.execute(statement.values(confirmed_at=now, last_step=step).returning(TotpCredential.user_id))
    return done.scalar_one_or_none() is not None


async def take_step(session: AsyncSession, user_id: UUID, step: int) -> bool:
    """Use a time step up; False when it, or a later one, was used before: the database decides who of two gets it."""
    statement = update(TotpCredential).where(
        TotpCredential.user_id == user_id, TotpCredential.confirmed_at.is_not(None), TotpCredential.last_step < step
    )
    done = await session.execute(statement.values(last_step=step).returning(TotpCredential.user_id))
    return done.scalar_one_or_none() is not None


async def delete_totp(session: AsyncSession, user_id: UUID) -> bool:
    """Delete the authenticator app; False when there was no confirmed one."""
    statement = delete(TotpCredential).where(TotpCredential.user_id == user_id)
    return (await session.execute(statement.returning(TotpCredential.confirmed_at))).scalar_one_or_none() is not None


async def forget_begun_totp(session: AsyncSession, before: datetime) -> None:
    """Delete authenticator apps that were begun before then and never confirmed."""
    await session.execute(
        delete(TotpCredential).where(TotpCredential.confirmed_at.is_(None), TotpCredential.created_at < before)
    )


async def replace_codes(session: AsyncSession, user_id: UUID, hashes: Sequence[str], salt: bytes) -> None:
    """Keep new recovery codes; the ones before end."""
    await delete_codes(session, user_id)
    session.add_all(RecoveryCode(user_id=user_id, salt=salt, code_hash=one) for one in hashes)
    await session.flush()


async def delete_codes(session: AsyncSession, user_id: UUID) -> None:
    """Delete the user's recovery codes."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


async def codes_left(session: AsyncSession, user_id: UUID) -> int:
    """Return how many recovery codes were not used yet."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return int((await session.execute(query)).scalar_one())


async def salt(session: AsyncSession, user_id: UUID) -> bytes | None:
    """Return the salt of the user's recovery codes."""
    query = select(RecoveryCode.salt).where(RecoveryCode.user_id == user_id).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def take_code(session: AsyncSession, user_id: UUID, code_hash: str, now: datetime) -> bool:
    """Use a recovery code up; False when there is none with this hash that was not used."""
    statement = update(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None)
    )
    done = await session.execute(statement.values(used_at=now).returning(RecoveryCode.id))
    return done.scalar_one_or_none() is not None


async def reset_at(session: AsyncSession, user_id: UUID) -> datetime | None:
    """Return when an operator's reset takes the user's factors away, or None."""
    query = select(SecondFactorReset.due_at).where(SecondFactorReset.user_id == user_id)
    return (await session.execute(query)).scalar_one_or_none()


async def take_reset(session: AsyncSession, user_id: UUID, now: datetime) -> datetime | None:
    """Take a reset out that is due; return when it was asked for, or None when there is none any more."""
    statement = delete(SecondFactorReset).where(SecondFactorReset.user_id == user_id, SecondFactorReset.due_at <= now)
    return (await session.execute(statement.returning(SecondFactorReset.requested_at))).scalar_one_or_none()


async def forget_reset(session: AsyncSession, user_id: UUID) -> bool:
    """Take a reset back; False when there is none."""
    statement = delete(SecondFactorReset).where(SecondFactorReset.user_id == user_id)
    return (await session.execute(statement.returning(SecondFactorReset.user_id))).scalar_one_or_none() is not None


async def attempts(session: AsyncSession, user_id: UUID, since: datetime, limit: int) -> list[datetime]:
    """Return when this user's second factor was refused, newest first."""
    query = select(SecondFactorAttempt.at).where(SecondFactorAttempt.user_id == user_id, SecondFactorAttempt.at > since)
    return list((await session.execute(query.order_by(SecondFactorAttempt.at.desc()).limit(limit))).scalars())


async def add_attempt(session: AsyncSession, user_id: UUID, at: datetime) -> None:
    """Note a refusal."""
    session.add(SecondFactorAttempt(user_id=user_id, at=at))
    await session.flush()


async def forget_attempts(session: AsyncSession, before: datetime) -> None:
    """Delete what was noted before then."""
    await session.execute(delete(SecondFactorAttempt).where(SecondFactorAttempt.at < before))
