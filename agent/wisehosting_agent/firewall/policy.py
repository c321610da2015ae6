"""The tenant network policy as an nft ruleset. Pure: numbers and an allow list in, text out.

Tenants and builds reach the public internet, DNS of their own bridge, their own environment, and what the operator allowed.
Not: the mesh, the host and its agent, the metadata address, private addresses, each other, and port 25.
Both hooks run before netavark's own chains; an accept here does not overrule a drop there.
"""

import ipaddress

import msgspec

from wisehosting_agent.errors import FirewallError
from wisehosting_agent.runtime import addressing
from wisehosting_agent.settings import Settings

PRIORITY = -10
"""Before netavark, which sits at 0."""
MESH = "wg*"
NEVER = ("127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")
"""No allow list opens these: loopback, metadata and link-local, multicast."""
DENIED = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
)
COUNTERS = ("mesh", "never", "tenants", "private", "host", "ipv6", "smtp", "inbound")


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the allow list."""

    network: ipaddress.IPv4Network
    port: int | None

    @classmethod
    def parse(cls, text: str, settings: Settings) -> "Allowed":
        """`10.1.2.3/32` or `10.1.2.3/32:443`. Raises FirewallError for anything else and for what is never open."""
        address, colon, port = text.strip().partition(":")
        try:
            network = ipaddress.IPv4Network(address)
            number = int(port) if colon else None
        except ValueError as error:
            raise FirewallError(
                f"network.allow entry {text!r} is not an IPv4 network: {error}. Write 10.1.2.3/32 or 10.1.2.3/32:443."
            ) from error
        if number is not None and not 0 < number < 65536:
            raise FirewallError(f"network.allow entry {text!r} has no valid port. Write 10.1.2.3/32:443.")
        for never in (*NEVER, str(settings.subnet_pool)):
            if network.overlaps(ipaddress.IPv4Network(never)):
                raise FirewallError(f"network.allow entry {text!r} covers {never}, which is never open. Remove it.")
        return cls(network=network, port=number)


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge of ours and where its DNS answers."""

    name: str
    gateway: ipaddress.IPv4Address
    neighbours: bool
    """Whether those on it may reach each other: containers of one environment may, builds may not."""


def bridges(settings: Settings) -> list[Bridge]:
    """All bridges this platform can ever have, so that a new environment needs no new rule."""
    prefix = settings.bridge_prefix
    found = [
        Bridge(name=f"{prefix}{number}", gateway=addressing.subnet(settings, number)[1], neighbours=True)
        for number in range(addressing.environments(settings))
    ]
    found.append(Bridge(name=f"{prefix}b", gateway=addressing.build_subnet(settings)[1], neighbours=False))
    found.append(Bridge(name=f"{prefix}p", gateway=addressing.probe_subnet(settings)[1], neighbours=False))
    return found


def render(settings: Settings, allow: list[str]) -> str:
    """The whole table in one transaction: it replaces the one that is loaded. Raises FirewallError for a bad allow entry."""
    table, ours = settings.nft_table, f'"{settings.bridge_prefix}*"'
    known = bridges(settings)
    same = ", ".join(f'"{bridge.name}" . "{bridge.name}"' for bridge in known if bridge.neighbours)
    gateways = ", ".join(f'"{bridge.name}" . {bridge.gateway}' for bridge in known)
    counters = "\n".join(f"\tcounter {name} {{ }}" for name in COUNTERS)
    allowed = "\n".join(_allow_rule(ours, Allowed.parse(text, settings)) for text in sorted(set(allow)))
    return f"""\
table inet {table}
delete table inet {table}
table inet {table} {{
{counters}
	set denied {{
		type ipv4_addr
		flags interval
		elements = {{ {", ".join(DENIED)} }}
	}}
	set never {{
		type ipv4_addr
		flags interval
		elements = {{ {", ".join(NEVER)} }}
	}}
	set same_bridge {{
		type ifname . ifname
		elements = {{ {same} }}
	}}
	set gateways {{
		type ifname . ipv4_addr
		elements = {{ {gateways} }}
	}}
	chain tenant_forward {{
		type filter hook forward priority {PRIORITY}; policy accept;
		iifname {ours} ct state established,related accept
		oifname {ours} ct state established,related accept
		iifname . oifname @same_bridge accept
		iifname {ours} meta nfproto ipv6 counter name ipv6 drop
		iifname {ours} oifname "{MESH}" counter name mesh drop
		iifname {ours} ip daddr @never counter name never drop
		iifname {ours} oifname "whbr*" counter name tenants drop
{allowed}
		iifname {ours} ip daddr @denied counter name private drop
		iifname {ours} tcp dport 25 counter name smtp drop
		oifname {ours} ct status dnat accept
		oifname {ours} counter name inbound drop
	}}
	chain tenant_input {{
		type filter hook input priority {PRIORITY}; policy accept;
		iifname {ours} ct state established,related accept
		iifname . ip daddr @gateways meta l4proto {{ tcp, udp }} th dport 53 accept
		iifname {ours} meta nfproto ipv6 counter name ipv6 drop
		iifname {ours} counter name host drop
	}}
}}
"""


def render_removal(settings: Settings) -> str:
    """Takes the table away; loads also when there is none."""
    return f"table inet {settings.nft_table}\ndelete table inet {settings.nft_table}\n"


def _allow_rule(ours: str, allowed: Allowed) -> str:
    port = "" if allowed.port is None else f" meta l4proto {{ tcp, udp }} th dport {allowed.port}"
    return f"\t\tiifname {ours} ip daddr {allowed.network}{port} accept"
