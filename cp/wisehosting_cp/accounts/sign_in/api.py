"""The pages a browser is sent through to sign in."""

import weakref
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from wisehosting_cp.accounts.access import Public, Throttled
from wisehosting_cp.accounts.models import OauthState
from wisehosting_cp.accounts.sessions.cookies import drop_cookie, set_cookie
from wisehosting_cp.accounts.sign_in import service
from wisehosting_cp.accounts.sign_in.admission import Admitted, admit
from wisehosting_cp.accounts.sign_in.oidc import Claims, SignInProvider
from wisehosting_cp.accounts.sign_in.pages import sign_in_failed
from wisehosting_cp.accounts.sign_in.schemas import WayIn
from wisehosting_cp.accounts.teams import invitations
from wisehosting_cp.accounts.teams.schemas import InvitationToken
from wisehosting_cp.accounts.throttling import address_of
from wisehosting_cp.errors import Forbidden, NotFound, WiseHostingError
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database, NoDatabase
from wisehosting_cp.kit.http import request_id_of
from wisehosting_cp.kit.security import origin_of
from wisehosting_cp.kit.web import Ctx

router = APIRouter(tags=["sign-in"], include_in_schema=False)
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


@router.get("/auth/login", dependencies=[Public, Throttled])
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


@router.post("/auth/invitation", dependencies=[Public, Throttled])
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


@router.get("/auth/callback", dependencies=[Public, Throttled])
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
        if isinstance(refused, NoDatabase):
            # The sign-in is still on its way: loading the page again ends it.
            return answer
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
