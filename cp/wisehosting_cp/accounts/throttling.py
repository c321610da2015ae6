"""How often one may ask: of an address where nobody is known, of a person where somebody is."""

import ipaddress
from uuid import UUID

from starlette.requests import HTTPConnection

from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.limits import Limit


def address_of(connection: HTTPConnection) -> str:
    """Return the client's address; empty where there is none."""
    return connection.client.host if connection.client else ""


def neighbourhood(address: str) -> str:
    """Return what is counted as one address: of IPv6 the /64 that one household or host is given."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        # An IPv4 address in IPv6 spelling is one address, and not all of IPv4.
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def count_stranger(connection: HTTPConnection, context: Context) -> None:
    """Count a try of an address that nobody is signed in from. Raises TooManyRequests."""
    limit = Limit("strangers", context.settings.sign_ins_per_5_minutes, 300)
    context.limits.take(limit, neighbourhood(address_of(connection)), context.clock.monotonic())


def count_person(context: Context, user_id: UUID) -> None:
    """Count a request of a person. Raises TooManyRequests."""
    limit = Limit("people", context.settings.requests_per_minute, 60)
    context.limits.take(limit, str(user_id), context.clock.monotonic())
