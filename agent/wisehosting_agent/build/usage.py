"""How much disk the stores take, as the file system sees it: nominal sizes of images say neither what is shared nor what copies cost."""

import asyncio
import shutil
from collections.abc import Iterable
from pathlib import Path

from wisehosting_agent.build import command
from wisehosting_agent.build.cache import named
from wisehosting_agent.build.packages import PackageCaches
from wisehosting_agent.build.port import DiskUse
from wisehosting_agent.build.storage import Store
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_wire.facts import ImageUse, TeamDisk

AT_ONCE = 500
"""Folders one du is asked for."""


class Usage:
    """Measures the stores of one platform. Layers of images never change: each is measured once."""

    def __init__(self, host: PodmanHost, packages: PackageCaches) -> None:
        self._host = host
        self._packages = packages
        self._known: dict[Path, int] = {}
        self._turn = asyncio.Lock()

    async def measure(self) -> DiskUse:
        """Measure now. Raises OSError, msgspec.DecodeError and command.CommandFailed."""
        async with self._turn:
            return await self._measure()

    async def _measure(self) -> DiskUse:
        stores = self._host.stores
        slots = {team: stores.folder(stores.slot(team)) for team in stores.teams()}
        read = await asyncio.to_thread(
            lambda: {folder: Store(folder) for folder in (stores.bases, stores.runtime, *slots.values())}
        )
        sizes = await self._sizes(list(read.values()))
        layers = {folder: {path.name: size for path, size in sizes.items() if path.parent == folder / "overlay"} for folder in read}  # fmt: skip
        beside = {folder: sum(size for path, size in sizes.items() if path.parent == folder) for folder in read}
        packages = await self._packages.sizes()
        teams = [
            _team(team, read[folder], layers[folder], packages.get(stores.slot(team), 0))
            for team, folder in sorted(slots.items())
        ]
        whole = {folder: sum(layers[folder].values()) + beside[folder] for folder in read}
        counted = sum(sum(one.size_bytes for one in team.images) + team.shared_bytes + team.cache_bytes for team in teams)  # fmt: skip
        rest = sum(whole[folder] for folder in slots.values()) - counted
        temporary = sum((await self._du([self._host.root / "tmp"])).values())
        disk = shutil.disk_usage(self._host.root)
        return DiskUse(
            used=sum(whole.values()) + sum(packages.values()) + temporary,
            free=disk.free,
            total=disk.total,
            bases=whole[stores.bases],
            containers=whole[stores.runtime],
            other=rest + temporary,
            teams=teams,
        )

    async def _sizes(self, stores: Iterable[Store]) -> dict[Path, int]:
        """Real use of every layer, and of what lies beside the layers, by folder."""
        fixed, moving = set[Path](), list[Path]()
        for store in stores:
            overlay = store.folder / "overlay"
            of_images = {layer for image in store.images.values() for layer in store.chain(image)}
            for path in await asyncio.to_thread(_folders, overlay):
                (fixed.add if path.name in of_images else moving.append)(path)
            moving += [path for path in await asyncio.to_thread(_folders, store.folder) if path != overlay]
        self._known = {path: size for path, size in self._known.items() if path in fixed}
        self._known |= await self._du(sorted(fixed - self._known.keys()))
        return self._known | await self._du(moving)

    async def _du(self, paths: list[Path]) -> dict[Path, int]:
        """Of each folder on its own file system: what is mounted below belongs to somebody else. What is gone is left out."""
        found: dict[Path, int] = {}
        for start in range(0, len(paths), AT_ONCE):
            argv = ["du", "--summarize", "--one-file-system", "--block-size=1", "--null", "--"]
            asked = [str(path) for path in paths[start : start + AT_ONCE]]
            # A folder that vanishes meanwhile makes its status 1; the others are said all the same.
            done = await command.run([*argv, *asked], environment=self._host.base_env(), seconds=600)
            for row in done.stdout.split("\0"):
                size, _, path = row.partition("\t")
                if path:
                    found[Path(path)] = int(size)
        return found


def _folders(parent: Path) -> list[Path]:
    try:
        return [path for path in parent.iterdir() if path.is_dir() and not path.is_symlink()]
    except FileNotFoundError:
        return []


def _team(team: str, store: Store, layers: dict[str, int], packages: int) -> TeamDisk:
    """Every layer of images counted once: with its only image, as shared, or as cache."""
    roots = {image: store.chain(store.images[image]) for image in sorted(named(store))}
    users: dict[str, int] = {}
    for chain in roots.values():
        for layer in chain:
            users[layer] = users.get(layer, 0) + 1
    of_images = {layer for image in store.images.values() for layer in store.chain(image)}

    def size(wanted: Iterable[str]) -> int:
        return sum(layers.get(layer, 0) for layer in wanted)

    return TeamDisk(
        team=team,
        images=[
            ImageUse(image=image, size_bytes=size(layer for layer in chain if users[layer] == 1))
            for image, chain in roots.items()
        ],
        shared_bytes=size(layer for layer, count in users.items() if count > 1),
        cache_bytes=size(of_images - users.keys()),
        package_cache_bytes=packages,
    )
