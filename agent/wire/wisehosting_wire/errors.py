"""What can be wrong with a frame or a handshake.

WireError
├── HandshakeError      the challenge or the hello is not what docs/wire.md says
├── BadMac              the frame was not made by the other side of this connection
├── FrameTooLarge       over MAX_FRAME
├── BadFrame            MAC is right, the envelope is not: direction, worker, connection or shape
├── BadSequence         not the last number plus one: lost, replayed or reordered
└── UnknownMessage      a message this side does not know; answered with `Refused`, never a crash
"""


class WireError(Exception):
    """A frame or handshake that must not be trusted. The connection is closed except for UnknownMessage."""

    close_code = 4400


class HandshakeError(WireError):
    """The challenge, the nonces or the protocol versions do not fit."""


class BadMac(WireError):
    """The MAC does not match the bytes received."""

    close_code = 4401


class FrameTooLarge(WireError):
    """The frame is larger than MAX_FRAME."""

    close_code = 1009


class BadFrame(WireError):
    """The envelope is malformed or meant for another connection."""


class BadSequence(WireError):
    """The sequence number is not the last one plus one."""

    close_code = 4409


class UnknownMessage(WireError):
    """The envelope is right, its message has an unknown tag or shape. Carries the number so that it can be refused."""

    def __init__(self, seq: int, number: int, detail: str) -> None:
        super().__init__(f"message {seq}: {detail}")
        self.seq = seq
        self.number = number
        self.detail = detail
