"""REST of step-up: whether one must show again who one is, and doing so."""

from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.second_factor import passkeys, step_up
from wisehosting_cp.accounts.second_factor import service as second_factor
from wisehosting_cp.accounts.second_factor.schemas import FactorsView, Proof, SteppedUp, StepUpView
from wisehosting_cp.accounts.second_factor.step_up import InBrowser
from wisehosting_cp.errors import Conflict
from wisehosting_cp.kit.web import Ctx, Reading, Transaction

router = APIRouter(prefix="/api/v1/session/step-up", tags=["account"])


@router.get("", operation_id="get_step_up")
async def get(session: Reading, ctx: Ctx, asker: InBrowser) -> StepUpView:
    """Show whether dangerous acts are possible now, and what to do first when they are not."""
    found = await step_up.standing(session, ctx, asker)
    return StepUpView(
        until=found.until,
        sign_in=not found.factors.needed,
        factors=FactorsView.model_validate(found.factors, from_attributes=True),
    )


@router.post("", operation_id="step_up")
async def give(asked: Proof, ctx: Ctx, asker: InBrowser) -> SteppedUp:
    """Give the second factor again: dangerous acts are possible for 10 minutes."""
    async with ctx.db.read() as reading:
        if not (await second_factor.factors(reading, asker.user_id)).needed:
            raise Conflict("no_second_factor", "There is no second factor to give. Sign in again instead.")

    async def then(session: AsyncSession, factor: str) -> SteppedUp:
        return SteppedUp(until=await step_up.stepped_up(session, ctx, asker, factor))

    return await second_factor.with_factor(
        ctx, user_id=asker.user_id, holder=step_up.holder_of(asker), proof=asked, asker=asker.audit(), then=then
    )


@router.post("/passkey-options", operation_id="begin_step_up_passkey")
async def passkey_options(session: Transaction, ctx: Ctx, asker: InBrowser) -> dict[str, Any]:
    """Begin to give a passkey: what `navigator.credentials.get` takes, by `parseRequestOptionsFromJSON`."""
    return await passkeys.authentication_options(session, ctx, asker.user_id, holder=step_up.holder_of(asker))
