"""UUIDv7 (RFC 9562 §5.7) made in Python, so that rows sort by the time they were made on every PostgreSQL."""

import secrets
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A new UUIDv7: 48 bits of milliseconds, then a counter seeded at random so that ids of one process always rise."""
    global _last  # noqa: PLW0603 - monotonic order within the process is the point
    with _lock:
        fresh = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(62)
        _last = fresh if fresh >> 80 > _last >> 80 else _last + secrets.randbits(32) + 1
        value = _last
    high, low = value >> 80, value & ((1 << 62) - 1)
    middle = value >> 62 & 0xFFF
    return UUID(int=high << 80 | 0x7 << 76 | middle << 64 | 0b10 << 62 | low)
