"""Who this worker is: its raw key, its control plane's certificate, its token. All on disk before it is used."""

import base64
import binascii
import hashlib
import random
import ssl
import time
from pathlib import Path

import msgspec

from wisehosting_agent.errors import ConfigurationError, EnrolmentError
from wisehosting_agent.files import write_private
from wisehosting_wire.keys import KEY_BYTES, verifier

RENEW_BEFORE_SECONDS = 120.0
RENEW_SPREAD_SECONDS = 60.0


class JoinToken(msgspec.Struct, frozen=True):
    """What `wh-cp worker-token NAME` prints."""

    token: str
    pin: str
    """sha256 hex of the DER of the control plane's certificate."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """The worker's id and its 15-minute token."""

    worker: str
    token: str
    expires_at: float

    def __repr__(self) -> str:
        return f"Token(worker={self.worker!r}, expires_at={self.expires_at})"


class Identity:
    """Files `api_key`, `control_plane.pem` and `token.json` in `<state_dir>/identity`, each mode 0600."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "identity"
        self._spread = random.uniform(0, RENEW_SPREAD_SECONDS)  # noqa: S311  # spreads load, guards nothing

    def raw_key(self) -> bytes:
        """The raw api_key, made and on disk at the first call. Raises ConfigurationError when the file is damaged."""
        path = self._folder / "api_key"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(path, ssl.RAND_bytes(KEY_BYTES))
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise ConfigurationError(
                f"{path} is damaged. Remove the folder {self._folder} and join again with a new `wh-cp worker-token`."
            )
        return key

    @property
    def verifier(self) -> bytes:
        """`sha256(raw key)`, the root of all MAC keys."""
        return verifier(self.raw_key())

    @property
    def certificate(self) -> str | None:
        """The pinned certificate as PEM, None before the first contact."""
        path = self._folder / "control_plane.pem"
        return path.read_text() if path.exists() else None

    def pin_certificate(self, der: bytes, pin: str) -> None:
        """Keep the certificate when it is the pinned one. Raises EnrolmentError when it is not."""
        found = hashlib.sha256(der).hexdigest()
        if found != pin.lower():
            raise EnrolmentError(
                f"The control plane showed a certificate with sha256 {found}, the join token names {pin}. Somebody may "
                "stand between, or the certificate was replaced: mint a new token with `wh-cp worker-token NAME`."
            )
        write_private(self._folder / "control_plane.pem", ssl.DER_cert_to_PEM_cert(der).encode())

    def tls(self) -> ssl.SSLContext:
        """A context that trusts the pinned certificate and nothing else. Raises ConfigurationError before there is one."""
        pem = self.certificate
        if pem is None:
            raise ConfigurationError("this worker has not met its control plane yet; set join_token_file")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # the pin is the identity, addresses may change
        context.verify_mode = ssl.CERT_REQUIRED
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.load_verify_locations(cadata=pem)
        return context

    def token(self) -> Token | None:
        """The stored token, None before registration."""
        path = self._folder / "token.json"
        return msgspec.json.decode(path.read_bytes(), type=Token) if path.exists() else None

    def keep_token(self, token: Token) -> None:
        """Persist; only then may it be used."""
        write_private(self._folder / "token.json", msgspec.json.encode(token))

    def renew_at(self, token: Token) -> float:
        """Unix seconds at which renewal is due: 2 minutes before expiry, minus a spread that is fixed per start."""
        return token.expires_at - RENEW_BEFORE_SECONDS - self._spread


def token_id(token: str) -> str:
    """`jti` of a JWT, read without verifying: it is the control plane's to verify. Raises EnrolmentError."""
    try:
        payload = token.split(".")[1]
        claims = msgspec.json.decode(
            base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=dict[str, object]
        )
        return str(claims["jti"])
    except (IndexError, KeyError, ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise EnrolmentError("the control plane's token is not a JWT with a jti") from error


def read_join_token(path: Path) -> JoinToken:
    """Read the join token file. Raises ConfigurationError with what the file must hold."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=JoinToken)
    except OSError as error:
        raise ConfigurationError(
            f"reading join_token_file {path}: {error.strerror}. Mint one with `wh-cp worker-token NAME` and put it there."
        ) from error
    except msgspec.MsgspecError as error:
        raise ConfigurationError(
            f'{path} must hold {{"token": "...", "pin": "..."}} as `wh-cp worker-token NAME` prints it: {error}'
        ) from error


def expired(token: Token) -> bool:
    """Past its expiry by this host's clock."""
    return time.time() >= token.expires_at
