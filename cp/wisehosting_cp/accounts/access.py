"""Who asks, and whether they may. Every route and WebSocket declares one of these, or the app does not start."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from wisehosting_cp.accounts.credentials import Known, credentials_of
from wisehosting_cp.accounts.half_signed_in import half_signed_in, pending_cookie, pending_of
from wisehosting_cp.accounts.permissions import Permission
from wisehosting_cp.accounts.principal import Principal
from wisehosting_cp.accounts.throttling import address_of, count_person, count_stranger
from wisehosting_cp.errors import Forbidden, NotSignedIn, WiseHostingError
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.http import request_id_of
from wisehosting_cp.kit.security import bearer_of, origin_of
from wisehosting_cp.kit.web import Ctx

ASKER = "wisehosting.asker"


def asker_of(connection: HTTPConnection) -> Principal | None:
    """Return who asked, when that was found out, also after the request was refused."""
    found = connection.scope.get(ASKER)
    return found if isinstance(found, Principal) else None


LOOKED_UP = "wisehosting.looked_up"
"""Whose credential came with this request, or None, where that was asked before the route was."""
COUNTED = "wisehosting.counted"
"""Whether the request was counted for its person by then."""


async def principal(connection: HTTPConnection, context: Ctx) -> Principal:
    """Return who asks, count it, and leave it with the request. Raises NotSignedIn, TooManyRequests."""
    scope = connection.scope
    found = scope[LOOKED_UP] if LOOKED_UP in scope else await known(connection, context)
    asker = scope[ASKER] = await _admitted(found, connection, context)
    if not scope.get(COUNTED):
        count_person(context, asker.user_id)
    return asker


async def identify(connection: HTTPConnection, context: Context) -> Principal:
    """Return who asks. A stream asks so while it lasts, which is no request. Raises NotSignedIn, TooManyRequests."""
    return await _admitted(await known(connection, context), connection, context)


async def _admitted(asker: Principal | None, connection: HTTPConnection, context: Context) -> Principal:
    if asker is None:
        if bearer_of(connection) is not None:
            count_stranger(connection, context)
            raise NotSignedIn("This token is unknown, expired or revoked. Make a new one.", "token_invalid")
        if await pending_of(connection, context) is not None:
            raise NotSignedIn("Give your second factor to finish signing in.", "second_factor_needed")
        name = context.settings.session_cookie
        if connection.cookies.get(name) or connection.cookies.get(pending_cookie(name)):
            count_stranger(connection, context)
        raise NotSignedIn
    by_cookie = asker.session_id is not None
    if by_cookie and connection.scope["type"] == "websocket" and not _from_here(connection, context):
        raise Forbidden("foreign_origin", "This WebSocket was opened from another site.")
    return asker


async def known(connection: HTTPConnection, context: Context) -> Principal | None:
    """Return whose token or cookie came with it; None when it is nobody's, or there is none."""
    credentials = credentials_of(context)
    token = bearer_of(connection)
    if token is not None:
        found = await credentials.token(context, token)
        return _by_token(found, connection) if found else None
    cookie = connection.cookies.get(context.settings.session_cookie)
    found = await credentials.session(context, cookie) if cookie else None
    return _by_session(found, connection) if found else None


def _from_here(connection: HTTPConnection, context: Context) -> bool:
    return connection.headers.get("origin", "").lower() == origin_of(context.settings.public_url)


def _by_token(known: Known, connection: HTTPConnection) -> Principal:
    return Principal(
        user_id=known.user_id,
        actor=f"token:{known.credential_id}",
        teams=known.teams,
        projects=known.projects,
        project_id=known.project_id,
        scopes=known.scopes,
        # A token of one project is of that project alone, whoever made it.
        operator=known.operator and known.project_id is None,
        address=address_of(connection),
        request_id=request_id_of(connection),
        token_id=known.credential_id,
        second_factor=known.second_factor,
    )


def _by_session(known: Known, connection: HTTPConnection) -> Principal:
    return Principal(
        user_id=known.user_id,
        actor=f"user:{known.user_id}",
        teams=known.teams,
        projects=known.projects,
        scopes=known.scopes,
        operator=known.operator,
        address=address_of(connection),
        request_id=request_id_of(connection),
        session_id=known.credential_id,
        second_factor=known.second_factor,
    )


SignedIn = Annotated[Principal, Depends(principal)]


@dataclass(frozen=True)
class Allowed:
    """The authorization that a route declares: a row of the table."""

    permission: Permission

    async def __call__(self, asker: SignedIn) -> Principal:
        """Return who asks. Raises NotSignedIn, Forbidden."""
        asker.allow(self.permission)
        return asker


async def public() -> None:
    """Mark a route that anybody may call: `dependencies=[Public]`."""


Public = Depends(public)


async def throttled(connection: HTTPConnection, context: Ctx) -> None:
    """Count a try of a stranger: beside `Public` on routes that guess or cost. Raises TooManyRequests."""
    count_stranger(connection, context)


Throttled = Depends(throttled)

SessionReader = Annotated[Principal, Depends(Allowed(Permission.session_read))]
AccountReader = Annotated[Principal, Depends(Allowed(Permission.account_read))]
AccountChanger = Annotated[Principal, Depends(Allowed(Permission.account_change))]
TeamReader = Annotated[Principal, Depends(Allowed(Permission.team_read))]
TeamMaker = Annotated[Principal, Depends(Allowed(Permission.team_create))]
TeamMember = Annotated[Principal, Depends(Allowed(Permission.team_leave))]
TeamChanger = Annotated[Principal, Depends(Allowed(Permission.team_change))]
MembersChanger = Annotated[Principal, Depends(Allowed(Permission.members_change))]
TeamOwner = Annotated[Principal, Depends(Allowed(Permission.team_delete))]
AuditReader = Annotated[Principal, Depends(Allowed(Permission.audit_read))]
ProjectReader = Annotated[Principal, Depends(Allowed(Permission.project_read))]
ProjectMaker = Annotated[Principal, Depends(Allowed(Permission.project_create))]
ProjectChanger = Annotated[Principal, Depends(Allowed(Permission.project_change))]
ProjectDeleter = Annotated[Principal, Depends(Allowed(Permission.project_delete))]
ProjectRolesChanger = Annotated[Principal, Depends(Allowed(Permission.project_roles))]
Deployer = Annotated[Principal, Depends(Allowed(Permission.deployment_start))]
VariablesReader = Annotated[Principal, Depends(Allowed(Permission.variables_read))]
VariablesWriter = Annotated[Principal, Depends(Allowed(Permission.variables_write))]
HookRenewer = Annotated[Principal, Depends(Allowed(Permission.hook_renew))]
PlatformReader = Annotated[Principal, Depends(Allowed(Permission.platform_read))]
Operator = Annotated[Principal, Depends(Allowed(Permission.platform_operate))]
PeopleReader = Annotated[Principal, Depends(Allowed(Permission.people_read))]
PeopleChanger = Annotated[Principal, Depends(Allowed(Permission.people_change))]


Declaration = Permission | Literal["public", "half signed in"]


def declared(dependant: Any) -> set[Declaration]:
    """Return what is declared anywhere below a route."""
    found: set[Declaration] = set()
    if isinstance(dependant.call, Allowed):
        found.add(dependant.call.permission)
    elif dependant.call is public:
        found.add("public")
    elif dependant.call is half_signed_in:
        found.add("half signed in")
    for inner in dependant.dependencies:
        found |= declared(inner)
    return found


def unauthorized_routes(app: FastAPI, *, also: tuple[Any, ...] = ()) -> Iterator[str]:
    """Name each route and WebSocket that declares nothing; a kind of route that cannot declare is named too."""
    for route in iter_route_contexts(app.routes):
        original = route.original_route
        if not isinstance(original, APIRoute | APIWebSocketRoute):
            yield f"{type(original).__name__} {route.path}"
        elif not declared(route.dependant) and not (_calls(route.dependant) & set(also)):
            yield f"{' '.join(sorted(route.methods or ['WebSocket']))} {route.path}"


def _calls(dependant: Any) -> set[Any]:
    found = {dependant.call}
    for inner in dependant.dependencies:
        found |= _calls(inner)
    return found


def assert_authorized(app: FastAPI, *, also: tuple[Any, ...] = ()) -> None:
    """Raise RuntimeError when a route or WebSocket of the app declares no authorization; `also` names further declarations.

    The built dashboard's files are served by FastAPI's frontend group, which stands outside `app.routes`.
    """
    if bare := sorted(unauthorized_routes(app, also=also)):
        raise RuntimeError("these routes declare no authorization: " + ", ".join(bare))


def still(
    request: HTTPConnection, ctx: Context, look: Callable[[AsyncSession, Principal], Awaitable[object]]
) -> Callable[[], Awaitable[bool]]:
    """Return what a stream asks while it lasts: whether who asked is still signed in and `look` still finds what they read."""

    async def ask() -> bool:
        try:
            asker = await identify(request, ctx)
            async with ctx.db.read() as session:
                await look(session, asker)
        except WiseHostingError:
            return False
        return True

    return ask
