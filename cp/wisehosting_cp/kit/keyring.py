"""One master key, one derived key per purpose (HKDF-SHA256, RFC 5869)."""

import enum
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MASTER_KEY_BYTES = 32


class Purpose(enum.StrEnum):
    """What a key is for. A key is never used for a second purpose."""

    sealing = "wh/seal/columns/v1"
    worker_lookup = "wh/lookup/worker-key/v1"
    worker_token = "wh/jwt/worker/v1"  # noqa: S105 - a label, not a secret
    hook_lookup = "wh/lookup/hook/v1"
    browser = "wh/cookie/sign-in/v1"
    build_variables = "wh/build/variables/v1"
    audit = "wh/audit/chain/v1"


class Keyring:
    """Holds the master key; hands out derived keys."""

    def __init__(self, master_key: bytes, version: int = 1) -> None:
        if len(master_key) != MASTER_KEY_BYTES or len(set(master_key)) < 8:
            raise ValueError(f"the master key must be {MASTER_KEY_BYTES} random bytes")
        self._master = master_key
        self.version = version
        self._derived: dict[tuple[str, bytes], bytes] = {}

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Read the master key. Raises ValueError when it is missing, readable by others, or not 32 random bytes."""
        try:
            key = path.read_bytes()
        except OSError as error:
            raise ValueError(f"cannot read the master key {path}: {error.strerror}") from error
        if path.stat().st_mode & 0o077:
            raise ValueError(f"{path} is readable by others. Run: chmod 600 {path}")
        return cls(key)

    def key(self, purpose: Purpose, context: bytes = b"") -> bytes:
        """The 32-byte key of a purpose; `context` splits it further (an id)."""
        known = self._derived.get((purpose, context))
        if known is None:
            info = purpose.value.encode() + (b"|" + context if context else b"")
            known = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._master)
            if not context:
                self._derived[purpose, context] = known
        return known
