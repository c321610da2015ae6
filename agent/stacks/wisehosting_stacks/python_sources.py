"""Sources of Python as syntax trees: never run, and no more of them than a worker has time for."""

import ast
from collections.abc import Iterable, Iterator, Sequence

from wisehosting_stacks.tree import Tree

LARGEST = 300_000
"""Characters of one source that is read."""
MOST = 1_000_000
"""Characters of all: a megabyte takes seconds to parse, and the repository is a stranger's."""


class PythonSources:
    """The sources of one project. Trees are not kept: they take four hundred times the memory of their text."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._left = MOST

    def body(self, path: str) -> Sequence[ast.stmt]:
        """Statements of a module; none for one that is broken, too large, or past what is read in all."""
        text = self.tree.text(path)
        if len(text) > min(LARGEST, self._left):
            return ()
        self._left -= len(text)
        return _parsed(text)


def _parsed(text: str) -> Sequence[ast.stmt]:
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def run_on_import(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when a module is imported: those in conditions too, but not those of a program's start."""
    waiting = list(statements)[::-1]
    while waiting:
        statement = waiting.pop()
        yield statement
        inner: list[ast.stmt] = []
        match statement:
            case ast.If(test=test, body=body, orelse=other):
                inner = other if _is_program(test) else [*body, *other]
            case ast.Try(body=body, handlers=handlers, orelse=other, finalbody=last):
                inner = [*body, *(one for handler in handlers for one in handler.body), *other, *last]
            case ast.With(body=body):
                inner = body
            case _:
                pass
        waiting.extend(reversed(inner))


def _is_program(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))


def called(node: ast.AST) -> str:
    """The name that is called, without what it belongs to: `Flask` of `flask.Flask()`; empty for what is no call."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return str(name)
        case _:
            return ""
