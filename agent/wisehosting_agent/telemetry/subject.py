"""One log on its way: lines numbered, chunked, kept until acknowledged, dropped oldest first when too many wait."""

from collections import deque
from pathlib import Path

import msgspec

from wisehosting_agent.store.logs import LogRow
from wisehosting_agent.telemetry.lines import parse_build, parse_k8s
from wisehosting_agent.telemetry.tail import LOST, Position, Tail
from wisehosting_wire.codec import MAX_LOG_CHUNK
from wisehosting_wire.messages import LogChunk, LogLine

CHUNK_BYTES = MAX_LOG_CHUNK - 1024
LINE_OVERHEAD = 32
WAITING_BYTES = 1024 * 1024
"""Quota of lines that wait for an acknowledgement."""
WINDOW = 8
PLATFORM = 2


class Chunk(msgspec.Struct):
    """Lines that wait. `position` is where reading may begin again behind them, when that is known."""

    first: int
    lines: list[LogLine]
    size: int
    position: Position | None = None

    @property
    def last(self) -> int:
        """Number of its last line."""
        return self.first + len(self.lines) - 1


class Subject:
    """A build or an instance. Builds wait on disk and drop nothing; instances drop their oldest lines."""

    def __init__(self, row: LogRow) -> None:
        self.subject = row.subject
        self.kind = row.kind
        self.ended = row.ended
        self.dropped = 0
        self._tail = Tail(
            Path(row.path), parse_build if row.kind == "build" else parse_k8s, Position(row.inode, row.offset)
        )
        self._next = row.acked + 1
        self._waiting: deque[Chunk] = deque()
        self._bytes = 0
        self._sent = 0
        self._said_last = False
        self._done = False
        self._mark: tuple[int, Position] = (row.acked, Position(row.inode, row.offset))
        self._stored = self._mark

    @property
    def path(self) -> Path:
        """The file that is read."""
        return self._tail.path

    @property
    def done(self) -> bool:
        """Ended, and every line acknowledged."""
        return self._done

    def move_to(self, path: Path) -> None:
        """A new file for the same subject: the old one is read to its end first."""
        self.read()
        self._add(self._tail.finish(), None)
        self._tail.close()
        self._tail = Tail(path, parse_k8s)

    def read(self) -> bool:
        """Take what is new from the file. True when there may be more at once."""
        if self.kind == "build" and self._bytes >= WAITING_BYTES:
            return False
        lines, position = self._tail.read()
        if self._tail.lost:
            self._next += 1  # nobody knows how many are missing; a jump says that some are
            stamp = lines[0].at if lines else 0
            lines = [LogLine(stamp, PLATFORM, LOST), *lines]
        self._add(lines, position)
        return bool(lines)

    def finish(self) -> None:
        """Nothing will be added to the file: read it to its end."""
        while self.read():
            if self.kind == "build" and self._bytes >= WAITING_BYTES:
                return  # the rest is read when there is room
        self._add(self._tail.finish(), None)
        self.ended = True

    def _add(self, lines: list[LogLine], position: Position | None) -> None:
        for line in lines:
            size = len(line.text.encode()) + LINE_OVERHEAD
            current = self._waiting[-1] if self._waiting else None
            unsent = len(self._waiting) > self._sent
            gap = current is not None and current.last + 1 != self._next
            if current is None or not unsent or gap or current.size + size > CHUNK_BYTES:
                current = Chunk(self._next, [], 0)
                self._waiting.append(current)
            current.lines.append(line)
            current.size += size
            current.position = None
            self._next += 1
            self._bytes += size
        if self._waiting:
            if lines or position is not None:
                self._waiting[-1].position = position
        elif position is not None:
            self._mark = (self._next - 1, position)
        while self.kind != "build" and self._bytes > WAITING_BYTES and len(self._waiting) > 1:
            self._drop(self._waiting.popleft())

    def _drop(self, chunk: Chunk) -> None:
        self._sent = max(0, self._sent - 1)
        self._forget(chunk)
        self.dropped += len(chunk.lines)

    def _forget(self, chunk: Chunk) -> None:
        self._bytes -= chunk.size
        if chunk.position is not None:
            self._mark = (chunk.last, chunk.position)

    def outgoing(self) -> LogChunk | None:
        """The next chunk to send while the window has room; None when there is none. Call `sent` once it is on its way."""
        if self._sent < min(len(self._waiting), WINDOW):
            chunk = self._waiting[self._sent]
            last = self.ended and self._sent + 1 == len(self._waiting)
            return LogChunk(subject=self.subject, kind=self.kind, first=chunk.first, lines=list(chunk.lines), last=last)
        if self.ended and not self._waiting and not self._said_last:
            return LogChunk(subject=self.subject, kind=self.kind, first=self._next, lines=[], last=True)
        return None

    def sent(self, chunk: LogChunk) -> None:
        """It is on its way."""
        if chunk.lines:
            self._sent += 1
        self._said_last = self._said_last or chunk.last

    def resend(self) -> None:
        """A new connection, or no acknowledgement for long: send again what waits."""
        self._sent = 0
        self._said_last = False

    @property
    def under_way(self) -> bool:
        """Something was sent that is not acknowledged."""
        return self._sent > 0 or (self._said_last and not self._done)

    def acknowledged(self, last: int) -> None:
        """Lines up to `last` are stored at the control plane."""
        while self._waiting and self._waiting[0].last <= last:
            self._forget(self._waiting.popleft())
            self._sent = max(0, self._sent - 1)
        if self.ended and self._said_last and not self._waiting and last >= self._next - 1:
            self._done = True

    def checkpoint(self) -> LogRow | None:
        """The position to store, when it moved since the last call."""
        if self._mark == self._stored:
            return None
        self._stored = self._mark
        number, position = self._mark
        return LogRow(
            subject=self.subject,
            kind=self.kind,
            path=str(self.path),
            inode=position.inode,
            offset=position.offset,
            acked=number,
        )

    def close(self) -> None:
        """Close the file."""
        self._tail.close()
