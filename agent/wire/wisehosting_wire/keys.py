"""Keys of one connection: HKDF-SHA256 (RFC 5869) over what both sides know and fresh nonces."""

import enum
import hashlib
import hmac

from wisehosting_wire.errors import HandshakeError

NONCE_BYTES = 32
KEY_BYTES = 32


class Direction(enum.StrEnum):
    """Who speaks. Each direction has a key of its own, so a frame cannot be played back to its sender."""

    to_cp = "w2c"
    to_worker = "c2w"


def verifier(raw_api_key: bytes) -> bytes:
    """`sha256(api_key)`: all that the control plane keeps of a worker's key, and the root of the MAC keys."""
    return hashlib.sha256(raw_api_key).digest()


def hkdf(key: bytes, *, salt: bytes, info: bytes, length: int = KEY_BYTES) -> bytes:
    """HKDF-SHA256 extract and expand, RFC 5869 §2. `length` is at most 255 x 32 bytes."""
    if not 0 < length <= 255 * 32:
        raise ValueError("HKDF length out of range")
    pseudorandom = hmac.digest(salt, key, "sha256")
    output, block = b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.digest(pseudorandom, block + info + bytes([counter]), "sha256")
        output += block
    return output[:length]


def connection_key(
    key_verifier: bytes,
    *,
    nonce_worker: bytes,
    nonce_cp: bytes,
    direction: Direction,
    worker: str,
    protocol: int,
) -> bytes:
    """The MAC key of one direction of one connection (docs/wire.md, Keys)."""
    if len(nonce_worker) != NONCE_BYTES or len(nonce_cp) != NONCE_BYTES:
        raise HandshakeError(f"a nonce is {NONCE_BYTES} bytes")
    info = f"wh/mac/v2|{direction}|{worker}|{protocol}".encode()
    return hkdf(key_verifier, salt=nonce_worker + nonce_cp, info=info)


def refresh_mac(key_verifier: bytes, *, worker: str, nonce: bytes, token_id: str) -> bytes:
    """Proof of key in an HTTP token refresh: HMAC over the worker, a fresh nonce and the id of the token it replaces."""
    return hmac.digest(key_verifier, f"wh/refresh/v1|{worker}|{token_id}|".encode() + nonce, "sha256")
