"""The firewall the agent holds on to: policy, probe, and what to report. Closed or no work."""

import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from wisehosting_agent.errors import AgentError, FirewallError
from wisehosting_agent.firewall import connect
from wisehosting_agent.firewall.nft import NftTable
from wisehosting_agent.firewall.port import Firewall
from wisehosting_agent.firewall.probe import Probe, Target
from wisehosting_agent.firewall.targets import targets
from wisehosting_agent.runtime.answers import Inspected
from wisehosting_agent.runtime.podman import PodmanRuntime
from wisehosting_agent.runtime.port import ContainerState
from wisehosting_wire.facts import FirewallReport

logger = logging.getLogger(__name__)

BRIDGE_FILTER = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")


class NftFirewall(Firewall):
    """nftables behind the port; probes through the runtime's Podman."""

    def __init__(self, runtime: PodmanRuntime, *, image: Callable[[], Awaitable[str | None]] | None = None) -> None:
        """`image` names an image for the probe's container; without it, one of the platform's bases."""
        self._runtime = runtime
        self._settings = runtime.host.settings
        self._table = NftTable(self._settings)
        self._probe = Probe(runtime.host, runtime.client, image)
        self._allow: list[str] | None = None

    async def load(self, allow: list[str]) -> None:
        """Load or replace the policy in one transaction. Raises FirewallError. A second call changes nothing."""
        self._require_bridge_filter()
        if await self._table.load(allow):
            logger.info("tenant policy loaded", extra={"table": self._settings.nft_table, "allow": allow})
        self._allow = list(allow)

    async def check(self) -> FirewallReport:
        """Load again what somebody took away, then probe. Never raises for a policy that does not hold: it reports."""
        now = time.time()
        try:
            notes = await self._restore()
            outcomes, known, dropped = await self._try()
        except AgentError as error:
            return FirewallReport(closed=False, checked_at=now, detail=str(error))
        except OSError as error:
            return FirewallReport(closed=False, checked_at=now, detail=f"The isolation probe could not run: {error}")
        probes = {target.name: target.as_wanted(outcomes.get(target.name, "")) for target in known}
        silent = sum(outcomes.get(target.name) == connect.SILENT for target in known if not target.permitted)
        probes["policy"] = dropped >= silent
        wrong = [
            f"{target.name} ({target.address}:{target.port}) is {outcomes.get(target.name, 'not tried')}"
            for target in known
            if not probes[target.name]
        ]
        if not probes["policy"]:
            wrong.append(f"{silent} tries were silent, but the policy dropped only {dropped}")
        closed = probes["policy"] and all(probes[target.name] for target in known if not target.permitted)
        return FirewallReport(closed=closed, checked_at=now, probes=probes, detail="; ".join([*notes, *wrong]))

    async def remove(self) -> None:
        """Take policy, probe and its network away; missing is success."""
        self._allow = None
        try:
            await self._probe.remove()
        finally:
            await self._table.remove()

    def _require_bridge_filter(self) -> None:
        """Builds share one bridge: only this lets the policy see what passes between two of them."""
        if self._settings.build_concurrency <= 1:
            return
        if not BRIDGE_FILTER.exists() or BRIDGE_FILTER.read_text().strip() != "1":
            raise FirewallError(
                "Builds that run at once could reach each other. Run: modprobe br_netfilter && "
                "sysctl -w net.bridge.bridge-nf-call-iptables=1, or set WISEHOSTING_AGENT_BUILD_CONCURRENCY=1."
            )

    async def _restore(self) -> list[str]:
        if self._allow is None:
            raise FirewallError("The tenant policy was not loaded yet.")
        if await self._table.intact():
            return []
        await self._table.load(self._allow)
        logger.warning("the tenant policy had been changed or removed: loaded again")
        return ["the policy had been changed or removed by somebody else and was loaded again"]

    async def _try(self) -> tuple[dict[str, str], list[Target], int]:
        await self._probe.ensure()
        neighbour = await self._neighbour()
        async with targets(
            self._settings,
            self._allow or [],
            gateway=self._probe.gateway,
            dns_name=f"{self._probe.name}.dns.podman",
            neighbour=neighbour,
        ) as known:
            before = await self._table.dropped()
            outcomes = await self._probe.run(known)
            after = await self._table.dropped()
        return outcomes, known, sum(after.values()) - sum(before.values())

    async def _neighbour(self) -> tuple[str, int] | None:
        """Address of a running tenant, with a port it listens on."""
        for observed in await self._runtime.containers():
            if observed.state is not ContainerState.running:
                continue
            ports = await self._runtime.listening_ports(observed)
            found = await self._runtime.client.get(
                f"containers/{observed.container}/json", Inspected, verb="find a tenant's address"
            )
            for endpoint in (found.network_settings.networks or {}).values():
                if endpoint.address:
                    return endpoint.address, ports[0] if ports else 9
        return None
