"""A commit's tree in a throw-away folder, fetched by git in its sandbox."""

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from wisehosting_agent.build.port import CheckedOut
from wisehosting_agent.errors import ConfigurationError, WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.settings import Settings
from wisehosting_git import GitError, Limits, Sandbox, SandboxUnavailable
from wisehosting_wire.workload import Source

PARENT = Path("/var/tmp")
"""Open to the git user, unlike the state folder; on disk, unlike /tmp on many hosts."""


def prefix(number: int) -> str:
    """Names of this platform's checkouts begin with it."""
    return f"wisehosting-{number}-checkout-"


def sandbox(settings: Settings, source: Source) -> Sandbox:
    """Git for one source. Loopback needs both the source's word and local mode."""
    limits = Limits(seconds=settings.checkout_limit_seconds, bytes=settings.checkout_limit_bytes)
    return Sandbox(
        settings.git_user,
        limits,
        allow_loopback=source.allow_loopback and settings.local,
        allow_networks=settings.network_allow,
    )


@contextlib.asynccontextmanager
async def checked_out(settings: Settings, source: Source) -> AsyncIterator[tuple[Path, CheckedOut]]:
    """(tree, what it is); the folder is removed at the end. Raises WorkFailed or ConfigurationError."""
    into = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=prefix(settings.number), dir=PARENT))
    try:
        started = time.monotonic()
        try:
            commit = await sandbox(settings, source).checkout(source.url, source.branch, source.commit or None, into)
        except GitError as exc:
            raise WorkFailed(Reason(exc.reason), exc.detail) from exc
        except SandboxUnavailable as exc:
            raise ConfigurationError(str(exc)) from exc
        facts = CheckedOut(
            commit=commit.commit,
            subject=commit.subject,
            author=commit.author,
            seconds=round(time.monotonic() - started, 3),
        )
        yield commit.tree, facts
    finally:
        # not to be left half done when the build is cancelled
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, into, ignore_errors=True))


def sweep(number: int) -> None:
    """Remove checkouts of this platform that a crash left. Only while nothing is being checked out."""
    for path in PARENT.glob(f"{prefix(number)}*"):
        shutil.rmtree(path, ignore_errors=True)
