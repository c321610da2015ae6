"""What several platforms on one host must not share, derived from one small number. Pure.

Ports, nft table, bridges, subnets, id ranges and the cookie's name all follow from it, so two `./dev up` with different
state folders run side by side without knowing each other.
"""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

NUMBERS = 48
"""Id ranges of more platforms would pass 2^32."""
IDS_PER_PLATFORM = 2**26
INSTANCE_PORTS = 120
"""Ports for instances of every platform but the first, which has 4000."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every name and number of one platform on this host."""

    number: int
    port: int
    """The dashboard; the sign-in provider, the mesh listener and the example's Git server are the next three."""
    apps_port: int

    @property
    def provider_port(self) -> int:
        """The loopback sign-in provider."""
        return self.port + 1

    @property
    def mesh_port(self) -> int:
        """Where the agent dials in."""
        return self.port + 2

    @property
    def example_port(self) -> int:
        """Git smart HTTP of the example application."""
        return self.port + 3

    @property
    def listeners(self) -> dict[int, str]:
        """Port to what listens there, all on 127.0.0.1."""
        return {
            self.port: "the dashboard",
            self.provider_port: "the sign-in provider",
            self.mesh_port: "the mesh listener",
            self.example_port: "the example repository",
            self.apps_port: "the apps",
        }

    @property
    def dashboard(self) -> str:
        """URL of the dashboard."""
        return f"http://localhost:{self.port}"

    @property
    def issuer(self) -> str:
        """URL of the sign-in provider."""
        return f"http://localhost:{self.provider_port}"

    @property
    def mesh(self) -> str:
        """URL of the mesh listener."""
        return f"https://127.0.0.1:{self.mesh_port}"

    @property
    def example(self) -> str:
        """Git URL of the example application."""
        return f"http://127.0.0.1:{self.example_port}/hello.git"

    @property
    def apps_domain(self) -> str:
        """Generated hostnames end in it."""
        return f"localhost:{self.apps_port}"

    @property
    def apps_address(self) -> str:
        """Where HAProxy answers."""
        return f"127.0.0.1:{self.apps_port}"

    @property
    def cookie_name(self) -> str:
        """Browsers do not separate cookies by port."""
        return "wh_session" if self.number == 0 else f"wh_session_{self.number}"

    @property
    def bridge_prefix(self) -> str:
        """Every bridge of this platform begins with it."""
        return f"whbr{self.number}x"

    @property
    def nft_table(self) -> str:
        """Tenant policy, family inet."""
        return f"wh{self.number}_tenant"

    @property
    def subnet_pool(self) -> ipaddress.IPv4Network:
        """Networks of the environments."""
        return ipaddress.IPv4Network((f"10.{128 + self.number}.0.0", 16))

    @property
    def id_base(self) -> int:
        """User-namespace ids of the environments start here."""
        return 1_000_000_000 + self.number * IDS_PER_PLATFORM

    @property
    def instance_ports(self) -> tuple[int, int]:
        """First and last host port of instances."""
        if self.number == 0:
            return 20000, 23999
        first = 24000 + (self.number - 1) * INSTANCE_PORTS
        return first, first + INSTANCE_PORTS - 1

    @property
    def run_dir(self) -> Path:
        """Sockets; short, because a socket's path may hold 107 bytes only."""
        return Path("/run/wisehosting") / str(self.number)


def plan(number: int, *, port: int | None = None, apps_port: int | None = None) -> Plan:
    """The plan of a number; ports may be chosen by hand. Raises ValueError for what cannot be a port or a number."""
    if not 0 <= number < NUMBERS:
        raise ValueError(f"a platform's number is between 0 and {NUMBERS - 1}")
    made = Plan(
        number=number,
        port=7000 + 10 * number if port is None else port,
        apps_port=8080 + number if apps_port is None else apps_port,
    )
    if len(made.listeners) < 5:
        raise ValueError(
            f"--apps-port {made.apps_port} is one of {made.port} to {made.port + 3}, which --port {made.port} takes; choose another"
        )
    wrong = [wanted for wanted in made.listeners if not 1 <= wanted <= 65535]
    if wrong:
        raise ValueError(f"{wrong[0]} is not a port; choose --port and --apps-port between 1 and 65000")
    return made
