"""One base image as a file: mmdebstrap for Debian's packages, the sources for what Debian does not have."""

import asyncio
import hashlib
import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec

from wisehosting_agent.build import apt_sources, command
from wisehosting_agent.build.apt_sources import Mirror
from wisehosting_agent.build.folders import remove_tree
from wisehosting_agent.build.recipes import LEAVE_OUT, Addition, FromNpm, Links, Recipe, Uv, UvPython
from wisehosting_agent.build.sources.fetch import Fetcher, FetchFailed
from wisehosting_agent.build.sources.npm import NpmRegistry
from wisehosting_agent.build.sources.pypi import PackageIndex
from wisehosting_agent.build.sources.pythons import COMPILE, Pythons
from wisehosting_agent.settings import Settings

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
RULES = "99mmdebstrap"
"""Of dpkg's options, the file that mmdebstrap itself writes and unpacks by: it reads no other one."""
UNFINISHED = "making-"
FORMAT = 3
"""Part of every archive's name: another one makes all bases anew."""
USER = 'chroot "$1" useradd --uid 1000 --user-group --no-create-home --home-dir /app --shell /bin/bash app'
MANUALS = 'mkdir --parents "$1/usr/share/man/man1"'
"""Java's packages link a page of their manual there, and fail without the folder."""
UNPACK = 'tar --extract --numeric-owner --xattrs --xattrs-include="*" --directory="$1" --file={}'
"""mmdebstrap's own tar-in fails now and then: tar stops reading at the archive's mark of its end, some zeros before the last."""
HOME = 'install --directory --owner=1000 --group=1000 --mode=0755 "$1/app"'
MERGED = Path("/usr/share/mmdebstrap/hooks/maybe-merged-usr")
"""Without it Debian 12 gets a program that merges /usr, and all of Perl that it needs; later ones come merged."""
Progress = Callable[[str], Awaitable[None]]


class BaseFailed(Exception):
    """A base could not be made; the message names the fix."""


class Workshop:
    """Makes the archives of base images and keeps them for the next platform on this host."""

    def __init__(self, settings: Settings, recipes: Mapping[str, Recipe]) -> None:
        self.folder = settings.base_cache_dir / "bases"
        self._recipes = recipes
        self._mirror = Mirror(main=settings.base_mirror) if settings.base_mirror else apt_sources.of_machine()
        fetcher = Fetcher(settings.build_ca_bundle)
        self._npm = NpmRegistry(settings.npm_registry, fetcher)
        self._index = PackageIndex(settings.pypi_index, fetcher)
        self._pythons = Pythons(settings, self._index)

    async def archive(self, recipe: Recipe, seconds: float, progress: Progress) -> Path:
        """The finished file system as a tar, made when there is none that is younger than this. Raises BaseFailed.

        The time of the file says when its packages were fetched. The caller holds the folder's lock.
        """
        target = self.file(recipe)
        if target.exists() and time.time() - target.stat().st_mtime < seconds:
            return target
        below = None
        if recipe.parent is not None:
            below = await self.archive(self._recipes[recipe.parent], seconds, progress)
        if not os.access(KEYRING, os.R_OK):
            raise BaseFailed(
                f"{KEYRING} is missing: without it Debian's packages cannot be verified. "
                "Run: apt-get install debian-archive-keyring"
            )
        work = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=UNFINISHED, dir=self.folder))
        try:
            added = await self._add(recipe, work, progress)
            partial = work / "image.tar"
            await self._debootstrap(recipe, below, added, work, partial, progress)
            partial.replace(target)
        except FetchFailed as error:
            raise BaseFailed(str(error)) from error
        finally:
            await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
        return target

    def made(self, recipe: Recipe) -> float | None:
        """When the packages of the finished file were fetched; None when there is none."""
        try:
            return self.file(recipe).stat().st_mtime
        except FileNotFoundError:
            return None

    def file(self, recipe: Recipe) -> Path:
        """Where the finished file is, or would be."""
        return self.folder / f"{self.digest(recipe)}.tar"

    def digest(self, recipe: Recipe) -> str:
        """Of all that decides what is made, but for the day's versions."""
        below = self.digest(self._recipes[recipe.parent]) if recipe.parent else ""
        facts = (FORMAT, recipe, self._mirror, below, LEAVE_OUT, os.uname().machine)
        return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:32]

    def sweep(self) -> None:
        """Remove what was being made when its maker was killed. The caller holds the folder's lock: nobody makes now."""
        for path in self.folder.glob(f"{UNFINISHED}*"):
            remove_tree(path)

    def forget(self, seconds: float) -> None:
        """Remove archives that are older than this: no new platform would take them."""
        for path in self.folder.glob("*.tar"):
            if time.time() - path.stat().st_mtime > seconds:
                path.unlink(missing_ok=True)

    async def _add(self, recipe: Recipe, work: Path, progress: Progress) -> Path | None:
        """Fetch what is not a Debian package into a folder that is laid over the image."""
        if not recipe.adds:
            return None
        root = work / "added"
        root.mkdir(mode=0o755)
        for addition in recipe.adds:
            await self._add_one(addition, root, work, progress)
        for folder, names, _ in os.walk(root):
            for name in names:
                (Path(folder) / name).chmod(0o755)
        return root

    async def _add_one(self, addition: Addition, root: Path, work: Path, progress: Progress) -> None:
        match addition:
            case FromNpm():
                await progress("Fetching from the npm registry.")
                name, version = await self._npm.add(addition, root, work)
                await progress(f"Fetched {name} {version}.")
            case Uv():
                await progress("Fetching uv.")
                await self._index.add_uv(root, work)
            case UvPython():
                await progress(f"Fetching Python {addition.version}.")
                await self._pythons.add(addition.version, root, work)
            case Links():
                for name, target in addition.links:
                    path = root / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.symlink_to(target)

    async def _debootstrap(
        self, recipe: Recipe, below: Path | None, added: Path | None, work: Path, target: Path, progress: Progress
    ) -> None:
        (work / "empty").touch()
        argv = ["unshare", "--mount", "--", "mmdebstrap", "--mode=root", f"--keyring={KEYRING}"]
        argv += ['--aptopt=Acquire::Retries "3"']
        if recipe.packages:
            argv += [f"--include={','.join(recipe.packages)}"]
        if below is None:
            argv += [
                "--variant=minbase",
                *(f"--dpkgopt={rule}" for rule in RULES_OF_ALL),
            ]
            if await asyncio.to_thread(MERGED.is_dir):
                argv += [f"--hook-dir={MERGED}"]
            argv += [f"--customize-hook={USER}", f"--customize-hook={HOME}"]
        else:
            rules = [*RULES_OF_ALL, *(rule for one in self._line(recipe) for rule in _rules(one.leave_out, one.keep))]
            (work / "rules").write_text("".join(f"{rule}\n" for rule in rules))
            argv += ["--variant=custom", "--skip=check/empty", f"--setup-hook={UNPACK.format(shlex.quote(str(below)))}"]
            argv += [f"--setup-hook={MANUALS}"]
            argv += [f"--setup-hook=upload {work}/rules /etc/dpkg/dpkg.cfg.d/{RULES}"]
        if added is not None:
            argv += [f"--customize-hook=sync-in {added} /"]
        if any(isinstance(addition, UvPython) for addition in recipe.adds):
            argv += [f"--customize-hook={COMPILE}"]
        # Podman brings both at run time; the host's own have no place in an image.
        argv += [f"--customize-hook=upload {work}/empty /etc/{name}" for name in ("hostname", "resolv.conf")]
        environment = {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "LC_ALL": "C.UTF-8",
            "TMPDIR": str(work),
        }
        try:
            await command.follow(
                [*argv, recipe.suite, str(target), "-"],
                "make the base image",
                progress,
                environment=environment,
                stdin=self._mirror.lines(recipe.suite).encode(),
            )
        except command.CommandFailed as exc:
            raise BaseFailed(_fix(exc, self._mirror, recipe.suite)) from exc

    def _line(self, recipe: Recipe) -> tuple[Recipe, ...]:
        """The recipe and those below it, the lowest first."""
        return (*(self._line(self._recipes[recipe.parent]) if recipe.parent else ()), recipe)


def _rules(leave_out: tuple[str, ...], keep: tuple[str, ...]) -> list[str]:
    """Options of dpkg; of those that match a path the last one counts."""
    return [*(f"path-exclude={path}" for path in leave_out), *(f"path-include={path}" for path in keep)]


RULES_OF_ALL = _rules(LEAVE_OUT, ("/usr/share/doc/*/copyright",))


def _fix(failed: command.CommandFailed, mirror: Mirror, suite: str) -> str:
    """The sentence for a failed mmdebstrap."""
    said = failed.tail
    if failed.status is None:
        return "mmdebstrap is not installed. Run: apt-get install mmdebstrap debian-archive-keyring"
    if "NO_PUBKEY" in said or "not signed" in said:
        return f"{KEYRING} does not know Debian {suite}. Run: apt-get install --only-upgrade debian-archive-keyring"
    if "Could not resolve" in said or "Failed to fetch" in said or "Could not connect" in said:
        return f"Packages could not be fetched from {mirror.main}. Check the network, or set base_mirror. {said[-400:]}"
    return f"mmdebstrap failed: {said[-600:]}"
