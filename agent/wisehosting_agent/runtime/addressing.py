"""Where an environment lives on every worker: subnet, bridge, network name and id range, all from its number. Pure."""

import ipaddress

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.settings import Settings

IDS = 65536
"""Ids of one environment or team: a whole 16-bit range, so that any USER of an image exists."""
SUBNET_BITS = 26
TEAMS = 4096
"""Build id ranges that are kept free above the environments."""
LAST_ID = 2**32 - 2
"""The kernel keeps the very last id for 'none'."""


def environments(settings: Settings) -> int:
    """How many environments fit into the subnet pool; its last three subnets are Podman's default, the probe's and the builds'."""
    if settings.subnet_pool.prefixlen > SUBNET_BITS - 2:
        raise ConfigurationError(
            f"The subnet pool {settings.subnet_pool} is too small. Set WISEHOSTING_AGENT_SUBNET_POOL to a /16."
        )
    return (1 << (SUBNET_BITS - settings.subnet_pool.prefixlen)) - 3


def subnet(settings: Settings, environment_number: int) -> ipaddress.IPv4Network:
    """The environment's /26. Raises ConfigurationError when the pool has no such subnet."""
    if not 0 <= environment_number < environments(settings):
        raise ConfigurationError(
            f"Environment {environment_number} has no subnet: the pool {settings.subnet_pool} holds "
            f"{environments(settings)}. Set WISEHOSTING_AGENT_SUBNET_POOL to a larger one."
        )
    return _nth(settings, environment_number)


def build_subnet(settings: Settings) -> ipaddress.IPv4Network:
    """The /26 of builds: the pool's last."""
    return _nth(settings, environments(settings) + 2)


def probe_subnet(settings: Settings) -> ipaddress.IPv4Network:
    """The /26 of the isolation probe: the one before the last."""
    return _nth(settings, environments(settings) + 1)


def default_subnet(settings: Settings) -> ipaddress.IPv4Network:
    """The /26 of Podman's own default network, which nothing of ours uses: Podman reserves it whether it exists or not."""
    return _nth(settings, environments(settings))


def id_map(settings: Settings, environment_number: int) -> tuple[int, int]:
    """(first id on the host, how many) for the environment's containers; the container's root is the first."""
    if not 0 <= environment_number < environments(settings):
        raise ConfigurationError(
            f"Environment {environment_number} has no id range. Set WISEHOSTING_AGENT_SUBNET_POOL to a larger pool."
        )
    return _ids(settings, environment_number)


def build_id_map(settings: Settings, slot: int) -> tuple[int, int]:
    """(first id on the host, how many) for builds of the team in `slot`."""
    if not 0 <= slot < TEAMS:
        raise ConfigurationError(f"This worker has build ranges for {TEAMS} teams. Use another worker for more.")
    return _ids(settings, environments(settings) + 2 + slot)


def probe_id_map(settings: Settings) -> tuple[int, int]:
    """(first id on the host, how many) for the probe's container."""
    return _ids(settings, environments(settings))


def _nth(settings: Settings, index: int) -> ipaddress.IPv4Network:
    first = int(settings.subnet_pool.network_address) + index * (1 << (32 - SUBNET_BITS))
    return ipaddress.IPv4Network((first, SUBNET_BITS))


def _ids(settings: Settings, index: int) -> tuple[int, int]:
    start = settings.id_base + index * IDS
    if start + IDS - 1 > LAST_ID:
        raise ConfigurationError(
            f"The id range {start} and up does not exist. Set WISEHOSTING_AGENT_ID_BASE to a lower number."
        )
    return start, IDS
