"""A project in a folder of this machine as a tree. Symbolic links are not followed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from wisehosting_stacks.tree import Tree

LARGEST = 1024 * 1024
"""What detection reads is small; a larger file counts as one without text."""
MOST_FILES = 200_000
_LEFT_OUT = frozenset({".git", "node_modules", ".venv", "__pycache__"})
"""A working copy holds these; what is built does not come from them."""


def tree_of(root: Path) -> Tree:
    """The files below a folder. Nothing changes it meanwhile, or what is read may be of two moments."""

    def read(path: str) -> str | None:
        try:
            handle = os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return None
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return None

    return Tree(_files(root), read)


def folder_below(root: Path, below: str) -> Path | None:
    """A folder of the project by its path; None where there is none, or a link or `..` on the way."""
    path = root
    for piece in below.split("/"):
        if piece in {"", "."}:
            continue
        path /= piece
        try:
            mode = path.lstat().st_mode
        except (OSError, ValueError):  # also a name that no file can have
            return None
        if piece == ".." or not stat.S_ISDIR(mode):
            return None
    return path


def _files(root: Path) -> Iterator[str]:
    count = 0
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in _LEFT_OUT and not Path(folder, name).is_symlink())
        below = os.path.relpath(folder, root)
        for name in sorted(files):
            if count >= MOST_FILES:
                return
            if not Path(folder, name).is_symlink():
                count += 1
                yield name if below == "." else f"{below}/{name}"
