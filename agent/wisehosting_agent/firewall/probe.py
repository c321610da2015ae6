"""The isolation probe: a container of ours on a network of its own, from whose namespace forbidden and permitted addresses are tried.

The tries are made by the host's Python inside the container's network namespace: the packets take a tenant's path,
and the image needs no tools.
"""

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import msgspec

from wisehosting_agent.errors import FirewallError
from wisehosting_agent.firewall import connect
from wisehosting_agent.runtime import addressing, networks, proc, profile
from wisehosting_agent.runtime.answers import Inspected, ListedImage
from wisehosting_agent.runtime.client import PodmanClient, PodmanRefused
from wisehosting_agent.runtime.host import PodmanHost

BASE = "localhost/wisehosting/base"
MEMORY = 32 * 1024 * 1024
PIDS = 8
PROBE = "wisehosting.probe"
RUN_SECONDS = 30.0
TRY_SECONDS = 1.0
OPEN_SECONDS = 5.0
"""A permitted address may be slow; a forbidden one is silent at once or answers at once."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """An address to try."""

    name: str
    address: str
    port: int
    permitted: bool = False
    query: str = ""
    """DNS name to ask for over UDP; empty tries TCP."""

    @property
    def seconds(self) -> float:
        """How long to wait for an answer."""
        return OPEN_SECONDS if self.permitted else TRY_SECONDS

    def as_wanted(self, outcome: str) -> bool:
        """A refused connection is an answer: the packet arrived."""
        return (outcome in {connect.CONNECTED, connect.REFUSED}) is self.permitted


class Probe:
    """The probe's container and what is tried from it."""

    def __init__(
        self, host: PodmanHost, client: PodmanClient, image: Callable[[], Awaitable[str | None]] | None = None
    ) -> None:
        """`image` names any image to keep the container alive with; without it, one of the platform's bases."""
        self._host = host
        self._client = client
        self._image = image or self._base_image
        self.name = f"wh{host.settings.number}-probe"

    async def ensure(self) -> int:
        """Process of the running probe container; made or started when needed. A second call changes nothing.

        Raises FirewallError when there is no image yet, RuntimeUnavailable or RuntimeRefused when Podman will not.
        """
        found = await self._inspect()
        if found is None:
            await self._create()
            found = await self._inspect()
        if found is not None and not proc.alive(found.state.pid):
            await self._client.order(f"containers/{self.name}/start", verb="start the probe", already=frozenset({304}))
            found = await self._inspect()
        if found is None or not proc.alive(found.state.pid):
            await self._delete()
            raise FirewallError("The isolation probe's container does not stay up. Look at: podman logs of wh-probe.")
        return found.state.pid

    async def run(self, targets: list[Target]) -> dict[str, str]:
        """Try all targets at once; outcomes by name. Raises FirewallError when the tries cannot be made."""
        pid = await self.ensure()
        entries = [
            {"name": t.name, "address": t.address, "port": t.port, "seconds": t.seconds, "query": t.query}
            for t in targets
        ]
        program = Path(connect.__file__)
        argv = ["nsenter", f"--net=/proc/{pid}/ns/net", "--", sys.executable, "-I", str(program)]
        try:
            with anyio.fail_after(RUN_SECONDS):
                done = await anyio.run_process(argv, input=json.dumps(entries).encode(), check=False)
            if done.returncode != 0:
                raise FirewallError(f"The isolation probe failed: {done.stderr.decode(errors='replace')[-300:]}")
            return msgspec.json.decode(done.stdout, type=dict[str, str])
        except (TimeoutError, OSError, msgspec.MsgspecError) as error:
            raise FirewallError(f"The isolation probe could not run: {error or type(error).__name__}") from error

    async def remove(self) -> None:
        """Remove container and network; missing is success."""
        await self._delete()
        await networks.remove(self._client, self._host.probe_network)

    @property
    def gateway(self) -> str:
        """The host's address on the probe's bridge."""
        return str(addressing.probe_subnet(self._host.settings)[1])

    async def _inspect(self) -> Inspected | None:
        try:
            return await self._client.get(f"containers/{self.name}/json", Inspected, verb="inspect the probe")
        except PodmanRefused as refused:
            if refused.status == 404:
                return None
            # its image is gone: Podman can only remove it
            await self._delete()
            return None

    async def _create(self) -> None:
        image = await self._image()
        if image is None:
            raise FirewallError("No image to probe isolation with yet: wait until a base image is made.")
        settings = self._host.settings
        await networks.ensure(
            self._client,
            settings,
            name=self._host.probe_network,
            bridge=f"{settings.bridge_prefix}p",
            subnet=addressing.probe_subnet(settings),
        )
        await self._client.post(
            "containers/create", self._body(image), profile.Created, verb="create the isolation probe"
        )

    def _body(self, image: str) -> profile.CreateBody:
        settings = self._host.settings
        start, size = addressing.probe_id_map(settings)
        ids = [profile.IdRange(container_id=0, host_id=start, size=size)]
        return profile.CreateBody(
            name=self.name,
            image=image,
            hostname="probe",
            labels={profile.PLATFORM: str(settings.number), PROBE: "true"},
            env={},
            user="0",
            entrypoint=["sleep", "infinity"],
            command=[],
            stop_timeout=1,
            networks={self._host.probe_network: profile.NetworkOptions(aliases=[])},
            portmappings=[],
            idmappings=profile.IdMappings(uids=ids, gids=ids),
            mounts=[],
            resource_limits=profile.Resources(
                memory=profile.Memory(limit=MEMORY, swap=MEMORY),
                cpu=profile.Cpu(shares=128),
                pids=profile.Pids(limit=PIDS),
            ),
            r_limits=[
                profile.Rlimit(type="nofile", soft=64, hard=64),
                profile.Rlimit(type="nproc", soft=PIDS, hard=PIDS),
            ],
            cap_add=[],
            seccomp_profile_path=str(self._host.seccomp_profile),
            read_only_filesystem=True,
            read_write_tmpfs=False,
        )

    async def _base_image(self) -> str | None:
        images = await self._client.get("images/json", list[ListedImage], verb="list images")
        named = [(name, image.image) for image in images for name in image.names or [] if name.startswith(BASE)]
        return min(named)[1] if named else None

    async def _delete(self) -> None:
        await self._client.delete(
            f"containers/{self.name}",
            verb="remove the isolation probe",
            params={"force": "true", "timeout": "0"},
            already=frozenset({404}),
        )
