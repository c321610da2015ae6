"""Which routes of a table can be put in force at all. Pure; what is refused here never reaches a file or a command."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from wisehosting_wire.workload import RouteApp, RouteServer

INVALID = "invalid_route"
TOO_MANY = "too_many_instances"
POOL_EMPTY = "pool_empty"
NO_HEALTHY_SERVER = "no_healthy_server"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def validate(apps: Sequence[RouteApp], in_force: Mapping[str, RouteApp]) -> dict[str, str]:
    """Apps that cannot be routed, with `invalid_route`.

    Refused: ids, hosts, addresses or ports that are not well formed (a host is lower case, without port and trailing
    dot); `live` that is not among the deployments; and of two apps that claim the same id, host or deployment the later.
    An app that is `in_force` as it is was found well formed before.
    """
    refused: dict[str, str] = {}
    hosts: set[str] = set()
    deployments: set[str] = set()
    seen: set[str] = set()
    for app in apps:
        own_hosts = set(app.hosts)
        own_deployments = {deployment.deployment for deployment in app.deployments}
        sound = in_force.get(app.app) == app or _well_formed(app)
        if app.app in seen or not sound or own_hosts & hosts or own_deployments & deployments:
            refused[app.app] = INVALID
            continue
        seen.add(app.app)
        hosts |= own_hosts
        deployments |= own_deployments
    return refused


def _well_formed(app: RouteApp) -> bool:
    names = [deployment.deployment for deployment in app.deployments]
    return (
        _ID.fullmatch(app.app) is not None
        and all(_HOST.fullmatch(host) for host in app.hosts)
        and len(set(names)) == len(names)
        and all(_ID.fullmatch(name) for name in names)
        and (app.live is None or app.live in names)
        and all(deployment.number >= 0 for deployment in app.deployments)
        and all(_servers_well_formed(deployment.servers) for deployment in app.deployments)
    )


def _servers_well_formed(servers: Sequence[RouteServer]) -> bool:
    instances = {server.instance for server in servers}
    return len(instances) == len(servers) and all(
        _ID.fullmatch(server.instance) is not None
        and 0 < server.port < 65536
        and address_text(server.address) is not None
        for server in servers
    )


@lru_cache(maxsize=4096)
def address_text(address: str) -> str | None:
    """An IP address as HAProxy writes it, or None when it is none that an instance can listen on."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if parsed.is_unspecified or parsed.is_multicast or "%" in address:
        return None
    return str(parsed)
