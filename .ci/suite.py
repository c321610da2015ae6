"""The whole suite: the gates, then the tests by part, each against its budget. Pytest's summary comes last."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
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
    ("faults", 3, (("tests/faults",),)),
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
    failed = [part for part, _, _, passed in spent if not passed]
    print(f"{len(spent) - len(failed)} passed, {len(failed)} failed", flush=True)
    return min(len(failed), 1)


def pytest(arguments: list[str]) -> int:
    """Run pytest; an empty selection is a failure."""
    return subprocess.run([sys.executable, "-m", "pytest", "-q", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
