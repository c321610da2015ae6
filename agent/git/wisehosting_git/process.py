"""One git process under another user, with limits. Killed with all its children, whatever happens."""

import asyncio
import contextlib
import os
import pwd
import signal
from collections.abc import Sequence
from pathlib import Path

import msgspec

from wisehosting_git.errors import TOO_LARGE, GitError, SandboxUnavailable

MEBIBYTE = 1024 * 1024
OUTPUT_LIMIT = 8 * MEBIBYTE
"""Bytes of one stream that are kept; a server that sends more is refused."""
LISTING_LIMIT = 96 * MEBIBYTE
"""The same for the listing of a tree, which never leaves this host."""
WATCH_SECONDS = 0.25


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one call may use."""

    seconds: float = 120
    """Of wall time, for the whole call."""
    bytes: int = 1024 * MEBIBYTE
    """On disk: what is received plus the tree."""
    files: int = 200_000
    memory_bytes: int = 2048 * MEBIBYTE
    """Address space of each process."""
    processes: int = 512
    """Of the git user on this host, all calls together."""


class Outcome(msgspec.Struct, frozen=True):
    """How git ended. A negative status is the signal that killed it."""

    status: int
    stdout: bytes
    stderr: str


class Account(msgspec.Struct, frozen=True):
    """Who runs git."""

    uid: int
    gid: int
    switch: bool
    """False: the caller's own account, which is not root."""

    @classmethod
    def of(cls, user: str | None) -> "Account":
        """Look the user up. None takes the caller's own account unless that is root. Raises SandboxUnavailable."""
        if user is None:
            if os.geteuid() == 0:
                raise SandboxUnavailable("git never runs as root. Name an unprivileged user for it (git_user).")
            return cls(os.geteuid(), os.getegid(), switch=False)
        try:
            entry = pwd.getpwnam(user)
        except KeyError as exc:
            fix = f"useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin {user}"
            raise SandboxUnavailable(f"There is no user {user} to run git as. Run: {fix}") from exc
        if entry.pw_uid == 0:
            raise SandboxUnavailable(f"git never runs as root, and {user} is root. Name an unprivileged user.")
        if os.geteuid() not in {0, entry.pw_uid}:
            raise SandboxUnavailable(
                f"Only root or {user} can run git as {user}. Leave the user away to run it as you."
            )
        return cls(entry.pw_uid, entry.pw_gid, switch=os.geteuid() == 0)


def _argv(account: Account, limits: Limits, git: Sequence[str]) -> list[str]:
    who = ["--reuid", str(account.uid), "--regid", str(account.gid), "--clear-groups"] if account.switch else []
    return [
        "setpriv",
        *who,
        "--no-new-privs",
        "--pdeathsig",
        "KILL",
        "--",
        "prlimit",
        f"--as={limits.memory_bytes}",
        f"--fsize={limits.bytes}",
        f"--nproc={limits.processes}",
        "--nofile=1024",
        "--core=0",
        "--",
        "git",
        *git,
    ]


async def run(
    git: Sequence[str],
    *,
    account: Account,
    limits: Limits,
    folder: Path,
    environment: dict[str, str],
    output_limit: int = OUTPUT_LIMIT,
) -> Outcome:
    """Run git in `folder`. Raises GitError for a folder that outgrew its limits; the caller holds the deadline.

    A second run does the same again: nothing outside `folder` is written.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *_argv(account, limits, git),
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as exc:
        raise SandboxUnavailable(f"git cannot be started ({exc}). Run: apt-get install git util-linux") from exc
    watcher = asyncio.create_task(_watch(folder, limits))
    ended = asyncio.create_task(_collect(process, output_limit))
    try:
        await asyncio.wait({watcher, ended}, return_when=asyncio.FIRST_COMPLETED)
        if watcher.done():
            watcher.result()
        outcome = await ended
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        watcher.cancel()
        ended.cancel()
        await asyncio.gather(watcher, ended, return_exceptions=True)
        await process.wait()
        # The transport keeps pipes until it is closed; a killed grandchild may still hold the other end.
        process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio offers no other way
    if outcome.status == -signal.SIGXFSZ:
        raise too_large(limits)
    return outcome


async def _collect(process: asyncio.subprocess.Process, limit: int) -> Outcome:
    assert process.stdout is not None  # noqa: S101 - asked for above
    assert process.stderr is not None  # noqa: S101 - asked for above
    stdout, stderr = await asyncio.gather(_read(process.stdout, limit), _read(process.stderr, limit))
    return Outcome(await process.wait(), stdout, stderr.decode("utf-8", "replace"))


async def _read(stream: asyncio.StreamReader, limit: int) -> bytes:
    kept = bytearray()
    while block := await stream.read(65536):
        kept += block
        if len(kept) > limit:
            raise GitError(
                TOO_LARGE,
                f"The repository has more than {limit // MEBIBYTE} MiB of names (branches, tags or files). "
                "Point the project at a smaller repository.",
            )
    return bytes(kept)


async def _watch(folder: Path, limits: Limits) -> None:
    """Return never; raise GitError when the folder outgrows its limits."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        size, files = await asyncio.to_thread(measure, folder)
        if size > limits.bytes or files > limits.files:
            raise too_large(limits)


def measure(folder: Path) -> tuple[int, int]:
    """Bytes on disk and entries below a folder; what vanishes meanwhile is not counted."""
    size = files = 0
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files += 1
                    with contextlib.suppress(OSError):
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue
    return size, files


def too_large(limits: Limits) -> GitError:
    """The one sentence for a repository beyond its limits."""
    return GitError(
        TOO_LARGE,
        f"The repository is larger than {limits.bytes // MEBIBYTE} MiB or has more than {limits.files} files. "
        "Remove large files from the branch (datasets, videos, node_modules) or keep them outside Git.",
    )
