"""Start the Podman service again when it lists too few image stores. Its containers are not its children: they go on."""

import os
import signal
import socket
import struct
import time
from pathlib import Path

import anyio

from wisehosting_agent.errors import RuntimeUnavailable
from wisehosting_agent.runtime import proc
from wisehosting_agent.runtime.client import PodmanClient
from wisehosting_agent.runtime.host import PodmanHost

BACK_SECONDS = 20.0
EDGE_SECONDS = 0.05
"""Process start times come in hundredths of a second."""


def service_pid(path: Path) -> int:
    """Process that listens on the socket; 0 when nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return 0
        size = struct.calcsize("3i")
        pid, _, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(pid)


def stale(host: PodmanHost) -> bool:
    """Whether the running service began before its list of stores was last written. False when none runs."""
    pid = service_pid(host.settings.podman_socket)
    if pid == 0:
        return False
    try:
        started = proc.started_at(pid)
        written = host.service_storage_conf.stat().st_mtime
    except OSError:
        return False
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME) - (time.time() - written)
    return started <= since_boot + EDGE_SECONDS


async def restart(host: PodmanHost, client: PodmanClient) -> None:
    """End the service; who supervises it starts the next one. Returns when that one answers.

    Raises RuntimeUnavailable when it does not come back, or when the socket is not served by our `podman system service`.
    """
    path = host.settings.podman_socket
    pid = await anyio.to_thread.run_sync(service_pid, path)
    argv = proc.command_line(pid)
    if pid and ("service" not in argv or f"unix://{path}" not in argv):
        raise RuntimeUnavailable(
            f"{path} is served by process {pid}, which is not our Podman service. "
            f"Stop it and start: {' '.join(host.service_argv())}"
        )
    if pid:
        os.kill(pid, signal.SIGTERM)
    with anyio.move_on_after(BACK_SECONDS):
        while True:
            current = await anyio.to_thread.run_sync(service_pid, path)
            if current not in {0, pid}:
                await client.ping()
                return
            await anyio.sleep(0.1)
    raise RuntimeUnavailable(
        f"Podman did not come back at {path} after it was ended to see a new team's images. "
        f"Start it with: {' '.join(host.service_argv())}"
    )
