"""Holds logs to their size and age."""

import asyncio
from datetime import timedelta

from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.telemetry import log

PERIOD_SECONDS = 60
logs = logger(__name__)


async def keep(ctx: Context, period: float = PERIOD_SECONDS) -> None:
    """Trim what grew since the last pass, for ever; an unreachable database is tried again."""
    while True:
        await asyncio.sleep(period)
        try:
            async with ctx.db.transaction() as session:
                gone = await log.retain(session, ctx, since=timedelta(seconds=3 * period))
        except UNREACHABLE as error:
            logs.warning("cannot trim logs, trying again", error=str(error))
        else:
            if gone:
                logs.info("log chunks dropped", count=gone)
