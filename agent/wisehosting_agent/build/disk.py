"""The disk contract of a worker: what is removed, when a build does not begin, and what is said of it.

Images go by reachability, which the control plane knows; build cache goes with the images it made. Nothing goes by age,
and nothing outside the teams' own stores is touched.
"""

import asyncio
import contextlib
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import structlog

from wisehosting_agent.build import command
from wisehosting_agent.build.cache import Cache, named, ours, unneeded
from wisehosting_agent.build.packages import PackageCaches
from wisehosting_agent.build.port import DiskUse
from wisehosting_agent.build.storage import Store
from wisehosting_agent.build.usage import Usage
from wisehosting_agent.errors import DiskUnknown, WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_wire.workload import BuildSpec

_log = structlog.get_logger(__name__)
FRESH_SECONDS = 90
PLENTY = 0.8
AT_ONCE = 500
"""Images one command is given."""


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """What keeps a store from being judged now, as one error."""
    try:
        yield
    except (OSError, msgspec.DecodeError, command.CommandFailed) as error:
        raise DiskUnknown(f"The image stores cannot be looked after now: {error}") from error


class Turns:
    """One at a time in each team's store, and whether anything was built there since somebody looked."""

    def __init__(self) -> None:
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.changes: Counter[str] = Counter()

    @property
    def busy(self) -> bool:
        """Whether anything is built now."""
        return any(lock.locked() for lock in self.locks.values())

    @contextlib.asynccontextmanager
    async def build(self, team: str) -> AsyncIterator[None]:
        """A build's turn. Both its begin and its end void what was decided before: it may find any image again."""
        self.changes[team] += 1
        try:
            async with self.locks[team]:
                yield
        finally:
            self.changes[team] += 1


class Disk:
    """Removal and refusal in the stores of one platform."""

    def __init__(self, host: PodmanHost, turns: Turns, packages: PackageCaches) -> None:
        self._host = host
        self._settings = host.settings
        self._turns = turns
        self._packages = packages
        self._usage = Usage(host, packages)
        self._untidy: set[str] = set()
        self._last: tuple[float, DiskUse] | None = None

    @property
    def floor_bytes(self) -> int:
        """What must be free before a build begins."""
        return self._floor(shutil.disk_usage(self._host.root).total)

    def changes(self) -> dict[str, int]:
        """How often builds began and ended in each team's store."""
        return dict(self._turns.changes)

    async def use(self) -> DiskUse:
        """Measure. Raises DiskUnknown."""
        with readable():
            found = await self._usage.measure()
        self._last = (time.monotonic(), found)
        return found

    async def remove(self, team: str, images: Iterable[str], changes: int) -> bool:
        """Remove images of a team's builds, and the cache that only they were made with.

        False, and nothing is done, when a build of the team began or ended since there were `changes`, or when the team
        has no store here. Images that a container uses, that no build of ours made or that are not there are passed
        over, so that a second run finds nothing to do. Raises DiskUnknown.
        """
        if team not in self._host.stores.teams() or self._turns.changes[team] != changes:
            return False
        async with self._turns.locks[team]:
            if self._turns.changes[team] != changes:
                return False
            await self._remove(team, {image.removeprefix("sha256:") for image in images})
        return True

    async def make_room(self, tell: Callable[[str], None]) -> None:
        """Before a build: give up build cache when the disk is short; refuse when that is not enough.

        Raises WorkFailed(disk_full) with the figures. What runs goes on, and no image of a release is touched.
        """
        try:
            if self._plenty() or self._short(await self.use()) is None:
                return
            for team in self._host.stores.teams():
                lock = self._turns.locks[team]
                if not lock.locked():  # where one builds, its cache is in use
                    async with lock:
                        await self._packages.drop(team)
                        await self._drop(team, keep_cache=False)
            use = await self.use()
        except DiskUnknown as error:
            _log.warning("disk_not_measured", detail=str(error))
            return
        if (why := self._short(use)) is not None:
            raise WorkFailed(Reason.disk_full, why)
        tell("The worker's disk was short; build cache was dropped, so that this build takes longer.")

    def succeeded(self, spec: BuildSpec, image: str, made_with: Iterable[str]) -> None:
        """A build has its image: what it was made with is kept, what attempts before it left goes with the next `tidy`."""
        environment, packages = spec.environment, spec.packages
        self._note(
            environment.team,
            lambda cache, store: cache.succeeded(environment.id, image, _full(store, made_with), packages),
        )
        self._untidy.add(environment.team)

    def found_again(self, team: str) -> None:
        """A build found its image by its key: a success as well."""
        self._note(team, lambda cache, _: cache.found_again())
        self._untidy.add(team)

    def failed(self, team: str, made: Iterable[str]) -> None:
        """A build ended without image: what it made is kept, until one succeeds."""
        self._note(team, lambda cache, store: cache.failed(_full(store, made)))

    async def tidy(self) -> None:
        """Drop the cache that became useless since the last time, outside of anybody's build. Raises DiskUnknown."""
        for team in sorted(self._untidy):
            async with self._turns.locks[team]:
                self._untidy.discard(team)
                await self._drop(team)
        for team in self._host.stores.teams():
            lock = self._turns.locks[team]
            if not lock.locked():  # where one builds, its caches are in use
                async with lock:
                    await self._packages.drop_unused(team)

    # Parts

    def _plenty(self) -> bool:
        """Whether the last measurement is fresh and far from every limit: measuring takes a part of a second."""
        if self._last is None or time.monotonic() - self._last[0] > FRESH_SECONDS:
            return False
        budget, disk = self._settings.disk_budget_bytes, shutil.disk_usage(self._host.root)
        within = budget is None or self._last[1].used < budget * PLENTY
        return within and disk.free > 2 * self._floor(disk.total)

    async def _remove(self, team: str, images: set[str]) -> None:
        with readable():
            store, in_use = await asyncio.to_thread(self._look, team)
            for image in sorted((named(store) & images) - in_use):
                names = [name for name in store.images[image].names if ours(name)]
                argv = [*self._host.build_argv(team), "untag", image, *names]
                await command.check(argv, f"untag image {image[:12]}", environment=self._host.build_env(team))
        await self._drop(team)

    def _note(self, team: str, change: Callable[[Cache, Store], None]) -> None:
        path = self._record(team)
        try:
            with readable():
                cache, store = Cache.read(path), Store(self._host.stores.team(team))
        except DiskUnknown as error:
            _log.warning("cache_not_noted", detail=str(error))
            return
        change(cache, store)
        cache.write(path)

    async def _drop(self, team: str, *, keep_cache: bool = True) -> None:
        """Remove what nothing needs from a team's store. A second run finds nothing."""
        with readable():
            store, in_use = await asyncio.to_thread(self._look, team)
            cache, before = Cache.read(self._record(team)), len(store.images)
            doomed = unneeded(store, cache, in_use, keep_cache=keep_cache)
            # By name, and nothing but those: Podman would also remove what it thinks nobody needs. One that others
            # build on is refused; it goes when they are gone.
            argv = [*self._host.build_argv(team), "image", "rm", "--no-prune"]
            for start in range(0, len(doomed), AT_ONCE):
                await command.run([*argv, *doomed[start : start + AT_ONCE]], environment=self._host.build_env(team))
            if doomed:
                store, _ = await asyncio.to_thread(self._look, team)
                orphans = cache.forget(store)
                cache.write(self._record(team))
                await self._packages.drop(team, orphans)
                _log.info("images_removed", team=team, wanted=len(doomed), removed=before - len(store.images))

    def _look(self, team: str) -> tuple[Store, set[str]]:
        """A team's store, and the images that containers use, running or not."""
        running, store = Store(self._host.stores.runtime), Store(self._host.stores.team(team))
        below = {layer.parent for layer in running.layers.values()}
        used = {container.image for container in running.containers}
        return store, used | {image.id for image in store.images.values() if below & set(image.mapped_layers)}

    def _record(self, team: str) -> Path:
        folder = self._host.stores.team(team)
        return folder.with_name(f"{folder.name}.cache.json")

    def _floor(self, total: int) -> int:
        return max(self._settings.disk_floor_bytes, int(total * self._settings.disk_floor_percent / 100))

    def _short(self, use: DiskUse) -> str | None:
        """Why no build may begin, in a sentence with figures; None when one may."""
        budget = self._settings.disk_budget_bytes
        where = f"on the worker {self._settings.name}"
        if budget is not None and use.used > budget:
            return (
                f"Images and containers {where} take {_size(use.used)} of their {_size(budget)}, and nothing more can go "
                "without a release losing its image. What was live stays live. `wh-cp disk` lists what is kept and why: "
                "delete what is not needed, or raise disk_budget_bytes in the agent's settings, then deploy again."
            )
        floor = self._floor(use.total)
        if use.free < floor:
            return (
                f"Only {_size(use.free)} are free on the disk of the worker {self._settings.name}, and a build begins with {_size(floor)} at least. "
                f"{_size(use.used)} are images and containers; `wh-cp disk` lists what is kept and why. What was live "
                "stays live. Free space on the worker, then deploy again."
            )
        return None


def _full(store: Store, images: Iterable[str]) -> set[str]:
    """Ids as the store has them; Podman says some of them short."""
    asked = tuple(filter(None, images))
    return {image for image in store.images if asked and image.startswith(asked)}


def _size(count: int) -> str:
    return f"{count / 1024**3:.1f} GB"
