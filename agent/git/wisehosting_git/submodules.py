"""Submodules: which of them a commit names, and from where they come. Pure."""

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from wisehosting_git.address import Repository
from wisehosting_git.errors import NOT_FOUND, GitError

_GITLINK = b"160000 "
_SCP = re.compile(r"[^/:@\s]+@([^/:\s]+):(?!//)(.+)\Z")
_SSH = re.compile(r"(?:git\+)?ssh://(?:[^@/\s]+@)?([^/:\s]+)(?::\d+)?/(.+)\Z")


class Submodule(msgspec.Struct, frozen=True, kw_only=True):
    """Another repository's commit at a folder of this one."""

    path: str
    """In the tree of the commit that names it."""
    commit: str
    url: str
    """As `.gitmodules` has it; relative to the repository that names it when it begins with `./` or `../`."""


def parse(listed: bytes, settings: bytes) -> tuple[Submodule, ...]:
    """Those of a commit, in the order of their paths. Raises GitError(repository_not_found) for one without an address.

    `listed` is `git ls-tree -r -z`, `settings` is `git config --list -z` of its `.gitmodules`
    (gitmodules(5): `submodule.<name>.path` and `.url`; all else there is ignored).
    """
    urls = _urls(settings)
    found = []
    for row in listed.split(b"\0"):
        if not row.startswith(_GITLINK):
            continue
        facts, _, name = row.partition(b"\t")
        path = os.fsdecode(name)
        if path not in urls:
            raise GitError(
                NOT_FOUND,
                f"{_shown(path)} is a submodule, and .gitmodules does not say where it comes from. "
                "Commit .gitmodules with it, or remove the folder from Git.",
            )
        found.append(Submodule(path=path, commit=facts.split()[2].decode("ascii"), url=urls[path]))
    return tuple(sorted(found, key=lambda one: one.path))


def _urls(settings: bytes) -> Mapping[str, str]:
    by_name: dict[str, dict[str, str]] = {}
    for row in settings.split(b"\0"):
        key, _, value = row.partition(b"\n")
        section, _, rest = os.fsdecode(key).partition(".")
        name, _, field = rest.rpartition(".")
        if section == "submodule" and name:
            by_name.setdefault(name, {})[field] = os.fsdecode(value)
    return {one["path"]: one["url"] for one in by_name.values() if one.get("path") and one.get("url")}


def address(url: str, parent: Repository) -> str:
    """The address to fetch: relative ones resolved as git does it, those over SSH as HTTPS of the same host."""
    if url.startswith(("./", "../")):
        return _relative(url, parent.url)
    for over_ssh in (_SSH, _SCP):
        if match := over_ssh.match(url):
            return f"https://{match[1]}/{match[2].lstrip('/')}"
    return url


def _relative(url: str, parent: str) -> str:
    parts = urlsplit(parent)
    folders = parts.path.strip("/").split("/")
    pieces = url.split("/")
    while pieces and pieces[0] in {".", ".."}:
        if pieces.pop(0) == ".." and folders:
            folders.pop()
    return f"{parts.scheme}://{parts.netloc}/{'/'.join([*folders, *pieces])}"


def _shown(path: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", path)[:200]


def named(path: str, error: GitError) -> GitError:
    """The same failure, said about a submodule."""
    return GitError(error.reason, f"The submodule {_shown(path)}: {error.detail}")
