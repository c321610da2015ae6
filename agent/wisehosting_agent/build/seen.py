"""Commits that were looked into before: what is built of them is known without a checkout."""

import asyncio
import contextlib
import hashlib
import os
import weakref
from collections.abc import AsyncIterator, Callable, Iterable
from importlib.metadata import version
from pathlib import Path

import msgspec

from wisehosting_agent.build.instructions import Instructions
from wisehosting_wire.workload import BuildSpec

MOST = 1000
"""Commits that are remembered; the ones not asked for longest go first."""
VERSION = version("wisehosting-agent")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkout of one commit said."""

    subject: str
    author: str
    digest: str
    """Of the context."""
    instructions: Instructions


class SeenCommits:
    """Files in one folder of the agent's. A file that cannot be read is none: the commit is checked out again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turns: weakref.WeakValueDictionary[Path, asyncio.Lock] = weakref.WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def turn(self, spec: BuildSpec, variables: Iterable[str], wait: Callable[[], None]) -> AsyncIterator[None]:
        """One build of a commit at a time: those that come meanwhile `wait`, then find what the first has seen."""
        path = self._path(spec, variables)
        if path is None:
            yield
            return
        lock = self._turns.setdefault(path, asyncio.Lock())
        if lock.locked():
            wait()
        async with lock:
            yield

    def find(self, spec: BuildSpec, variables: Iterable[str]) -> Seen | None:
        """What is known of the commit; None when it was not seen, or was with other settings, variables or another agent."""
        path = self._path(spec, variables)
        if path is None:
            return None
        with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
            seen = msgspec.json.decode(path.read_bytes(), type=Seen)
            os.utime(path)
            return seen
        return None

    def note(self, spec: BuildSpec, variables: Iterable[str], seen: Seen) -> None:
        """Remember a commit. A second run writes the same."""
        path = self._path(spec, variables)
        if path is None:
            return
        self._folder.mkdir(mode=0o700, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(msgspec.json.encode(seen))
        partial.replace(path)
        known = sorted(self._folder.glob("*.json"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in known[MOST:]:
            old.unlink(missing_ok=True)

    def _path(self, spec: BuildSpec, variables: Iterable[str]) -> Path | None:
        if not spec.source.commit:
            return None
        # The team is part of it: what a private repository's files say is told to nobody who never fetched it.
        facts = (VERSION, spec.environment.team, spec.source, spec.settings, sorted(variables))
        return self._folder / f"{hashlib.sha256(msgspec.json.encode(facts)).hexdigest()}.json"
