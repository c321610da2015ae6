"""The order in which instructions are built. Pure.

Each instruction after the first changed one is built in a working container, whose root is a mapped copy of everything
below it. An image that is kept has its copy kept too, so what never changes stands above what changes at every push.
"""

from collections.abc import Iterable

_FILES = frozenset({"COPY", "ADD"})
_SETTINGS = frozenset({"CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "STOPSIGNAL", "USER"})
"""Say how the image is run. COPY and ADD do not look at them: both give files to root unless told otherwise."""


def settings_first(text: str) -> str:
    """A vetted Containerfile with settings above the COPY and ADD instructions right before them; the image is the same.

    RUN, ENV, ARG, SHELL, VOLUME, WORKDIR and ONBUILD are passed by nothing. What was ordered is ordered to itself.
    """
    return "".join(_ordered(text.splitlines(keepends=True)))


def _ordered(rows: Iterable[str]) -> list[str]:
    done: list[str] = []
    files: list[str] = []
    for row in rows:
        keyword = row.split(" ", 1)[0]
        if keyword in _FILES:
            files.append(row)
        elif keyword in _SETTINGS:
            done.append(row)
        else:
            done += [*files, row]
            files = []
    return [*done, *files]
