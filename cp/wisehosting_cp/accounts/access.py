"""Who asks, and whether they may. Every route and WebSocket declares one of these, or the app does not start."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from wisehosting_cp.accounts.credentials import credentials_of
from wisehosting_cp.accounts.models import Role, Scope
from wisehosting_cp.accounts.pending import half_signed_in, pending_of
from wisehosting_cp.errors import Forbidden, NotSignedIn, WiseHostingError
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.http import request_id_of
from wisehosting_cp.kit.security import UNSAFE_METHODS, bearer_of, origin_of
from wisehosting_cp.kit.web import Ctx

RANK: Mapping[Role, int] = {Role.viewer: 0, Role.developer: 1, Role.admin: 2, Role.owner: 3}


@dataclass(frozen=True)
class Principal:
    """A signed-in person, in a browser or by an API token."""

    user_id: UUID
    actor: str
    """`user:<id>` or `token:<id>`, for audit rows."""
    teams: Mapping[UUID, Role]
    scopes: frozenset[Scope]
    operator: bool
    address: str
    request_id: str
    session_id: UUID | None = None
    token_id: UUID | None = None

    def team_ids(self, at_least: Role = Role.viewer) -> list[UUID]:
        """Return the teams in which this person has at least this role; queries are scoped by them."""
        return [team for team, role in self.teams.items() if RANK[role] >= RANK[at_least]]

    def require_role(self, team_id: UUID, at_least: Role) -> None:
        """Raise Forbidden when the role in a team, which this person may see, is too low."""
        role = self.teams.get(team_id)
        if role is None or RANK[role] < RANK[at_least]:
            raise Forbidden("role_too_low", f"This needs the role {at_least} in the team. Ask an owner of the team.")

    def require_scope(self, scope: Scope) -> None:
        """Raise Forbidden when the API token was made without this scope."""
        if scope not in self.scopes:
            raise Forbidden("scope_missing", f"This token lacks the scope {scope}. Make a token that has it.")

    def audit(self) -> dict[str, Any]:
        """Return what `kit.audit.record` wants to know of the asker."""
        return {"actor": self.actor, "address": self.address, "request_id": self.request_id}


async def principal(connection: HTTPConnection, context: Ctx) -> Principal:
    """Return who asks. Raises NotSignedIn."""
    credentials = credentials_of(context)
    token = bearer_of(connection)
    address = connection.client.host if connection.client else ""
    request_id = request_id_of(connection)
    if token is not None:
        known = await credentials.token(context, token)
        if known is None:
            raise NotSignedIn("This token is unknown, expired or revoked. Make a new one.", "token_invalid")
        return Principal(
            user_id=known.user_id,
            actor=f"token:{known.credential_id}",
            teams=known.teams,
            scopes=known.scopes,
            operator=known.operator,
            address=address,
            request_id=request_id,
            token_id=known.credential_id,
        )
    cookie = connection.cookies.get(context.settings.cookie_name)
    known = await credentials.session(context, cookie) if cookie else None
    if known is None:
        if await pending_of(connection, context) is not None:
            raise NotSignedIn("Give your second factor to finish signing in.", "second_factor_needed")
        raise NotSignedIn
    if connection.scope["type"] == "websocket" and connection.headers.get("origin", "").lower() != origin_of(
        context.settings.public_url
    ):
        raise Forbidden("foreign_origin", "This WebSocket was opened from another site.")
    return Principal(
        user_id=known.user_id,
        actor=f"user:{known.user_id}",
        teams=known.teams,
        scopes=known.scopes,
        operator=known.operator,
        address=address,
        request_id=request_id,
        session_id=known.credential_id,
    )


SignedIn = Annotated[Principal, Depends(principal)]


async def reader(asker: SignedIn) -> Principal:
    """Return a signed-in person who may read what their teams own. Raises NotSignedIn, Forbidden."""
    asker.require_scope(Scope.read)
    return asker


async def deployer(connection: HTTPConnection, asker: SignedIn) -> Principal:
    """Return a person who may change what a team owns; the role in *that* team is checked beside the row."""
    unsafe = connection.scope.get("method", "GET") in UNSAFE_METHODS or connection.scope["type"] == "websocket"
    asker.require_scope(Scope.deploy if unsafe else Scope.read)
    if unsafe and not asker.team_ids(Role.developer):
        raise Forbidden("role_too_low", "This needs the role developer in a team. Ask an owner of the team.")
    return asker


async def admin(asker: SignedIn) -> Principal:
    """Return a person who may change their account and their teams' settings."""
    asker.require_scope(Scope.admin)
    return asker


async def operator(connection: HTTPConnection, asker: SignedIn) -> Principal:
    """Return a person who may see, and with the scope admin change, workers and the platform."""
    asker.require_scope(Scope.admin if connection.scope.get("method", "GET") in UNSAFE_METHODS else Scope.read)
    if not asker.operator:
        raise Forbidden("operators_only", "Only operators of this platform may see this.")
    return asker


async def public() -> None:
    """Mark a route that anybody may call: `dependencies=[Public]`."""


Reader = Annotated[Principal, Depends(reader)]
Deployer = Annotated[Principal, Depends(deployer)]
Admin = Annotated[Principal, Depends(admin)]
Operator = Annotated[Principal, Depends(operator)]
Public = Depends(public)

DECLARATIONS = (reader, deployer, admin, operator, half_signed_in, public)


def declared(dependant: Any) -> set[Any]:
    """Return the authorization dependencies found anywhere below a route."""
    found = {dependant.call} & set(DECLARATIONS)
    for inner in dependant.dependencies:
        found |= declared(inner)
    return found


def unauthorized_routes(app: FastAPI, *, also: tuple[Any, ...] = ()) -> Iterator[str]:
    """Name each route and WebSocket that declares nothing; a kind of route that cannot declare is named too."""
    allowed = set(DECLARATIONS) | set(also)
    for route in iter_route_contexts(app.routes):
        original = route.original_route
        if not isinstance(original, APIRoute | APIWebSocketRoute):
            yield f"{type(original).__name__} {route.path}"
        elif not (declared(route.dependant) & set(DECLARATIONS)) and not (_calls(route.dependant) & allowed):
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
            asker = await principal(request, ctx)
            async with ctx.db.read() as session:
                await look(session, asker)
        except WiseHostingError:
            return False
        return True

    return ask
