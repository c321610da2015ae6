"""Which addresses git may talk to. The name is resolved once, checked, and pinned for the connection."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

import msgspec

from wisehosting_git.address import Repository
from wisehosting_git.errors import UNREACHABLE, GitError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve: TypeAlias = Callable[[str, int], Awaitable[list[Address]]]

_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that is given out for the internet; the rest of IPv6 is somebody's own, or nobody's."""
# Networks that carry an IPv4 address inside an IPv6 one: a way round every IPv4 rule.
_CARRIERS = tuple(ipaddress.IPv6Network(text) for text in ("2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32"))


class Allowed(msgspec.Struct, frozen=True):
    """One entry of the operator's list: a network, on one port or on all."""

    network: Network
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Allowed":
        """`10.1.2.3`, `10.1.0.0/16` or `10.1.2.3/32:443`. Raises ValueError."""
        host, slash, rest = text.partition("/")
        if not slash:
            return cls(ipaddress.ip_network(text))
        length, colon, port = rest.partition(":")
        return cls(ipaddress.ip_network(f"{host}/{length}"), int(port) if colon else None)


class AddressPolicy:
    """Public addresses are open; everything else only when the operator allows it. Loopback is its own switch."""

    def __init__(self, *, allow_loopback: bool = False, allow_networks: Iterable[str] = ()) -> None:
        self.allow_loopback = allow_loopback
        self._allowed = [Allowed.parse(text) for text in allow_networks]

    def permits(self, address: Address, port: int) -> bool:
        """Whether a connection to this address and port may be made."""
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        if mapped is not None:
            return self.permits(mapped, port)
        if address.is_loopback or address.is_unspecified:  # a connection to 0.0.0.0 ends at this machine too
            return self.allow_loopback
        if any(entry.port in {None, port} and address in entry.network for entry in self._allowed):
            return True
        if isinstance(address, ipaddress.IPv6Address) and (
            address not in _UNICAST or any(address in network for network in _CARRIERS)
        ):
            return False
        return address.is_global and not address.is_multicast

    async def pin(self, repository: Repository, resolve: Resolve) -> list[Address]:
        """Addresses the connection may use. Raises GitError(repository_unreachable)."""
        found = await resolve(repository.host, repository.port)
        open_ = [address for address in found if self.permits(address, repository.port)]
        if not open_ and (found[0].is_loopback or found[0].is_unspecified):
            raise GitError(
                UNREACHABLE,
                f"{repository.host} is this machine itself ({found[0]}), which is fetched from in local mode only. "
                "Use the address under which the repository's server is known to others.",
            )
        if not open_:
            raise GitError(
                UNREACHABLE,
                f"{repository.host} is at {found[0]}, which is not a public address, so it is not fetched. "
                f"If the repository really is on your own network, an operator can allow it: add {found[0]}/"
                f"{found[0].max_prefixlen}:{repository.port} to network.allow.",
            )
        return open_


async def resolve(host: str, port: int) -> list[Address]:
    """Ask the host's resolver. Raises GitError(repository_unreachable)."""
    try:
        async with asyncio.timeout(10):
            rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as exc:
        raise GitError(UNREACHABLE, f"The name {host} could not be looked up within 10 s. Try again.") from exc
    except (socket.gaierror, UnicodeError) as exc:
        raise GitError(UNREACHABLE, f"There is no host named {host}. Check the repository's address.") from exc
    # An IPv6 scope (%eth0) is only ever on link-local addresses, which are refused anyway.
    return [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
