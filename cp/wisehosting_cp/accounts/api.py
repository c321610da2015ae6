"""Signing in and out, who one is, API tokens."""

import weakref
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from wisehosting_cp.accounts import invitations, memberships, repository, service, step_up
from wisehosting_cp.accounts import second_factor_repository as kept
from wisehosting_cp.accounts.access import AccountChanger, AccountReader, Public, SessionReader, Throttled
from wisehosting_cp.accounts.credentials import IMPLIED
from wisehosting_cp.accounts.models import OauthState, Role, Scope
from wisehosting_cp.accounts.oidc import Claims, SignInProvider
from wisehosting_cp.accounts.once import Once, OnceRoute
from wisehosting_cp.accounts.pages import sign_in_failed
from wisehosting_cp.accounts.pending import Admitted, admit, drop_cookie, set_cookie
from wisehosting_cp.accounts.schemas import (
    NewTokenView,
    PlatformFacts,
    SessionView,
    TeamView,
    TokenCreate,
    TokenView,
    UserView,
)
from wisehosting_cp.accounts.team_api import row_of
from wisehosting_cp.accounts.team_schemas import InvitationToken, WayIn
from wisehosting_cp.accounts.throttling import address_of
from wisehosting_cp.errors import Forbidden, NotFound, NotSignedIn, WiseHostingError
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_cp.kit.http import request_id_of
from wisehosting_cp.kit.security import origin_of
from wisehosting_cp.kit.web import Ctx, Page, Reading, decode_cursor, encode_cursor

router = APIRouter(prefix="/api/v1", tags=["account"], route_class=OnceRoute)
browser_router = APIRouter(tags=["sign-in"], include_in_schema=False)

_providers: weakref.WeakKeyDictionary[Database, SignInProvider] = weakref.WeakKeyDictionary()


def provider_of(context: Context) -> SignInProvider:
    """Return the sign-in provider of this process, whose metadata and keys are remembered."""
    known = _providers.get(context.db)
    if known is None:
        known = _providers[context.db] = SignInProvider(context.settings)
    return known


def sign_in_cookie(context: Context) -> str:
    """Return the name of the cookie that binds a sign-in to its browser; good for nothing else."""
    return f"{context.settings.session_cookie}_sign_in"


@browser_router.get("/auth/login", dependencies=[Public, Throttled])
async def login(request: Request, ctx: Ctx, next_path: Annotated[str | None, Query(alias="next")] = None) -> Response:
    """Send the browser to the sign-in provider."""
    wanted = origin_of(ctx.settings.public_url)
    if f"{request.url.scheme}://{request.headers['host']}".lower() != wanted and ctx.settings.local:
        # The cookie must live under the name that the provider sends the browser back to.
        return RedirectResponse(str(request.url.replace(netloc=wanted.partition("//")[2])), status_code=302)
    try:
        return await _to_provider(ctx, RedirectResponse, next_path=next_path)
    except WiseHostingError as error:
        return _failed(request, error, next_path=next_path)


@browser_router.post("/auth/invitation", dependencies=[Public, Throttled])
async def invitation(asked: InvitationToken, ctx: Ctx) -> Response:
    """Begin a sign-in that accepts an invitation; the answer says where the browser is to go. Raises NotFound.

    A body and not a link, so that the token stands in no address and no log.
    """
    async with ctx.db.read() as session:
        await invitations.offer(session, ctx, asked.token)
    return await _to_provider(
        ctx, lambda location: JSONResponse(WayIn(location=location).model_dump()), invitation=asked.token
    )


async def _to_provider(
    ctx: Context, answer_of: Callable[[str], Response], *, next_path: str | None = None, invitation: str | None = None
) -> Response:
    async with ctx.db.transaction() as session:
        started = await service.start_sign_in(session, ctx, next_path=next_path, invitation=invitation)
    answer = answer_of(
        await provider_of(ctx).authorization_url(state=started.state, nonce=started.nonce, verifier=started.verifier)
    )
    expires_at = ctx.clock.now() + timedelta(minutes=service.SIGN_IN_MINUTES)
    set_cookie(answer, ctx, sign_in_cookie(ctx), started.browser, expires_at)
    return answer


@browser_router.get("/auth/callback", dependencies=[Public, Throttled])
async def callback(
    request: Request,
    ctx: Ctx,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Take the browser back from the provider, and sign it in."""
    next_path: str | None = None
    try:
        async with ctx.db.transaction() as session:
            browser = request.cookies.get(sign_in_cookie(ctx), "")
            started = await service.take_sign_in(session, ctx, state=state, browser=browser)
        next_path = started.next
        admitted = await _finish(request, ctx, started, code=code, error=error)
    except WiseHostingError as refused:
        answer: Response = _failed(request, refused, next_path=next_path)
    else:
        answer = RedirectResponse(admitted.next, status_code=302)
        set_cookie(answer, ctx, admitted.cookie_name, admitted.cookie, admitted.expires_at)
    drop_cookie(answer, ctx, sign_in_cookie(ctx))
    return answer


def _failed(request: Request, error: WiseHostingError, *, next_path: str | None) -> Response:
    return sign_in_failed(error.detail, next_path=next_path, status=error.status, request_id=request_id_of(request))


async def _finish(request: Request, ctx: Context, started: OauthState, *, code: str, error: str) -> Admitted:
    """Sign in whom the provider names. Whom it names and who is not let in is recorded; what others send is only logged."""
    address, request_id = address_of(request), request_id_of(request)
    claims: Claims | None = None
    try:
        # An error counts for as little as a code when somebody else sends it.
        await provider_of(ctx).check_sender(request.query_params.getlist("iss"))
        if error or not code:
            raise Forbidden("sign_in_refused", "The sign-in provider did not let you in. Sign in again.")
        nonce, verifier = service.proofs_of(request.cookies[sign_in_cookie(ctx)])
        claims = await provider_of(ctx).exchange(code=code, nonce=nonce, verifier=verifier)
        async with ctx.db.transaction() as session:
            user = await service.user_for(
                session,
                ctx,
                claims,
                invitation_hash=started.invitation_hash,
                address=address,
                request_id=request_id,
            )
            return await admit(
                session,
                ctx,
                user,
                next_path=started.next,
                user_agent=request.headers.get("user-agent", ""),
                address=address,
                request_id=request_id,
                replaces=request.cookies.get(ctx.settings.session_cookie, ""),
            )
    except (Forbidden, NotFound) as refused:
        if claims is not None:
            await service.note_refused(ctx, refused.code, claims.email, address=address, request_id=request_id)
        raise


@router.post("/session/end", status_code=204, operation_id="end_session")
async def end(response: Response, ctx: Ctx, asker: SessionReader) -> None:
    """Sign out. A token cannot be signed out; revoke it instead."""
    if asker.session_id is None:
        raise Forbidden("no_session", "This request came with a token, not a session. Revoke the token instead.")
    async with ctx.db.transaction() as session:
        team = await repository.personal_team(session, asker.user_id)
        await service.end_session(
            session,
            ctx,
            session_id=asker.session_id,
            user_id=asker.user_id,
            team_id=team.id if team else None,
            asker=asker.audit(),
        )
    drop_cookie(response, ctx, ctx.settings.session_cookie)


@router.get("/session", operation_id="get_session")
async def session_view(session: Reading, ctx: Ctx, asker: SessionReader) -> SessionView:
    """Return who is signed in, and what a client needs to know of the platform."""
    user = await repository.user(session, asker.user_id)
    team = await repository.personal_team(session, asker.user_id)
    if user is None or team is None:
        raise NotSignedIn
    mine = await memberships.teams(session, asker.user_id)
    settings = ctx.settings
    return SessionView(
        user=UserView(id=user.id, name=user.name, email=user.email, operator=user.operator),
        team=TeamView(id=team.id, name=team.name, role=asker.teams.get(team.id, Role.owner)),
        teams=[row_of(each, role, members) for each, role, members in mine if each.id in asker.teams],
        closed_teams=[each.name for each, _, _ in mine if each.id not in asker.teams and each.deleted_at is None],
        platform=PlatformFacts(
            version=version("wisehosting-cp"),
            local=settings.local,
            apps_domain=settings.apps_domain,
            apps_address=settings.apps_address,
            example_repository=settings.example_repository,
            poll_seconds=settings.poll_seconds,
        ),
    )


@router.get("/account/tokens", operation_id="list_tokens")
async def tokens(
    session: Reading,
    ctx: Ctx,
    asker: AccountReader,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[TokenView]:
    """List one's own tokens that still work, newest first."""
    before = decode_cursor(cursor) if cursor else None
    rows = await repository.tokens(session, asker.user_id, now=ctx.clock.now(), before=before, limit=limit + 1)
    items = [TokenView.model_validate(row, from_attributes=True) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > limit else None)


@router.post("/account/tokens", status_code=201, operation_id="create_token")
async def create_token(asked: TokenCreate, ctx: Ctx, asker: AccountChanger, session: Once) -> NewTokenView:
    """Make a token. The answer shows it, this once. One with the scope admin needs a step-up."""
    for scope in asked.scopes:
        for implied in IMPLIED[scope]:
            asker.require_scope(implied)
    if Scope.admin in asked.scopes:
        await step_up.require(session, ctx, asker, "create_token")
    await kept.lock(session, asker.user_id)
    row, secret = await service.issue_token(
        session,
        ctx,
        user_id=asker.user_id,
        name=asked.name,
        scopes=asked.scopes,
        days=asked.expires_in_days,
        project_id=asked.project_id,
        second_factor=await repository.factor_given(session, asker.session_id, asker.token_id),
        asker=asker.audit(),
    )
    view = TokenView.model_validate(row, from_attributes=True)
    return NewTokenView(**view.model_dump(), token=secret)


@router.delete("/account/tokens/{token_id}", status_code=204, operation_id="revoke_token")
async def revoke_token(token_id: UUID, ctx: Ctx, asker: AccountChanger) -> None:
    """Revoke one of one's own tokens; it stops working at once."""
    async with ctx.db.transaction() as session:
        await service.revoke_token(session, ctx, token_id=token_id, user_id=asker.user_id, asker=asker.audit())
