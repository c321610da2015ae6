"""Frames: `32-byte HMAC-SHA256 || body`. The MAC is checked over the bytes received, before anything is parsed."""

import hmac
from typing import Generic, TypeVar

import msgspec

from wisehosting_wire.errors import BadFrame, BadMac, BadSequence, FrameTooLarge, UnknownMessage
from wisehosting_wire.facts import Count
from wisehosting_wire.keys import Direction
from wisehosting_wire.messages import FromAgent, Message, ToAgent

MAX_FRAME = 1024 * 1024
MAX_LOG_CHUNK = 64 * 1024
MAC_BYTES = 32
MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises for bytes that are not what they should be."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What surrounds every message. All of it is under the MAC."""

    protocol: int
    direction: str
    worker: str
    connection: bytes
    seq: Count
    """Counts from 1 in each direction of a connection, without a gap."""
    number: Count = 0
    """Outbox number of a durable message, 0 for others."""
    message: msgspec.Raw


M = TypeVar("M")


class Received(msgspec.Struct, Generic[M], frozen=True):
    """An opened frame."""

    seq: int
    number: int
    message: M


_encode = msgspec.msgpack.Encoder().encode
_open_envelope = msgspec.msgpack.Decoder(Envelope).decode


class Sealer:
    """Seals one direction of one connection; counts `seq` by itself."""

    def __init__(self, key: bytes, *, protocol: int, direction: Direction, worker: str, connection: bytes) -> None:
        self._key = key
        self._protocol = protocol
        self._direction = direction
        self._worker = worker
        self._connection = connection
        self._seq = 0

    def seal(self, message: Message, number: int = 0) -> bytes:
        """The frame of a message. Raises FrameTooLarge over MAX_FRAME; the sequence does not move then."""
        return self.seal_encoded(_encode(message), number)

    def seal_encoded(self, message: bytes, number: int = 0) -> bytes:
        """The frame of a message that `encode_message` wrote into an outbox. Raises FrameTooLarge like `seal`."""
        body = _encode(
            Envelope(
                protocol=self._protocol,
                direction=str(self._direction),
                worker=self._worker,
                connection=self._connection,
                seq=self._seq + 1,
                number=number,
                message=msgspec.Raw(message),
            )
        )
        if len(body) + MAC_BYTES > MAX_FRAME:
            raise FrameTooLarge(
                f"a message of {len(message)} bytes does not fit into a frame, the limit is {MAX_FRAME}"
            )
        self._seq += 1
        return hmac.digest(self._key, body, "sha256") + body


class Opener(Generic[M]):
    """Opens the other direction of the connection."""

    def __init__(
        self,
        key: bytes,
        decoder: "msgspec.msgpack.Decoder[M]",
        *,
        protocol: int,
        direction: Direction,
        worker: str,
        connection: bytes,
    ) -> None:
        self._key = key
        self._decode = decoder.decode
        self._expected = (protocol, str(direction), worker, connection)
        self._seq = 0

    def open(self, frame: bytes) -> Received[M]:
        """Verify, then parse. Raises the errors of `errors.py`; after UnknownMessage the connection may go on."""
        if len(frame) > MAX_FRAME:
            raise FrameTooLarge(f"frame of {len(frame)} bytes, the limit is {MAX_FRAME}")
        mac, body = frame[:MAC_BYTES], frame[MAC_BYTES:]
        if not hmac.compare_digest(mac, hmac.digest(self._key, body, "sha256")):
            raise BadMac("the frame's MAC does not match")
        try:
            envelope = _open_envelope(body)
        except MALFORMED as error:
            raise BadFrame(f"envelope: {error}") from error
        if (envelope.protocol, envelope.direction, envelope.worker, envelope.connection) != self._expected:
            raise BadFrame("the envelope names another protocol, direction, worker or connection")
        if envelope.seq != self._seq + 1:
            raise BadSequence(f"expected sequence {self._seq + 1}, got {envelope.seq}")
        self._seq = envelope.seq
        try:
            message = self._decode(envelope.message)
        except MALFORMED as error:
            raise UnknownMessage(envelope.seq, envelope.number, str(error)) from error
        return Received(envelope.seq, envelope.number, message)


from_agent_decoder: "msgspec.msgpack.Decoder[FromAgent]" = msgspec.msgpack.Decoder(FromAgent)
to_agent_decoder: "msgspec.msgpack.Decoder[ToAgent]" = msgspec.msgpack.Decoder(ToAgent)


def encode_message(message: Message) -> bytes:
    """A message alone, for an outbox row."""
    return _encode(message)
