"""Every gate, in order, each with its seconds. All are run even when one fails, so that one look shows everything."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]

STEPS: list[tuple[str, list[str], str]] = [
    ("format", ["ruff", "format", "--check", "--quiet", "."], "ruff format"),
    ("lint", ["ruff", "check", "--quiet", "."], "ruff check --fix"),
    ("types", ["mypy"], ""),
    ("import order", ["lint-imports", "--no-logo"], ""),
    ("sizes and rules", [sys.executable, ".ci/gates.py"], ""),
    ("dashboard", ["npm", "--prefix", "web", "run", "--silent", "check"], "npm --prefix web run format"),
]


def main() -> int:
    """Run the gates; 0 when all hold."""
    failed: list[str] = []
    for name, argv, repair in STEPS:
        begun = time.monotonic()
        done = subprocess.run(argv, cwd=ROOT, text=True, capture_output=True, check=False)
        good = done.returncode == 0
        print(f"{'✓' if good else '✗'} {name:<16} {time.monotonic() - begun:5.1f} s", flush=True)
        if not good:
            failed.append(name)
            print((done.stdout + done.stderr).rstrip() + (f"\nTry: {repair}" if repair else ""), flush=True)
    if failed:
        print(f"check failed: {', '.join(failed)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
