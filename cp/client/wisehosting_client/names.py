"""Names that a shell completes: contexts from the file here, projects from a short cache or the platform, else none.

Completion never waits, never asks for anything and never says what went wrong: it gives names or nothing.
"""

import hashlib
import json
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from wisehosting_client import access
from wisehosting_client.access import Access
from wisehosting_client.errors import ClientError

FRESH_SECONDS = 30
PATIENCE = 0.3
"""Seconds a shell may be kept waiting for the platform."""


def contexts(incomplete: str) -> list[str]:
    """Return the contexts that begin so."""
    try:
        return sorted(name for name in access.contexts().known if name.startswith(incomplete))
    except ClientError:
        return []


def projects(incomplete: str) -> list[str]:
    """Return the projects that begin so."""
    try:
        platform = access.current()
    except ClientError:
        return []
    known = _kept(platform)
    if known is None:
        known = _asked(platform)
    # A shell evaluates what it is given, and a platform may not be honest.
    return sorted(name for name in known if name.startswith(incomplete) and access.NAME.fullmatch(name))


def remember(platform: Access, names: list[str]) -> None:
    """Keep a platform's projects for completion. A disk that is full or read-only is no reason to fail."""
    path = _path(platform)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(names, file)
        fresh.replace(path)


def _path(platform: Access) -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    # Whose names they are is part of the file's name: another token may see other projects.
    key = hashlib.sha256(f"{platform.api}\n{platform.token}".encode()).hexdigest()[:16]
    return Path(home) / "wisehosting" / f"projects-{key}.json"


def _kept(platform: Access) -> list[str] | None:
    path = _path(platform)
    try:
        if not 0 <= time.time() - path.stat().st_mtime < FRESH_SECONDS:
            return None
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else None


def _asked(platform: Access) -> list[str]:
    found: list[str] = []

    def ask() -> None:
        from wisehosting_client.api import Api

        with suppress(ClientError):
            names = [item["name"] for item in Api(platform, seconds=PATIENCE).projects()]
            remember(platform, names)
            found.extend(names)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return found
