"""What every HTTP answer has in common: an id, security headers, and errors as problem+json (RFC 9457)."""

import http
import ipaddress
import secrets
import time
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from wisehosting_cp.errors import NotFound, TooManyRequests, Unavailable, WiseHostingError
from wisehosting_cp.kit.logging import logger

log = logger(__name__)

REQUEST_ID = "wisehosting.request_id"
QUIET_PATHS = frozenset({"/healthz", "/readyz"})
LONGEST_LOGGED_PATH = 512
"""Anybody writes paths. None of ours is as long."""

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

IMMUTABLE = b"public, max-age=31536000, immutable"

CODES = {
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "media_type",
    429: "too_many_requests",
}
SENTENCES = {
    404: NotFound().detail,
    405: "This address does not take this method; see /api/openapi.json.",
    413: "The request is too large; send less at once.",
}


def request_id_of(connection: HTTPConnection) -> str:
    """Return the id of this request, also told in the answer's `X-Request-Id`."""
    return str(connection.scope.get(REQUEST_ID, ""))


def problem(
    connection: HTTPConnection,
    *,
    status: int,
    code: str,
    title: str,
    detail: str,
    fields: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Build a problem+json answer."""
    body: dict[str, Any] = {
        "type": f"urn:wisehosting:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id_of(connection),
    }
    if fields:
        body["fields"] = fields
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


def answer_of(connection: HTTPConnection, error: WiseHostingError) -> JSONResponse:
    """Build the answer to one of our own errors."""
    headers = {"www-authenticate": "Bearer"} if error.status == http.HTTPStatus.UNAUTHORIZED else None
    if isinstance(error, TooManyRequests) and error.retry_after is not None:
        headers = {"retry-after": str(error.retry_after)}
    return problem(
        connection,
        status=error.status,
        code=error.code,
        title=error.title,
        detail=error.detail,
        fields=error.fields or None,
        headers=headers,
    )


async def on_own(connection: HTTPConnection, error: Exception) -> Any:
    """Answer one of our own errors: a problem, or the close of a WebSocket."""
    if not isinstance(error, WiseHostingError):
        raise TypeError(f"not one of our errors: {error!r}")
    if isinstance(error, Unavailable):
        log.warning("not available", code=error.code, error=str(error))
    if isinstance(connection, WebSocket):
        await connection.close(code=4000 + error.status % 1000, reason=error.detail[:120])
        return None
    return answer_of(connection, error)


async def _on_invalid(connection: HTTPConnection, error: Exception) -> Any:
    if not isinstance(error, RequestValidationError):
        raise TypeError(f"not a validation error: {error!r}")
    errors = error.errors()
    if any(item["loc"][0] == "path" for item in errors):
        # An id that is no id names nothing, like an id that names nothing.
        return answer_of(connection, NotFound())
    fields = {".".join(str(part) for part in item["loc"][1:]) or "body": _sentence(item) for item in errors}
    return problem(
        connection,
        status=422,
        code="fields_invalid",
        title="Fields not acceptable",
        detail="Correct these fields: " + ", ".join(sorted(fields)) + ".",
        fields=fields,
    )


def _sentence(item: dict[str, Any]) -> str:
    message = str(item["msg"]).removeprefix("Value error, ").rstrip(".")
    return message[:1].upper() + message[1:] + "."


async def _on_http(connection: HTTPConnection, error: Exception) -> Any:
    if not isinstance(error, HTTPException):
        raise TypeError(f"not an HTTP error: {error!r}")
    if isinstance(connection, WebSocket):
        await connection.close(code=4000 + error.status_code % 1000)
        return None
    return problem(
        connection,
        status=error.status_code,
        code=CODES.get(error.status_code, "http_error"),
        title=http.HTTPStatus(error.status_code).phrase,
        detail=SENTENCES.get(error.status_code, str(error.detail)),
        headers=dict(error.headers) if error.headers else None,
    )


def install_problems(app: FastAPI) -> None:
    """Answer every error of this app as problem+json."""
    app.add_exception_handler(WiseHostingError, on_own)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


def told_by_cloudflared(scope: Scope) -> tuple[str, int] | None:
    """Return the client's address that cloudflared tells, when it is cloudflared on this host that connects.

    Anybody can send the header; from a peer elsewhere, twice, or with what is no address it counts for nothing.
    """
    client: tuple[str, int] | None = scope.get("client")
    told = HTTPConnection(scope).headers.getlist("cf-connecting-ip")
    if client is None or len(told) != 1:
        return client
    try:
        local = ipaddress.ip_address(client[0]).is_loopback
        return (str(ipaddress.ip_address(told[0].strip())), client[1]) if local else client
    except ValueError:
        return client


class RequestScope:
    """Gives each request an id, adds the security headers, writes one log line, and turns what nobody caught into a 500."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        https: bool = False,
        policy: str = CONTENT_SECURITY_POLICY,
        behind_cloudflared: bool = False,
    ) -> None:
        self.app = app
        self.behind_cloudflared = behind_cloudflared
        headers = SECURITY_HEADERS | {"content-security-policy": policy}
        if https:
            headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        scope[REQUEST_ID] = secrets.token_hex(12)
        if self.behind_cloudflared:
            scope["client"] = told_by_cloudflared(scope)
        elif not self._warned:
            self._warn(scope)
        started = time.perf_counter()
        path = scope["path"][:LONGEST_LOGGED_PATH]
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._decorate(scope, message)
            await send(message)

        bound = structlog.contextvars.bind_contextvars(request_id=scope[REQUEST_ID])
        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            log.exception("request failed", method=scope.get("method"), path=path)
            if status or scope["type"] == "websocket":
                raise
            answer = problem(
                HTTPConnection(scope),
                status=500,
                code="unexpected",
                title=WiseHostingError.title,
                detail="Something went wrong on our side. Try again; the log has the request id.",
            )
            await answer(scope, receive, send_with_headers)
        finally:
            if scope["type"] == "http" and scope["path"] not in QUIET_PATHS:
                took = round((time.perf_counter() - started) * 1000, 1)
                log.info("request", method=scope["method"], path=path, status=status, ms=took)
            structlog.contextvars.reset_contextvars(**bound)

    def _warn(self, scope: Scope) -> None:
        """Say once that limits for an address count everybody together, where cloudflared is not known of."""
        if any(name == b"cf-connecting-ip" for name, _ in scope["headers"]):
            self._warned = told_by_cloudflared(scope) != scope.get("client")
        if self._warned:
            log.warning(
                "a header of cloudflared came from this host, and is not believed: all count as of one address",
                fix="If cloudflared is what connects here, set WISEHOSTING_BEHIND_CLOUDFLARED=true. Else let nothing pass it on.",
            )

    def _decorate(self, scope: Scope, message: Message) -> None:
        headers: list[tuple[bytes, bytes]] = [
            header for header in message.get("headers", ()) if header[0] != b"x-request-id"
        ]
        message["headers"] = headers
        said = dict(headers)
        headers.append((b"x-request-id", scope[REQUEST_ID].encode()))
        headers.extend(header for header in self._headers if header[0] not in said)
        if b"cache-control" not in said:
            assets = scope["path"].startswith("/assets/") and message["status"] == http.HTTPStatus.OK
            page = said.get(b"content-type", b"").startswith(b"text/html")
            headers.append((b"cache-control", IMMUTABLE if assets else b"no-cache" if page else b"no-store"))
