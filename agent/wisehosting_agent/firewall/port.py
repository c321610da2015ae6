"""What the agent asks of the tenant network policy. nftables is behind it."""

from typing import Protocol

from wisehosting_wire.facts import FirewallReport


class Firewall(Protocol):
    """Closed or no work."""

    async def load(self, allow: list[str]) -> None:
        """Load or replace the policy in one transaction. Raises FirewallError. A second call changes nothing."""

    async def check(self) -> FirewallReport:
        """Probe from a container: forbidden targets must not answer, allowed ones must."""

    async def remove(self) -> None:
        """Take the policy away; missing is success."""
