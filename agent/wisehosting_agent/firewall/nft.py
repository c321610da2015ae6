"""Loads, reads and removes the one table that is ours. No other table is ever named."""

import hashlib
import json
from typing import Any

import anyio

from wisehosting_agent.errors import FirewallError
from wisehosting_agent.firewall import policy
from wisehosting_agent.settings import Settings

SECONDS = 20.0


class NftTable:
    """The policy's table in the kernel."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: tuple[str, str] | None = None

    async def load(self, allow: list[str]) -> bool:
        """Check, then load in one transaction; False when the same policy was in force already. Raises FirewallError."""
        text = policy.render(self._settings, allow)
        if self._loaded is not None and self._loaded == (text, await self.digest()):
            return False
        await _nft("-c", "-f", "-", text=text, verb="check the tenant policy")
        await _nft("-f", "-", text=text, verb="load the tenant policy")
        self._loaded = (text, await self.digest())
        return True

    async def intact(self) -> bool:
        """Whether the table is as it was loaded. Raises FirewallError when nft cannot tell."""
        return self._loaded is not None and self._loaded[1] == await self.digest()

    async def digest(self) -> str:
        """Of the table as the kernel has it, counters left out; empty when there is none."""
        listing = await self._list("-s")
        return hashlib.sha256(listing.encode()).hexdigest() if listing else ""

    async def dropped(self) -> dict[str, int]:
        """Packets dropped so far by the counters' names; empty when there is no table."""
        listing = await self._list("-j")
        if not listing:
            return {}
        entries: list[dict[str, Any]] = json.loads(listing)["nftables"]
        return {entry["counter"]["name"]: int(entry["counter"]["packets"]) for entry in entries if "counter" in entry}

    async def remove(self) -> None:
        """Take the table away; missing is success. Raises FirewallError."""
        self._loaded = None
        await _nft("-f", "-", text=policy.render_removal(self._settings), verb="remove the tenant policy")

    async def _list(self, option: str) -> str:
        table = self._settings.nft_table
        try:
            return await _nft(option, "list", "table", "inet", table, verb="read the tenant policy")
        except FirewallError as error:
            if "No such file or directory" in str(error):
                return ""
            raise


async def _nft(*args: str, verb: str, text: str = "") -> str:
    try:
        with anyio.fail_after(SECONDS):
            done = await anyio.run_process(["nft", *args], input=text.encode(), check=False)
    except FileNotFoundError as error:
        raise FirewallError("Cannot find nft. Install it with: apt-get install nftables") from error
    except TimeoutError as error:
        raise FirewallError(f"Could not {verb}: nft did not answer within {SECONDS:.0f} s.") from error
    if done.returncode != 0:
        detail = done.stderr.decode(errors="replace").strip()[-500:]
        raise FirewallError(f"Could not {verb}: {detail}. The agent needs root and a kernel with nf_tables.")
    return done.stdout.decode()
