"""Log lines as they are kept: msgpack of arrays, compressed."""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec


class Line(NamedTuple):
    """Unix nanoseconds, stream (0 stdout, 1 stderr, 2 platform), text without newline, build step from 1 (0 outside)."""

    at: int
    stream: int
    text: str
    step: int = 0


STREAMS = ("stdout", "stderr", "platform")

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[tuple[int, int, str, int]]).decode


def pack(lines: Sequence[Line]) -> bytes:
    """Compress lines for a row."""
    return zlib.compress(_encode([tuple(line) for line in lines]), 6)


def unpack(body: bytes) -> list[Line]:
    """Read a row's lines."""
    return [Line(*line) for line in _decode(zlib.decompress(body))]


def stream_name(stream: int) -> str:
    """Name a stream; one we do not know counts as the platform's."""
    return STREAMS[stream] if 0 <= stream < len(STREAMS) else STREAMS[2]
