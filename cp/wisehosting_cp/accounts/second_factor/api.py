"""REST of one's own second factor: the authenticator app and the recovery codes."""

from fastapi import APIRouter

from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.second_factor import repository, resets, step_up, totp
from wisehosting_cp.accounts.second_factor import service as second_factor
from wisehosting_cp.accounts.second_factor.schemas import (
    FactorAdded,
    FactorsView,
    NewTotpView,
    RecoveryCodesView,
    TotpConfirm,
)
from wisehosting_cp.accounts.second_factor.step_up import InBrowser, StepUp
from wisehosting_cp.errors import Conflict, NotSignedIn
from wisehosting_cp.kit.web import Ctx, Reading, Transaction

router = APIRouter(prefix="/api/v1/account/second-factor", tags=["account"])


@router.get("", operation_id="get_second_factor")
async def get(session: Reading, asker: InBrowser) -> FactorsView:
    """Show what one can give as a second factor."""
    return FactorsView.model_validate(await second_factor.factors(session, asker.user_id), from_attributes=True)


@router.post("/totp", operation_id="begin_totp", dependencies=[StepUp])
async def begin(session: Transaction, ctx: Ctx, asker: InBrowser) -> NewTotpView:
    """Begin to set up an authenticator app. It counts when confirmed; until then another call makes another secret."""
    user = await accounts.user(session, asker.user_id)
    if user is None:
        raise NotSignedIn
    made = await second_factor.begin_totp(
        session, ctx, user_id=user.id, holder=step_up.holder_of(asker), account=user.email
    )
    return NewTotpView(secret=made.secret, address=made.address, qr_code=totp.qr_code(made.address))


@router.post("/totp/confirm", operation_id="confirm_totp")
async def confirm(asked: TotpConfirm, ctx: Ctx, asker: InBrowser) -> FactorAdded:
    """Confirm the authenticator app with a code of it. From now on signing in takes a second factor."""
    codes = await second_factor.confirm_totp(
        ctx,
        user_id=asker.user_id,
        holder=step_up.holder_of(asker),
        code=asked.code,
        asker=asker.audit(),
        then=lambda session: step_up.stepped_up(session, ctx, asker, "totp"),
    )
    return FactorAdded(recovery_codes=codes)


@router.delete("/totp", status_code=204, operation_id="remove_totp", dependencies=[StepUp])
async def remove(session: Transaction, asker: InBrowser) -> None:
    """Take the authenticator app away. The recovery codes go with the last factor."""
    await second_factor.remove_totp(session, user_id=asker.user_id, asker=asker.audit())


@router.post("/recovery-codes", operation_id="make_recovery_codes", dependencies=[StepUp])
async def recovery_codes(session: Transaction, asker: InBrowser) -> RecoveryCodesView:
    """Make ten new recovery codes. The ones before end."""
    await repository.lock(session, asker.user_id)
    if not (await second_factor.factors(session, asker.user_id)).needed:
        raise Conflict("no_second_factor", "Set up an authenticator app or a passkey first.")
    made = await second_factor.new_codes(session, user_id=asker.user_id, asker=asker.audit())
    return RecoveryCodesView(recovery_codes=made)


@router.delete("/reset", status_code=204, operation_id="cancel_second_factor_reset")
async def cancel_reset(session: Transaction, asker: InBrowser) -> None:
    """Keep the second factor, which an operator was told is lost."""
    await resets.cancel(session, asker.user_id, asker.audit())
