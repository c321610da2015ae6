"""The base images of one worker: what exists, what is being made, and how to wait for it."""

import asyncio
import contextlib
import fcntl
import time
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import structlog

from wisehosting_agent.build import command
from wisehosting_agent.build.making import BaseFailed, Progress, Workshop
from wisehosting_agent.build.named import NamedImages
from wisehosting_agent.build.recipes import AT_START, BASE, PYTHON, RECIPES, Recipe, grouped
from wisehosting_agent.build.refreshing import Known, Notes, contents, unneeded
from wisehosting_agent.build.storage import Store
from wisehosting_agent.errors import BaseUnavailable, WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.settings import Settings
from wisehosting_wire.facts import BaseImage

__all__ = ["BASE", "PYTHON", "Bases"]

_log = structlog.get_logger(__name__)
DAY = 86400.0
SAME_DAY = DAY
"""A file that another platform on this host made not longer ago is as good as a new one."""
RETRY_SECONDS = 60.0
LOOK_SECONDS = 3600.0
TELL_SECONDS = 5.0


class Bases:
    """Base images by name. Those of `at_start` are made at once, the others when somebody waits for them."""

    def __init__(
        self,
        settings: Settings,
        host: PodmanHost,
        recipes: tuple[Recipe, ...] = RECIPES,
        at_start: Iterable[str] = AT_START,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._recipes = {recipe.name: recipe for recipe in recipes}
        self._workshop = Workshop(settings, self._recipes)
        self._named = NamedImages(settings, host)
        self._names = tuple(dict.fromkeys((*self._recipes, *self._named.names())))
        self._at_start = tuple(name for name in at_start if name in self._names)
        self._status = {name: BaseImage(name=name) for name in self._at_start}
        self._making: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()
        self._days = settings.base_refresh_days
        self._notes = Notes(host.root)
        self._now = now

    def statuses(self) -> list[BaseImage]:
        """Those that are made, are being made or could not be made. `seconds` grows while one is being made."""
        return list(self._status.values())

    async def run(self) -> None:
        """Make what is missing of the start; try failed ones again every minute; return when all are there."""
        while not await self.make():  # noqa: ASYNC110 - the network and the operator send no event
            await asyncio.sleep(RETRY_SECONDS)

    async def make(self) -> bool:
        """Make what is missing of the start, once. True when all are ready. A second run changes nothing.

        What builds asked for before the agent started is known again: it is kept fresh as well.
        """
        there = {name for image in Store(self._host.stores.bases).images.values() for name in image.names}
        for name in [*self._at_start, *(name for name in self._names if name in there - set(self._at_start))]:
            await asyncio.shield(self._begin(name))
        return all(self._status[name].status == "ready" for name in self._at_start)

    async def keep_fresh(self, quiet: Callable[[], bool]) -> None:
        """Each hour, while nothing is built: make anew what is due, and remove what nobody needs any more."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.refresh(quiet)

    async def refresh(self, quiet: Callable[[], bool] = lambda: True) -> list[str]:
        """Make anew the bases whose packages are older than `base_refresh_days`; names of those that changed.

        One whose packages are still the newest stays as it is. A second run finds nothing due. When it is no longer
        `quiet` the rest waits for the next time: a build that began may still be about to take an older base over.
        """
        changed = []
        for name in [name for name, one in self._status.items() if one.status == "ready"]:
            if quiet() and self._now() - self._notes.of(name).checked >= self._days * DAY:
                before = self._status[name].image
                try:
                    await self._renew(name)
                except (BaseFailed, command.CommandFailed, OSError) as error:
                    _log.warning("base_not_refreshed", base=name, detail=str(error)[:1000])
                if self._status[name].image != before:
                    changed.append(name)
        if quiet():
            await self._remove_unneeded()
        return changed

    async def _renew(self, name: str) -> None:
        started = time.monotonic()

        async def progress(text: str) -> None:
            _log.info("base_refreshing", base=name, step=text[:200])

        async with self._turn, self._locked():
            await self._obtain(name, min(SAME_DAY, self._days * DAY), progress, known=self._notes.of(name).contents)
            image = await self._image_id(name)
        if image is not None:
            self._set(name, "ready", started, image=image)

    async def _obtain(self, name: str, seconds: float, progress: Progress, known: str) -> None:
        """Let the store have the base as it is now, or a file younger than `seconds` has it. Raises BaseFailed.

        One with the contents `known` is not imported again. The caller has the turn.
        """
        checked, found = self._now(), known
        if self._named.address(name) is not None:
            found = await self._named.fetch(name, known, progress)
        else:
            recipe = self._recipes[name]
            archive = await self._workshop.archive(recipe, seconds, progress)
            # The time of the file says when its packages were fetched; it may have been made for another platform.
            checked = self._workshop.made(recipe) or checked
            found = await asyncio.to_thread(contents, archive)
            if found != known:
                await progress("Importing it into Podman.")
                await self._import(recipe, archive)
        self._notes.set(name, Known(checked=checked, contents=found, origin=self._origin(name)))

    def _origin(self, name: str) -> str:
        return self._named.address(name) or self._workshop.digest(self._recipes[name])

    async def _remove_unneeded(self) -> None:
        stores = self._host.stores

        def look() -> list[str]:
            others = [Store(stores.team(team)) for team in stores.teams()]
            return unneeded(Store(stores.bases), [*others, Store(stores.runtime)])

        async with self._turn:
            for image in await asyncio.to_thread(look):
                argv = [*self._host.base_argv(), "rmi", image]
                done = await command.run(argv, environment=self._host.base_env())
                _log.info("base_removed", image=image, done=done.status == 0)

    async def wait(self, name: str, tell: Callable[[str], None]) -> str:
        """Image id of a base; it is made when it is not there, and what is done is told meanwhile.

        Raises WorkFailed(base_image_missing) for a name that is none, BaseUnavailable when it cannot be made.
        """
        if name not in self._names:
            raise WorkFailed(
                Reason.base_image_missing,
                f"There is no base image {name}. Use one of these in FROM: {grouped(self._names)}.",
            )
        status = self._status.get(name)
        if status is None or status.status != "ready":
            await self._follow(name, self._begin(name), tell)
            status = self._status[name]
        if status.status != "ready":
            raise BaseUnavailable(name, status.detail)
        return status.image

    async def _follow(self, name: str, making: asyncio.Task[None], tell: Callable[[str], None]) -> None:
        """Wait for a base and tell every few seconds what is being done. It goes on being made when this is cancelled."""
        began, told = time.monotonic(), ""
        done, _ = await asyncio.wait([making], timeout=TELL_SECONDS / 10)
        if not done:
            tell(f"Waiting for {name}: it is being made on this worker for the first time.")
        while not done:
            done, _ = await asyncio.wait([making], timeout=TELL_SECONDS)
            step = self._status[name].detail
            if not done and step != told:
                tell(f"{name}, after {time.monotonic() - began:.0f} s: {step}")
                told = step
        making.result()

    def _begin(self, name: str) -> asyncio.Task[None]:
        """The task that makes a base, begun now or before."""
        making = self._making.get(name)
        if making is None or making.done():
            making = self._making[name] = asyncio.create_task(self._make(name), name=f"make {name}")
        return making

    async def _make(self, name: str) -> None:
        started = time.monotonic()
        try:
            image = await self._ensure(name, started)
        except (BaseFailed, command.CommandFailed, OSError) as exc:
            self._set(name, "failed", started, detail=str(exc)[:1000])
        else:
            self._set(name, "ready", started, image=image)

    def _set(self, name: str, status: str, started: float, *, image: str = "", detail: str = "") -> None:
        self._status[name] = BaseImage(
            name=name,
            image=image,
            status=status,
            detail=detail,
            seconds=round(time.monotonic() - started, 1),
            on_demand=name not in self._at_start,
        )

    async def _ensure(self, name: str, started: float) -> str:
        known = await self._image_id(name)
        if known is not None and self._notes.of(name).origin == self._origin(name):
            return known
        try:
            return await self._new(name, started)
        except (BaseFailed, command.CommandFailed, OSError) as error:
            if known is None:
                raise
            # Made by what an older version of the platform said: better than none.
            _log.warning("base_not_renewed", base=name, detail=str(error)[:1000])
            return known

    async def _new(self, name: str, started: float) -> str:
        self._set(name, "building", started, detail="Waiting until other base images are made.")

        async def progress(text: str) -> None:
            self._set(name, "building", started, detail=text[:200])

        async with self._turn, self._locked():
            await progress("Looking for a finished one on this host.")
            await self._obtain(name, self._days * DAY, progress, known="")
            await asyncio.to_thread(self._workshop.forget, self._days * DAY)
        image = await self._image_id(name)
        if image is None:
            raise BaseFailed(f"Podman took {name} and does not list it. Run: podman system check")
        return image

    async def _image_id(self, name: str) -> str | None:
        argv = [*self._host.base_argv(), "image", "inspect", "--format", "{{.Id}}", name]
        done = await command.run(argv, environment=self._host.base_env())
        return done.stdout.strip() if done.status == 0 else None

    async def _import(self, recipe: Recipe, archive: Path) -> None:
        changes = ['CMD ["bash"]', *(f"ENV {setting}" for setting in self._environment(recipe))]
        argv = [*self._host.base_argv(), "import", "--quiet", "--message", "made by WiseHosting from Debian packages"]
        argv += [piece for change in changes for piece in ("--change", change)]
        await command.check(
            [*argv, str(archive), recipe.name], "import the base image", environment=self._host.base_env()
        )

    def _environment(self, recipe: Recipe) -> tuple[str, ...]:
        below = self._environment(self._recipes[recipe.parent]) if recipe.parent else ()
        return (*below, *recipe.environment)

    @contextlib.asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        """Two platforms on one host make each base once."""
        folder = self._workshop.folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        with (folder / "lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    await asyncio.sleep(0.5)
            await asyncio.to_thread(self._workshop.sweep)
            yield
