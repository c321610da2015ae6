"""What is refused before a route is looked for: a foreign Host, a forged cross-site request, a body too large."""

from collections.abc import Collection

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wisehosting_cp.errors import Forbidden, Invalid, WiseHostingError
from wisehosting_cp.kit.http import answer_of
from wisehosting_cp.kit.security import CSRF_HEADER, UNSAFE_METHODS, bearer_of

BODY_LIMIT = 4 * 1024 * 1024


class BodyTooLarge(WiseHostingError):
    """More bytes than we read."""

    status = 413
    title = "Too large"


class Guard:
    """Checks Host, cross-site request forgery and size."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        origin: str,
        cookie_names: Collection[str],
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)
        self.origin = origin.lower()
        self.cookie_names = frozenset(cookie_names)
        self.body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        refused = self._host(connection)
        if refused is None and scope["type"] == "http":
            refused = self._forged(connection) or self._too_large(connection)
        if refused is None:
            await self.app(scope, self._counted(receive) if scope["type"] == "http" else receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": refused.detail[:120]})
        else:
            await answer_of(connection, refused)(scope, receive, send)

    def _host(self, connection: HTTPConnection) -> WiseHostingError | None:
        hosts = connection.headers.getlist("host")
        if len(hosts) == 1 and hosts[0].lower() in self.hosts:
            return None
        return Invalid("host_unknown", "This server is not known by that name; use the address it was set up with.")

    def _forged(self, connection: HTTPConnection) -> WiseHostingError | None:
        if connection.scope["method"] not in UNSAFE_METHODS or bearer_of(connection) is not None:
            return None
        if not self.cookie_names & connection.cookies.keys():
            return None
        if connection.headers.get(CSRF_HEADER) != "1" or connection.headers.get("origin", "").lower() != self.origin:
            return Forbidden(
                "cross_site", "Requests with a cookie need the header X-WH-CSRF and must come from the dashboard."
            )
        return None

    def _too_large(self, connection: HTTPConnection) -> WiseHostingError | None:
        length = connection.headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return Invalid("length_invalid", "The Content-Length header is not a number.")
        if int(length) > self.body_limit:
            return BodyTooLarge(
                "body_too_large", f"The request is larger than {self.body_limit} bytes; send less at once."
            )
        return None

    def _counted(self, receive: Receive) -> Receive:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > self.body_limit:
                    raise HTTPException(413)
            return message

        return counted
