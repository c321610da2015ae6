"""Webhooks: an opaque address, a secret, and a signature over the raw bytes. What comes in is a hint and nothing more."""

import asyncio
import hashlib
import hmac
import re
import secrets
import weakref
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments.models import Cause
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_cp.kit.security import new_token
from wisehosting_cp.projects.models import Project
from wisehosting_cp.sources import repository
from wisehosting_cp.sources.looking import Looked, look_quietly
from wisehosting_cp.sources.models import Webhook

BODY_LIMIT = 1024 * 1024
SAME_BODY_AGAIN = timedelta(seconds=30)
"""Providers without a delivery id may send the same bytes for the next push."""
_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})\Z")
_DELIVERY = re.compile(r"[A-Za-z0-9._:-]{1,100}\Z")


def signed(secret: bytes, body: bytes, signatures: Sequence[str]) -> bool:
    """Tell whether exactly one signature came and it is the HMAC-SHA256 of the body, in constant time."""
    wanted = hmac.new(secret, body, hashlib.sha256).hexdigest()
    match = _SIGNATURE.match(signatures[0]) if len(signatures) == 1 else None
    given = match[1] if match else "0" * 64
    return hmac.compare_digest(wanted, given) and match is not None


def url_of(ctx: Context, hook: Webhook) -> str:
    """Return the address to give to the provider."""
    return f"{ctx.settings.public_url.rstrip('/')}/hooks/{hook.id}"


async def create(session: AsyncSession, ctx: Context, project: Project) -> Webhook:
    """Make a project's webhook, with a secret that nobody knows until a new one is asked for."""
    hook = Webhook(id=secrets.token_urlsafe(24), project_id=project.id, sealed_secret=b"", created_at=ctx.clock.now())
    await new_secret(session, ctx, hook)
    session.add(hook)
    await session.flush()
    return hook


async def new_secret(session: AsyncSession, ctx: Context, hook: Webhook) -> str:  # noqa: ARG001 - a write, in a transaction
    """Give a webhook a new secret and return it; the old one ends."""
    secret = new_token()
    hook.sealed_secret = ctx.sealer.seal(secret.encode(), table="webhooks", column="sealed_secret", row=hook.id)
    return secret


async def verified(ctx: Context, hook_id: str, body: bytes, signatures: Sequence[str]) -> UUID | None:
    """Return the project of a call whose signature is right. An unknown hook costs as much as a wrong signature."""
    async with ctx.db.read() as session:
        hook = await repository.hook(session, hook_id)
    secret = (
        ctx.sealer.open(hook.sealed_secret, table="webhooks", column="sealed_secret", row=hook.id)
        if hook is not None
        else bytes(43)
    )
    right = signed(secret, body, signatures)
    return hook.project_id if hook is not None and right else None


async def first_time(ctx: Context, hook_id: str, body: bytes, delivery: str | None) -> bool:
    """Tell whether a delivery is new; the database decides between two of the same id."""
    named = delivery is not None and _DELIVERY.match(delivery) is not None
    key = f"id:{delivery}" if named else f"body:{hashlib.sha256(body).hexdigest()}"
    async with ctx.db.transaction() as session:
        return await repository.new_delivery(
            session, hook_id, key, ctx.clock.now(), again_after=None if named else SAME_BODY_AGAIN
        )


class Hints:
    """Looks asked for by webhooks. However many calls come, a project has one look running and one waiting."""

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[UUID, asyncio.Lock] = weakref.WeakValueDictionary()
        self._waiting: dict[UUID, asyncio.Task[Looked | None]] = {}
        self._all: set[asyncio.Task[Looked | None]] = set()

    def look(self, ctx: Context, project_id: UUID, hook_id: str) -> asyncio.Task[Looked | None]:
        """Return the look that will see what this hint is about."""
        waiting = self._waiting.get(project_id)
        if waiting is not None:
            return waiting
        task = asyncio.create_task(self._run(ctx, project_id, hook_id), name=f"hint {project_id}")
        self._waiting[project_id] = task
        self._all.add(task)
        task.add_done_callback(self._all.discard)
        return task

    async def _run(self, ctx: Context, project_id: UUID, hook_id: str) -> Looked | None:
        lock = self._locks.setdefault(project_id, asyncio.Lock())
        try:
            await lock.acquire()
        finally:
            del self._waiting[project_id]
        try:
            return await look_quietly(ctx, project_id, cause=Cause.hook, asker={"actor": f"hook:{hook_id[:12]}"})
        finally:
            lock.release()

    async def close(self) -> None:
        """Cancel what still runs; the poll sees it later."""
        for task in list(self._all):
            task.cancel()
        await asyncio.gather(*self._all, return_exceptions=True)


_hints: weakref.WeakKeyDictionary[Database, Hints] = weakref.WeakKeyDictionary()


def hints_of(ctx: Context) -> Hints:
    """Return the hints of this process."""
    known = _hints.get(ctx.db)
    if known is None:
        known = _hints[ctx.db] = Hints()
    return known
