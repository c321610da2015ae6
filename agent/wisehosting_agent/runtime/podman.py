"""Podman behind the runtime's port: REST for orders, the kernel's files for facts."""

import logging
import re
from collections import defaultdict
from collections.abc import AsyncIterator

import anyio
import anyio.to_thread
import msgspec

from wisehosting_agent.errors import RuntimeRefused, RuntimeUnavailable, WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime import networks, observe, portrules, proc, profile, service
from wisehosting_agent.runtime.answers import Event, Info, Inspected, InspectedImage, Listed
from wisehosting_agent.runtime.cgroups import cgroup_version
from wisehosting_agent.runtime.client import PodmanClient, PodmanRefused, filters
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.runtime.port import (
    ContainerRuntime,
    ContainerSpec,
    ContainerState,
    ObservedContainer,
    RuntimeFacts,
)
from wisehosting_agent.runtime.verify import verify
from wisehosting_wire.facts import ImageFacts
from wisehosting_wire.workload import Workload

logger = logging.getLogger(__name__)

_DIGEST = re.compile(r"[0-9a-f]{64}")

MISSING = frozenset({404})
SAME_STATE = frozenset({304})
CHANGES = frozenset({"start", "died", "remove", "stop", "oom", "pause", "unpause"})
FIRST_PAUSE, LAST_PAUSE = 0.1, 5.0
CANNOT_RUN = (
    "executable file not found",
    "executable file `",
    "no such file or directory",
    "permission denied",
    "exec format error",
    "unable to find user",
    "unable to find group",
    "no matching entries in",
)
"""Parts of Podman's sentence when the image, not the worker, is why a start failed."""


class PodmanRuntime(ContainerRuntime):
    """One platform's containers. Safe to use from several tasks."""

    def __init__(self, host: PodmanHost) -> None:
        self.host = host
        self.client = PodmanClient(host.settings.podman_socket, " ".join(host.service_argv()))
        self._platform = f"{profile.PLATFORM}={host.settings.number}"
        self._environment_locks: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)
        self._service_lock = anyio.Lock()
        self._stopped_by_us: set[str] = set()
        self._out_of_memory: dict[tuple[str, int], bool] = {}

    async def close(self) -> None:
        """Close the connections; containers go on."""
        await self.client.close()

    async def facts(self) -> RuntimeFacts:
        """Versions. Raises RuntimeUnavailable with the command that starts the service."""
        info = await self.client.get("info", Info, verb="say its versions")
        version = info.host.runtime.version.partition("\n")[0]
        return RuntimeFacts(
            podman=info.version.version,
            runtime=version or info.host.runtime.name,
            cgroups=info.host.cgroups or cgroup_version(),
        )

    async def containers(self) -> list[ObservedContainer]:
        """All instances' containers of this platform, found by label."""
        rows = await self._list(self._platform)
        return await anyio.to_thread.run_sync(self._observe, rows)

    async def create(self, spec: ContainerSpec) -> str:
        """Create with the isolation profile; a second call returns the one that exists.

        Raises WorkFailed when the image is missing or says nothing to run, RuntimeRefused for the rest.
        """
        workload = spec.workload
        environment = workload.environment
        if found := await self._find(workload.instance):
            return found
        if await self.image(environment.team, workload.image) is None:
            raise WorkFailed(
                Reason.image_missing, f"Image {workload.image[:12]} is not on this worker. Deploy again to build it."
            )
        body = profile.create_body(self.host, spec)
        async with self._environment_locks[environment.id]:
            await networks.ensure(
                self.client,
                self.host.settings,
                name=self.host.network_name(environment.number),
                bridge=self.host.bridge(environment.number),
                subnet=self.host.subnet(environment.number),
            )
            try:
                created = await self.client.post(
                    "containers/create", body, profile.Created, verb=f"create container {body.name}"
                )
            except PodmanRefused as refused:
                if found := await self._find(workload.instance):
                    return found
                raise _work_failure(refused) or refused from refused
        return created.container

    async def start(self, container: str) -> None:
        """Start; a running container stays as it is. Raises WorkFailed when the image cannot run, else RuntimeRefused."""
        self._stopped_by_us.discard(container)
        try:
            await self.client.order(
                f"containers/{container}/start", verb=f"start container {container[:12]}", already=SAME_STATE
            )
        except PodmanRefused as refused:
            raise _work_failure(refused) or refused from refused

    async def verify(self, container: str, workload: Workload) -> None:
        """Compare the running container with the profile. Raises IsolationBroken, or RuntimeRefused when it has ended."""
        found = await self._inspect(container)
        await anyio.to_thread.run_sync(verify, self.host, found, workload)

    async def stop(self, container: str, seconds: float) -> None:
        """The image's stop signal (SIGTERM unless it says otherwise), then SIGKILL after `seconds`."""
        self._stopped_by_us.add(container)
        await self.client.order(
            f"containers/{container}/stop",
            verb=f"stop container {container[:12]}",
            params={"timeout": str(max(0, round(seconds)))},
            already=SAME_STATE | MISSING,
        )

    async def remove(self, container: str) -> None:
        """Force-remove, the log file with it, and the environment's network with its last container."""
        try:
            found = await self._inspect(container)
        except PodmanRefused as refused:
            if refused.status != 404:
                # the image is gone, so Podman cannot inspect; it can still remove
                await self._delete(container)
            return
        environment = (found.config.labels or {}).get(profile.ENVIRONMENT, "")
        async with self._environment_locks[environment]:
            await self._delete(container)
            if environment and not await self._list(f"{profile.ENVIRONMENT}={environment}"):
                for name in found.network_settings.networks or {}:
                    await networks.remove(self.client, name)

    async def tidy(self) -> None:
        """Delete port rules of containers that are gone or have ended."""
        rules = await anyio.to_thread.run_sync(
            portrules.listed
        )  # before the containers: what begins meanwhile is not judged
        if not rules:
            return
        alive = {found.container for found in await self.containers() if found.state is not ContainerState.exited}
        stale = list(portrules.stale_rules(rules, f"wh{self.host.settings.number}-", alive))
        if stale:
            logger.warning(
                "port rules of dead containers were left behind and are deleted", extra={"rules": len(stale)}
            )
            await anyio.to_thread.run_sync(portrules.delete, stale)

    async def oom_kills(self, observed: ObservedContainer) -> int:
        """Counter of the container's cgroup while it runs; 0 when there is none to read."""
        return proc.oom_kills(observed.pid) if proc.alive(observed.pid) else 0

    async def listening_ports(self, observed: ObservedContainer) -> list[int]:
        """TCP ports inside that can be reached from outside; listeners on loopback do not count."""
        if not proc.alive(observed.pid):
            return []
        return sorted({listener.port for listener in proc.listeners(observed.pid) if not listener.loopback})

    async def image(self, team: str, image: str) -> ImageFacts | None:
        """Facts of an image in the team's store; None when it is not there. Starts the service again if it cannot see the store."""
        image = image.removeprefix("sha256:")
        store = self.host.stores.team(team)
        if not _DIGEST.fullmatch(image) or not (store / "overlay-images" / image).is_dir():
            return None
        await self._see_stores()
        try:
            found = await self.client.get(f"images/{image}/json", InspectedImage, verb=f"inspect image {image[:12]}")
        except PodmanRefused as refused:
            if refused.status == 404:
                return None
            raise
        return observe.image_facts(found)

    async def events(self) -> AsyncIterator[str]:
        """Yields the instance id whenever one of our containers changes, and "" after each (re)connect; never ends."""
        pause = FIRST_PAUSE
        query = {"stream": "true", **filters(type=["container"], label=[self._platform])}
        while True:
            try:
                async with self.client.lines("events", verb="follow events", params=query) as lines:
                    pause = FIRST_PAUSE
                    yield ""
                    async for line in lines:
                        if instance := _instance(line):
                            yield instance
            except (RuntimeUnavailable, RuntimeRefused) as error:
                logger.warning("events of Podman ended", extra={"error": str(error)})
            await anyio.sleep(pause)
            pause = min(pause * 2, LAST_PAUSE)

    # Parts

    async def _see_stores(self) -> None:
        async with self._service_lock:
            await anyio.to_thread.run_sync(self.host.prepare)
            if await anyio.to_thread.run_sync(service.stale, self.host):
                logger.info("starting Podman again: it lists too few image stores")
                await service.restart(self.host, self.client)

    async def _list(self, *labels: str) -> list[Listed]:
        query = {"all": "true", **filters(label=list(labels))}
        return await self.client.get("containers/json", list[Listed], verb="list containers", params=query)

    async def _find(self, instance: str) -> str | None:
        rows = await self._list(self._platform, f"{profile.INSTANCE}={instance}")
        return rows[0].container if rows else None

    async def _inspect(self, container: str) -> Inspected:
        return await self.client.get(
            f"containers/{container}/json", Inspected, verb=f"inspect container {container[:12]}"
        )

    async def _delete(self, container: str) -> None:
        self._stopped_by_us.add(container)
        await self.client.delete(
            f"containers/{container}",
            verb=f"remove container {container[:12]}",
            params={"force": "true", "v": "true", "timeout": "0"},
            already=MISSING,
        )
        self._stopped_by_us.discard(container)

    def _observe(self, rows: list[Listed]) -> list[ObservedContainer]:
        found = [observe.container(self.host, row) for row in rows if (row.labels or {}).get(profile.INSTANCE)]
        return [self._with_memory(container) for container in found]

    def _with_memory(self, observed: ObservedContainer) -> ObservedContainer:
        if observed.exit_code in {None, 0}:
            return observed
        key = (observed.container, int(observed.finished_at))
        if key not in self._out_of_memory:
            self._out_of_memory[key] = observe.out_of_memory(
                observed, stopped_by_us=observed.container in self._stopped_by_us
            )
        return msgspec.structs.replace(observed, oom_killed=self._out_of_memory[key])


def _instance(line: str) -> str:
    """Instance an event line is about, when it is a change; empty for anything else."""
    try:
        event = msgspec.json.decode(line, type=Event)
    except msgspec.MsgspecError:
        return ""
    return event.actor.attributes.get(profile.INSTANCE, "") if event.action in CHANGES else ""


def _work_failure(refused: PodmanRefused) -> WorkFailed | None:
    """The refusal as the deployment's own failure, when the image or its command is the cause."""
    text = str(refused)
    if "no command or entrypoint provided" in text:
        return WorkFailed(
            Reason.no_start_command, "The image says nothing to run. Add CMD to the Containerfile, or a command."
        )
    if "mounting storage" in text or "no such image" in text or "image not known" in text:
        return WorkFailed(Reason.image_missing, "The image is no longer on this worker. Deploy again to build it.")
    if any(part in text for part in CANNOT_RUN):
        return WorkFailed(
            Reason.no_start_command,
            "The start command does not exist in the image or cannot be run. Set CMD in the Containerfile or command "
            f"under [processes.web] in wisehosting.toml. ({_inner(text)[:500]})",
        )
    return None


def _inner(text: str) -> str:
    """The last part of a runtime's sentence, which names the program or user."""
    return text.rpartition("OCI runtime")[2].rpartition("runc create failed: ")[2].strip() or text
