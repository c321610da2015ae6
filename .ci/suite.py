"""The whole suite: the gates, then the tests by part, each against its budget. Pytest's summary comes last."""

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONG = ROOT / "tests" / "long.json"
CONTROL_PLANE = "tests/integration/cp"
PARTS: tuple[tuple[str, int, tuple[tuple[str, ...], ...]], ...] = (
    ("unit", 2, (("tests/unit",),)),
    (
        "integration",
        6,
        (
            # A database for each test: they share nothing. The rest shares the host's networks and goes one by one.
            ("--numprocesses=2", "--dist=loadfile", CONTROL_PLANE),
            (f"--ignore={CONTROL_PLANE}", "tests/integration"),
        ),
    ),
    ("e2e", 6, (("tests/e2e",),)),
    ("faults", 5, (("tests/faults",),)),
    ("fleet", 5, (("tests/fleet",),)),
)
"""Folder below tests/, its budget in minutes on two cores, and the runs of pytest it takes."""


def main(argv: list[str]) -> int:
    """Run what is asked for: paths only, or check and all parts. 0 when everything passed."""
    paths = [item for item in argv if not item.startswith("-")]
    options = [item for item in argv if item.startswith("-")]
    if paths:
        return pytest([*options, *paths])
    spent: list[tuple[str, float, float, bool]] = []
    begun = time.monotonic()
    good = subprocess.run([sys.executable, ".ci/check.py"], cwd=ROOT, check=False).returncode == 0
    spent.append(("check", time.monotonic() - begun, 3, good))
    present = [row for row in PARTS if any((ROOT / "tests" / row[0]).rglob("test_*.py"))]
    for part, budget, runs in present:
        begun = time.monotonic()
        codes = [pytest([*options, *run]) for run in runs]
        spent.append((part, time.monotonic() - begun, budget, not any(codes)))
    print("\npart          seconds   budget")
    for part, seconds, budget, passed in spent:
        over = "  over budget" if seconds > budget * 60 else ""
        print(f"{'✓' if passed else '✗'} {part:<12} {seconds:7.0f} {budget * 60:8.0f}{over}")
    absent = [part for part, _, _ in PARTS if part not in {name for name, _, _ in present}]
    if absent:
        print(f"no tests yet: {', '.join(absent)}")
    if "--long" in options:
        write_down(spent)
    print(last_long())
    failed = [part for part, _, _, passed in spent if not passed]
    print(f"{len(spent) - len(failed)} passed, {len(failed)} failed", flush=True)
    return min(len(failed), 1)


def write_down(spent: list[tuple[str, float, float, bool]]) -> None:
    """Keep the result of a run with --long beside the tests; it is committed, so that everybody sees how old it is."""
    head = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, text=True, capture_output=True, check=True
    )
    result = {
        "commit": head.stdout.strip(),
        "date": time.strftime("%Y-%m-%d"),
        "parts": {part: {"seconds": round(seconds), "passed": passed} for part, seconds, _, passed in spent},
    }
    LONG.write_text(json.dumps(result, indent=2) + "\n")


def last_long() -> str:
    """One line: when --long was last run, on which commit, and how it ended."""
    if not LONG.exists():
        return "--long was never run to its end"
    found = json.loads(LONG.read_text())
    failed = [part for part, one in found["parts"].items() if not one["passed"]]
    ended = f"failed: {', '.join(failed)}" if failed else "passed"
    seconds = sum(one["seconds"] for one in found["parts"].values())
    return f"--long was last run on {found['date']} on {found['commit']}: {ended}, {seconds} s"


def pytest(arguments: list[str]) -> int:
    """Run pytest; an empty selection is a failure."""
    return subprocess.run([sys.executable, "-m", "pytest", "-q", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
