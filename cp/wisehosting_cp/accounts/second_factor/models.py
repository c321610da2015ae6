"""Tables of the second factor and of sign-ins that wait for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.columns import At, CreatedAt, Id
from wisehosting_cp.kit.db import Model


class TotpCredential(Model):
    """A person's authenticator app (RFC 6238). It counts once a code of it was given."""

    __tablename__ = "totp_credentials"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    holder: Mapped[str] = mapped_column(String(80))
    """`session:<id>` that sets it up: it alone can confirm it."""
    created_at: Mapped[CreatedAt]
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The latest time step whose code was accepted; no code of it or of an earlier one is accepted again."""


class RecoveryCode(Model):
    """One of ten codes for the day the second factor is lost. Works once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_user_id", "user_id"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    """The same for the codes made together, so that a guess costs one hash and not ten."""
    code_hash: Mapped[str] = mapped_column(String(200))
    """argon2id."""
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SecondFactorAttempt(Model):
    """A second factor that was refused: a few in a row are let pass, then one has to wait."""

    __tablename__ = "second_factor_attempts"
    __table_args__ = (Index("ix_second_factor_attempts_user_id_at", "user_id", "at"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    at: Mapped[At]


class PendingSignIn(Model):
    """A browser that the sign-in provider vouches for and that owes a second factor. Only the hash of its cookie is kept."""

    __tablename__ = "pending_sign_ins"

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    next: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[At]


class Passkey(Model):
    """A WebAuthn credential: its public key, and how often it says it was used."""

    __tablename__ = "passkeys"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """COSE."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """The highest seen; a key that does not count says 0 always."""
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PasskeyChallenge(Model):
    """What a passkey has to sign: single use, five minutes, of one session or half sign-in."""

    __tablename__ = "passkey_challenges"

    holder: Mapped[str] = mapped_column(String(80), primary_key=True)
    """`session:<id>` or `pending:<id>`."""
    purpose: Mapped[str] = mapped_column(String(20), primary_key=True)
    """`register` or `authenticate`."""
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[At]


class SecondFactorReset(Model):
    """An operator has asked that a person's lost second factor be taken away. It happens by itself, later."""

    __tablename__ = "second_factor_resets"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    requested_at: Mapped[At]
    due_at: Mapped[At]
