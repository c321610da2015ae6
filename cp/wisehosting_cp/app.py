"""The composition root: the context every room receives, and the app that browsers and `wh` talk to."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alembic.script import ScriptDirectory
from fastapi import APIRouter, FastAPI
from sqlalchemy import text
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request

from wisehosting_cp import live, overview
from wisehosting_cp.accounts.access import Public, assert_authorized
from wisehosting_cp.accounts.again import SMALL, Again, Ready
from wisehosting_cp.accounts.half_signed_in import pending_cookie
from wisehosting_cp.accounts.people import api as people_api
from wisehosting_cp.accounts.permissions import Permission
from wisehosting_cp.accounts.second_factor import api as second_factor_api
from wisehosting_cp.accounts.second_factor import passkeys_api, step_up_api
from wisehosting_cp.accounts.sessions import api as sessions_api
from wisehosting_cp.accounts.sessions import current_api
from wisehosting_cp.accounts.sign_in import api as sign_in_api
from wisehosting_cp.accounts.sign_in import second_step_api
from wisehosting_cp.accounts.teams import api as teams_api
from wisehosting_cp.accounts.tokens import api as tokens_api
from wisehosting_cp.audit import api as audit
from wisehosting_cp.audit.refusals import on_forbidden
from wisehosting_cp.deployments import api as deployments
from wisehosting_cp.described import describe
from wisehosting_cp.errors import Forbidden, NotFound, Unavailable
from wisehosting_cp.instances import api as instances
from wisehosting_cp.jobs import api as jobs
from wisehosting_cp.kit import key_versions
from wisehosting_cp.kit.answers import COMPRESSION
from wisehosting_cp.kit.clock import Clock, SystemClock
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE, Away, Database, NoDatabase
from wisehosting_cp.kit.events import Events
from wisehosting_cp.kit.guard import Guard
from wisehosting_cp.kit.http import RequestScope, install_problems
from wisehosting_cp.kit.keyring import Keyring, Purpose
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.kit.migrate import configuration
from wisehosting_cp.kit.precompressed import Precompressed
from wisehosting_cp.kit.sealing import Sealer
from wisehosting_cp.kit.security import origin_of
from wisehosting_cp.kit.web import Ctx
from wisehosting_cp.projects import api as projects
from wisehosting_cp.projects import roles_api as roles
from wisehosting_cp.settings import Settings
from wisehosting_cp.sources import api as sources
from wisehosting_cp.sources import listing
from wisehosting_cp.telemetry import api as telemetry
from wisehosting_cp.workers import api as workers

log = logger(__name__)

API = "/api/v1"
OPENAPI = "/api/openapi.json"
ROUTERS: Sequence[APIRouter] = (
    # Looked through in this order with each request; the list of projects is what is asked for most.
    sources.router,
    current_api.router,
    tokens_api.router,
    teams_api.router,
    sessions_api.router,
    second_factor_api.router,
    passkeys_api.router,
    second_step_api.router,
    step_up_api.router,
    people_api.router,
    projects.router,
    roles.router,
    deployments.router,
    instances.router,
    workers.router,
    jobs.router,
    telemetry.router,
    audit.router,
    overview.router,
    live.router,
)


READY = {f"{API}/projects": Ready(Permission.project_read, listing.again)}


async def build_context(settings: Settings, *, clock: Clock | None = None) -> Context:
    """Open the database and derive the keys. The caller closes `context.db`. Raises ValueError for a bad secret."""
    events = Events()
    keyring = Keyring.load(settings.master_key_file)
    database = Database(settings.database_dsn, events, audit_key=keyring.key(Purpose.audit))
    await database.open()
    ctx = Context(
        settings=settings,
        db=database,
        events=events,
        keyring=keyring,
        sealer=Sealer(keyring),
        clock=clock or SystemClock(),
    )
    await key_versions.learn(ctx)
    return ctx


def create_public_app(ctx: Context, *, web: Path | None = None) -> FastAPI:
    """Build the app that browsers and `wh` talk to. Raises RuntimeError when a route declares no authorization.

    `web` is the built dashboard; the one inside the package when absent.
    """
    settings = ctx.settings
    public = urlsplit(settings.public_url)
    dashboard = web or Path(str(files("wisehosting_cp") / "web"))
    app = FastAPI(
        title="WiseHosting",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        # Nothing here is ever configured to collect it, and each request would ask whether something is.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[
            Middleware(RequestScope, https=public.scheme == "https", behind_cloudflared=settings.behind_cloudflared),
            Middleware(
                Guard,
                hosts={
                    public.netloc,
                    f"{settings.public_address}:{settings.public_port}",
                    f"localhost:{settings.public_port}",
                },
                origin=origin_of(settings.public_url),
                cookie_names=(settings.session_cookie, pending_cookie(settings.session_cookie)),
            ),
            Middleware(Again, context=ctx, ready=READY),
            # A first visit over a slow line is mostly waiting for bytes; event streams stay as they are.
            Middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=COMPRESSION),
            # Within the other, which leaves alone what is compressed already.
            Middleware(Precompressed, folder=dashboard),
        ],
    )
    app.state.context = ctx
    install_problems(app)
    app.add_exception_handler(Forbidden, on_forbidden)
    for router in ROUTERS:
        app.include_router(router, prefix="" if router.prefix else API)
    app.include_router(sign_in_api.router)
    app.include_router(sources.hook_router)
    app.include_router(_own_routes())
    if (dashboard / "index.html").is_file():
        app.frontend("/", directory=dashboard, fallback="index.html")
    else:
        log.warning("the dashboard is not built; only the API is served", folder=str(dashboard))
    assert_authorized(app)
    return app


def _own_routes() -> APIRouter:
    router = APIRouter(dependencies=[Public], include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Answer while the process runs."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz(ctx: Ctx) -> dict[str, str]:
        """Answer when the database does and has the schema this code needs. Raises Unavailable."""
        wanted = ScriptDirectory.from_config(configuration(ctx.settings.database_dsn)).get_current_head()
        try:
            async with ctx.db.read() as session:
                found = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
        except NoDatabase:
            raise
        except UNREACHABLE as error:
            raise Away from error
        if found != wanted:
            raise Unavailable(
                "schema_outdated", "The database's schema is not the one of this version. Run: wh-cp migrate"
            )
        return {"status": "ok"}

    @router.get(OPENAPI)
    async def openapi(request: Request) -> dict[str, Any]:
        """Describe the API."""
        app: FastAPI = request.app
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    @router.api_route("/api/{rest:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    async def unknown(rest: str) -> None:  # noqa: ARG001 - the path is for the log
        """Refuse what no route knows, instead of answering with the dashboard."""
        raise NotFound

    return router
