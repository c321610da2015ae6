"""Python builds that uv fetches, from where they are released or from a mirror, laid out for /usr/local."""

import asyncio
import os
import shutil
from pathlib import Path

from wisehosting_agent.build import command
from wisehosting_agent.build.sources.fetch import FetchFailed
from wisehosting_agent.build.sources.pypi import PROGRAM, PackageIndex
from wisehosting_agent.settings import Settings

PREFIX = "/usr/local"
SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
SECONDS = 600
COMPILE = f'chroot "$1" {PREFIX}/bin/python3 -m compileall -q {PREFIX}/lib'
"""A container's root is read-only: what is not compiled here is compiled at every start."""
USELESS = (
    "bin/idle3*",
    "bin/pydoc3*",
    "lib/itcl*",
    "lib/tcl*",
    "lib/thread*",
    "lib/tk*",
    "lib/python3.*/EXTERNALLY-MANAGED",
    "lib/python3.*/idlelib",
    "lib/python3.*/test",
    "lib/python3.*/tkinter",
    "lib/python3.*/turtledemo",
    "share",
    "BUILD",
)
"""Nothing else is in the image that this Python would have to be protected from; no container has a screen."""
NAMES_PREFIX = ("lib/python3.*/_sysconfigdata_*.py", "lib/pkgconfig/*.pc", "bin/*")


class Pythons:
    """uv's Python builds. uv itself is fetched for it, and nothing that it fetches is run here."""

    def __init__(self, settings: Settings, index: PackageIndex) -> None:
        self._settings = settings
        self._index = index

    async def add(self, version: str, root: Path, work: Path) -> None:
        """Put this Python below `root` as it is in /usr/local. Raises FetchFailed."""
        await self._index.add_uv(work / "tool", work)
        folder = work / "pythons"
        argv = [str(work / "tool" / PROGRAM), "python", "install", "--no-bin", f"--install-dir={folder}", version]
        try:
            await command.check(argv, f"fetch Python {version}", environment=self._environment(work), seconds=SECONDS)
        except command.CommandFailed as error:
            where = self._settings.python_mirror or "where its builds are released"
            raise FetchFailed(
                f"Python {version} could not be fetched from {where}. Set python_mirror to a mirror that this worker "
                f"reaches. {error.tail[-300:]}"
            ) from error
        found = [path for path in folder.glob(f"cpython-{version}.*") if path.is_dir() and not path.is_symlink()]
        if len(found) != 1:
            raise FetchFailed(f"uv fetched Python {version} and left {len(found)} of it. Report this.")
        await asyncio.to_thread(_settle, found[0], root / PREFIX.lstrip("/"))
        await asyncio.to_thread(shutil.rmtree, folder)

    def _environment(self, work: Path) -> dict[str, str]:
        bundle = self._settings.build_ca_bundle or SYSTEM_BUNDLE
        chosen = {
            "UV_PYTHON_INSTALL_MIRROR": self._settings.python_mirror,
            "UV_PYTHON_DOWNLOADS_JSON_URL": self._settings.python_downloads,
            "SSL_CERT_FILE": str(bundle) if bundle.exists() else None,
        }
        proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
        chosen |= {name: os.environ.get(name) for name in (*proxies, *(name.lower() for name in proxies))}
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(work),
            "UV_CACHE_DIR": str(work / "uv"),
            "UV_NO_CONFIG": "1",
            "UV_NO_PROGRESS": "1",
            **{name: value for name, value in chosen.items() if value},
        }


def _settle(found: Path, target: Path) -> None:
    """Move what uv installed; uv wrote the folder it installed to into some of the files."""
    for pattern in USELESS:
        for path in found.glob(pattern):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for pattern in NAMES_PREFIX:
        for path in found.glob(pattern):
            if path.is_symlink() or not path.is_file():
                continue
            content = path.read_bytes()
            if (changed := content.replace(os.fsencode(found), PREFIX.encode())) != content and b"\0" not in content:
                path.write_bytes(changed)
    target.mkdir(parents=True, exist_ok=True)
    for path in found.iterdir():
        if path.is_dir():
            shutil.copytree(path, target / path.name, symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(found)
