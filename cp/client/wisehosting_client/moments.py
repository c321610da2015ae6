"""Moments as they are typed: `15m`, `1h30m`, `2d`, or a day or time of the clock here."""

import re
from datetime import UTC, datetime, timedelta

UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
"""Seconds of each unit, longest first; the order in which they are written."""

_DURATION = re.compile("".join(rf"(?:(?P<{unit}>[0-9]{{1,9}}){unit})?" for unit in UNITS))
EXAMPLES = "Write 90s, 15m, 1h30m or 2d, or a time such as 2026-12-01T09:30."


def duration(text: str) -> timedelta:
    """Read a duration such as `1h30m`; each unit once, the longer first. Raises ValueError that says how to write one."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        raise ValueError(f"{text!r} is no duration. {EXAMPLES}")
    try:
        return timedelta(seconds=sum(int(found[unit] or 0) * seconds for unit, seconds in UNITS.items()))
    except OverflowError as error:
        raise ValueError(f"{text!r} is too long. {EXAMPLES}") from error


def written(seconds: float) -> str:
    """Write a duration as `duration` reads it, in whole seconds."""
    left, parts = int(seconds), []
    for unit, size in UNITS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def took(seconds: float) -> str:
    """Write how long something took, for people: tenths while they matter."""
    return f"{seconds:.1f} s" if seconds < 60 else written(seconds)


def since(text: str, now: datetime) -> datetime:
    """Read a moment: so long ago, or a day or time, of the clock here unless it names its zone. Raises ValueError."""
    if _DURATION.fullmatch(text.strip().lower()) and text.strip():
        try:
            return now - duration(text)
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no moment. {EXAMPLES}") from error
