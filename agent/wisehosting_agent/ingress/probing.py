"""One request through the own ingress, byte by byte: what a visitor would get, and which deployment says so."""

import asyncio
import ipaddress
import re

from wisehosting_agent.ingress.table import address_text
from wisehosting_wire.messages import RouteProbe

HEADER = "X-WiseHosting-Deployment"
SECRET_HEADER = "X-WiseHosting-Probe"  # noqa: S105  name of a header
_HEAD_LIMIT = 64 * 1024
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")
_PATH = re.compile(r"/[!-~]{0,2047}")


async def probe(
    address: str, port: int, *, host: str, path: str, deployment: str, secret: str, timeout_seconds: float = 2
) -> RouteProbe:
    """`GET path` with this Host header. Never raises for what the network does: the detail says it."""
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(path):
        return RouteProbe(deployment=deployment, seen=None, detail="the host or path of the probe is not well formed")
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: WiseHosting-Probe\r\nAccept: */*\r\n"
        f"{SECRET_HEADER}: {secret}\r\nConnection: close\r\n\r\n"
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await asyncio.open_connection(reachable(address), port, limit=_HEAD_LIMIT)
            try:
                writer.write(request.encode("ascii"))
                await writer.drain()
                head = await reader.readuntil(b"\r\n\r\n")
            finally:
                writer.transport.abort()
    except TimeoutError:
        return RouteProbe(deployment=deployment, seen=None, detail=f"no answer within {timeout_seconds:g} s")
    except asyncio.LimitOverrunError:
        return RouteProbe(deployment=deployment, seen=None, detail="the answer's headers are longer than 64 KiB")
    except (OSError, EOFError) as error:
        return RouteProbe(deployment=deployment, seen=None, detail=f"no answer: {error or type(error).__name__}")
    return read_head(head, deployment)


def read_head(head: bytes, deployment: str) -> RouteProbe:
    """Status and deployment number of an answer's head."""
    first, *lines = head.decode("latin-1").split("\r\n")
    status = re.match(r"HTTP/1\.[01] ([0-9]{3})(?: |$)", first)
    if status is None:
        return RouteProbe(deployment=deployment, seen=None, detail=f"the answer is not HTTP: {first[:80]!r}")
    seen: int | None = None
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == HEADER.lower() and value.strip().isascii() and value.strip().isdigit():
            seen = int(value.strip())
    return RouteProbe(deployment=deployment, seen=seen, status=int(status[1]))


def reachable(address: str) -> str:
    """Where a listener on this address is reached from the same host."""
    if address_text(address) is None and ipaddress.ip_address(address).is_unspecified:
        return "::1" if ":" in address else "127.0.0.1"
    return address
