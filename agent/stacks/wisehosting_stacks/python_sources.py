"""Sources of Python as syntax trees: read once each, never run, and no more of them than a worker has time for."""

import ast
from collections.abc import Sequence

from wisehosting_stacks.tree import Tree

LARGEST = 300_000
"""Characters of one source that is read."""
MOST = 1_000_000
"""Characters of all: a megabyte takes seconds to parse, and the repository is a stranger's."""


class PythonSources:
    """The sources of one project."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._bodies: dict[str, Sequence[ast.stmt]] = {}
        self._left = MOST

    def body(self, path: str) -> Sequence[ast.stmt]:
        """Statements of a module; none for one that is broken, too large, or past what is read in all."""
        if path not in self._bodies:
            text = self.tree.text(path)
            reads = len(text) <= min(LARGEST, self._left)
            self._left -= len(text) if reads else 0
            self._bodies[path] = _parsed(text) if reads else ()
        return self._bodies[path]


def _parsed(text: str) -> Sequence[ast.stmt]:
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def called(call: ast.Call) -> str:
    """The name that is called, without what it belongs to: `Flask` of `flask.Flask()`."""
    match call.func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case _:
            return ""
