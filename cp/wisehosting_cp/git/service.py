"""Looking into repositories: which commit a ref names, and the files of one; git in its sandbox, on the control plane."""

import asyncio
import contextlib
import os
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from wisehosting_cp.errors import TooManyRequests, Unavailable
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_git import Commit, GitError, Limits, SandboxUnavailable
from wisehosting_git.sandbox import Sandbox

__all__ = ["GitError", "checkout", "resolve"]

LIMITS = Limits(seconds=30, bytes=64 * 1024 * 1024, files=10_000, memory_bytes=1024 * 1024 * 1024)
"""A list of refs is small, and so is what a plan is made of. Builders have larger ones."""
SCRATCH = "/var/tmp"  # noqa: S108 - mkdtemp below it, open to the git user

LOOKS = 4
"""Checkouts at once on this control plane."""
LOOKS_OF_ONE = 2
"""Of one person."""

_sandboxes: weakref.WeakKeyDictionary[Database, Sandbox] = weakref.WeakKeyDictionary()


def _sandbox_of(ctx: Context) -> Sandbox:
    known = _sandboxes.get(ctx.db)
    if known is None:
        settings = ctx.settings
        known = _sandboxes[ctx.db] = Sandbox(
            settings.git_user if os.geteuid() == 0 else None,
            LIMITS,
            allow_loopback=settings.local,
            allow_networks=settings.network_allow,
        )
    return known


class _Looks:
    """Who looks into repositories now: nobody takes all the turns, and no more disk is taken than that of all turns."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(LOOKS)
        self._who: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        if self._who[who] >= LOOKS_OF_ONE:
            raise TooManyRequests(
                "looking_already",
                f"{LOOKS_OF_ONE} of your repositories are being looked into. Try again in a few seconds.",
            )
        self._who[who] += 1
        try:
            async with self._turns:
                yield
        finally:
            self._who[who] -= 1
            if not self._who[who]:
                del self._who[who]


_looks: weakref.WeakKeyDictionary[Database, _Looks] = weakref.WeakKeyDictionary()


@contextlib.asynccontextmanager
async def checkout(
    ctx: Context, url: str, branch: str, *, who: str, submodules: bool = False
) -> AsyncIterator[tuple[Commit, Path]]:
    """Fetch the newest commit of a branch into a folder that is removed afterwards. Never inside a transaction.

    `who` is the person that asks. Raises GitError with a deployment reason and a sentence, TooManyRequests, or
    Unavailable when this host cannot run git safely.
    """
    async with _looks.setdefault(ctx.db, _Looks()).turn(who):
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="wisehosting-look-", dir=SCRATCH))
        try:
            await asyncio.to_thread(folder.chmod, 0o711)
            found = await _sandbox_of(ctx).checkout(url, branch, None, folder / "tree", with_submodules=submodules)
            yield found, found.tree
        except SandboxUnavailable as error:
            raise Unavailable("git_unavailable", str(error)) from error
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def resolve(ctx: Context, url: str, ref: str) -> str:
    """Return the commit that a branch or tag names now. Never call it inside a transaction: it takes up to 30 s.

    Raises GitError with a deployment reason and a sentence, or Unavailable when this host cannot run git safely.
    """
    try:
        return (await _sandbox_of(ctx).ls_remote(url, ref)).commit
    except SandboxUnavailable as error:
        raise Unavailable("git_unavailable", str(error)) from error
