"""The database of a platform that is measured, past the platform."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg

from tests.running import pid_of


def dsn(state: Path) -> str:
    """Return how the control plane reaches the database."""
    parts = Path(f"/proc/{pid_of(state, 'cp')}/environ").read_bytes().decode().split("\0")
    return dict(part.split("=", 1) for part in parts if "=" in part)["WISEHOSTING_DATABASE_DSN"]


def look_no_more(state: Path) -> None:
    """Let no branch be looked at for a day: a thousand looks come in waves, and belong to no figure of the dashboard."""

    async def put_off() -> None:
        connection = await asyncpg.connect(dsn(state))
        try:
            await connection.execute("UPDATE seen_refs SET next_check_at = now() + interval '1 day'")
        finally:
            await connection.close()

    # The browser's driver has a loop of its own in this thread.
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, put_off()).result()
