"""Images that an operator names in place of a recipe: fetched, given what all bases have, in one layer.

Nothing of them is run meanwhile, and nothing is added but the user of all bases.
"""

import asyncio
import io
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from wisehosting_agent.build import command
from wisehosting_agent.build.folders import remove_tree
from wisehosting_agent.build.making import BaseFailed, Progress
from wisehosting_agent.build.recipes import PREFIX
from wisehosting_agent.build.storage import Store
from wisehosting_agent.build.triggers import refuse_triggers
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.settings import Settings

PULL_SECONDS = 600
USER = "app:x:1000:1000::/app:/bin/sh"
GROUP = "app:x:1000:"
LIMIT_BYTES = 1024 * 1024
CONTAINERFILE = 'FROM {image}\nUSER 0\nENTRYPOINT []\nCMD ["sh"]\nADD app.tar /\n'


class NamedImages:
    """Base images by their full names that come from a registry or a file."""

    def __init__(self, settings: Settings, host: PodmanHost) -> None:
        self._host = host
        self._addresses: Mapping[str, str] = {
            f"{PREFIX}{name}": address for name, address in settings.base_images.items()
        }
        self._login = settings.base_images_login

    def address(self, name: str) -> str | None:
        """Where this base comes from; None when a recipe makes it."""
        return self._addresses.get(name)

    def names(self) -> list[str]:
        """Those that an operator named."""
        return list(self._addresses)

    async def fetch(self, name: str, known: str, progress: Progress) -> str:
        """Let `name` be what its address stands for now; id of that image. With the id `known` nothing is changed.

        Raises BaseFailed.
        """
        address = self._addresses[name]
        await self._clear()
        await progress(f"Pulling {address}.")
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="base-", dir=self._host.root / "tmp"))
        try:
            pulled = await self._pull(address)
            if pulled != known:
                refuse_triggers(self._host.stores.bases, pulled, address)
                await progress("Giving it the user of all bases.")
                await self._make(name, pulled, folder)
        except WorkFailed as error:
            raise BaseFailed(error.detail) from error
        finally:
            await asyncio.to_thread(remove_tree, folder)
            await asyncio.shield(self._clear())
        return pulled

    async def _pull(self, address: str) -> str:
        login = [] if self._login is None else [f"--authfile={self._login}"]
        try:
            said = await self._podman("pull", "--quiet", *login, address, seconds=PULL_SECONDS)
        except command.CommandFailed as error:
            raise BaseFailed(
                f"{address} could not be fetched. Check base_images, and that its registry can be reached from here. "
                f"{error.tail[-300:]}"
            ) from error
        return said.split()[-1].removeprefix("sha256:")

    async def _make(self, name: str, pulled: str, folder: Path) -> None:
        container = (await self._podman("create", "--pull=never", "--net=none", pulled, "sh")).strip()
        accounts = {}
        for path, own in (("etc/passwd", USER), ("etc/group", GROUP)):
            accounts[path] = with_own(await self._read(container, path, folder), own)
        (folder / "app.tar").write_bytes(home_and(accounts))
        (folder / "Containerfile").write_text(CONTAINERFILE.format(image=pulled))
        argv = ["build", "--quiet", "--pull=never", "--network=none", "--squash-all", f"--tag={name}", str(folder)]
        await self._podman(*argv, temporary=folder)

    async def _read(self, container: str, path: str, folder: Path) -> str:
        """A file of the image; nothing where it has none."""
        target = folder / "read"
        argv = [*self._host.base_argv(), "cp", f"{container}:/{path}", str(target)]
        done = await command.run(argv, environment=self._host.base_env())
        if done.status or target.is_symlink() or not target.is_file() or target.stat().st_size > LIMIT_BYTES:
            return ""
        text = target.read_text("utf-8", "replace")
        target.unlink()
        return text

    async def _clear(self) -> None:
        """Remove what this one, or a killed one before it, used: nothing but bases stays in their store."""
        await self._podman("rm", "--all", "--force")
        for image in Store(self._host.stores.bases).images.values():
            if foreign := [name for name in image.names if not name.startswith(PREFIX)]:
                await self._podman("untag", image.id, *foreign)
                if len(foreign) == len(image.names):
                    await self._podman("rmi", "--force", image.id)

    async def _podman(self, *argv: str, seconds: float = 600, temporary: Path | None = None) -> str:
        environment = self._host.base_env() | ({} if temporary is None else {"TMPDIR": str(temporary)})
        return await command.check(
            [*self._host.base_argv(), *argv], f"podman {argv[0]}", environment=environment, seconds=seconds
        )


def with_own(text: str, own: str) -> str:
    """Lines of accounts with ours first, and no other of its name."""
    name = own.partition(":")[0]
    others = [line for line in text.splitlines() if line and line.partition(":")[0] != name]
    return "".join(f"{line}\n" for line in (own, *others))


def home_and(files: Mapping[str, str]) -> bytes:
    """An archive of /app, which belongs to its user, and of these files of root."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        home = tarfile.TarInfo("app")
        home.type, home.mode, home.uid, home.gid = tarfile.DIRTYPE, 0o755, 1000, 1000
        tar.addfile(home)
        for path, text in files.items():
            content = text.encode()
            info = tarfile.TarInfo(path)
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()
