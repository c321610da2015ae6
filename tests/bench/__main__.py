"""`./dev bench [NAME] [--rounds N] [--json FILE]`: benchmarks. They report; they never fail a build on a figure."""

import argparse
import sys
from pathlib import Path

from tests.bench import api_auth, cutover, dashboard, deploy, idle, singleflight
from tests.bench.figures import save

BENCHES = {
    "api-auth": api_auth.measure,
    "idle": idle.measure,
    "cutover-zero": cutover.measure,
    "deploy-warm": deploy.measure,
    "build-singleflight": singleflight.measure,
    "dashboard": dashboard.measure,
}


def main() -> int:
    """Run one benchmark, or list them."""
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("name", nargs="?")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, help="fewer for a quick look; a report wants at least 5")
    asked = parser.parse_args()
    if asked.name is None:
        print("benchmarks:", *BENCHES)
        return 0
    if asked.name not in BENCHES:
        print(f"There is no benchmark {asked.name} yet. There are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    found = BENCHES[asked.name](asked.rounds)
    if asked.json:
        save(asked.json, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
