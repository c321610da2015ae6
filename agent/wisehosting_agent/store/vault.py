"""Variables of environments, sealed on disk with AES-256-GCM under a credential of this host."""

import os
import secrets
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.files import write_private
from wisehosting_agent.store.database import Transaction

CREDENTIAL = "wisehosting-host-key"
NONCE_BYTES = 12
KEPT_VERSIONS = 3
"""The newest versions of an environment that stay; a rollback asks for an older one again."""


class Variables(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an environment's variables."""

    run: dict[str, str]
    build: dict[str, str]

    def __repr__(self) -> str:
        return f"Variables(run={len(self.run)} names, build={len(self.build)} names)"


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


class Vault:
    """Seals and opens. What cannot be opened (another host's disk, a damaged row) counts as absent and is asked for again."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def put(self, tx: Transaction, environment: str, version: int, variables: Variables) -> None:
        """Seal and store, replacing an equal version; drops all but the newest versions of the environment."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(variables), _bound_to(environment, version))
        tx.execute(
            "INSERT INTO secrets VALUES (?, ?, ?) ON CONFLICT (environment, version) DO UPDATE SET sealed = excluded.sealed",
            environment,
            version,
            sealed,
        )
        tx.execute(
            "DELETE FROM secrets WHERE environment = ? AND version != ? AND version NOT IN "
            "(SELECT version FROM secrets WHERE environment = ? ORDER BY version DESC LIMIT ?)",
            environment,
            version,
            environment,
            KEPT_VERSIONS,
        )

    def get(self, tx: Transaction, environment: str, version: int) -> Variables | None:
        """Open; None when it is not here or does not open."""
        row = tx.execute(
            "SELECT sealed FROM secrets WHERE environment = ? AND version = ?", environment, version
        ).fetchone()
        if row is None:
            return None
        sealed = bytes(row[0])
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(environment, version))
        except InvalidTag:
            return None
        return msgspec.msgpack.decode(plain, type=Variables)


def _bound_to(environment: str, version: int) -> bytes:
    return f"secrets|sealed|{environment}|{version}".encode()
