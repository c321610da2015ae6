"""Variables of environments, sealed on disk with AES-256-GCM under a credential of this host."""

import msgspec

from wisehosting_agent.store.database import Transaction
from wisehosting_agent.store.sealing import Seal, host_key

__all__ = ["Variables", "Vault", "host_key"]

KEPT_VERSIONS = 3
"""The newest versions of an environment that stay; a rollback asks for an older one again."""


class Variables(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an environment's variables."""

    run: dict[str, str]
    build: dict[str, str]

    def __repr__(self) -> str:
        return f"Variables(run={len(self.run)} names, build={len(self.build)} names)"


class Vault:
    """Seals and opens. What cannot be opened (another host's disk, a damaged row) counts as absent and is asked for again."""

    def __init__(self, key: bytes) -> None:
        self._seal = Seal(key)

    def put(self, tx: Transaction, environment: str, version: int, variables: Variables) -> None:
        """Seal and store, replacing an equal version; drops all but the newest versions of the environment."""
        sealed = self._seal.close(msgspec.msgpack.encode(variables), *_place(environment, version))
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
        plain = self._seal.open(bytes(row[0]), *_place(environment, version))
        return None if plain is None else msgspec.msgpack.decode(plain, type=Variables)


def _place(environment: str, version: int) -> tuple[str | int, ...]:
    return "secrets", "sealed", environment, version
