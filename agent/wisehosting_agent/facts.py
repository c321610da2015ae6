"""What this worker has and runs, for hello and heartbeats."""

import asyncio
import os
import platform
import re
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from wisehosting_wire.facts import Capacity, Versions

COMMAND_SECONDS = 5.0


def capacity(state_dir: Path, builds: int) -> Capacity:
    """Figures of this moment."""
    disk = shutil.disk_usage(state_dir)
    return Capacity(
        cpus=len(os.sched_getaffinity(0)),
        memory_bytes=_memory(),
        disk_bytes=disk.total,
        disk_free_bytes=disk.free,
        builds=builds,
    )


async def versions(podman: str, runtime: str) -> Versions:
    """What runs here; empty where it cannot be found out."""
    return Versions(
        agent=agent_version(),
        podman=podman,
        runtime=runtime,
        haproxy=_number(await said("haproxy", "-v")),
        kernel=platform.release(),
        os=_distribution(),
    )


def agent_version() -> str:
    """Version of the installed wheel."""
    try:
        return version("wisehosting-agent")
    except PackageNotFoundError:
        return "0"


async def said(*argv: str) -> str:
    """Output of a command, empty when it does not exist, fails or takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
    except OSError:
        return ""
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return ""
    return output.decode(errors="replace") if process.returncode == 0 else ""


def _number(text: str) -> str:
    found = re.search(r"\d+\.\d+[\w.+~-]*", text)
    return found.group() if found else ""


def _memory() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return 0


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""
