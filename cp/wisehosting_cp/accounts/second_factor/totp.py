"""Codes of authenticator apps: TOTP as in RFC 6238, with SHA-1, six digits, 30 seconds. Pure, but for new secrets."""

import hmac
import re
from datetime import datetime

import pyotp
import segno

PERIOD_SECONDS = 30
DRIFT_STEPS = 1
"""How far the app's clock may be off, in steps (RFC 6238 §5.2 recommends at most one)."""
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    """Return 160 random bits in base 32, as much as RFC 4226 §4 recommends."""
    return pyotp.random_base32(32)


def step_at(now: datetime) -> int:
    """Return the number of the time step that this moment is in."""
    return int(now.timestamp()) // PERIOD_SECONDS


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the latest step, of now and its neighbours, that has this code; None when none has.

    Spaces count for nothing. All steps are compared, each in constant time.
    """
    plain = "".join(code.split())
    if not _CODE.fullmatch(plain):
        return None
    generator = pyotp.TOTP(secret)
    here = step_at(now)
    steps = range(max(here - DRIFT_STEPS, 0), here + DRIFT_STEPS + 1)
    found = [step for step in steps if hmac.compare_digest(generator.generate_otp(step), plain)]
    return max(found, default=None)


def address_of(secret: str, *, account: str, issuer: str) -> str:
    """Return the `otpauth://` address that apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def qr_code(address: str) -> str:
    """Return an address as QR code: an SVG as data URL, dark on white, for an `<img>`."""
    return segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
