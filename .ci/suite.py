"""The whole suite: the gates, then the tests by part, each against its budget. Pytest's summary comes last."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = (("unit", 2), ("integration", 6), ("e2e", 6), ("faults", 3), ("fleet", 5))
"""Folder below tests/ and its budget in minutes on two cores."""
NO_TESTS = 5
"""Pytest's exit code for an empty folder."""


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
    present = [(part, budget) for part, budget in PARTS if any((ROOT / "tests" / part).rglob("test_*.py"))]
    for part, budget in present:
        begun = time.monotonic()
        code = pytest([*options, f"tests/{part}"])
        spent.append((part, time.monotonic() - begun, budget, code == 0))
    print("\npart          seconds   budget")
    for part, seconds, budget, passed in spent:
        over = "  over budget" if seconds > budget * 60 else ""
        print(f"{'✓' if passed else '✗'} {part:<12} {seconds:7.0f} {budget * 60:8.0f}{over}")
    absent = [part for part, _ in PARTS if part not in {name for name, _ in present}]
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
