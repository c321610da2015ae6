"""A person's second factor: set up, given, taken away; and how often a wrong one may be tried."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.second_factor import passkeys, recovery_codes, repository, totp
from wisehosting_cp.accounts.second_factor.schemas import Proof
from wisehosting_cp.errors import Conflict, Forbidden, Invalid, NotFound, TooManyRequests, WiseHostingError
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context

LIMITS = ((timedelta(minutes=15), 5), (timedelta(days=1), 50))
"""So many refusals in so long, then one has to wait."""
SET_UP = timedelta(minutes=10)
"""So long after an authenticator app was begun it can be confirmed."""
ISSUER = "WiseHosting"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Factors:
    """What a person can give as a second factor."""

    totp: bool
    passkeys: int
    recovery_codes: int
    reset_at: datetime | None
    """When an operator's reset takes them away."""

    @property
    def needed(self) -> bool:
        """Whether signing in takes a second factor. Recovery codes alone are none."""
        return self.totp or self.passkeys > 0


@dataclass(frozen=True)
class NewTotp:
    """A secret for an authenticator app, shown this once."""

    secret: str
    address: str


async def factors(session: AsyncSession, user_id: UUID) -> Factors:
    """Return what this person has set up and confirmed."""
    found = await repository.totp(session, user_id)
    return Factors(
        totp=found is not None and found.confirmed_at is not None,
        passkeys=len(await passkeys.all_of(session, user_id)),
        recovery_codes=await repository.codes_left(session, user_id),
        reset_at=await repository.reset_at(session, user_id),
    )


async def begin_totp(session: AsyncSession, ctx: Context, *, user_id: UUID, holder: str, account: str) -> NewTotp:
    """Make a secret for an authenticator app; it counts once confirmed, and a second run makes another. Raises Conflict.

    `holder` is the session that begins: whoever confirms must have shown in it who they are.
    """
    await repository.lock(session, user_id)
    secret = totp.new_secret()
    sealed = ctx.sealer.seal(secret.encode(), **_place(user_id))
    if not await repository.put_totp(session, user_id, sealed, holder=holder, now=ctx.clock.now()):
        raise Conflict("totp_exists", "An authenticator app is set up already. Remove it to set up another.")
    return NewTotp(secret, totp.address_of(secret, account=account, issuer=ISSUER))


async def confirm_totp(
    ctx: Context,
    *,
    user_id: UUID,
    holder: str,
    code: str,
    asker: Mapping[str, Any],
    then: Callable[[AsyncSession], Awaitable[object]],
) -> list[str] | None:
    """Make the authenticator app count, and do `then` with it; return new recovery codes when the person has none.

    A wrong code is counted as one given at a sign-in. Raises NotFound when `holder` has begun none within ten minutes,
    Conflict when it counts already, Invalid for a wrong code, TooManyRequests after too many of them.
    """
    async with ctx.db.transaction() as session:
        await repository.lock(session, user_id)
        now = ctx.clock.now()
        begun = await repository.totp(session, user_id)
        if begun is not None and begun.confirmed_at is not None:
            raise Conflict("totp_exists", "An authenticator app is set up already.")
        if begun is None or begun.holder != holder or begun.created_at + SET_UP <= now:
            raise NotFound("totp_not_begun", "No authenticator app is being set up here. Begin again.")
        limited = await _too_many(session, ctx, user_id)
        if limited is not None:
            raise limited
        step = totp.matching_step(_secret(ctx, begun.sealed_secret, user_id), code, now)
        if step is None:
            await _count(session, ctx, user_id, asker, factor="totp", reason="wrong_at_set_up")
        else:
            if not await repository.confirm_totp(session, user_id, step, now):
                # Ten minutes were over, and it was tidied away, between the look and here.
                raise NotFound("totp_not_begun", "No authenticator app is being set up here. Begin again.")
            codes = await added(session, user_id=user_id, asker=asker, factor="totp")
            await then(session)
            return codes
    raise Invalid(
        "code_wrong",
        "This code is not the one your app shows now. Check that the clock of your phone is right, and try the next code.",
        fields={"code": "Not the code your app shows now."},
    )


async def added(
    session: AsyncSession, *, user_id: UUID, asker: Mapping[str, Any], factor: str, **told: Any
) -> list[str] | None:
    """Record a factor that counts from now on; return new recovery codes when the person has none.

    The caller holds the person's factors.
    """
    await note(session, user_id, asker, "second_factor.add", factor=factor, **told)
    # Teams that ask for one are open from now on, and closed when the last one goes.
    epoch.advance(session)
    if await repository.codes_left(session, user_id):
        return None
    return await new_codes(session, user_id=user_id, asker=asker)


async def remove_totp(session: AsyncSession, *, user_id: UUID, asker: Mapping[str, Any]) -> None:
    """Take the authenticator app away. Raises NotFound when there is none."""
    await repository.lock(session, user_id)
    if not await repository.delete_totp(session, user_id):
        raise NotFound
    await removed(session, user_id=user_id, asker=asker, factor="totp")


async def removed(session: AsyncSession, *, user_id: UUID, asker: Mapping[str, Any], factor: str, **told: Any) -> None:
    """Record that a factor is gone; the recovery codes go with the last one. The caller holds the person's factors."""
    await note(session, user_id, asker, "second_factor.remove", factor=factor, **told)
    epoch.advance(session)
    if not (await factors(session, user_id)).needed:
        await repository.delete_codes(session, user_id)
        # A reset is of the factors there were when it was asked for, not of later ones.
        await repository.forget_reset(session, user_id)


async def new_codes(session: AsyncSession, *, user_id: UUID, asker: Mapping[str, Any]) -> list[str]:
    """Make ten recovery codes, which are shown this once; the ones before end. The caller holds the person's factors."""
    codes, salt = recovery_codes.new_codes(), recovery_codes.new_salt()
    await repository.replace_codes(session, user_id, await recovery_codes.hashed(codes, salt), salt)
    await note(session, user_id, asker, "second_factor.new_recovery_codes")
    return codes


async def with_factor(
    ctx: Context,
    *,
    user_id: UUID,
    holder: str,
    proof: Proof,
    asker: Mapping[str, Any],
    then: Callable[[AsyncSession, str], Awaitable[Result]],
) -> Result:
    """Do what takes a second factor, in the transaction that uses the factor up; `then` is told the factor's kind.

    `holder` is the session or half sign-in whose challenge a passkey answers.

    A refusal is counted and recorded, and nothing else is done. Raises Forbidden for a wrong or used factor,
    TooManyRequests after too many of them.
    """
    async with ctx.db.transaction() as session:
        await repository.lock(session, user_id)
        refusal: WiseHostingError | None = await _too_many(session, ctx, user_id)
        if refusal is None:
            reason = await _why_not(session, ctx, user_id, holder, proof)
            if reason is None:
                return await then(session, proof.kind)
            await _count(session, ctx, user_id, asker, factor=proof.kind, reason=reason)
            refusal = Forbidden("second_factor_refused", SENTENCES[reason])
    raise refusal


SENTENCES = {
    "wrong": "This is not the code your authenticator app shows now. Try the next one.",
    "used": "This code was used before. Wait for the next one.",
    "wrong_recovery_code": "This is none of your recovery codes, or it was used before.",
    "wrong_passkey": "This passkey is none of yours, or its answer is not right.",
    "passkey_stale": "This passkey's answer came too late or was used before. Try again.",
}


async def _why_not(session: AsyncSession, ctx: Context, user_id: UUID, holder: str, proof: Proof) -> str | None:
    now = ctx.clock.now()
    if proof.code is not None:
        found = await repository.totp(session, user_id)
        if found is None or found.confirmed_at is None:
            return "wrong"
        step = totp.matching_step(_secret(ctx, found.sealed_secret, user_id), proof.code, now)
        if step is None:
            return "wrong"
        return None if await repository.take_step(session, user_id, step) else "used"
    if proof.passkey is not None:
        return await passkeys.why_not(session, ctx, user_id=user_id, holder=holder, answer=proof.passkey)
    salt = await repository.salt(session, user_id)
    if salt is None or proof.recovery_code is None:
        return "wrong_recovery_code"
    [code_hash] = await recovery_codes.hashed([proof.recovery_code], salt)
    return None if await repository.take_code(session, user_id, code_hash, now) else "wrong_recovery_code"


async def _count(
    session: AsyncSession, ctx: Context, user_id: UUID, asker: Mapping[str, Any], *, factor: str, reason: str
) -> None:
    """Count and record a wrong factor, and that from now on one has to wait: what is tried until then makes no more rows."""
    await repository.add_attempt(session, user_id, ctx.clock.now())
    await refused(session, user_id, asker, factor=factor, reason=reason)
    limited = await _too_many(session, ctx, user_id)
    if limited is not None:
        await note(session, user_id, asker, "second_factor.limit", **limited.fields)


async def _too_many(session: AsyncSession, ctx: Context, user_id: UUID) -> TooManyRequests | None:
    now = ctx.clock.now()
    until: datetime | None = None
    for window, most in LIMITS:
        wrong = await repository.attempts(session, user_id, now - window, most)
        if len(wrong) == most:
            until = max(until or now, wrong[-1] + window)
    if until is None:
        return None
    return TooManyRequests(
        "second_factor_limit",
        f"Too many wrong codes. Wait until {until:%H:%M} UTC on {until:%d %B}, then try again.",
        fields={"until": until.isoformat()},
    )


async def prune(session: AsyncSession, ctx: Context) -> None:
    """Delete refusals that no limit counts any more, and authenticator apps that nobody confirmed."""
    now = ctx.clock.now()
    await repository.forget_attempts(session, now - max(window for window, _ in LIMITS))
    await repository.forget_begun_totp(session, now - SET_UP)


async def refused(session: AsyncSession, user_id: UUID, asker: Mapping[str, Any], *, factor: str, reason: str) -> None:
    """Record a factor that was refused."""
    await note(session, user_id, asker, "second_factor.refuse", factor=factor, reason=reason)


async def note(session: AsyncSession, user_id: UUID, asker: Mapping[str, Any], action: str, **detail: Any) -> None:
    """Record what happened to a person's second factor."""
    team_id = await accounts.personal_team_id(session, user_id)
    record(session, **asker, action=action, subject=f"user:{user_id}", team_id=team_id, **detail)


def _secret(ctx: Context, sealed: bytes, user_id: UUID) -> str:
    return ctx.sealer.open(sealed, **_place(user_id)).decode()


def _place(user_id: UUID) -> dict[str, str]:
    return {"table": "totp_credentials", "column": "sealed_secret", "row": str(user_id)}
