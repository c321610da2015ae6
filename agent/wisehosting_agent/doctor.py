"""Can this host be a worker? One line for each thing needed, with the command that mends it."""

import asyncio
import os
import pwd
import re
import resource
import shutil
import socket
import stat
from collections.abc import Awaitable, Callable

import msgspec

from wisehosting_agent.facts import said
from wisehosting_agent.settings import Settings

NOFILE_NEEDED = 16384


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at."""

    name: str
    ok: bool
    detail: str
    fix: str = ""
    """Command or setting that mends it."""

    def __str__(self) -> str:
        mark = "ok  " if self.ok else "FAIL"
        return f"{mark} {self.name}: {self.detail}" + (f"\n     run: {self.fix}" if not self.ok and self.fix else "")


async def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order in which they should be mended."""
    checks: list[Callable[[Settings], Awaitable[Finding]]] = [_root, _podman, _socket, _subids, _git_user, _git, _nft]
    if "ingress" in settings.roles:
        checks += [_haproxy]
    checks += [_limits, _state]
    return [await check(settings) for check in checks]


async def _root(_: Settings) -> Finding:
    return Finding("root", os.geteuid() == 0, "the agent runs as root", "sudo wh-agent doctor")


async def _program(name: str, package: str, *argv: str) -> Finding:
    if shutil.which(name) is None and not os.access(f"/usr/sbin/{name}", os.X_OK):
        return Finding(name, False, "not installed", f"apt-get install {package}")
    version = re.search(r"\d+\.\d+[\w.+~-]*", await said(name, *argv))
    return Finding(
        name, version is not None, version.group() if version else "does not run", f"apt-get install {package}"
    )


async def _podman(_: Settings) -> Finding:
    return await _program("podman", "podman", "--version")


async def _git(_: Settings) -> Finding:
    return await _program("git", "git", "--version")


async def _nft(settings: Settings) -> Finding:
    found = await _program("nft", "nftables", "--version")
    if not found.ok or await said("nft", "list", "tables") or os.geteuid() != 0:
        return found
    process = await asyncio.create_subprocess_exec(
        "nft", "-c", "add", "table", "inet", settings.nft_table, stderr=asyncio.subprocess.DEVNULL
    )
    usable = await process.wait() == 0
    return Finding("nft", usable, found.detail if usable else "the kernel refuses nf_tables", "modprobe nf_tables")


async def _haproxy(_: Settings) -> Finding:
    return await _program("haproxy", "haproxy", "-v")


async def _socket(settings: Settings) -> Finding:
    path = settings.podman_socket
    fix = f"systemctl start podman.socket, or podman system service --time=0 unix://{path}"
    try:
        if not stat.S_ISSOCK(path.stat().st_mode):
            return Finding("podman socket", False, f"{path} is no socket", fix)
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(3)
            probe.connect(str(path))
    except OSError as error:
        return Finding("podman socket", False, f"{path}: {error.strerror or error}", fix)
    return Finding("podman socket", True, str(path))


async def _subids(settings: Settings) -> Finding:
    first = settings.id_base
    fine = first >= 100_000 and first + 2**16 < 2**32
    return Finding(
        "id range", fine, f"containers get ids from {first}", "set id_base to 1000000000 in the agent's settings"
    )


async def _git_user(settings: Settings) -> Finding:
    fix = f"useradd --system --no-create-home --shell /usr/sbin/nologin {settings.git_user}"
    try:
        user = pwd.getpwnam(settings.git_user)
    except KeyError:
        return Finding("git user", False, f"{settings.git_user} does not exist", fix)
    return Finding("git user", user.pw_uid != 0, f"{settings.git_user} is uid {user.pw_uid}", fix)


async def _limits(_: Settings) -> Finding:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    fine = hard == resource.RLIM_INFINITY or hard >= NOFILE_NEEDED
    return Finding("open files", fine, f"hard limit {hard}", f"ulimit -Hn {NOFILE_NEEDED}, or LimitNOFILE= in the unit")


async def _state(settings: Settings) -> Finding:
    folder = settings.state_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Finding(
        "disk",
        free > 5 * 1024**3,
        f"{free / 1024**3:.1f} GB free below {folder}",
        "free space, or set another state_dir",
    )
