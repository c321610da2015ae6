"""Package caches: folders that builds of one project keep from build to build (`RUN --mount=type=cache`).

Each lies below `caches/TEAM SLOT/SCOPE`, which only the host's root can change, and belongs to the mapped root of the
team's builds. Where Podman looks for its caches a build finds a link to its own scope, so that no name leads to another
one. What is inside was written by strangers: it is measured and removed by du(1) and rm(1), which follow no link.
"""

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import structlog

from wisehosting_agent.build import command
from wisehosting_agent.build.folders import remove_tree
from wisehosting_agent.build.mounts import CacheMount
from wisehosting_agent.build.names import CACHES
from wisehosting_agent.runtime.host import PodmanHost

_log = structlog.get_logger(__name__)
UNUSED_SECONDS = 30 * 86400
LOOKED_FOR = ("buildah-cache", "buildah-cache-0")
"""Where Podman 4 and 5 look below the temporary folder."""


class PackageCaches:
    """The caches of one platform. The caller holds the team's turn while it opens, settles or drops one."""

    def __init__(self, host: PodmanHost) -> None:
        self._host = host
        self._root = host.root / "caches"
        self._known: dict[Path, tuple[int, int]] = {}
        """Scope to (when it was last used, bytes then): between builds nothing changes."""

    def open(self, team: str, scope: str, wanted: Iterable[CacheMount], temporary: Path) -> Path | None:
        """Make what a build mounts, and let Podman find it from the build's temporary folder. Returns the scope's folder.

        A second call changes nothing. None, and caches end with the build, when there are none or they have no scope.
        """
        mounts = list(wanted)
        if not mounts:
            return None
        folder = self._folder(team, scope) if scope else temporary / "caches"
        first, _ = self._host.build_id_map(team)
        for level in [self._root, folder.parent, folder] if scope else [folder]:
            level.mkdir(mode=0o711, exist_ok=True)
        os.utime(folder)
        for mount in mounts:
            place = folder / mount.id
            if not place.is_dir():
                place.mkdir(mode=0o700)
                os.chown(place, first + mount.uid, first + mount.gid)
                place.chmod(mount.mode)
            # Podman 5 says the name by its hash.
            hashed = folder / hashlib.sha256(mount.id.encode()).hexdigest()[:16]
            if not hashed.is_symlink():
                hashed.symlink_to(mount.id)
        for name in LOOKED_FOR:
            (temporary / name).symlink_to(folder)
        return folder if scope else None

    async def settle(self, team: str, scope: str) -> int | None:
        """After a build: measure, and empty what is over the limit. Returns the size that was too much, None when it was not."""
        folder = self._folder(team, scope)
        limit = self._host.settings.package_cache_bytes
        size = await self._measure(folder)
        if size <= limit:
            return None
        await asyncio.to_thread(self._remove, folder)
        return size

    async def drop(self, team: str, scopes: Iterable[str] | None = None) -> None:
        """Remove caches of a team: these scopes, or all. A second run finds nothing."""
        below = self._root / f"{self._host.stores.slot(team):04d}"
        found = [self._folder(team, scope) for scope in scopes] if scopes is not None else _scopes(below)
        for folder in found:
            await asyncio.to_thread(self._remove, folder)

    async def drop_unused(self, team: str, *, now: float | None = None) -> None:
        """Remove what no build has used for long: its project is gone, or builds elsewhere. A second run finds nothing."""
        until = (time.time() if now is None else now) - UNUSED_SECONDS
        below = self._root / f"{self._host.stores.slot(team):04d}"
        for folder in _scopes(below):
            if 0 < _used(folder) < until * 1e9:
                _log.info("package_cache_unused", team=team, scope=folder.name)
                await asyncio.to_thread(self._remove, folder)

    async def sizes(self) -> dict[int, int]:
        """Bytes by the number of a team's store."""
        found: dict[int, int] = {}
        for below in _scopes(self._root):
            found[int(below.name)] = sum([await self._size(folder) for folder in _scopes(below)])
        return found

    async def _size(self, folder: Path) -> int:
        used, size = self._known.get(folder, (0, 0))
        return size if used == _used(folder) else await self._measure(folder)

    async def _measure(self, folder: Path) -> int:
        used = _used(folder)
        size = await measured(folder, self._host)
        self._known[folder] = (used, size)
        return size

    def _folder(self, team: str, scope: str) -> Path:
        if not CACHES.match(scope):
            raise ValueError(f"{scope[:80]!r} is no name for package caches")
        return self._root / f"{self._host.stores.slot(team):04d}" / scope

    def _remove(self, folder: Path) -> None:
        self._known.pop(folder, None)
        remove_tree(folder)


async def measured(folder: Path, host: PodmanHost) -> int:
    """Bytes on disk of a folder that strangers filled, on its own file system and following no link."""
    argv = ["du", "--summarize", "--one-file-system", "--block-size=1", "--", str(folder)]
    done = await command.run(argv, environment=host.base_env(), seconds=600)
    said, _, _ = done.stdout.partition("\t")
    return int(said) if said.isdigit() else 0


def _used(folder: Path) -> int:
    """When a build last opened it, in nanoseconds; 0 when it is gone."""
    try:
        return folder.lstat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _scopes(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError):
        yield from sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
