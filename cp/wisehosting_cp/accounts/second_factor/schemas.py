"""What the API says and takes of second factors."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from wisehosting_cp.kit.web import Shape


class Proof(Shape):
    """A second factor, given: exactly one of these."""

    code: str | None = Field(default=None, min_length=1, max_length=20)
    """Of the authenticator app, six digits."""
    recovery_code: str | None = Field(default=None, min_length=1, max_length=80)
    passkey: dict[str, Any] | None = None
    """What `navigator.credentials.get` gave, as `toJSON()` writes it."""

    @model_validator(mode="after")
    def _exactly_one(self) -> "Proof":
        if len(self.model_fields_set) != 1 or self.kind == "":
            raise ValueError("give a code, a recovery_code or a passkey, one of them")
        return self

    @property
    def kind(self) -> str:
        """The kind of factor, for audit rows."""
        given = {"totp": self.code, "recovery_code": self.recovery_code, "passkey": self.passkey}
        return next((kind for kind, value in given.items() if value is not None), "")


class FactorsView(BaseModel):
    """What one can give as a second factor."""

    totp: bool
    passkeys: int
    recovery_codes: int
    """How many were not used yet."""
    reset_at: datetime | None
    """When the second factor is taken away because an operator was told that it is lost; null normally. Not lost? Cancel."""


class NewTotpView(BaseModel):
    """A secret for an authenticator app. It is shown this once, and counts when confirmed with a code."""

    secret: str
    """For typing in."""
    address: str
    """`otpauth://…`, for apps on the same device."""
    qr_code: str
    """The address as QR code: an SVG as data URL, for an `<img>`."""


class TotpConfirm(Shape):
    """The code that the app shows."""

    code: str = Field(min_length=1, max_length=20)


class FactorAdded(BaseModel):
    """A factor counts from now on."""

    recovery_codes: list[str] | None
    """Shown this once; null when there were some before, which go on working."""


class RecoveryCodesView(BaseModel):
    """Ten new recovery codes. They are shown this once; the ones before have ended."""

    recovery_codes: list[str]


class StepUpView(BaseModel):
    """Whether one must show again who one is before a dangerous act, and how."""

    until: datetime | None
    """Dangerous acts are possible until then; null when `POST /session/step-up` or a new sign-in is needed first."""
    sign_in: bool
    """True when there is no second factor: sign in again, by `/auth/login?next=…`."""
    factors: FactorsView


class SteppedUp(BaseModel):
    """Dangerous acts are possible for a while."""

    until: datetime


class PasskeyView(BaseModel):
    """A passkey, without its key."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None


class PasskeyName(Shape):
    """What a passkey is called."""

    name: str = Field(min_length=1, max_length=80)


class PasskeyRegister(PasskeyName):
    """A passkey that the browser has just made."""

    passkey: dict[str, Any]
    """What `navigator.credentials.create` gave, as `toJSON()` writes it."""


class PasskeyAdded(FactorAdded):
    """A passkey counts from now on."""

    passkey: PasskeyView
