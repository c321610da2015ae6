"""Networks by REST: one per environment, one for builds, one for the probe. Each has a bridge and a subnet of its own."""

import asyncio
import ipaddress
import time
from pathlib import Path

import msgspec

from wisehosting_agent.errors import RuntimeRefused
from wisehosting_agent.runtime import addressing
from wisehosting_agent.runtime.client import PodmanClient, PodmanRefused
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.settings import Settings

PLATFORM_LABEL = "wisehosting.platform"


class Subnet(msgspec.Struct, frozen=True):
    """Address range of a network."""

    subnet: str


class NetworkBody(msgspec.Struct, frozen=True, kw_only=True):
    """All that a network is made from."""

    name: str
    network_interface: str
    subnets: list[Subnet]
    labels: dict[str, str]
    driver: str = "bridge"
    dns_enabled: bool = True
    ipv6_enabled: bool = False
    internal: bool = False
    options: dict[str, str] = msgspec.field(default_factory=lambda: {"isolate": "true"})


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """A network as Podman has it."""

    name: str
    network_interface: str = ""
    subnets: list[Subnet] = []
    dns_enabled: bool = False
    ipv6_enabled: bool = False
    labels: dict[str, str] | None = None


async def ensure_build_network(host: PodmanHost) -> None:
    """Make the network of all builds, with a client of its own. A second call changes nothing."""
    settings = host.settings
    async with PodmanClient(settings.podman_socket, " ".join(host.service_argv())) as client:
        await ensure(
            client,
            settings,
            name=host.build_network,
            bridge=f"{settings.bridge_prefix}b",
            subnet=addressing.build_subnet(settings),
        )


async def renew_build_network(host: PodmanHost) -> None:
    """Give up the network of builds for one of a new name, while no build runs. The next build makes it.

    Podman notes by a network's name which addresses it gave, for as long as the host runs. A build that was killed with
    its podman gave none back, and sixty of those would leave no address for the next one.
    """
    async with PodmanClient(host.settings.podman_socket, " ".join(host.service_argv())) as client:
        for network in await client.get("networks/json", list[Network], verb="list networks"):
            if network.network_interface == f"{host.settings.bridge_prefix}b":
                await remove(client, network.name)
    host.build_network = f"wh{host.settings.number}-build-{time.time_ns() // 10**6:x}"


async def ensure(
    client: PodmanClient, settings: Settings, *, name: str, bridge: str, subnet: ipaddress.IPv4Network
) -> str:
    """Make the network and return its name. A second call changes nothing.

    Raises RuntimeRefused when there is a network of that name on another bridge or subnet: the policy would not cover it.
    """
    body = NetworkBody(
        name=name,
        network_interface=bridge,
        subnets=[Subnet(str(subnet))],
        labels={PLATFORM_LABEL: str(settings.number)},
    )
    try:
        network = await client.get(f"networks/{name}/json", Network, verb=f"inspect network {name}")
    except PodmanRefused as refused:
        if refused.status != 404:
            raise
        network = await _create(client, body)
    found = (network.network_interface, [s.subnet for s in network.subnets], network.ipv6_enabled)
    if found != (bridge, [str(subnet)], False):
        raise RuntimeRefused(
            f"Network {name} is not ours: it has bridge {network.network_interface} and subnets {found[1]}, "
            f"wanted {bridge} and {subnet}. Remove it with: podman network rm {name}"
        )
    return name


async def _create(client: PodmanClient, body: NetworkBody) -> Network:
    try:
        return await client.post("networks/create", body, Network, verb=f"create network {body.name}")
    except PodmanRefused as refused:
        if refused.status == 409:  # somebody else was faster
            return await client.get(f"networks/{body.name}/json", Network, verb=f"inspect network {body.name}")
        if "already used" not in str(refused) or not await _drop_bridge(body.network_interface):
            raise
    return await client.post("networks/create", body, Network, verb=f"create network {body.name}")


async def _drop_bridge(bridge: str) -> bool:
    """Remove a bridge of ours that outlived its network, which a killed tear-down leaves; False when there is none."""
    if not await asyncio.to_thread(Path("/sys/class/net", bridge).exists):
        return False
    process = await asyncio.create_subprocess_exec("ip", "link", "delete", "dev", bridge)
    return await process.wait() == 0


async def remove(client: PodmanClient, name: str) -> bool:
    """Remove the network; False when containers still use it. A missing network is success."""
    try:
        await client.delete(f"networks/{name}", verb=f"remove network {name}", already=frozenset({404}))
    except PodmanRefused as refused:
        if "in use" in str(refused) or "being used" in str(refused):
            return False
        raise
    return True
