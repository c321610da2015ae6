"""Sealed columns: AES-256-GCM whose associated data names table, column, row and key version, so that no value can be moved."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wisehosting_cp.kit.keyring import Keyring, Purpose

NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value was changed, moved to another row, or sealed under another key."""


class Sealer:
    """Seals and opens column values. Layout: version byte, nonce, ciphertext and tag."""

    def __init__(self, keyring: Keyring) -> None:
        self._cipher = AESGCM(keyring.key(Purpose.sealing))
        self._version = keyring.version

    def seal(self, value: bytes, *, table: str, column: str, row: str) -> bytes:
        """Seal a value for this place and no other. Twice the same value gives two different results."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, value, _place(table, column, row, self._version))
        return bytes([self._version]) + nonce + sealed

    def open(self, sealed: bytes, *, table: str, column: str, row: str) -> bytes:
        """Open a sealed value. Raises SealBroken."""
        version, nonce, body = sealed[0], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, _place(table, column, row, version))
        except InvalidTag as error:
            raise SealBroken(f"the sealed value in {table}.{column} of {row} does not open") from error


def _place(table: str, column: str, row: str, version: int) -> bytes:
    return f"{table}|{column}|{row}|kv={version}".encode()
