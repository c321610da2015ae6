"""REST of one's own passkeys."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.second_factor import passkeys, repository, step_up
from wisehosting_cp.accounts.second_factor import service as second_factor
from wisehosting_cp.accounts.second_factor.models import Passkey
from wisehosting_cp.accounts.second_factor.schemas import PasskeyAdded, PasskeyName, PasskeyRegister, PasskeyView
from wisehosting_cp.accounts.second_factor.step_up import InBrowser, StepUp
from wisehosting_cp.errors import Invalid, NotFound, NotSignedIn
from wisehosting_cp.kit.web import Ctx, Page, Reading, Transaction

router = APIRouter(prefix="/api/v1/account/second-factor/passkeys", tags=["account"])


def _view(row: Passkey) -> PasskeyView:
    return PasskeyView.model_validate(row, from_attributes=True)


@router.get("", operation_id="list_passkeys")
async def page(session: Reading, asker: InBrowser) -> Page[PasskeyView]:
    """List one's passkeys, oldest first; there are at most twenty, so it is one page."""
    return Page(items=[_view(row) for row in await passkeys.all_of(session, asker.user_id)])


@router.post("/options", operation_id="begin_passkey", dependencies=[StepUp])
async def options(session: Transaction, ctx: Ctx, asker: InBrowser) -> dict[str, Any]:
    """Begin to make a passkey: what `navigator.credentials.create` takes, by `parseCreationOptionsFromJSON`."""
    user = await accounts.user(session, asker.user_id)
    if user is None:
        raise NotSignedIn
    return await passkeys.registration_options(session, ctx, user, holder=step_up.holder_of(asker))


@router.post("", operation_id="register_passkey")
async def register(asked: PasskeyRegister, ctx: Ctx, asker: InBrowser) -> PasskeyAdded:
    """Keep the passkey that the browser made. From now on signing in takes a second factor."""
    async with ctx.db.transaction() as session:
        await repository.lock(session, asker.user_id)
        made = await passkeys.register(
            session,
            ctx,
            user_id=asker.user_id,
            holder=step_up.holder_of(asker),
            name=asked.name,
            answer=asked.passkey,
        )
        if made is not None:
            codes = await second_factor.added(
                session, user_id=asker.user_id, asker=asker.audit(), factor="passkey", name=made.name
            )
            await step_up.stepped_up(session, ctx, asker, "passkey")
            return PasskeyAdded(passkey=_view(made), recovery_codes=codes)
        await second_factor.refused(session, asker.user_id, asker.audit(), factor="passkey", reason="wrong_at_set_up")
    raise Invalid("passkey_refused", "This passkey could not be checked, or it took too long. Begin again.")


@router.patch("/{passkey_id}", operation_id="rename_passkey")
async def rename(passkey_id: UUID, asked: PasskeyName, session: Transaction, asker: InBrowser) -> PasskeyView:
    """Give a passkey another name."""
    row = await passkeys.rename(session, user_id=asker.user_id, passkey_id=passkey_id, name=asked.name)
    if row is None:
        raise NotFound
    told = {"factor": "passkey", "passkey": str(passkey_id), "name": row.name}
    await second_factor.note(session, asker.user_id, asker.audit(), "second_factor.rename", **told)
    return _view(row)


@router.delete("/{passkey_id}", status_code=204, operation_id="remove_passkey", dependencies=[StepUp])
async def remove(passkey_id: UUID, session: Transaction, asker: InBrowser) -> None:
    """Take a passkey away. The recovery codes go with the last factor."""
    await repository.lock(session, asker.user_id)
    if not await passkeys.remove(session, user_id=asker.user_id, passkey_id=passkey_id):
        raise NotFound
    await second_factor.removed(
        session, user_id=asker.user_id, asker=asker.audit(), factor="passkey", passkey=str(passkey_id)
    )
