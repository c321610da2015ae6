"""Webhooks: an opaque address, a secret, and a signature over the raw bytes. What comes in is a hint and nothing more."""

import asyncio
import hashlib
import hmac
import re
import secrets
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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


@dataclass(frozen=True)
class Delivery:
    """One call of a provider, by the id that a redelivery has too; by its bytes when it has none."""

    hook_id: str
    key: str
    received_at: datetime
    again_after: timedelta | None
    """How long the same key is the same delivery; None for ever."""


def delivery_of(ctx: Context, hook_id: str, body: bytes, given: str | None) -> Delivery:
    """Return which delivery a call is."""
    named = given is not None and _DELIVERY.match(given) is not None
    key = f"id:{given}" if named else f"body:{hashlib.sha256(body).hexdigest()}"
    return Delivery(hook_id, key, ctx.clock.now(), None if named else SAME_BODY_AGAIN)


async def acted_upon(ctx: Context, delivery: Delivery) -> bool:
    """Tell whether a look for this delivery succeeded before.

    Two of the same id at once share a look, and a second look at the same commit starts nothing; so a delivery is noted
    when its look is done and not when it comes. One whose look failed, or ended with the process, may come again.
    """
    since = delivery.received_at - delivery.again_after if delivery.again_after else None
    async with ctx.db.read() as session:
        return await repository.delivered(session, delivery.hook_id, delivery.key, since=since)


@dataclass
class _Waiting:
    """A look that has not begun, and the deliveries it will be for."""

    task: asyncio.Task[Looked | None] | None = None
    deliveries: set[Delivery] = field(default_factory=set)


class Hints:
    """Looks asked for by webhooks. However many calls come, a project has one look running and one waiting."""

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[UUID, asyncio.Lock] = weakref.WeakValueDictionary()
        self._waiting: dict[UUID, _Waiting] = {}
        self._all: set[asyncio.Task[Looked | None]] = set()

    def look(self, ctx: Context, project_id: UUID, delivery: Delivery) -> asyncio.Task[Looked | None]:
        """Return the look that will see what this delivery is about."""
        waiting = self._waiting.setdefault(project_id, _Waiting())
        waiting.deliveries.add(delivery)
        if waiting.task is None:
            run = self._run(ctx, project_id, delivery.hook_id, waiting.deliveries)
            waiting.task = asyncio.create_task(run, name=f"hint {project_id}")
            self._all.add(waiting.task)
            waiting.task.add_done_callback(self._all.discard)
        return waiting.task

    async def _run(self, ctx: Context, project_id: UUID, hook_id: str, deliveries: set[Delivery]) -> Looked | None:
        lock = self._locks.setdefault(project_id, asyncio.Lock())
        try:
            await lock.acquire()
        finally:
            del self._waiting[project_id]
        try:
            looked = await look_quietly(ctx, project_id, cause=Cause.hook, asker={"actor": f"hook:{hook_id[:12]}"})
            if looked is not None and looked.error is None:
                async with ctx.db.transaction() as session:
                    for delivery in sorted(deliveries, key=lambda each: (each.hook_id, each.key, each.received_at)):
                        await repository.note_delivery(session, delivery.hook_id, delivery.key, delivery.received_at)
            return looked
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
