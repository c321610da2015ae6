"""Base images, made from Debian packages: `localhost/wisehosting/base:debian-13` and what derives from it."""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from wisehosting_agent.build import apt_sources, command
from wisehosting_agent.build.apt_sources import Mirror
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.settings import Settings
from wisehosting_wire.facts import BaseImage

PREFIX = "localhost/wisehosting/"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
CACHE_DAYS = 14
"""An older file is made again, so that a new platform begins with current packages."""
RETRY_SECONDS = 60.0


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """How a base is made."""

    name: str
    packages: tuple[str, ...]
    parent: str | None = None
    """Another base that the packages are added to."""
    environment: tuple[str, ...] = ()


BASE = Recipe(name=f"{PREFIX}base:debian-13", packages=("ca-certificates", "netbase", "tzdata"))
PYTHON = Recipe(
    name=f"{PREFIX}python:3.13",
    packages=("python3", "python3-pip", "python3-venv", "python-is-python3"),
    parent=BASE.name,
    # The image is the environment: nothing else in it needs Debian's own Python packages to stay untouched.
    environment=("PIP_BREAK_SYSTEM_PACKAGES=1", "PIP_ROOT_USER_ACTION=ignore", "PYTHONUNBUFFERED=1"),
)
RECIPES = (BASE, PYTHON)
_LEAVE_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")


class BaseFailed(Exception):
    """A base could not be made; the message names the fix."""


class Bases:
    """The base images of one worker: what exists, what is being made, and how to wait for it."""

    def __init__(self, settings: Settings, host: PodmanHost, recipes: tuple[Recipe, ...] = RECIPES) -> None:
        self._host = host
        self._cache = settings.base_cache_dir / "bases"
        self._mirror = Mirror(main=settings.base_mirror) if settings.base_mirror else apt_sources.of_machine()
        self._recipes = recipes
        self._status = {recipe.name: BaseImage(name=recipe.name) for recipe in recipes}
        self._changed = asyncio.Condition()

    def statuses(self) -> list[BaseImage]:
        """All bases, in the order they are made. `seconds` grows while one is being made."""
        return list(self._status.values())

    async def run(self) -> None:
        """Make what is missing; try failed ones again every minute; return when all are there."""
        while not await self.make():  # noqa: ASYNC110 - the network and the operator send no event
            await asyncio.sleep(RETRY_SECONDS)

    async def make(self) -> bool:
        """Make what is missing, once. True when all are ready. A second run changes nothing."""
        for recipe in self._recipes:
            started = time.monotonic()
            try:
                image = await self._ensure(recipe, started)
            except (BaseFailed, command.CommandFailed, OSError) as exc:
                await self._set(recipe, "failed", started, detail=str(exc)[:1000])
                continue
            await self._set(recipe, "ready", started, image=image)
        return all(status.status == "ready" for status in self._status.values())

    async def wait(self, name: str, tell: Callable[[str], None]) -> str:
        """Image id of a base; waits while it is being made. Raises WorkFailed(base_image_missing)."""
        if name not in self._status:
            known = ", ".join(self._status)
            raise WorkFailed(
                Reason.base_image_missing, f"There is no base image {name}. Use one of these in FROM: {known}."
            )
        told = False
        async with self._changed:
            while self._status[name].status == "building":
                if not told:
                    tell(f"Waiting for {name}: it is being made on this worker for the first time.")
                    told = True
                await self._changed.wait()
        status = self._status[name]
        if status.status == "failed":
            raise WorkFailed(
                Reason.base_image_missing,
                f"The base image {name} could not be made on this worker. {status.detail} It is tried again every "
                "minute; deploy again when an operator has fixed it.",
            )
        return status.image

    async def _set(self, recipe: Recipe, status: str, started: float, *, image: str = "", detail: str = "") -> None:
        seconds = time.monotonic() - started
        async with self._changed:
            self._status[recipe.name] = BaseImage(
                name=recipe.name, image=image, status=status, detail=detail, seconds=round(seconds, 1)
            )
            self._changed.notify_all()

    async def _ensure(self, recipe: Recipe, started: float) -> str:
        known = await self._image_id(recipe)
        if known is not None:
            return known
        await self._set(recipe, "building", started, detail="Looking for a finished one on this host.")
        async with self._locked():
            archive = await self._archive(recipe, started)
            await self._set(recipe, "building", started, detail="Importing it into Podman.")
            return await self._import(recipe, archive)

    async def _image_id(self, recipe: Recipe) -> str | None:
        argv = [*self._host.base_argv(), "image", "inspect", "--format", "{{.Id}}", recipe.name]
        done = await command.run(argv, environment=self._host.base_env())
        return done.stdout.strip() if done.status == 0 else None

    async def _import(self, recipe: Recipe, archive: Path) -> str:
        changes = ['CMD ["bash"]', *(f"ENV {setting}" for setting in recipe.environment)]
        argv = [*self._host.base_argv(), "import", "--quiet", "--message", "made by WiseHosting from Debian packages"]
        argv += [piece for change in changes for piece in ("--change", change)]
        await command.check(
            [*argv, str(archive), recipe.name], "import the base image", environment=self._host.base_env()
        )
        image = await self._image_id(recipe)
        if image is None:
            raise BaseFailed(f"Podman imported {recipe.name} but does not list it. Run: podman system check")
        return image

    @contextlib.asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        """Two platforms on one host make each base once."""
        self._cache.mkdir(parents=True, exist_ok=True, mode=0o755)
        with (self._cache / "lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    await asyncio.sleep(0.5)
            yield

    async def _archive(self, recipe: Recipe, started: float) -> Path:
        """The finished file system as a tar; made if there is none, or only an old one."""
        target = self._cache / f"{self._digest(recipe)}.tar"
        if target.exists() and time.time() - target.stat().st_mtime < CACHE_DAYS * 86400:
            return target
        parent = next((known for known in self._recipes if known.name == recipe.parent), None)
        below = await self._archive(parent, started) if parent else None
        _require_keyring()
        work = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="making-", dir=self._cache))
        try:
            partial = work / "image.tar"
            await self._debootstrap(recipe, below, work, partial, started)
            partial.replace(target)
        finally:
            await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
        await asyncio.to_thread(self._forget_old, keep=target)
        return target

    async def _debootstrap(self, recipe: Recipe, below: Path | None, work: Path, target: Path, started: float) -> None:
        (work / "empty").touch()
        argv = ["unshare", "--mount", "--", "mmdebstrap", "--mode=root", f"--keyring={KEYRING}"]
        argv += [f"--include={','.join(recipe.packages)}", '--aptopt=Acquire::Retries "3"']
        if below is None:
            argv += ["--variant=minbase", *(f"--dpkgopt=path-exclude={path}" for path in _LEAVE_OUT)]
            argv += ["--dpkgopt=path-include=/usr/share/doc/*/copyright"]
        else:
            argv += ["--variant=custom", "--skip=check/empty", f"--setup-hook=tar-in {below} /"]
        # Podman brings both at run time; the host's own have no place in an image.
        argv += [f"--customize-hook=upload {work}/empty /etc/{name}" for name in ("hostname", "resolv.conf")]

        async def progress(text: str) -> None:
            await self._set(recipe, "building", started, detail=text[:200])

        environment = {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "LC_ALL": "C.UTF-8",
            "TMPDIR": str(work),
        }
        try:
            await command.follow(
                [*argv, apt_sources.SUITE, str(target), "-"],
                "make the base image",
                progress,
                environment=environment,
                stdin=self._mirror.lines().encode(),
            )
        except command.CommandFailed as exc:
            raise BaseFailed(_fix(exc, self._mirror)) from exc

    def _digest(self, recipe: Recipe) -> str:
        parent = next((known for known in self._recipes if known.name == recipe.parent), None)
        below = self._digest(parent) if parent else ""
        facts = (recipe.name, recipe.packages, self._mirror, below, _LEAVE_OUT, os.uname().machine)
        return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:32]

    def _forget_old(self, keep: Path) -> None:
        for path in self._cache.glob("*.tar"):
            if path != keep and time.time() - path.stat().st_mtime > CACHE_DAYS * 86400:
                path.unlink(missing_ok=True)


def _require_keyring() -> None:
    if not KEYRING.exists():
        raise BaseFailed(
            f"{KEYRING} is missing: without it Debian's packages cannot be verified. "
            "Run: apt-get install debian-archive-keyring"
        )


def _fix(failed: command.CommandFailed, mirror: Mirror) -> str:
    """The sentence for a failed mmdebstrap."""
    said = failed.tail
    if failed.status is None:
        return "mmdebstrap is not installed. Run: apt-get install mmdebstrap debian-archive-keyring"
    if "NO_PUBKEY" in said or "not signed" in said:
        return (
            f"{KEYRING} does not know Debian {apt_sources.SUITE}. "
            "Run: apt-get install --only-upgrade debian-archive-keyring"
        )
    if "Could not resolve" in said or "Failed to fetch" in said or "Could not connect" in said:
        return f"Packages could not be fetched from {mirror.main}. Check the network, or set base_mirror. {said[-400:]}"
    return f"mmdebstrap failed: {said[-600:]}"
