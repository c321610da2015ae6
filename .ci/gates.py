"""Rules a linter does not know: sizes, who commits, no shell strings. Each names the place and what to do."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CAPS = (("tests/", 600), ("web/", 250), ("", 400))
GENERATED = re.compile(r"(^|/)(versions|node_modules|generated)/|schema\.d\.ts$|\.gen\.")
SHELLS = {
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell",
}


def files() -> list[str]:
    """Return the files git knows or would add, as they are in the working tree."""
    argv = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return sorted(name for name in listed if name and (ROOT / name).is_file() and not (ROOT / name).is_symlink())


def too_long(names: list[str]) -> Iterator[str]:
    """Yield source files past their size cap."""
    for name in names:
        if name.endswith((".py", ".ts", ".tsx")) and not GENERATED.search(name):
            cap = next(cap for prefix, cap in CAPS if name.startswith(prefix))
            lines = len((ROOT / name).read_text().splitlines())
            if lines > cap:
                yield f"{name} has {lines} lines, the cap is {cap}: split it by what it is about"


def calls(name: str) -> Iterator[tuple[int, str, ast.Call]]:
    """Yield the calls in a Python file: line, dotted name, node."""
    for node in ast.walk(ast.parse((ROOT / name).read_text())):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


def broken_rules(names: list[str]) -> Iterator[str]:
    """Yield shell strings, and commits outside the edge."""
    for name in names:
        if not name.endswith(".py"):
            continue
        for line, called, node in calls(name):
            if called in SHELLS or any(
                keyword.arg == "shell"
                and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
                for keyword in node.keywords
            ):
                yield f"{name}:{line} reaches a shell: give an argv list"
            in_room = name.startswith("cp/wisehosting_cp/") and name != "cp/wisehosting_cp/kit/db.py"
            if in_room and called.endswith(".commit"):
                yield f"{name}:{line} commits: only kit/db.py does, at the edge of the request or pass"


def main() -> int:
    """Print every broken rule; 0 when there is none."""
    names = files()
    found = [*too_long(names), *broken_rules(names)]
    print("\n".join(found))
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
