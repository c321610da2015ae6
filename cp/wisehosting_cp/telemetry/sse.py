"""Server-sent events of logs."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

from starlette.responses import StreamingResponse

from wisehosting_cp.telemetry.lines import Line, stream_name
from wisehosting_cp.telemetry.log import LogPage

KEEP_ALIVE = b": keep-alive\n\n"
LAST_SECOND = 253_402_300_799


def event(name: str, data: dict[str, Any], *, event_id: str | None = None) -> bytes:
    """Encode one event; JSON has no raw newline, so one data line is enough."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def line_view(n: int, line: Line) -> dict[str, Any]:
    """Show a line."""
    return {"n": n, "at": iso(line.at), "stream": stream_name(line.stream), "step": line.step, "text": line.text}


def iso(nanoseconds: int) -> str:
    """Write a line's time; a worker's clock may be anything."""
    seconds = min(max(nanoseconds // 1_000_000_000, 0), LAST_SECOND)
    micro = nanoseconds // 1000 % 1_000_000
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro).isoformat().replace("+00:00", "Z")


def page_events(page: LogPage, after: int, extra: dict[str, Any], prefix: str = "") -> Iterator[tuple[int, bytes]]:
    """Encode the lines of a page, and a gap event wherever the numbers jump. Each comes with the time of its line."""
    expected = after + 1
    for numbered in page.lines:
        if numbered.n > expected:
            yield numbered.line.at, event("gap", {"from": expected, "to": numbered.n - 1, **extra})
        yield (
            numbered.line.at,
            event("line", {**line_view(numbered.n, numbered.line), **extra}, event_id=f"{prefix}{numbered.n}"),
        )
        expected = numbered.n + 1


def response(events: AsyncIterator[bytes]) -> StreamingResponse:
    """Answer with a stream that no proxy holds back."""
    return StreamingResponse(
        events, media_type="text/event-stream", headers={"cache-control": "no-store", "x-accel-buffering": "no"}
    )
