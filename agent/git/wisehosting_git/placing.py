"""Files put into a checkout by us. A tree is a stranger's: no symbolic link in it is followed."""

import os
import stat
from pathlib import Path

from wisehosting_git.errors import NOT_FOUND, GitError


def real_folder(tree: Path, path: str) -> Path:
    """The folder of a path in a tree, when it and all above it are folders. Raises GitError(repository_not_found)."""
    where = tree
    for piece in path.split("/"):
        where = where / piece
        if piece in {"", ".", "..", ".git"} or not _is_folder(where):
            raise GitError(
                NOT_FOUND,
                "A submodule's folder is not a folder of the repository's own. Remove the symbolic link above it.",
            )
    return where


def put_folder(source: Path, tree: Path, path: str) -> None:
    """Move a folder to the empty one that git left for it. Raises GitError(repository_not_found)."""
    target = real_folder(tree, path)
    try:
        target.rmdir()
    except OSError as error:
        raise GitError(
            NOT_FOUND, "A submodule's folder also holds files of the repository. Remove one of both."
        ) from error
    source.rename(target)


def put_file(source: Path, target: Path) -> None:
    """Move a file to the place of another one, whose mode it takes."""
    source.chmod(target.lstat().st_mode & 0o777)
    source.replace(target)


def small_files(tree: Path, limit: int) -> list[Path]:
    """Regular files of at most so many bytes, below folders that are no links."""
    found = []
    waiting = [os.fspath(tree)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_size <= limit:
                    found.append(Path(entry.path))
    return sorted(found)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False
