"""What the probe tries. Listeners are opened for the forbidden host addresses, so that silence means the policy."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from wisehosting_agent.firewall.policy import Allowed
from wisehosting_agent.firewall.probe import Target
from wisehosting_agent.runtime import addressing
from wisehosting_agent.settings import Settings

METADATA = "169.254.169.254"
PRIVATE = ("10.255.255.254", "172.31.255.254", "192.168.255.254", "100.127.255.254")
OUTSIDE = ("198.51.100.1", 9)
"""A documentation address: asking the kernel for the route to it sends nothing."""
HTTPS = 443


def host_address() -> str | None:
    """The host's own address on the way out; None without a default route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(OUTSIDE)
        except OSError:
            return None
        return str(asking.getsockname()[0])


def mesh_listener(settings: Settings, gateway: str) -> tuple[str, int]:
    """The control plane's mesh listener as a tenant would try it; one on loopback is tried at the bridge's address."""
    parts = urlsplit(settings.control_plane)
    port = parts.port or HTTPS
    try:
        address = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return gateway, port
    return (gateway if address.is_loopback or address.version != 4 else str(address)), port


def private_address(settings: Settings, allow: list[str]) -> str | None:
    """A private address nobody allowed; None when all of them are."""
    networks = [Allowed.parse(text, settings).network for text in allow]
    free = [text for text in PRIVATE if not any(ipaddress.IPv4Address(text) in network for network in networks)]
    return free[0] if free else None


def allowed_target(settings: Settings, allow: list[str]) -> Target | None:
    """One address of the allow list that names a single host; None when there is none to try."""
    for entry in (Allowed.parse(text, settings) for text in allow):
        if entry.network.prefixlen == 32:
            address = str(entry.network.network_address)
            return Target(name="allowed", address=address, port=entry.port or HTTPS, permitted=True)
    return None


@asynccontextmanager
async def targets(
    settings: Settings, allow: list[str], *, gateway: str, dns_name: str, neighbour: tuple[str, int] | None
) -> AsyncIterator[list[Target]]:
    """All targets, with throw-away listeners behind those on this host; `neighbour` is a running tenant's address."""
    async with AsyncExitStack() as stack:
        found = [
            Target(name="metadata", address=METADATA, port=80),
            Target(name="host", address=gateway, port=await stack.enter_async_context(_listener(gateway))),
        ]
        mesh = mesh_listener(settings, gateway)
        found.append(Target(name="mesh", address=mesh[0], port=mesh[1]))
        if (own := host_address()) is not None:
            found.append(Target(name="agent", address=own, port=await stack.enter_async_context(_listener(own))))
        other = neighbour or (str(addressing.subnet(settings, 0)[2]), 80)
        found.append(Target(name="environment", address=other[0], port=other[1]))
        if (private := private_address(settings, allow)) is not None:
            found.append(Target(name="private", address=private, port=80))
        found.append(Target(name="dns", address=gateway, port=53, query=dns_name, permitted=True))
        if (allowed := allowed_target(settings, allow)) is not None:
            found.append(allowed)
        yield found


@asynccontextmanager
async def _listener(address: str) -> AsyncIterator[int]:
    """Accepts and closes at once; yields its port."""

    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(accept, address, 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()
