"""REST of a sign-in that waits for the second factor. Nothing else is open to whoever is half signed in."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.half_signed_in import HalfSignedIn, pending_cookie
from wisehosting_cp.accounts.second_factor import passkeys
from wisehosting_cp.accounts.second_factor import service as second_factor
from wisehosting_cp.accounts.second_factor.schemas import FactorsView, Proof
from wisehosting_cp.accounts.sessions.cookies import drop_cookie, set_cookie
from wisehosting_cp.accounts.sign_in import admission
from wisehosting_cp.accounts.sign_in.admission import Admitted
from wisehosting_cp.accounts.sign_in.schemas import HalfSignedInView, SignInDone
from wisehosting_cp.kit.web import Ctx, Reading, Transaction

router = APIRouter(prefix="/api/v1/session/second-factor", tags=["account"])


@router.get("", operation_id="get_sign_in")
async def get(session: Reading, half: HalfSignedIn) -> HalfSignedInView:
    """Show who is about to sign in, and what they can give."""
    found = await second_factor.factors(session, half.user_id)
    return HalfSignedInView(
        name=half.name,
        email=half.email,
        factors=FactorsView.model_validate(found, from_attributes=True),
        expires_at=half.expires_at,
    )


@router.post("", operation_id="finish_sign_in")
async def finish(asked: Proof, request: Request, response: Response, ctx: Ctx, half: HalfSignedIn) -> SignInDone:
    """Give the second factor: an own cookie is exchanged for the session's."""

    async def then(session: AsyncSession, factor: str) -> tuple[Admitted, second_factor.Factors]:
        admitted = await admission.finish(
            session,
            ctx,
            half,
            factor=factor,
            replaces=request.cookies.get(ctx.settings.session_cookie, ""),
            user_agent=request.headers.get("user-agent", ""),
        )
        return admitted, await second_factor.factors(session, half.user_id)

    admitted, left = await second_factor.with_factor(
        ctx, user_id=half.user_id, holder=half.holder, proof=asked, asker=half.audit(), then=then
    )
    set_cookie(response, ctx, admitted.cookie_name, admitted.cookie, admitted.expires_at)
    drop_cookie(response, ctx, pending_cookie(ctx.settings.session_cookie))
    return SignInDone(next=admitted.next, recovery_codes=left.recovery_codes, reset_at=left.reset_at)


@router.post("/passkey-options", operation_id="begin_sign_in_passkey")
async def passkey_options(session: Transaction, ctx: Ctx, half: HalfSignedIn) -> dict[str, Any]:
    """Begin to give a passkey: what `navigator.credentials.get` takes, by `parseRequestOptionsFromJSON`."""
    return await passkeys.authentication_options(session, ctx, half.user_id, holder=half.holder)


@router.delete("", status_code=204, operation_id="cancel_sign_in")
async def cancel(response: Response, session: Transaction, ctx: Ctx, half: HalfSignedIn) -> None:
    """Give this sign-in up."""
    await admission.cancel(session, half)
    drop_cookie(response, ctx, pending_cookie(ctx.settings.session_cookie))
