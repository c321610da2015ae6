"""A tree from strangers becomes one tar: read by file descriptors, never following a link, the same for the same files."""

import codecs
import errno
import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from wisehosting_agent.build.containerfile import bound_sources
from wisehosting_agent.build.ignore import NAMES, Ignore
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_stacks.folder import folder_below

RESERVED = ".wisehosting.containerfile"
"""The vetted Containerfile inside the tar."""
BROUGHT = ".wisehosting"
"""Folder of files that a detected stack brings; a repository's own of that name gives way to them."""
_OWN_IGNORE = ".containerignore"
_SMALL = 1024 * 1024
_DEPTH = 100
"""Folders inside each other. Each holds a descriptor of the agent's while what is in it is read."""
_EPOCH = 946_684_800
"""2000-01-01. Zip files cannot hold times before 1980."""
_SPREAD = 20 * 365 * 86400


class Entry(msgspec.Struct, frozen=True):
    """One file, folder or symbolic link of the context."""

    path: str
    kind: str
    """file, folder or link."""
    executable: bool = False
    size: int = 0
    digest: str = ""
    """sha256 of a file's content, or a link's target."""


class Context:
    """The files below one folder that a build gets. `root` is inside a checkout."""

    def __init__(self, root: Path, entries: list[Entry]) -> None:
        self._root = root
        self.entries = entries
        self.bytes = sum(entry.size for entry in entries)

    @classmethod
    def read(cls, root: Path, *, limit_bytes: int, limit_files: int = 200_000) -> "Context":
        """Walk and hash. Raises WorkFailed(repository_too_large, or build_failed for devices and sockets)."""
        with _folder(root) as top:
            ignore = Ignore(_ignore_text(top))
            entries: list[Entry] = []
            total = 0
            for entry in _walk(top, "", ignore):
                entries.append(entry)
                total += entry.size
                if total > limit_bytes or len(entries) > limit_files:
                    raise WorkFailed(
                        Reason.repository_too_large,
                        f"What the build would get is larger than {limit_bytes // 1024**2} MiB or has more than "
                        f"{limit_files} files. List what it does not need in a .containerignore.",
                    )
        return cls(root, entries)

    @property
    def digest(self) -> str:
        """sha256 of all entries; the same files give the same digest, whenever and by whomever they were written."""
        facts = [
            # Names are bytes to git, and need not be text.
            (os.fsencode(entry.path), entry.kind, entry.executable, entry.size, os.fsencode(entry.digest))
            for entry in self.entries
        ]
        return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()

    def text(self, path: str) -> str | None:
        """Text of a small file of the context; None for what is larger than 1 MiB, no text, or not there.

        UTF-8, or UTF-16 with its mark, as `pip freeze >` writes it in PowerShell.
        """
        try:
            with _folder(self._root) as top, open_below(top, path) as file:
                content = file.read(_SMALL + 1)
            return _decoded(content) if len(content) <= _SMALL else None
        except (OSError, UnicodeDecodeError):
            return None

    def write(self, out: IO[bytes], containerfile: str, files: Mapping[str, str]) -> None:
        """Write the tar. A second run writes the same bytes. `containerfile` was vetted; `files` lie below `.wisehosting/`.

        Raises OSError when `out` or a file gives way, WorkFailed(containerfile_refused) for a mount through a link.
        """
        self._check_mounts(containerfile)
        with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar, _folder(self._root) as top:
            for entry in self.entries:
                if not files or entry.path.split("/", 1)[0] != BROUGHT:
                    self._add(tar, top, entry)
            for name, text in sorted(files.items()):
                _add_bytes(tar, f"{BROUGHT}/{name}", text.encode())
            # Both would otherwise be copied by `COPY . .`.
            _add_bytes(tar, _OWN_IGNORE, f"/{RESERVED}\n/{_OWN_IGNORE}\n".encode())
            _add_bytes(tar, RESERVED, containerfile.encode())

    def _check_mounts(self, containerfile: str) -> None:
        """Older Podman would follow such a link on the host, and mount what is there."""
        links = {entry.path for entry in self.entries if entry.kind == "link"}
        for source in bound_sources(containerfile):
            pieces = source.split("/")
            through = {"/".join(pieces[:end]) for end in range(1, len(pieces) + 1)}
            if found := sorted(through & links):
                raise WorkFailed(
                    Reason.containerfile_refused,
                    f"RUN --mount has source={source}, and {found[0]} is a symbolic link in the repository. "
                    "Name what the link leads to.",
                )

    @staticmethod
    def _add(tar: tarfile.TarFile, top: int, entry: Entry) -> None:
        info = tarfile.TarInfo(entry.path)
        info.mtime = _EPOCH
        info.mode = 0o755 if entry.executable or entry.kind == "folder" else 0o644
        if entry.kind == "folder":
            info.type = tarfile.DIRTYPE
            tar.addfile(info)
        elif entry.kind == "link":
            info.type, info.linkname, info.mode = tarfile.SYMTYPE, entry.digest, 0o777
            tar.addfile(info)
        else:
            info.size = entry.size
            # One time for all files would make web servers answer 304 for changed pages, and the time of the checkout
            # would miss the layer cache: a file's time follows from its content.
            info.mtime = _EPOCH + int(entry.digest[:8], 16) % _SPREAD
            with open_below(top, entry.path) as file:
                tar.addfile(info, file)


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(content), 0o644, _EPOCH
    tar.addfile(info, io.BytesIO(content))


def _walk(folder: int, prefix: str, ignore: Ignore) -> Iterator[Entry]:
    for name in sorted(os.listdir(folder)):
        path = f"{prefix}{name}"
        if not prefix and name in {RESERVED, _OWN_IGNORE}:
            continue
        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
        ignored = ignore.matches(path)
        if stat.S_ISDIR(facts.st_mode):
            if not ignored or ignore.brings_back:
                yield from _walk_below(folder, name, path, ignore, ignored=ignored)
        elif ignored:
            continue
        elif stat.S_ISLNK(facts.st_mode):
            yield Entry(path, "link", digest=os.readlink(name, dir_fd=folder))
        elif stat.S_ISREG(facts.st_mode):
            yield _hashed(folder, name, path)
        else:
            raise WorkFailed(Reason.build_failed, f"{path} is a device or socket. Remove it from the repository.")


def _walk_below(folder: int, name: str, path: str, ignore: Ignore, *, ignored: bool) -> Iterator[Entry]:
    """The folder and what is in it; an ignored one only with what is brought back."""
    if path.count("/") >= _DEPTH:
        raise WorkFailed(
            Reason.repository_too_large, f"The repository has more than {_DEPTH} folders inside each other. Flatten it."
        )
    below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        inside = _walk(below, f"{path}/", ignore)
        first = next(inside, None)
        if not ignored or first is not None:
            yield Entry(path, "folder")
        if first is not None:
            yield first
            yield from inside
    finally:
        os.close(below)


def _hashed(folder: int, name: str, path: str) -> Entry:
    with open_below(folder, name) as file:
        facts = os.fstat(file.fileno())
        digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # binary files have readinto
    return Entry(path, "file", bool(facts.st_mode & 0o100), facts.st_size, digest.hexdigest())


@contextmanager
def _folder(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def open_below(top: int, path: str) -> Iterator[IO[bytes]]:
    """Open a file below a folder's descriptor; a symbolic link on the way is an OSError (ELOOP or ENOTDIR)."""
    *folders, name = path.split("/")
    if any(piece in {"", ".", ".."} or "\0" in piece for piece in [*folders, name]):
        raise OSError(errno.EINVAL, "not a path below the folder", path)
    opened: list[int] = []
    try:
        for piece in folders:
            at = opened[-1] if opened else top
            opened.append(os.open(piece, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at))
        at = opened[-1] if opened else top
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=at)
    finally:
        for one in opened:
            os.close(one)
    with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a file", path)
        yield file


def _decoded(content: bytes) -> str:
    return content.decode("utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")


def _ignore_text(top: int) -> str:
    for name in NAMES:
        try:
            with open_below(top, name) as file:
                return file.read(_SMALL).decode("utf-8-sig", "replace")
        except FileNotFoundError:
            continue
        except OSError as exc:
            raise WorkFailed(
                Reason.containerfile_refused, f"{name} is a symbolic link or no file. Replace it by a plain file."
            ) from exc
    return ""


def root_directory(tree: Path, below: str) -> Path:
    """The folder the project lives in. Raises WorkFailed(root_directory_missing), also for links and `..`."""
    found = folder_below(tree, below)
    if found is None:
        raise WorkFailed(
            Reason.root_directory_missing,
            f"There is no folder {below!r} in the repository. Change the project's root directory.",
        )
    return found


def read_text(root: Path, name: str, refused: Reason) -> str | None:
    """Text of a file of the project, None when there is none. Raises WorkFailed(refused) for links and what is no text."""
    with _folder(root) as top:
        try:
            with open_below(top, name) as file:
                content = file.read(_SMALL + 1)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise WorkFailed(
                refused,
                f"{name} is a symbolic link, leads out of the project, or is no file. Replace it by a plain file.",
            ) from exc
    if len(content) > _SMALL:
        raise WorkFailed(refused, f"{name} is larger than 1 MiB. Shorten it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise WorkFailed(refused, f"{name} is not UTF-8 text. Save it as UTF-8.") from exc


def read_containerfile(root: Path, named: str) -> tuple[str, str] | None:
    """(name, text) of the Containerfile; None when none is named and none is there.

    Raises WorkFailed(no_containerfile or containerfile_refused).
    """
    for name in [named] if named else ["Containerfile", "Dockerfile"]:
        text = read_text(root, name, Reason.containerfile_refused)
        if text is not None:
            return name, text
    if named:
        raise WorkFailed(
            Reason.no_containerfile, f"There is no {named} in the project's folder. Change the project's Containerfile."
        )
    return None
