"""Passkeys as second factor (WebAuthn level 2): registered, given, renamed, taken away."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from wisehosting_cp.accounts.models import User
from wisehosting_cp.accounts.second_factor.models import Passkey, PasskeyChallenge
from wisehosting_cp.errors import Conflict
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.security import origin_of

CHALLENGE = timedelta(minutes=5)
MOST = 20
REGISTER, AUTHENTICATE = "register", "authenticate"


def _site(ctx: Context) -> tuple[str, str]:
    url = ctx.settings.public_url
    return urlsplit(url).hostname or "", origin_of(url)


async def all_of(session: AsyncSession, user_id: UUID) -> list[Passkey]:
    """Return the person's passkeys, oldest first."""
    query = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    return list((await session.execute(query)).scalars())


async def registration_options(session: AsyncSession, ctx: Context, user: User, *, holder: str) -> dict[str, Any]:
    """Return what the browser needs to make a passkey; an earlier challenge of this holder ends. Raises Conflict."""
    known = await all_of(session, user.id)
    if len(known) >= MOST:
        raise Conflict("passkeys_full", f"There are {MOST} passkeys already. Remove one first.")
    rp_id, _ = _site(ctx)
    options = generate_registration_options(
        rp_id=rp_id,
        rp_name="WiseHosting",
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=row.credential_id) for row in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    await _keep(session, ctx, holder, REGISTER, options.challenge)
    return dict(options_to_json_dict(options))


async def authentication_options(session: AsyncSession, ctx: Context, user_id: UUID, *, holder: str) -> dict[str, Any]:
    """Return what the browser needs to give a passkey; an earlier challenge of this holder ends."""
    rp_id, _ = _site(ctx)
    options = generate_authentication_options(
        rp_id=rp_id,
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=row.credential_id) for row in await all_of(session, user_id)
        ],
    )
    await _keep(session, ctx, holder, AUTHENTICATE, options.challenge)
    return dict(options_to_json_dict(options))


async def register(
    session: AsyncSession, ctx: Context, *, user_id: UUID, holder: str, name: str, answer: Mapping[str, Any]
) -> Passkey | None:
    """Keep a new passkey; None when the answer does not pass the checks. The challenge is used up either way.

    WebAuthn §7.1: challenge, origin and relying party are compared; no attestation is asked for.
    """
    challenge = await _take(session, ctx, holder, REGISTER)
    rp_id, origin = _site(ctx)
    if challenge is None:
        return None
    try:
        verified = verify_registration_response(
            credential=dict(answer), expected_challenge=challenge, expected_rp_id=rp_id, expected_origin=origin
        )
    except (WebAuthnException, ValueError):
        return None
    made = await session.execute(
        insert(Passkey)
        .values(
            user_id=user_id,
            name=name,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            created_at=ctx.clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["credential_id"])
        .returning(Passkey)
    )
    return made.scalar_one_or_none()


async def why_not(
    session: AsyncSession, ctx: Context, *, user_id: UUID, holder: str, answer: Mapping[str, Any]
) -> str | None:
    """Check a passkey's answer; return why it is refused, or None when it is right. The challenge is used up either way.

    WebAuthn §7.2: among other things a counter that does not rise is refused, since the key may have been cloned.
    """
    challenge = await _take(session, ctx, holder, AUTHENTICATE)
    if challenge is None:
        return "passkey_stale"
    try:
        credential_id = base64url_to_bytes(str(answer.get("id", "")))
        query = select(Passkey).where(Passkey.user_id == user_id, Passkey.credential_id == credential_id)
        known = (await session.execute(query.with_for_update())).scalar_one_or_none()
        if known is None:
            return "wrong_passkey"
        rp_id, origin = _site(ctx)
        verified = verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
        )
    except (WebAuthnException, ValueError):
        return "wrong_passkey"
    known.sign_count, known.last_used_at = verified.new_sign_count, ctx.clock.now()
    await session.flush()
    return None


async def rename(session: AsyncSession, *, user_id: UUID, passkey_id: UUID, name: str) -> Passkey | None:
    """Give a passkey of this person another name; None when it is not theirs."""
    statement = update(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id).values(name=name)
    return (await session.execute(statement.returning(Passkey))).scalar_one_or_none()


async def remove(session: AsyncSession, *, user_id: UUID, passkey_id: UUID) -> bool:
    """Delete a passkey of this person; False when it is not theirs."""
    statement = delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id)
    return (await session.execute(statement.returning(Passkey.id))).scalar_one_or_none() is not None


async def prune(session: AsyncSession, ctx: Context) -> None:
    """Delete challenges that ran out."""
    await session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < ctx.clock.now()))


async def _keep(session: AsyncSession, ctx: Context, holder: str, purpose: str, challenge: bytes) -> None:
    fresh = {"challenge": challenge, "expires_at": ctx.clock.now() + CHALLENGE}
    statement = insert(PasskeyChallenge).values(holder=holder, purpose=purpose, **fresh)
    await session.execute(statement.on_conflict_do_update(index_elements=["holder", "purpose"], set_=fresh))


async def _take(session: AsyncSession, ctx: Context, holder: str, purpose: str) -> bytes | None:
    statement = delete(PasskeyChallenge).where(PasskeyChallenge.holder == holder, PasskeyChallenge.purpose == purpose)
    taken = await session.execute(statement.returning(PasskeyChallenge.challenge, PasskeyChallenge.expires_at))
    row = taken.one_or_none()
    return row.challenge if row is not None and row.expires_at > ctx.clock.now() else None
