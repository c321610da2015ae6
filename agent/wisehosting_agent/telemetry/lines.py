"""Log lines as files hold them: Podman's k8s-file format, and the format of our own build logs."""

import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

LINE_BYTES = 16 * 1024
"""Longer lines are cut into several."""
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$")


class Record(NamedTuple):
    """One line of a file."""

    at: int
    stream: int
    whole: bool
    """False: the line goes on in the next record of the same stream."""
    step: int
    text: bytes


def parse_k8s(line: bytes) -> Record | None:
    """`2026-11-23T23:30:07.516045216+00:00 stdout F text`; None for what is not such a line (a torn one)."""
    parts = line.split(b" ", 3)
    if len(parts) < 3 or parts[1] not in {b"stdout", b"stderr"} or parts[2] not in {b"F", b"P"}:
        return None
    at = _nanoseconds(parts[0])
    if at is None:
        return None
    return Record(at, int(parts[1] == b"stderr"), parts[2] == b"F", 0, parts[3] if len(parts) == 4 else b"")


def parse_build(line: bytes) -> Record | None:
    """`1763940607516045216 1 3 text`: nanoseconds, stream, step, text."""
    parts = line.split(b" ", 3)
    if len(parts) < 4 or not (parts[0].isdigit() and parts[1].isdigit() and parts[2].isdigit()):
        return None
    return Record(int(parts[0]), int(parts[1]), True, int(parts[2]), parts[3])


def _nanoseconds(stamp: bytes) -> int | None:
    match = _STAMP.match(stamp)
    if match is None:
        return None
    second, fraction, zone = match.groups()
    seconds = _epoch(second + zone)
    return None if seconds is None else seconds * 1_000_000_000 + int((fraction or b"0").ljust(9, b"0"))


@lru_cache(maxsize=256)
def _epoch(stamp: bytes) -> int | None:
    try:
        return int(datetime.fromisoformat(stamp.decode()).timestamp())
    except ValueError:
        return None


def cut(text: bytes) -> list[str]:
    """The text as lines of at most LINE_BYTES, never cut inside a character; invalid UTF-8 and NUL are replaced."""
    whole = text.rstrip(b"\r").decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(whole) * 4 <= LINE_BYTES:
        return [whole]
    data = whole.encode()
    pieces = []
    while len(data) > LINE_BYTES:
        end = LINE_BYTES
        while data[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(data[:end].decode())
        data = data[end:]
    pieces.append(data.decode())
    return pieces


def last_lines(path: Path | None, count: int = 20, reach: int = 64 * 1024) -> list[str]:
    """The last whole lines of a container's log file, for a failure's detail; empty when there is none."""
    if path is None:
        return []
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - reach))
            data = file.read(reach)
    except OSError:
        return []
    records = [record for record in map(parse_k8s, data.split(b"\n")) if record is not None]
    return [record.text.rstrip(b"\r").decode(errors="replace") for record in records][-count:]
