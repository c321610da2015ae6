"""`.containerignore` and `.dockerignore`: which paths stay out of the context. Pure.

Patterns are matched against the whole path below the root; `*` and `?` stop at a slash, `**` does not; a pattern that
matches a folder takes everything below it; `!` brings back; the last pattern that matches wins.

The patterns are a stranger's, so no pattern may take more than its length times the path's: pieces are matched one by
one, and a star inside a piece is settled at its first fit.
"""

import re
from typing import TypeAlias

from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason

NAMES = (".containerignore", ".dockerignore")
"""The first that exists is used, alone."""
MAX_PATTERNS = 1000

Pieces: TypeAlias = list[re.Pattern[str] | None]
"""One for each piece of a path; None is `**`, any number of pieces."""


class Ignore:
    """The patterns of one file. Raises WorkFailed(containerfile_refused) for one that cannot be read."""

    def __init__(self, text: str = "") -> None:
        self._rules: list[tuple[bool, Pieces]] = []
        for number, row in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
            if row.startswith("#"):
                continue
            pattern = row.strip()
            bring_back = pattern.startswith("!")
            pieces = _clean(pattern.removeprefix("!").strip())
            if not pieces:
                continue
            try:
                self._rules.append((bring_back, _compiled(pieces)))
            except re.error as error:
                raise WorkFailed(
                    Reason.containerfile_refused,
                    f"Line {number} of the ignore file holds a pattern that cannot be read: {pattern[:100]}. Correct it.",
                ) from error
        if len(self._rules) > MAX_PATTERNS:
            raise WorkFailed(
                Reason.containerfile_refused,
                f"The ignore file has more than {MAX_PATTERNS} patterns. Use fewer, such as * with ! for what is needed.",
            )
        self.brings_back = any(bring_back for bring_back, _ in self._rules)
        """False: nothing below an ignored folder can come back, so it need not be read."""

    def matches(self, path: str) -> bool:
        """Whether the path (`a/b`, no leading slash) stays out."""
        ignored = False
        names = path.split("/")
        for bring_back, pieces in self._rules:
            if ignored == bring_back and _covers(pieces, names):
                ignored = not bring_back
        return ignored


def _covers(pieces: Pieces, names: list[str]) -> bool:
    """Whether the pattern matches the path or a folder that it is in."""
    end = len(pieces)
    places = _passed({0}, pieces)
    for name in names:
        following = set()
        for place in places:
            piece = pieces[place]
            if piece is None:
                following |= {place, end} if place + 1 == end else {place}
            elif piece.match(name):
                following.add(place + 1)
        if end in following:
            return True
        places = _passed(following, pieces)
    return False


def _passed(places: set[int], pieces: Pieces) -> set[int]:
    """The places, and those behind a `**` that stands for nothing. One at the end stands for something."""
    found = set(places)
    for place in places:
        while place + 1 < len(pieces) and pieces[place] is None:
            place += 1  # noqa: PLW2901 - walks on from there
            found.add(place)
    return found


def _clean(pattern: str) -> list[str]:
    """Pieces with `.`, `..` and empty ones resolved, as a path is cleaned; none when it leads out of the root."""
    pieces: list[str] = []
    for piece in pattern.split("/"):
        if piece == "..":
            if not pieces:
                return []
            del pieces[-1:]
        elif piece not in {"", "."}:
            # `**.py` is `**/.py`, as other readers have it.
            pieces += ["**", piece.lstrip("*")] if piece.startswith("**") and piece.strip("*") else [piece]
    return pieces


def _compiled(pieces: list[str]) -> Pieces:
    return [None if piece == "**" else re.compile(_translate(piece), re.DOTALL) for piece in pieces]


def _translate(piece: str) -> str:
    fixed = [""]
    index = 0
    while index < len(piece):
        char = piece[index]
        if char == "*":
            fixed.append("")
        elif char == "?":
            fixed[-1] += "."
        elif char == "[" and (end := piece.find("]", index + 2)) != -1:
            fixed[-1] += _set(piece[index + 1 : end])
            index = end
        elif char == "\\" and index + 1 < len(piece):
            index += 1
            fixed[-1] += re.escape(piece[index])
        else:
            fixed[-1] += re.escape(char)
        index += 1
    first, *stars = fixed
    if not stars:
        return first + r"\Z"
    *between, last = stars
    # Atomic: what follows a star is looked for once, never again further on.
    return first + "".join(f"(?>.*?{part})" for part in between if part) + f".*{last}\\Z"


def _set(body: str) -> str:
    inverted = body[0] in "!^"
    ranges = re.sub(r"(?s)(.)(?:-(.))?", _members, body[inverted:])
    return f"[{'^' if inverted else ''}{ranges}]"


def _members(match: re.Match[str]) -> str:
    """`a-z`, or the characters one by one."""
    return re.escape(match[1]) + (f"-{re.escape(match[2])}" if match[2] else "")
