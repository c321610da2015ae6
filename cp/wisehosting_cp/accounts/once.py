"""`Idempotency-Key`: a creating call that is repeated gets the answer it got before, and has no second effect.

A route takes part by `session: Once` in place of `session: Transaction`, on a router whose routes are `OnceRoute`. The
key is taken and the answer is kept in the transaction that does the work: either all of it happened or nothing, and an
error keeps nothing, so that the same key may be tried again.
"""

import hashlib
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Header
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.access import SignedIn
from wisehosting_cp.accounts.models import IdempotencyKey
from wisehosting_cp.errors import Conflict, Invalid
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.web import Ctx, Transaction

LIFETIME = timedelta(hours=24)
_KEY = re.compile(r"[!-~]{1,200}\Z")

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Any text of your own, new for each call. The same call with the same key within 24 hours gets the "
        "same answer and has no second effect.",
    ),
]


@dataclass(frozen=True)
class Claim:
    """A key that this request took; its answer is kept under it."""

    context: Context
    session: AsyncSession
    actor: str
    key: str

    async def keep(self, answer: Response) -> None:
        """Keep the answer, in the transaction of what it tells of."""
        await accounts.keep_answer(
            self.session,
            self.actor,
            self.key,
            status=answer.status_code,
            sealed_body=self.context.sealer.seal(bytes(answer.body), **_place(self.actor, self.key)),
        )


class AnsweredBefore(Exception):
    """This call was made before: its answer is all there is to do."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


async def once(
    request: Request, ctx: Ctx, asker: SignedIn, session: Transaction, idempotency_key: Key = None
) -> AsyncSession:
    """Return the request's transaction, with the key taken. Raises Invalid, Conflict, and AnsweredBefore for a repetition."""
    if idempotency_key is None:
        return session
    if not _KEY.match(idempotency_key):
        raise Invalid(
            "idempotency_key_invalid", "An Idempotency-Key has 1 to 200 visible ASCII characters, without spaces."
        )
    route = f"{request.method} {request.url.path}\n".encode()
    asked = hashlib.sha256(route + await request.body()).digest()
    now = ctx.clock.now()
    if await accounts.claim_key(session, asker.actor, idempotency_key, asked, now=now, expired=now - LIFETIME):
        request.state.claim = Claim(ctx, session, asker.actor, idempotency_key)
        return session
    known = await accounts.answered(session, asker.actor, idempotency_key)
    if known.request_hash != asked:
        raise Conflict(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request in the last 24 hours. Send a new key with a new request.",
        )
    raise AnsweredBefore(_answer(ctx, known))


Once = Annotated[AsyncSession, Depends(once, scope="function")]


class OnceRoute(APIRoute):
    """Keeps the answers of calls that took a key, and gives them again."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler; the transaction is still open when it has returned."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                answer = await inner(request)
            except AnsweredBefore as before:
                return before.answer
            claim = getattr(request.state, "claim", None)
            if isinstance(claim, Claim):
                await claim.keep(answer)
            return answer

        return handler


async def forget_expired(session: AsyncSession, ctx: Context) -> None:
    """Delete what was kept for longer than a key lives."""
    await accounts.forget_keys(session, ctx.clock.now() - LIFETIME)


def _answer(ctx: Context, known: IdempotencyKey) -> Response:
    if known.status is None or known.sealed_body is None:
        raise AssertionError("a key was committed without its answer")
    body = ctx.sealer.open(known.sealed_body, **_place(known.actor, known.key))
    return Response(body, known.status, headers={"idempotent-replayed": "true"}, media_type="application/json")


def _place(actor: str, key: str) -> dict[str, str]:
    return {"table": "idempotency_keys", "column": "sealed_body", "row": f"{actor}|{key}"}
