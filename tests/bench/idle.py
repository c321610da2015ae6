"""How much memory an idle `./dev up` takes: PSS of every process of it, listed and summed."""

import platform as machine
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from running import Platform, free_port, run, wait_for

STATE = Path("/var/lib/wisehosting/bench-idle")
ROUNDS = 5
TARGET_MEGABYTES = 400
SETTLE_SECONDS = 15


def measure(rounds: int | None = None) -> dict[str, Any]:
    """Start a platform, let it come to rest, sample it five times, stop it."""
    rounds = rounds or ROUNDS
    port, apps_port = free_port(19300), free_port(19380)
    up = run("./dev", "up", "--state", STATE, "--port", str(port), "--apps-port", str(apps_port), "--detach")
    if up.returncode:
        raise SystemExit(up.stdout + up.stderr)
    try:
        running = Platform(STATE / "access.json")
        wait_for(
            lambda: all(base["status"] == "ready" for base in running.call("GET", "/platform")["bases"]) or None,
            within=300,
            what="the base images",
        )
        time.sleep(SETTLE_SECONDS)
        samples = []
        for _ in range(rounds):
            samples.append(sample())
            time.sleep(1)
    finally:
        run("./dev", "down", "--state", STATE, "--erase", "--yes")
    sums = [sum(each.values()) for each in samples]
    for name, size in sorted(samples[-1].items(), key=lambda item: -item[1]):
        print(f"{size:8.1f} MB  {name}")
    median = statistics.median(sums)
    print(
        f"{median:8.1f} MB  in all (median of {rounds}; {min(sums):.1f} to {max(sums):.1f}; target {TARGET_MEGABYTES})"
    )
    result = {
        "metric": "pss",
        "unit": "MB",
        "ours": round(median, 1),
        "min": round(min(sums), 1),
        "max": round(max(sums), 1),
        "peer": None,
        "peer_name": None,
        "floor": None,
        "ratio": None,
        "target": TARGET_MEGABYTES,
        "met": median <= TARGET_MEGABYTES,
    }
    return {"name": "idle", "machine": machine.platform(), "rounds": rounds, "results": [result]}


def sample() -> dict[str, float]:
    """Return megabytes by process: everything that carries our marker in its environment, and its children."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    parents = {int(pid): int(parent) for pid, parent, _ in rows}
    names = {int(pid): args for pid, _, args in rows}
    ours = {pid for pid in names if _marked(pid)}
    while grown := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= grown
    sizes: dict[str, float] = {}
    for pid in ours:
        size = _pss(pid)
        if size is not None:
            sizes[f"{pid} {names[pid][:90]}"] = size
    return sizes


def _marked(pid: int) -> bool:
    try:
        content = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return str(STATE).encode() in content


def _pss(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), None)
