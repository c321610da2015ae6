"""What a tenant's container and a build reach, with and without the policy: on real nftables, bridges and namespaces.

Every forbidden address has a listener behind it and is reached before the policy is loaded, so that silence means the policy.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from podmachine import SERVE, TEAM, Machine, scratch, started

from wisehosting_agent.errors import FirewallError
from wisehosting_agent.firewall import connect
from wisehosting_agent.firewall.guard import NftFirewall
from wisehosting_agent.firewall.targets import host_address
from wisehosting_agent.runtime import addressing
from wisehosting_agent.runtime.podman import PodmanRuntime
from wisehosting_agent.runtime.port import ContainerSpec
from wisehosting_wire.workload import EnvironmentRef, Wanted, Workload

pytestmark = pytest.mark.anyio

OUTSIDE, ALLOWED_PORT, OTHER_PORT = "192.168.77.2", 8000, 8001
"""A private address beyond the host, which the policy may open for one port."""
SILENT, CONNECTED = connect.SILENT, connect.CONNECTED


@dataclass
class Tenants:
    """Two environments' containers, and a private host beside them."""

    machine: Machine
    runtime: PodmanRuntime
    firewall: NftFirewall
    pids: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    async def start(self, name: str, environment: int) -> None:
        workload = Workload(
            instance=name,
            environment=EnvironmentRef(id=f"env-{environment}", team=TEAM, project="tenants", number=environment),
            process="web",
            wanted=Wanted.running,
            image=self.machine.image,
            command=["python3", "-c", SERVE],
            variables_version=1,
            port=8080,
        )
        port = self.machine.settings.port_range[0] + len(self.pids)
        container = await self.runtime.create(ContainerSpec(workload=workload, env={"PORT": "8080"}, host_port=port))
        await self.runtime.start(container)
        (found,) = [one for one in await self.runtime.containers() if one.instance == name]
        self.pids[name] = found.pid
        self.addresses[name] = self._address(name)

    def tries(self, name: str, address: str, port: int, query: str = "") -> str:
        """Outcome of one connection from inside the tenant's network namespace."""
        asked = [{"name": "it", "address": address, "port": port, "seconds": 1.5, "query": query}]
        argv = [*self._inside(name), sys.executable, "-I", str(Path(connect.__file__))]
        done = subprocess.run(argv, input=json.dumps(asked), capture_output=True, text=True, check=True)
        return str(json.loads(done.stdout)["it"])

    def gateway(self, environment: int) -> str:
        return str(addressing.subnet(self.machine.settings, environment)[1])

    def _address(self, name: str) -> str:
        argv = [*self._inside(name), "ip", "-json", "-4", "addr", "show", "dev", "eth0"]
        shown = subprocess.run(argv, capture_output=True, check=True, text=True)
        return str(json.loads(shown.stdout)[0]["addr_info"][0]["local"])

    def _inside(self, name: str) -> list[str]:
        return ["nsenter", f"--net=/proc/{self.pids[name]}/ns/net", "--"]


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def outside() -> Iterator[None]:
    """A network namespace as a host of its own at a private address, answering on two ports."""
    ip("netns", "add", "wh-test-outside")
    servers: list[subprocess.Popen[bytes]] = []
    try:
        ip("link", "add", "wh-test-out", "type", "veth", "peer", "name", "eth0", "netns", "wh-test-outside")
        ip("addr", "add", "192.168.77.1/24", "dev", "wh-test-out")
        ip("link", "set", "wh-test-out", "up")
        for command in ("addr add 192.168.77.2/24 dev eth0", "link set eth0 up", "link set lo up"):
            ip("-n", "wh-test-outside", *command.split())
        ip("-n", "wh-test-outside", "route", "add", "default", "via", "192.168.77.1")
        for port in (ALLOWED_PORT, OTHER_PORT):
            argv = ["ip", "netns", "exec", "wh-test-outside", sys.executable, "-m", "http.server", str(port)]
            servers.append(subprocess.Popen(argv, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        yield
    finally:
        for server in servers:
            server.kill()
            server.wait()
        ip("netns", "delete", "wh-test-outside")
        subprocess.run(["ip", "link", "delete", "wh-test-out"], check=False, capture_output=True)


@pytest.fixture(scope="module")
async def tenants(outside: None) -> AsyncIterator[Tenants]:
    with scratch("wh-test-firewall-") as folder:
        async with started(folder, 44) as machine:
            runtime = PodmanRuntime(machine.host)
            found = Tenants(machine, runtime, NftFirewall(runtime))
            try:
                await found.start("mine", 1)
                await found.start("sibling", 1)
                await found.start("theirs", 2)
                yield found
            finally:
                await found.firewall.remove()
                await runtime.close()


@contextlib.asynccontextmanager
async def listening(address: str) -> AsyncIterator[int]:
    """A listener of the host: what a control plane's mesh listener, an agent or any other program would be."""
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), address, 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def outcomes(tenants: Tenants) -> dict[str, str]:
    """What the container `mine` reaches, by what it is."""
    own = host_address()
    assert own is not None

    async def tried(address: str, port: int, query: str = "") -> str:
        return await asyncio.to_thread(tenants.tries, "mine", address, port, query)

    async with listening(tenants.gateway(1)) as host, listening(own) as agent, listening("192.168.77.1") as mesh:
        return {
            "host": await tried(tenants.gateway(1), host),
            "agent": await tried(own, agent),
            "mesh listener": await tried("192.168.77.1", mesh),
            "another environment's instance": await tried(tenants.addresses["theirs"], 8080),
            "another environment's gateway": await tried(tenants.gateway(2), 53, "x.dns.podman"),
            "private address": await tried(OUTSIDE, OTHER_PORT),
            "allowed address": await tried(OUTSIDE, ALLOWED_PORT),
            "own environment": await tried(tenants.addresses["sibling"], 8080),
            "own DNS": await tried(tenants.gateway(1), 53, "mine.dns.podman"),
        }


async def test_without_the_policy_a_tenant_reaches_what_it_must_not(tenants: Tenants) -> None:
    found = await outcomes(tenants)
    reached = {name for name, outcome in found.items() if outcome == CONNECTED}
    assert {"host", "agent", "mesh listener", "private address", "allowed address", "own environment"} <= reached


async def test_with_the_policy_only_the_own_environment_dns_and_allowed_addresses_are_open(tenants: Tenants) -> None:
    await tenants.firewall.load([f"{OUTSIDE}/32:{ALLOWED_PORT}"])
    assert await outcomes(tenants) == {
        "host": SILENT,
        "agent": SILENT,
        "mesh listener": SILENT,
        "another environment's instance": SILENT,
        "another environment's gateway": SILENT,
        "private address": SILENT,
        "allowed address": CONNECTED,
        "own environment": CONNECTED,
        "own DNS": CONNECTED,
    }
    assert await asyncio.to_thread(tenants.tries, "mine", "169.254.169.254", 80) == SILENT


async def test_visitors_still_reach_an_instance_by_its_port(tenants: Tenants) -> None:
    await tenants.firewall.load([])
    first, _ = tenants.machine.settings.port_range
    reader, writer = await asyncio.open_connection("127.0.0.1", first)
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    assert b"200" in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    await writer.wait_closed()


async def test_a_build_reaches_neither_the_host_nor_a_private_address(tenants: Tenants, tmp_path: Path) -> None:
    await tenants.firewall.load([f"{OUTSIDE}/32:{ALLOWED_PORT}"])
    gateway = str(addressing.build_subnet(tenants.machine.settings)[1])
    program = Path(connect.__file__).read_text().replace("def main() -> None:", "def unused() -> None:")
    async with listening("0.0.0.0") as port:
        tried = [(gateway, port), (OUTSIDE, OTHER_PORT), (OUTSIDE, ALLOWED_PORT)]
        ask = f"print('TRIED', [connect(a, p, 1.5) for a, p in {tried!r}])"
        folder = tmp_path / "build"
        folder.mkdir()
        (folder / "ask.py").write_text(program.split('if __name__ == "__main__"')[0] + ask + "\n")
        text = "FROM localhost/wisehosting/python:3.13\nCOPY ask.py /ask.py\nRUN python3 /ask.py\n"
        done = await tenants.machine.build(text, folder)
    assert done.returncode == 0, done.stderr
    assert f"TRIED {[SILENT, SILENT, CONNECTED]}" in done.stdout


async def test_the_probe_finds_everything_closed_and_says_which_address_is_not(tenants: Tenants) -> None:
    await tenants.firewall.load([f"{OUTSIDE}/32:{ALLOWED_PORT}"])
    report = await tenants.firewall.check()
    assert report.closed, report.detail
    assert set(report.probes) >= {"metadata", "host", "mesh", "agent", "environment", "private", "dns", "allowed"}
    assert all(report.probes.values()), report


async def test_a_policy_that_somebody_removed_is_loaded_again_and_reported(tenants: Tenants) -> None:
    await tenants.firewall.load([])
    table = tenants.machine.settings.nft_table
    await asyncio.to_thread(subprocess.run, ["nft", "delete", "table", "inet", table], check=True)
    report = await tenants.firewall.check()
    assert report.closed, report.detail
    assert "loaded again" in report.detail


async def test_a_policy_with_a_hole_is_reported_as_open(tenants: Tenants) -> None:
    """The probe asks the network, not the table: a rule that somebody put in front is found by what gets through."""
    await tenants.firewall.load([])
    table = tenants.machine.settings.nft_table
    handle = ["nft", "insert", "rule", "inet", table, "tenant_input", "accept"]
    await asyncio.to_thread(subprocess.run, handle, check=True)
    outcome = await tenants.firewall._try()
    assert outcome[0]["host"] == CONNECTED
    report = await tenants.firewall.check()  # sees the foreign rule, loads its own again
    assert "changed" in report.detail


async def test_nothing_opens_loopback_metadata_or_other_tenants(tenants: Tenants) -> None:
    for never in ("127.0.0.1/32", "169.254.169.254/32", str(tenants.machine.settings.subnet_pool), "0.0.0.0/0"):
        with pytest.raises(FirewallError, match="never open"):
            await tenants.firewall.load([never])


async def test_taking_the_policy_away_touches_no_other_table(tenants: Tenants) -> None:
    await asyncio.to_thread(subprocess.run, ["nft", "add", "table", "inet", "wh_test_bystander"], check=True)
    try:
        await tenants.firewall.load([])
        await tenants.firewall.remove()
        listed = (
            await asyncio.to_thread(
                subprocess.run, ["nft", "list", "tables"], check=True, capture_output=True, text=True
            )
        ).stdout
        assert tenants.machine.settings.nft_table not in listed
        assert "wh_test_bystander" in listed
    finally:
        await asyncio.to_thread(subprocess.run, ["nft", "delete", "table", "inet", "wh_test_bystander"], check=True)
