"""Sealed columns: AES-256-GCM whose associated data names table, column, row and key version, so that no value can be moved."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wisehosting_cp.kit.keyring import Keyring, Purpose

NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value was changed, moved to another row, or sealed under a key that is not ours or is retired."""


class Sealer:
    """Seals and opens column values. Layout: version byte, nonce, ciphertext and tag."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._ciphers: dict[int, AESGCM] = {}

    def seal(self, value: bytes, *, table: str, column: str, row: str) -> bytes:
        """Seal a value for this place and no other. Twice the same value gives two different results."""
        return self._seal(value, self._keyring.current(Purpose.sealing), table, column, row)

    def open(self, sealed: bytes, *, table: str, column: str, row: str) -> bytes:
        """Open a sealed value. Raises SealBroken."""
        number = int.from_bytes(sealed[:1])
        if number and not self._keyring.accepts(Purpose.sealing, number):
            raise SealBroken(
                f"the sealed value in {table}.{column} of {row} is under version {number}, which is retired. "
                "Run: wh-cp keys rotate sealing"
            )
        return self.open_any(sealed, table=table, column=column, row=row)

    def open_any(self, sealed: bytes, *, table: str, column: str, row: str) -> bytes:
        """Open a sealed value of any version, retired ones too: for rotation only. Raises SealBroken."""
        version, nonce, body = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        number = int.from_bytes(version)
        try:
            return self._cipher(number).decrypt(nonce, body, _place(table, column, row, number))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"the sealed value in {table}.{column} of {row} does not open") from error

    def reseal(self, sealed: bytes, version: int, *, table: str, column: str, row: str) -> bytes:
        """Seal what is sealed, under whichever version, under this one. Raises SealBroken."""
        return self._seal(self.open_any(sealed, table=table, column=column, row=row), version, table, column, row)

    def _seal(self, value: bytes, version: int, table: str, column: str, row: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher(version).encrypt(nonce, value, _place(table, column, row, version))
        return bytes([version]) + nonce + sealed

    def _cipher(self, version: int) -> AESGCM:
        known = self._ciphers.get(version)
        if known is None:
            known = self._ciphers[version] = AESGCM(self._keyring.key(Purpose.sealing, version=version))
        return known


def _place(table: str, column: str, row: str, version: int) -> bytes:
    return f"{table}|{column}|{row}|kv={version}".encode()
