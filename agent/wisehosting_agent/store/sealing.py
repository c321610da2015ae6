"""AES-256-GCM under a credential of this host: what is sealed opens here only, and only in the place it was sealed for."""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.files import write_private

CREDENTIAL = "wisehosting-host-key"
NONCE_BYTES = 12


def host_key(state_dir: Path) -> bytes:
    """32 bytes: the systemd credential where there is one, else a file made on first use, mode 0600.

    Raises ConfigurationError when the key has another length.
    """
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(directory) / CREDENTIAL if directory else None
    path = credential if credential is not None and credential.exists() else state_dir / "host.key"
    if not path.exists():
        write_private(path, secrets.token_bytes(32))
    key = path.read_bytes()
    if len(key) != 32:
        raise ConfigurationError(f"{path} holds {len(key)} bytes, 32 are needed; restore it or remove it and restart")
    return key


class Seal:
    """Seals and opens. `place` names table, column and row: what was moved to another does not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, plain: bytes, *place: str | int) -> bytes:
        """Sealed bytes, different ones each time."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, _bound_to(place))

    def open(self, sealed: bytes, *place: str | int) -> bytes | None:
        """What was sealed; None for another host's, a moved or a damaged one."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(place))
        except (InvalidTag, ValueError):
            return None


def _bound_to(place: tuple[str | int, ...]) -> bytes:
    return "|".join(str(piece) for piece in place).encode()
