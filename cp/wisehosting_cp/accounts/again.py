"""Gives an answer again before a route is looked for: to somebody who is known, for an address whose answer is ready."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from wisehosting_cp.accounts.access import ASKER, COUNTED, LOOKED_UP, known
from wisehosting_cp.accounts.permissions import Permission
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.accounts.throttling import count_person
from wisehosting_cp.errors import Forbidden, TooManyRequests, Unavailable
from wisehosting_cp.kit.answers import Answer
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.http import on_own

SMALL = 500
"""Bytes below which nothing is compressed, here and elsewhere."""
LARGE = 128 * 1024
"""Bytes from which compressing is done beside everything else."""


@dataclass(frozen=True)
class Ready:
    """How the answer of one GET route is found when it is ready. What it allows is what the route declares."""

    permission: Permission
    find: Callable[[Context, Principal, str], Awaitable[Answer | None]]
    """From who asks and the query of the address; None sends the request on to the route."""


class Again:
    """Answers what is ready, and whom it cannot: asked too much, or no database. Everything else is the route's."""

    def __init__(self, app: ASGIApp, *, context: Context, ready: Mapping[str, Ready]) -> None:
        self._app, self._context, self._ready = app, context, ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        ready = self._ready.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        answer = None if ready is None else await self._safely(ready, scope)
        await (answer or self._app)(scope, receive, send)

    async def _safely(self, ready: Ready, scope: Scope) -> Response | None:
        """Turn into problems what the application would answer so."""
        try:
            return await self._answer(ready, scope)
        except (TooManyRequests, Unavailable) as error:
            answer: Response = await on_own(HTTPConnection(scope), error)
            return answer

    async def _answer(self, ready: Ready, scope: Scope) -> Response | None:
        connection = HTTPConnection(scope)
        asker = scope[LOOKED_UP] = await known(connection, self._context)
        if asker is None:
            return None
        try:
            asker.allow(ready.permission)
        except Forbidden:
            return None
        scope[ASKER] = asker
        count_person(self._context, asker.user_id)
        scope[COUNTED] = True
        found = await ready.find(self._context, asker, scope["query_string"].decode("latin-1"))
        return None if found is None else await _response(found, connection)


async def _response(found: Answer, connection: HTTPConnection) -> Response:
    """As the application would send it: compressed where that is worth it and understood."""
    headers = {"vary": "Accept-Encoding"}
    if len(found.plain) < SMALL or "gzip" not in connection.headers.get("accept-encoding", ""):
        return Response(found.plain, media_type="application/json", headers=headers)
    headers["content-encoding"] = "gzip"
    packed = found.packed() if len(found.plain) < LARGE else await asyncio.to_thread(found.packed)
    return Response(packed, media_type="application/json", headers=headers)
