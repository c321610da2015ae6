"""The first bytes of a connection: the control plane's challenge, in a fixed layout so that it can be read before any key exists.

4 bytes  "WHc1"
2 bytes  chosen protocol, big endian
16 bytes connection id
32 bytes nonce of the control plane
"""

import base64
import binascii
import struct
from typing import NamedTuple

from wisehosting_wire.errors import HandshakeError
from wisehosting_wire.keys import NONCE_BYTES

MAGIC = b"WHc1"
LAYOUT = struct.Struct(f">4sH16s{NONCE_BYTES}s")


class Challenge(NamedTuple):
    """What the control plane sends first."""

    protocol: int
    connection: bytes
    nonce: bytes

    def encode(self) -> bytes:
        """The 54 bytes on the wire."""
        return LAYOUT.pack(MAGIC, self.protocol, self.connection, self.nonce)

    @classmethod
    def decode(cls, data: bytes) -> "Challenge":
        """Read a challenge. Raises HandshakeError when it is anything else."""
        if len(data) != LAYOUT.size:
            raise HandshakeError(f"a challenge is {LAYOUT.size} bytes, got {len(data)}")
        magic, protocol, connection, nonce = LAYOUT.unpack(data)
        if magic != MAGIC:
            raise HandshakeError("this is not a WiseHosting control plane")
        return cls(protocol, connection, nonce)


def encode_nonce(nonce: bytes) -> str:
    """The value of `X-WH-Nonce`: base64url without padding."""
    return base64.urlsafe_b64encode(nonce).rstrip(b"=").decode()


def decode_nonce(header: str) -> bytes:
    """Read `X-WH-Nonce`. Raises HandshakeError unless it holds exactly 32 bytes."""
    try:
        nonce = base64.b64decode(header + "=" * (-len(header) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise HandshakeError("X-WH-Nonce is not base64url") from error
    if len(nonce) != NONCE_BYTES:
        raise HandshakeError(f"X-WH-Nonce holds {len(nonce)} bytes, expected {NONCE_BYTES}")
    return nonce
