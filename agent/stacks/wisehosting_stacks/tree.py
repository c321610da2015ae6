"""The files of a project, as detection sees them."""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

_STEPS = 5_000_000
"""Of the parser over parts of keys: it takes some seconds for them, and a file that people write has some thousands."""


class Tree:
    """Paths below a project's root directory, and the text of small files. Paths have no leading slash."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], str | None]) -> None:
        """`read` returns the text of a path; None for what is too large, no text, or a link."""
        self.paths = frozenset(paths)
        self._read = read
        self._texts: dict[str, str] = {}
        self._toml: dict[str, dict[str, Any]] = {}

    @classmethod
    def of(cls, files: Mapping[str, str]) -> "Tree":
        """A tree of texts in memory."""
        return cls(files, files.get)

    def __contains__(self, path: str) -> bool:
        return path in self.paths

    def text(self, path: str) -> str:
        """Text of a file; empty when there is none that can be read."""
        if path not in self._texts:
            self._texts[path] = (self._read(path) or "") if path in self.paths else ""
        return self._texts[path]

    def first(self, *paths: str) -> str | None:
        """The first of these paths that is there."""
        return next((path for path in paths if path in self.paths), None)

    def match(self, pattern: str) -> list[str]:
        """Paths that match a pattern, the shallow ones first. `*` does not cross a slash."""
        deep = pattern.count("/")
        return sorted(path for path in self.paths if path.count("/") == deep and fnmatchcase(path, pattern))

    def has_folder(self, folder: str) -> bool:
        """Whether anything lies below this folder."""
        return any(path.startswith(f"{folder}/") for path in self.paths)

    def json(self, path: str) -> dict[str, Any]:
        """A JSON object; empty for a file that is not there or holds something else."""
        try:
            found = json.loads(self.text(path) or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def toml(self, path: str) -> dict[str, Any]:
        """A TOML document; empty for a file that is not there or is broken."""
        if path not in self._toml:
            try:
                self._toml[path] = toml(self.text(path))
            except ValueError:
                self._toml[path] = {}
        return self._toml[path]


def toml(text: str) -> dict[str, Any]:
    """Read a TOML document. Raises ValueError for every text that is none, in a time that grows as the text does."""
    if _steps(text) > _STEPS:
        raise ValueError("its keys have too many parts")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _steps(text: str) -> int:
    """At most how many parts of keys the parser looks at, and keeps: all beginnings of a key, and its table for each key.

    Dots in strings are counted too: what is a string takes a parser to tell.
    """
    steps = deepest = 0
    for line in text.split("\n"):
        dots = line.count(".")
        if line.lstrip().startswith("["):
            deepest = max(deepest, dots)
        steps += dots * dots + deepest
    return steps


def table(document: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The table at a path of keys; empty when something else, or nothing, is there."""
    found: Any = document
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def word(document: Mapping[str, Any], *keys: str) -> str:
    """The string at a path of keys; empty when something else, or nothing, is there."""
    *above, last = keys
    found = table(document, *above).get(last) if above else document.get(last)
    return found if isinstance(found, str) else ""
