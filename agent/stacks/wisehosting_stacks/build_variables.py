"""Build variables for a detected stack: each RUN gets them as environment variables, from mounts that do not stay."""

import re
from collections.abc import Collection

_RUN = re.compile(r"RUN (?P<options>(?:--\S+ )*)(?P<line>.*)", re.DOTALL)
_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
FOLDER = "/run/secrets"


def given(containerfile: str, names: Collection[str]) -> str:
    """The text with every RUN reading these variables from secret mounts; a name that no shell could hold is left out.

    A repository's own Containerfile is never changed: it names the secrets it wants.
    """
    known = sorted(name for name in names if _SHELL_NAME.match(name))
    if not known:
        return containerfile
    return "".join(_with(row, known) for row in containerfile.splitlines(keepends=True))


def _with(row: str, names: list[str]) -> str:
    match = _RUN.fullmatch(row)
    if match is None:
        return row
    mounts = "".join(f"--mount=type=secret,id={name} " for name in names)
    exports = " && ".join(f'export {name}="$(cat {FOLDER}/{name})"' for name in names)
    return f"RUN {match['options']}{mounts}{exports} && {match['line']}"
