"""Revocation within a second, everywhere: a counter in one row, which every process reads twice a second (design §8.8).

Whatever takes something away from somebody (a session or token revoked, a role lowered, a user disabled) advances it in
the same transaction. A process that sees it move drops the credentials it remembers, and its streams ask again whether
they may go on. NOTIFY is not relied on: it does not pass every pooler, and is lost with its connection.
"""

import asyncio

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.models import SecurityEpoch
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE, announce, before_commit
from wisehosting_cp.kit.events import SECURITY
from wisehosting_cp.kit.logging import logger

log = logger(__name__)

READ_SECONDS = 0.5
_READ = "SELECT value FROM security_epoch"


def advance(session: AsyncSession) -> None:
    """Make what this transaction revokes known everywhere. A second call in the same transaction changes nothing.

    The counter is written at the commit's edge, before the audit rows: every transaction takes these locks in one order
    and holds the row for a moment only.
    """
    if not session.info.get(SECURITY):
        session.info[SECURITY] = True
        before_commit(session, _count, first=True)
        announce(session, SECURITY)


async def _count(session: AsyncSession) -> None:
    await session.execute(update(SecurityEpoch).values(value=SecurityEpoch.value + 1))


async def watch(ctx: Context) -> None:
    """Read the counter for ever, and wake whoever remembers credentials when it moved or cannot be read."""
    seen: int | None = None
    while True:
        found = await _read(ctx)
        if found is None or found != seen:
            ctx.events.publish([SECURITY])
        seen = found
        await asyncio.sleep(READ_SECONDS)


async def _read(ctx: Context) -> int | None:
    try:
        async with asyncio.timeout(READ_SECONDS), ctx.db.hot() as connection:
            return int(await connection.fetchval(_READ))
    except UNREACHABLE:
        log.exception("could not read the security counter")
        return None
