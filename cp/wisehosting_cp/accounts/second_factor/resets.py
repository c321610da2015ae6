"""A lost second factor: an operator asks for its reset, the person is told meanwhile and may cancel, then it happens by itself."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.models import ApiToken, BrowserSession
from wisehosting_cp.accounts.principal import PLATFORM
from wisehosting_cp.accounts.second_factor import repository
from wisehosting_cp.accounts.second_factor import service as second_factor
from wisehosting_cp.accounts.second_factor.models import Passkey, SecondFactorReset, TotpCredential
from wisehosting_cp.errors import Conflict, NotFound
from wisehosting_cp.kit.context import Context


async def ask(session: AsyncSession, ctx: Context, user_id: UUID) -> datetime:
    """Ask for a reset; return when it happens. A second run changes nothing. Raises Conflict when there is no factor."""
    if not (await second_factor.factors(session, user_id)).needed:
        raise Conflict("no_second_factor", "This user has no second factor. There is nothing to reset.")
    now = ctx.clock.now()
    due = now + timedelta(hours=ctx.settings.second_factor_reset_hours)
    statement = insert(SecondFactorReset).values(user_id=user_id, requested_at=now, due_at=due)
    made = await session.execute(statement.on_conflict_do_nothing().returning(SecondFactorReset.due_at))
    if made.scalar_one_or_none() is None:
        asked_before = await repository.reset_at(session, user_id)
        return due if asked_before is None else asked_before
    await second_factor.note(session, user_id, PLATFORM, "second_factor.reset_asked", due_at=due.isoformat())
    return due


async def cancel(session: AsyncSession, user_id: UUID, asker: Mapping[str, Any]) -> None:
    """Keep the second factor after all. Raises NotFound when no reset is under way."""
    if not await repository.forget_reset(session, user_id):
        raise NotFound
    await second_factor.note(session, user_id, asker, "second_factor.reset_cancelled")


async def happen(session: AsyncSession, ctx: Context, user_id: UUID | None = None) -> None:
    """Take the factors of those away whose reset is due: of one person, or of all. A second run finds none.

    A factor that was added after the reset was asked for stays, and with it the recovery codes. All sessions and
    tokens count as without a factor until one is given anew: until now whoever had found the lost one could give it.
    """
    due = select(SecondFactorReset.user_id).where(SecondFactorReset.due_at <= ctx.clock.now())
    if user_id is not None:
        due = due.where(SecondFactorReset.user_id == user_id)
    for lost in list((await session.execute(due.order_by(SecondFactorReset.user_id))).scalars()):
        await repository.lock(session, lost)
        asked_at = await repository.take_reset(session, lost, ctx.clock.now())
        if asked_at is not None:
            await _take_away(session, lost, asked_at)


async def _take_away(session: AsyncSession, user_id: UUID, asked_at: datetime) -> None:
    for table, added_at in ((TotpCredential, TotpCredential.confirmed_at), (Passkey, Passkey.created_at)):
        await session.execute(delete(table).where(table.user_id == user_id, added_at <= asked_at))
    if not (await second_factor.factors(session, user_id)).needed:
        await repository.delete_codes(session, user_id)
    await session.execute(update(BrowserSession).where(BrowserSession.user_id == user_id).values(stepped_up_at=None))
    await session.execute(update(ApiToken).where(ApiToken.user_id == user_id).values(second_factor=False))
    epoch.advance(session)
    await second_factor.note(session, user_id, PLATFORM, "second_factor.reset")


async def prune(session: AsyncSession, ctx: Context) -> None:
    """Let all resets happen that are due."""
    await happen(session, ctx)
