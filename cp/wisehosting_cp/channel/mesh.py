"""The mesh listener's app: registration, refresh, connections of workers. Nothing for browsers."""

from collections import OrderedDict, deque
from typing import TypeVar

import msgspec
from fastapi import Depends, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket

from wisehosting_cp.accounts.access import Public, assert_authorized
from wisehosting_cp.channel.hub import Hub
from wisehosting_cp.errors import NotSignedIn, TooManyRequests, WiseHostingError
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import NoDatabase
from wisehosting_cp.kit.guard import BodyTooLarge
from wisehosting_cp.kit.http import RequestScope, install_problems
from wisehosting_cp.kit.security import bearer_of
from wisehosting_cp.kit.web import Ctx
from wisehosting_cp.workers import enrolment
from wisehosting_wire.enrolment import RefreshRequest, RegisterRequest

BODY_LIMIT = 16 * 1024
FAILURES = 20
FAILURES_SECONDS = 60.0
ADDRESSES = 1024

B = TypeVar("B")


class BodyInvalid(WiseHostingError):
    """The body has not the shape of docs/wire.md."""

    status = 422
    title = "Not acceptable"


class Attempts:
    """Failed registrations and refreshes by address: at most 20 a minute."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, address: str, now: float) -> None:
        """Raise TooManyRequests for an address that failed too often."""
        failed = self._failed.get(address, deque())
        while failed and failed[0] < now - FAILURES_SECONDS:
            failed.popleft()
        if len(failed) >= FAILURES:
            raise TooManyRequests("too_many_failures", "Too many refused attempts; try again in a minute.")

    def failed(self, address: str, now: float) -> None:
        """Count a failure."""
        self._failed.setdefault(address, deque()).append(now)
        self._failed.move_to_end(address)
        while len(self._failed) > ADDRESSES:
            self._failed.popitem(last=False)


async def proves_itself() -> None:
    """Mark a route whose handler checks secret, token or key of a worker itself, before anything else."""


ProvesItself = Depends(proves_itself)


def create_mesh_app(ctx: Context, hub: Hub) -> FastAPI:
    """Build the app. Serve it with TLS on the mesh address only; whoever does runs `hub.run()` beside it."""
    app = FastAPI(title="WiseHosting mesh", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.context = ctx
    app.state.hub = hub
    app.state.attempts = Attempts()
    install_problems(app)
    app.add_middleware(RequestScope)
    app.add_api_route("/v1/workers/register", register, methods=["POST"], dependencies=[ProvesItself])
    app.add_api_route("/v1/workers/refresh-token", refresh, methods=["POST"], dependencies=[ProvesItself])
    app.add_api_route("/healthz", healthz, methods=["GET"], dependencies=[Public])
    app.add_api_websocket_route("/v1/workers/connect", connect, dependencies=[ProvesItself])
    assert_authorized(app, also=(proves_itself,))
    return app


async def register(request: Request, ctx: Ctx) -> Response:
    """Register a worker: once a join token, again for the same key."""
    body = await _body(request, RegisterRequest)
    address = _address(request)
    attempts: Attempts = request.app.state.attempts
    attempts.check(address, ctx.clock.monotonic())
    try:
        async with ctx.db.transaction() as session:
            reply = await enrolment.register(session, ctx, body, address=address)
    except NoDatabase:
        raise
    except WiseHostingError as error:
        attempts.failed(address, ctx.clock.monotonic())
        async with ctx.db.transaction() as session:
            record(
                session,
                actor="platform",
                action="worker.registration_refused",
                subject=f"worker_name:{body.name[:39]}",
                address=address,
                code=error.code,
            )
        raise
    return JSONResponse(msgspec.to_builtins(reply))


async def refresh(request: Request, ctx: Ctx) -> Response:
    """Give a new token for a valid one and a proof of key."""
    body = await _body(request, RefreshRequest)
    address = _address(request)
    attempts: Attempts = request.app.state.attempts
    attempts.check(address, ctx.clock.monotonic())
    try:
        async with ctx.db.transaction() as session:
            reply = await enrolment.refresh(session, ctx, bearer_of(request), body, address=address)
    except NotSignedIn:
        attempts.failed(address, ctx.clock.monotonic())
        raise
    return JSONResponse(msgspec.to_builtins(reply))


async def connect(websocket: WebSocket) -> None:
    """Open a worker's connection (docs/wire.md)."""
    hub: Hub = websocket.app.state.hub
    await hub.serve(websocket)


async def healthz() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "ok"}


async def _body(request: Request, shape: type[B]) -> B:
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > BODY_LIMIT:
            raise BodyTooLarge("body_too_large", f"The request is larger than {BODY_LIMIT} bytes; send less at once.")
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.DecodeError as error:
        raise BodyInvalid("body_invalid", f"The body has the wrong shape: {error}.") from error


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
