"""Server-sent events of logs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from fastapi.sse import format_sse_event

from wisehosting_cp.telemetry.lines import Line, stream_name
from wisehosting_cp.telemetry.log import LogPage

LAST_SECOND = 253_402_300_799


def event(name: str, data: dict[str, Any], *, event_id: str | None = None) -> bytes:
    """Encode one event with JSON data."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return format_sse_event(data_str=text, event=name, id=event_id)


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
