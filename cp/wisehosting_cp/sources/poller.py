"""The poll loop: branches that are due are looked at, a few at a time. Once an hour it also clears away what is too old."""

import asyncio
import contextlib
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts import once
from wisehosting_cp.accounts.second_factor import passkeys, resets
from wisehosting_cp.accounts.second_factor import service as second_factor
from wisehosting_cp.accounts.sessions import service as sessions
from wisehosting_cp.accounts.sign_in import admission
from wisehosting_cp.deployments.models import Cause
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.sources import repository
from wisehosting_cp.sources.looking import look_quietly

log = logger(__name__)

AT_ONCE = 4
LEASE = timedelta(seconds=120)
"""Longer than a look can take; a process that died gives its looks back then."""
LONGEST_SLEEP_SECONDS = 5
KEEP_DELIVERIES = timedelta(days=30)
TIDY_SECONDS = 3600


async def poll_once(ctx: Context) -> int:
    """Look at what is due now and return how many branches that were. Nothing due: one query."""
    looked = 0
    while True:
        async with ctx.db.transaction() as session:
            due = await repository.take_due(session, ctx.clock.now(), limit=AT_ONCE, lease=LEASE)
        if not due:
            return looked
        async with asyncio.TaskGroup() as group:
            for project_id in due:
                group.create_task(_look(ctx, project_id))
        looked += len(due)


async def _look(ctx: Context, project_id: UUID) -> None:
    try:
        looked = await look_quietly(ctx, project_id, cause=Cause.poll, asker={"actor": "platform"})
    except Exception:
        # One project's trouble must not stop the others; the lease runs out and it is tried again.
        log.exception("look at a branch failed", project_id=str(project_id))
        return
    if looked is not None and looked.deployment is not None:
        log.info("new commit", project_id=str(project_id), deployment_id=str(looked.deployment.id))


async def tidy(session: AsyncSession, ctx: Context) -> None:
    """Delete what nobody will send again or use any more, and let lost second factors go whose reset is due."""
    await repository.forget_deliveries(session, ctx.clock.now() - KEEP_DELIVERIES)
    await once.forget_expired(session, ctx)
    for room in (sessions, admission, second_factor, passkeys, resets):
        await room.prune(session, ctx)


async def run(ctx: Context) -> None:
    """Poll for ever. Errors of the database are logged and tried again."""
    tidy_at = ctx.clock.monotonic()
    with ctx.events.listen("source:*") as listener:
        while True:
            wait = float(LONGEST_SLEEP_SECONDS)
            try:
                await poll_once(ctx)
                async with ctx.db.transaction() as session:
                    due = await repository.next_due(session)
                    if ctx.clock.monotonic() >= tidy_at:
                        await tidy(session, ctx)
                        tidy_at = ctx.clock.monotonic() + TIDY_SECONDS
                if due is not None:
                    wait = min(max((due - ctx.clock.now()).total_seconds(), 0.05), LONGEST_SLEEP_SECONDS)
            except Exception:
                log.exception("polling failed")
            with contextlib.suppress(TimeoutError):
                await listener.changed(timeout=wait)
