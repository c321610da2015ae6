"""One master key, one derived key per purpose and version (HKDF-SHA256, RFC 5869)."""

import enum
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wisehosting_cp.kit import master_key

MOST_VERSIONS = 255
"""A sealed value names its version in one byte."""


class Purpose(enum.StrEnum):
    """What a key is for. A key is never used for a second purpose."""

    sealing = "wh/seal/columns/v1"
    worker_lookup = "wh/lookup/worker-key/v1"
    worker_token = "wh/jwt/worker/v1"  # noqa: S105 - a label, not a secret
    build_variables = "wh/build/variables/v1"
    audit = "wh/audit/chain/v1"


@dataclass(frozen=True)
class VersionState:
    """A version of a purpose, as `key_versions` has it."""

    purpose: str
    """Name of the purpose; one that this code does not know is another version's and is passed over."""
    version: int
    current: bool
    """New things are made with it, unless a newer one is current too."""
    retired_at: datetime | None
    """From then on it is refused."""


class Keyring:
    """Holds the master key; hands out derived keys of the versions that count."""

    def __init__(self, key: bytes) -> None:
        self._master = master_key.checked(key, "the master key")
        self._derived: dict[tuple[str, int, bytes], bytes] = {}
        self._current: dict[Purpose, int] = {}
        self._known: dict[Purpose, frozenset[int]] = {}
        self._retired: dict[Purpose, frozenset[int]] = {}

    @classmethod
    def load(cls, path: Path | None) -> "Keyring":
        """Take the master key from systemd's credential or this file. Raises ValueError when there is none that is good."""
        return cls(master_key.load(path))

    def learn(self, states: Iterable[VersionState], now: datetime) -> bool:
        """Take over which versions count; tell whether anything is new. A purpose without any has version 1."""
        rows = list(states)
        before = (self._current, self._known, self._retired)
        current: dict[Purpose, int] = {}
        known: dict[Purpose, frozenset[int]] = {}
        retired: dict[Purpose, frozenset[int]] = {}
        for purpose in Purpose:
            own = [row for row in rows if row.purpose == purpose.name]
            past = frozenset(row.version for row in own if row.retired_at is not None and row.retired_at <= now)
            current[purpose] = max((row.version for row in own if row.current and row.version not in past), default=1)
            known[purpose] = frozenset(row.version for row in own) or frozenset({1})
            retired[purpose] = past
        self._current, self._known, self._retired = current, known, retired
        return before != (current, known, retired)

    def current(self, purpose: Purpose) -> int:
        """Return the version that new things are made with."""
        return self._current.get(purpose, 1)

    def accepted(self, purpose: Purpose) -> list[int]:
        """Return the versions that are known and not retired, newest first."""
        known = self._known.get(purpose, frozenset({1}))
        return sorted(known - self._retired.get(purpose, frozenset()), reverse=True)

    def accepts(self, purpose: Purpose, version: int) -> bool:
        """Tell whether what names this version is looked at. Only retired ones are refused.

        A version that this process has not heard of yet is one that another process has: nobody can make anything
        with its key who has not the master key.
        """
        return 1 <= version <= MOST_VERSIONS and version not in self._retired.get(purpose, frozenset())

    def key(self, purpose: Purpose, context: bytes = b"", *, version: int | None = None) -> bytes:
        """The 32-byte key of a purpose, of its current version when none is named; `context` splits it further (an id)."""
        number = self.current(purpose) if version is None else version
        known = self._derived.get((purpose, number, context))
        if known is None:
            # Labels hold no #, so that no context of version 1 can read like a later version.
            label = purpose.value if number == 1 else f"{purpose.value}#{number}"
            info = label.encode() + (b"|" + context if context else b"")
            known = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._master)
            if not context:
                self._derived[purpose, number, context] = known
        return known

    def mac(self, purpose: Purpose, data: bytes, *, version: int | None = None) -> bytes:
        """Return the keyed hash (HMAC-SHA256) of `data`, for a look-up column."""
        return hmac.digest(self.key(purpose, version=version), data, "sha256")

    def mac_matches(self, purpose: Purpose, data: bytes, given: bytes) -> bool:
        """Tell in constant time whether `given` is the keyed hash of `data` under a version that is accepted."""
        macs = [self.mac(purpose, data, version=version) for version in self.accepted(purpose)]
        return any([hmac.compare_digest(mac, given) for mac in macs])  # noqa: C419 - all are compared, whichever matches
