"""Build variables for a detected stack: each RUN gets them as environment variables, from mounts that do not stay."""

import re
from collections.abc import Collection

_RUN = re.compile(r"RUN (?P<options>(?:--\S+ )*)(?P<line>.*)", re.DOTALL)
_USER = re.compile(r"USER (?P<user>[^\s:]+)")
_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
FOLDER = "/run/secrets"


def given(containerfile: str, names: Collection[str]) -> str:
    """The text with every RUN reading these variables from secret mounts; a name that no shell could hold is left out.

    A repository's own Containerfile is never changed: it names the secrets it wants.
    """
    known = sorted(name for name in names if _SHELL_NAME.match(name))
    if not known:
        return containerfile
    rows, readable = [], ""
    for row in containerfile.splitlines(keepends=True):
        if row.startswith("FROM "):
            readable = ""
        elif match := _USER.match(row):
            readable = _readable(match["user"])
        rows.append(_with(row, known, readable))
    return "".join(rows)


def _readable(user: str) -> str:
    """The option of a mount without which this user cannot read it: it is root's, and of nobody else."""
    if user in {"0", "root"}:
        return ""
    return f",uid={user}" if user.isdecimal() else ",mode=0444"


def _with(row: str, names: list[str], readable: str) -> str:
    match = _RUN.fullmatch(row)
    if match is None:
        return row
    mounts = "".join(f"--mount=type=secret,id={name}{readable} " for name in names)
    exports = " && ".join(f'export {name}="$(cat {FOLDER}/{name})"' for name in names)
    return f"RUN {match['options']}{mounts}{exports} && {match['line']}"
