"""`./dev bench [NAME] [--json FILE]`: benchmarks. They report; they never fail a build on a figure."""

import argparse
import json
import sys
from pathlib import Path

from tests.bench import idle

BENCHES = {"idle": idle.measure}


def main() -> int:
    """Run one benchmark, or list them."""
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("name", nargs="?")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if asked.name is None:
        print("benchmarks:", *BENCHES)
        return 0
    if asked.name not in BENCHES:
        print(f"There is no benchmark {asked.name} yet. There are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    report = BENCHES[asked.name]()
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
