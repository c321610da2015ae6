"""Worker tokens: HS256 JWTs of fifteen minutes. Possession alone is worth little: every frame also needs the worker's key."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import jwt

from wisehosting_cp.errors import NotSignedIn
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.kit.keyring import Keyring, Purpose

ALGORITHM = "HS256"
TYPE = "wh-worker+jwt"
ISSUER = "wisehosting"
AUDIENCE = "wh-mesh"
LIFETIME = timedelta(minutes=15)
GRACE = timedelta(seconds=30)
"""A connection may outlive its token by this much."""
EXPIRED_ACCEPTED = timedelta(days=30)
"""An expired token, not older than this, opens a connection together with a MAC over fresh nonces."""
_VERSION = re.compile(r"[1-9][0-9]{0,2}\Z")
CLAIMS = ["iss", "aud", "sub", "jti", "iat", "exp"]


class TokenRefused(NotSignedIn):
    """The token is not one of ours, or its time has passed."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, "worker_token_invalid")


@dataclass(frozen=True)
class WorkerToken:
    """A token that was read and verified."""

    worker: UUID
    token_id: str
    expires_at: float
    """Unix seconds."""
    expired: bool


def issue(keyring: Keyring, worker: UUID, now: datetime) -> tuple[str, float]:
    """Make a token for a worker; return it with the unix second at which it expires."""
    expires = int((now + LIFETIME).timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(worker),
        "jti": str(new_id()),
        "iat": int(now.timestamp()),
        "exp": expires,
    }
    version = keyring.current(Purpose.worker_token)
    headers = {"typ": TYPE, "kid": str(version)}
    key = keyring.key(Purpose.worker_token, version=version)
    return jwt.encode(claims, key, ALGORITHM, headers=headers), float(expires)


def read(keyring: Keyring, token: str, now: datetime, *, expired_too: bool = False) -> WorkerToken:
    """Verify a token. Raises TokenRefused; with `expired_too` an expired one of at most 30 days passes, marked so."""
    try:
        header = jwt.get_unverified_header(token)
        kid = str(header.get("kid"))
        version = int(kid) if _VERSION.match(kid) else 0
        if header.get("typ") != TYPE or not keyring.accepts(Purpose.worker_token, version):
            raise TokenRefused("This is not a worker token of this control plane. Join again with a new join token.")
        claims = jwt.decode(
            token,
            keyring.key(Purpose.worker_token, version=version),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # Time is compared below, with the clock of this process and the exception for expired tokens.
            options={"require": CLAIMS, "verify_exp": False, "verify_iat": False},
        )
        worker, expires, issued = UUID(claims["sub"]), float(claims["exp"]), float(claims["iat"])
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError) as error:
        raise TokenRefused("This worker token is not valid. Join again with a new join token.") from error
    at = now.timestamp()
    expired = at >= expires
    if issued > at + GRACE.total_seconds() or (expired and not expired_too):
        raise TokenRefused("This worker token has expired; connect with it and a valid MAC to get a new one.")
    if at >= expires + EXPIRED_ACCEPTED.total_seconds():
        raise TokenRefused("This worker was away for more than 30 days. Join again with a new join token.")
    return WorkerToken(worker, str(claims["jti"]), expires, expired)
