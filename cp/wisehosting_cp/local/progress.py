"""Shows the base images while they are being made; apps can be created meanwhile, their builds wait."""

import asyncio
from typing import Any

from wisehosting_cp.local.client import Api
from wisehosting_cp.local.console import Console

LOOK_SECONDS = 1.0
ENDED = {"ready", "failed"}


async def follow_bases(api: Api, console: Console) -> None:
    """Say once when each base image is made or failed; return when apps can be built and run."""
    said: dict[str, str] = {}
    while True:
        found = await api.get("/api/v1/platform")
        bases: list[dict[str, Any]] = [] if found is None else found["bases"]
        for base in bases:
            status = base["status"]
            if said.get(base["name"]) != status:
                said[base["name"]] = status
                if status in ENDED:
                    console.line(f"  {describe(base)}")
        if found is not None and found["state"] == "ready":
            console.line("  ✓ everything is ready")
            return
        working = [describe(base) for base in bases if base["status"] not in ENDED]
        if waiting := (working or [found["detail"] if found else ""])[0]:
            console.progress(waiting)
        await asyncio.sleep(LOOK_SECONDS)


def describe(base: dict[str, Any]) -> str:
    """One line about a base image."""
    name = str(base["name"]).rpartition("/")[2]
    seconds = base.get("seconds") or 0
    if base["status"] == "failed":
        return f"! base image {name} could not be made; it is tried again every minute: {base.get('detail') or ''}"
    if base["status"] == "ready":
        return f"✓ {f'base image {name}':<34}{seconds:7.1f} s"
    return f"base image {name}: {base['status']} {seconds:.0f} s"
