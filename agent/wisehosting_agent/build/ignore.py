"""`.containerignore` and `.dockerignore`: which paths stay out of the context. Pure.

Patterns are matched against the whole path below the root; `*` and `?` stop at a slash, `**` does not; a pattern that
matches a folder takes everything below it; `!` brings back; the last pattern that matches wins.
"""

import re

NAMES = (".containerignore", ".dockerignore")
"""The first that exists is used, alone."""


class Ignore:
    """The patterns of one file."""

    def __init__(self, text: str = "") -> None:
        self._rules: list[tuple[bool, re.Pattern[str]]] = []
        for row in text.removeprefix("\ufeff").splitlines():
            if row.startswith("#"):
                continue
            pattern = row.strip()
            bring_back = pattern.startswith("!")
            pattern = _clean(pattern.removeprefix("!").strip())
            if pattern:
                self._rules.append((bring_back, re.compile(_translate(pattern) + r"(?:/.*)?\Z", re.DOTALL)))
        self.brings_back = any(bring_back for bring_back, _ in self._rules)
        """False: nothing below an ignored folder can come back, so it need not be read."""

    def matches(self, path: str) -> bool:
        """Whether the path (`a/b`, no leading slash) stays out."""
        ignored = False
        for bring_back, pattern in self._rules:
            if ignored == bring_back and pattern.match(path):
                ignored = not bring_back
        return ignored


def _clean(pattern: str) -> str:
    """Resolve `.`, `..` and empty pieces, as a path is cleaned."""
    pieces: list[str] = []
    for piece in pattern.split("/"):
        if piece == "..":
            del pieces[-1:]
        elif piece not in {"", "."}:
            pieces.append(piece)
    return "/".join(pieces)


def _translate(pattern: str) -> str:
    out = []
    index = 0
    while index < len(pattern):
        char = pattern[index]
        if pattern.startswith("**", index):
            index += 2
            if pattern.startswith("/", index):
                index += 1
                out.append("(?:.*/)?")
            else:
                out.append(".*")
            continue
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[" and (end := pattern.find("]", index + 2)) != -1:
            body = pattern[index + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            out.append(f"[{'^' + body[1:] if body[0] in '!^' else body}]")
            index = end
        elif char == "\\" and index + 1 < len(pattern):
            index += 1
            out.append(re.escape(pattern[index]))
        else:
            out.append(re.escape(char))
        index += 1
    return "".join(out)
