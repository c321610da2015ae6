"""uv from the Python Package Index, by its pinned version: a program in a wheel."""

import asyncio
import os
import shutil
import zipfile
from pathlib import Path
from urllib.parse import urljoin

import msgspec

from wisehosting_agent.build.sources.fetch import Checksum, Fetcher, FetchFailed, NotThere

UV = "0.13.9"
PROGRAM = "usr/local/bin/uv"
FORM = {"accept": "application/vnd.pypi.simple.v1+json"}


class WheelFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a project."""

    filename: str
    url: str
    hashes: dict[str, str] = {}
    yanked: str | bool = False


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """All files of a project, as the index says them (simple API, JSON form)."""

    files: list[WheelFile] = []


class PackageIndex:
    """One index, by the address that pip is given."""

    def __init__(self, address: str, fetcher: Fetcher) -> None:
        self._address = address.rstrip("/")
        self._fetcher = fetcher

    async def add_uv(self, root: Path, work: Path) -> str:
        """Put uv below `root`; its version. Raises FetchFailed."""
        try:
            page = f"{self._address}/uv/"
            project = await self._fetcher.document(page, Project, headers=FORM)
        except NotThere as error:
            raise FetchFailed(f"{self._address} has no uv. If pypi_index names a mirror, let it serve uv.") from error
        wheel = choose(project, os.uname().machine)
        if wheel is None:
            raise FetchFailed(
                f"{self._address} has no uv {UV} for machines of the kind {os.uname().machine}. If pypi_index names a "
                "mirror, let it serve that version."
            )
        archive = work / "uv.whl"
        await self._fetcher.file(urljoin(page, wheel.url), archive, Checksum("sha256", wheel.hashes["sha256"]))
        target = root / PROGRAM
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            await asyncio.to_thread(_unpack, archive, target)
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise FetchFailed(f"{wheel.filename} cannot be unpacked: {error}") from error
        finally:
            archive.unlink(missing_ok=True)
        return UV


def _unpack(archive: Path, target: Path) -> None:
    with (
        zipfile.ZipFile(archive) as wheel,
        wheel.open(f"uv-{UV}.data/scripts/uv") as program,
        target.open("wb") as file,
    ):
        shutil.copyfileobj(program, file)
    target.chmod(0o755)


def choose(project: Project, machine: str) -> WheelFile | None:
    """The wheel of the pinned version for a machine with glibc, with a checksum; None when there is none."""
    fitting = (
        one
        for one in project.files
        if one.filename.startswith(f"uv-{UV}-")
        and f"manylinux_2_17_{machine}." in one.filename
        and one.yanked is False
        and "sha256" in one.hashes
    )
    return next(fitting, None)
