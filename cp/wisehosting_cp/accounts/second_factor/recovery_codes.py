"""Recovery codes: 80 random bits each, kept as argon2id hashes. The hashing runs beside the event loop."""

import asyncio
import os
import secrets
from collections.abc import Sequence

from argon2 import PasswordHasher

HOW_MANY = 10
SALT_BYTES = 16
_LENGTH = 16
_GROUP = 4
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter that looks like a digit."""
_LOOKS_LIKE = str.maketrans({"o": "0", "i": "1", "l": "1"})

# OWASP's minimum for argon2id; the codes are random, so a guess is not made easier by what people choose.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=SALT_BYTES)


def new_codes() -> list[str]:
    """Return ten new codes, as people read them: four groups of four."""
    return [_grouped("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))) for _ in range(HOW_MANY)]


def new_salt() -> bytes:
    """Return a salt for codes made together."""
    return os.urandom(SALT_BYTES)


def plain(code: str) -> str:
    """Return what is hashed of a code as typed: lower case, without dashes and spaces, look-alikes as digits."""
    return "".join(code.split()).replace("-", "").lower().translate(_LOOKS_LIKE)[: 4 * _LENGTH]


async def hashed(codes: Sequence[str], salt: bytes) -> list[str]:
    """Return the argon2id hash of each code, in encoded form. Equal codes under one salt have equal hashes."""
    return await asyncio.to_thread(lambda: [_HASHER.hash(plain(code), salt=salt) for code in codes])


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
