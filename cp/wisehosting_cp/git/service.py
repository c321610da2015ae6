"""Asking a repository which commit a ref names: git in its sandbox, on the control plane."""

import os
import weakref

from wisehosting_cp.errors import Unavailable
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_git import GitError, Limits, SandboxUnavailable
from wisehosting_git.sandbox import Sandbox

__all__ = ["GitError", "resolve"]

LIMITS = Limits(seconds=30, bytes=64 * 1024 * 1024, files=10_000, memory_bytes=1024 * 1024 * 1024)
"""A list of refs is small."""

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


async def resolve(ctx: Context, url: str, ref: str) -> str:
    """Return the commit that a branch or tag names now. Never call it inside a transaction: it takes up to 30 s.

    Raises GitError with a deployment reason and a sentence, or Unavailable when this host cannot run git safely.
    """
    try:
        return (await _sandbox_of(ctx).ls_remote(url, ref)).commit
    except SandboxUnavailable as error:
        raise Unavailable("git_unavailable", str(error)) from error
