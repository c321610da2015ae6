"""Medians with their range, CPU seconds of process trees, and the rows of a report."""

import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which this share of the values lies; nan without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def children() -> dict[int, list[int]]:
    """Return the children of every process."""
    found: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))) is not None:
            found.setdefault(int(fields[1]), []).append(int(folder.name))
    return found


def cpu_seconds(*roots: int) -> float:
    """Return user and system seconds of these processes, their children, and children of theirs that ended."""
    by_parent = children()
    waiting, total = list(roots), 0
    while waiting:
        pid = waiting.pop()
        waiting += by_parent.get(pid, [])
        fields = _stat(pid)
        if fields is not None:
            total += sum(int(field) for field in fields[11:15])
    return total / _TICKS


def _stat(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, least and most of the rounds."""
    known = [value for value in values if value == value]  # noqa: PLR0124 - not a number
    if not known:
        return {"median": float("nan"), "min": float("nan"), "max": float("nan")}
    return {"median": statistics.median(known), "min": min(known), "max": max(known)}


def row(
    metric: str,
    unit: str,
    ours: Sequence[float],
    *,
    peer: Sequence[float] | None = None,
    peer_name: str | None = None,
    floor: Sequence[float] | None = None,
    target: float | None = None,
    met: Callable[[float], bool] | None = None,
) -> dict[str, Any]:
    """Return one line of a report (design §2): the ratio is peer / ours, or ours / floor where there is no peer."""
    mine = spread(ours)
    theirs = spread(peer)["median"] if peer else None
    least = spread(floor)["median"] if floor else None
    ratio = None
    if theirs is not None and mine["median"]:
        ratio = theirs / mine["median"]
    elif least:
        ratio = mine["median"] / least
    return {
        "metric": metric,
        "unit": unit,
        "ours": round(mine["median"], 4),
        "min": round(mine["min"], 4),
        "max": round(mine["max"], 4),
        "peer": None if theirs is None else round(theirs, 4),
        "peer_name": peer_name,
        "floor": None if least is None else round(least, 4),
        "ratio": None if ratio is None else round(ratio, 3),
        "target": target,
        "met": None if met is None else met(mine["median"]),
    }


def report(name: str, rounds: int, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return a whole report, with the machine it is of."""
    return {
        "name": name,
        "machine": f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}",
        "rounds": rounds,
        "results": rows,
        **more,
    }


def table(title: str, columns: Sequence[str], lines: Sequence[tuple[str, Sequence[Sequence[float]]]]) -> None:
    """Print a metric a line and a contender a column: median (least to most)."""
    print(f"\n{title}")
    cells = [[_cell(values) for values in each] for _, each in lines]
    widths = [
        max(len(column), *(len(one[index]) for one in cells)) if cells else len(column)
        for index, column in enumerate(columns)
    ]
    first = max([len(name) for name, _ in lines], default=0)
    print(" " * first, *(column.rjust(width) for column, width in zip(columns, widths, strict=True)), sep="  ")
    for (name, _), one in zip(lines, cells, strict=True):
        print(name.ljust(first), *(text.rjust(width) for text, width in zip(one, widths, strict=True)), sep="  ")


def _cell(values: Sequence[float]) -> str:
    if not values:
        return "-"
    known = spread(values)
    median, least, most = (_short(known[key]) for key in ("median", "min", "max"))
    return median if least == most else f"{median} ({least} to {most})"


def _short(value: float) -> str:
    return f"{value:.0f}" if value == int(value or 0) else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def save(path: Path, content: dict[str, Any]) -> None:
    """Write a report."""
    path.write_text(json.dumps(content, indent=2) + "\n")
