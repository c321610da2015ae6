"""Reads a growing log file: rotation by inode, partial lines joined per stream, a position to go on from."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from wisehosting_agent.telemetry.lines import LINE_BYTES, Record, cut
from wisehosting_wire.messages import LogLine

READ_BYTES = 256 * 1024
LOST = "Lines were lost here: the log file was replaced before it could be read to its end."


class Position(NamedTuple):
    """Where reading may begin again: no partial line is open there."""

    inode: int
    offset: int


class Tail:
    """One subject's file. Polled, never blocking for long; the file may come, grow, be replaced and go."""

    def __init__(
        self,
        path: Path,
        parse: Callable[[bytes], Record | None],
        position: Position = Position(0, 0),  # noqa: B008  # immutable
    ) -> None:
        self.path = path
        self._parse = parse
        self._descriptor = -1
        self._inode, self._offset = position
        self._torn = b""
        self._open: dict[int, tuple[int, bytearray]] = {}
        self.lost = False
        """A gap lies before the lines of the last `read`."""

    def close(self) -> None:
        """Forget the file; the position stays."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def read(self, limit: int = READ_BYTES) -> tuple[list[LogLine], Position | None]:
        """Lines that are new, from at most about `limit` bytes, and the position behind them.

        None instead of a position: partial lines are open, so there is no place to begin again behind these lines.
        Empty lines list: nothing new.
        """
        self.lost = False
        lines: list[LogLine] = []
        while True:
            if self._descriptor < 0 and not self._reopen():
                break
            data = os.pread(self._descriptor, limit, self._offset + len(self._torn))
            if data:
                lines += self._take(data)
                break
            if not self._replaced():
                break
            lines += self._flush()  # the old file is read to its end, its torn line will never be finished
            self.close()
            self._inode = self._offset = 0
        return lines, None if self._open else Position(self._inode, self._offset)

    def _reopen(self) -> bool:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        status = os.fstat(descriptor)
        if self._inode and (status.st_ino != self._inode or status.st_size < self._offset):
            self.lost = True  # it was replaced while nobody looked
            self._torn = b""
            self._open.clear()
            self._offset = 0
        elif not self._inode:
            self._offset = 0
        self._inode = status.st_ino
        self._descriptor = descriptor
        return True

    def _replaced(self) -> bool:
        """The path names another file by now, or this one was cut short."""
        try:
            status = self.path.stat()
        except OSError:
            return False
        return status.st_ino != self._inode or status.st_size < self._offset

    def _take(self, data: bytes) -> list[LogLine]:
        whole, newline, torn = (self._torn + data).rpartition(b"\n")
        self._torn = torn
        if not newline:
            if len(torn) > 4 * LINE_BYTES:  # no log file has such lines; do not keep it all
                self._offset += len(torn)
                self._torn = b""
            return []
        self._offset += len(whole) + 1
        lines: list[LogLine] = []
        for raw in whole.split(b"\n"):
            record = self._parse(raw)
            if record is not None:
                lines += self._join(record)
        return lines

    def _join(self, record: Record) -> list[LogLine]:
        at, text = self._open.pop(record.stream, (record.at, bytearray()))
        text += record.text
        if not record.whole and len(text) < LINE_BYTES:
            self._open[record.stream] = (at, text)
            return []
        return [LogLine(at, record.stream, piece, record.step) for piece in cut(bytes(text))]

    def _flush(self) -> list[LogLine]:
        self._torn = b""
        lines = [
            LogLine(at, stream, piece)
            for stream, (at, text) in sorted(self._open.items())
            for piece in cut(bytes(text))
        ]
        self._open.clear()
        return lines

    def finish(self) -> list[LogLine]:
        """What is open when nothing will follow."""
        return self._flush()
