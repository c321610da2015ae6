"""Procfile: one process a line, `name: shell line`."""

import re
import shlex

from wisehosting_stacks.tree import Tree

_NEEDS_SHELL = re.compile(r"[$`;&|<>*?~(){}\n]|\A\s*\w+=")
_QUOTED = re.compile(r"""'[^']*'|\\.|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
# The end is stripped by hand: a pattern that looks for it costs the square of a line of spaces.
_LINE = re.compile(r"([A-Za-z0-9_-]+):(.*)", re.DOTALL)


def processes(tree: Tree) -> dict[str, str]:
    """Shell lines by process name, in the file's order; `release` is one of them, and not a process that stays."""
    found: dict[str, str] = {}
    for line in tree.text("Procfile").splitlines():
        if (match := _LINE.match(line)) and (said := match[2].strip()):
            found.setdefault(match[1], said)
    return found


def shell(line: str) -> tuple[str, ...]:
    """The argv for a shell line; exec, so that the program itself gets the stop signal, unless the line is more than one."""
    simple = not re.search(r"[;&|`]|\$\(", line) and not re.match(r"(exec|cd|export|set|if|for|while)\b|\w+=", line)
    return ("sh", "-c", f"exec {line}" if simple else line)


def argv(line: str) -> tuple[str, ...]:
    """The argv that somebody means who types a command: its words, or a shell's business when it needs a shell.

    Raises ValueError for a quotation that does not end.
    """
    words = tuple(shlex.split(line))
    return shell(line.strip()) if _NEEDS_SHELL.search(_QUOTED.sub(_bare, line)) else words


def _bare(quoted: re.Match[str]) -> str:
    """What a shell would still look at inside a quotation."""
    return "$" if quoted[0][0] == '"' and re.search(r"[$`]", quoted[0]) else ""
