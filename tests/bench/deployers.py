"""What a deployment is compared with: scripts that fetch, build, start, probe and switch, and nothing else."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

import msgspec

from tests.bench.contenders import Proxy, Scene
from tests.running import wait_for
from wisehosting_agent.build.bases import PYTHON
from wisehosting_agent.build.cgroup import BuildCgroup
from wisehosting_agent.build.order import settings_first
from wisehosting_agent.build.storage import Store
from wisehosting_agent.build.warm import Warm
from wisehosting_agent.runtime import networks, profile
from wisehosting_agent.runtime.client import PodmanClient
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.runtime.port import ContainerSpec
from wisehosting_agent.settings import Settings
from wisehosting_wire.workload import BuildLimits, EnvironmentRef, Wanted, Workload

HOST = "warm.localhost"
ENVIRONMENT = 40
"""Number of an environment that a fresh platform does not reach."""
PROBE_SECONDS = 0.01


class Marks:
    """Seconds of each step."""

    def __init__(self) -> None:
        self.began = self._last = time.perf_counter()
        self.steps: dict[str, float] = {}

    def mark(self, step: str) -> None:
        """End a step."""
        now = time.perf_counter()
        self.steps[step] = now - self._last
        self._last = now

    @property
    def whole(self) -> float:
        """Seconds since the beginning."""
        return self._last - self.began


class Deployer(ABC):
    """A script with a clone of its own, and a container that is replaced each time."""

    def __init__(self, folder: Path, repository: str) -> None:
        self.folder = folder
        self.clone = folder / "clone"
        self._count = 0
        _run("git", "clone", "--quiet", repository, self.clone)

    async def deploy(self, visit_port: int, version: str) -> Marks:
        """Fetch to the first answer of this version; what the new container replaces is removed after that."""
        self._count += 1
        marks = Marks()
        await asyncio.to_thread(self._fetch)
        marks.mark("fetch")
        image = await self._build()
        marks.mark("build")
        port = _free_port()
        container = await self._start(image, port, marks)
        await self._ready(port)
        marks.mark("probe")
        await self._switch(port)
        marks.mark("switch")
        await asyncio.to_thread(until_answered, visit_port, HOST, version)
        marks.mark("answer")
        await self._replace(container)
        return marks

    def _fetch(self) -> None:
        _run("git", "-C", self.clone, "fetch", "--quiet", "--depth=1", "origin", "main")
        _run("git", "-C", self.clone, "reset", "--quiet", "--hard", "FETCH_HEAD")

    @abstractmethod
    async def _build(self) -> str:
        """Return the image's id."""

    @abstractmethod
    async def _start(self, image: str, port: int, marks: Marks) -> str:
        """Return the container's id."""

    async def _ready(self, port: int) -> None:
        """One probe after another, as soon as it answers."""
        await asyncio.to_thread(until_answered, port, HOST, "")

    @abstractmethod
    async def _switch(self, port: int) -> None:
        """Point the proxy at the new container."""

    @abstractmethod
    async def _replace(self, container: str | None) -> None:
        """Remove the container before this one."""


class Floor(Deployer):
    """The same flags, limits, id maps and create body as ours, done by a script that knows nothing else.

    What makes the build itself fast is given to it too: the base in the team's store, and settings above the files.
    """

    def __init__(self, folder: Path, repository: str, agent: Settings, proxy: "SlotProxy") -> None:
        super().__init__(folder, repository)
        self._host = PodmanHost(agent)
        self._client = PodmanClient(agent.podman_socket, "")
        self._proxy = proxy
        self._team = "bench-floor"
        self._old: str | None = None
        self._environment = EnvironmentRef(id="floor", team=self._team, project="floor", number=ENVIRONMENT)

    async def prepare(self) -> None:
        """Make the networks and the store once."""
        await networks.ensure_build_network(self._host)
        base = Store(self._host.stores.bases).named(PYTHON.name)
        assert base is not None, "the base image is ready"
        await Warm(self._host).take_over(self._team, PYTHON.name, base)
        await networks.ensure(
            self._client,
            self._host.settings,
            name=self._host.network_name(ENVIRONMENT),
            bridge=self._host.bridge(ENVIRONMENT),
            subnet=self._host.subnet(ENVIRONMENT),
        )

    async def close(self) -> None:
        """Remove container and network."""
        await self._replace(None)
        await networks.remove(self._client, self._host.network_name(ENVIRONMENT))
        await self._client.close()

    async def _build(self) -> str:
        limits = BuildLimits()
        containerfile = self.folder / "Containerfile"
        containerfile.write_text(settings_first((self.clone / "Containerfile").read_text()))
        cgroup = BuildCgroup(f"floor-{self._count}", self._host.settings.number)
        iid = self.folder / "iid"
        iid.unlink(missing_ok=True)
        argv = [*self._host.build_argv(self._team), "--cgroup-manager=cgroupfs", "build"]
        argv += [*self._host.build_isolation(self._team), "--layers", "--force-rm", "--pull=never", f"--iidfile={iid}"]
        argv += [f"--cgroup-parent={cgroup.parent}", f"--memory={limits.memory_bytes}"]
        argv += [f"--memory-swap={limits.memory_bytes}", f"--ignorefile={self.folder / 'ignore'}"]
        argv += [f"--file={containerfile}", str(self.clone)]
        (self.folder / "ignore").write_text(".git\n")
        cgroup.create(limits)
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                env=self._host.build_env(self._team),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                preexec_fn=cgroup.enter,
            )
            output, _ = await process.communicate()
        finally:
            cgroup.kill()
            cgroup.remove()
        if process.returncode:
            raise SystemExit(output.decode())
        return iid.read_text().strip().removeprefix("sha256:")

    async def _start(self, image: str, port: int, marks: Marks) -> str:
        workload = Workload(
            instance=f"floor-{self._count:012d}",
            environment=self._environment,
            process="web",
            wanted=Wanted.running,
            image=image,
            variables_version=0,
            port=8080,
        )
        body = profile.create_body(self._host, ContainerSpec(workload=workload, env={"PORT": "8080"}, host_port=port))
        body = msgspec.structs.replace(body, labels={})  # the agent must not take it for one of its own
        made = await self._client.post("containers/create", body, profile.Created, verb="create the floor's container")
        marks.mark("create")
        await self._client.order(f"containers/{made.container}/start", verb="start the floor's container")
        marks.mark("start")
        return made.container

    async def _switch(self, port: int) -> None:
        await self._proxy.point(self._count, port)

    async def _replace(self, container: str | None) -> None:
        if self._old is not None:
            await self._client.delete(
                f"containers/{self._old}",
                verb="remove the floor's container",
                params={"force": "true", "v": "true", "timeout": "0"},
            )
        self._old = container


class Scripted(Deployer):
    """`podman build && podman run && nginx -s reload`, with a documented wait before its check and no isolation asked for."""

    def __init__(self, folder: Path, repository: str, agent: Settings, proxy: "ReloadedProxy", wait: float) -> None:
        super().__init__(folder, repository)
        self._host = PodmanHost(agent)
        self._proxy = proxy
        self._wait = wait
        self._team = "bench-script"
        self._argv = self._host.build_argv(self._team)
        self._old: str | None = None

    async def close(self) -> None:
        """Remove the container."""
        await self._replace(None)

    async def _build(self) -> str:
        (self.folder / "ignore").write_text(".git\n")
        out = await self._podman(
            "build", "--quiet", "--network=none", f"--ignorefile={self.folder / 'ignore'}", self.clone
        )
        return out.strip()

    async def _start(self, image: str, port: int, marks: Marks) -> str:
        published = f"--publish=127.0.0.1:{port}:8080"
        out = await self._podman("run", "--detach", "--network=podman", "--env=PORT=8080", published, image)
        marks.mark("run")
        return out.strip()

    async def _ready(self, port: int) -> None:
        await asyncio.sleep(self._wait)
        await super()._ready(port)

    async def _switch(self, port: int) -> None:
        await self._proxy.point(port)

    async def _replace(self, container: str | None) -> None:
        if self._old is not None:
            await self._podman("rm", "--force", "--time=0", self._old)
        self._old = container

    async def _podman(self, *arguments: str | Path) -> str:
        process = await asyncio.create_subprocess_exec(
            *self._argv,
            *(str(argument) for argument in arguments),
            env=self._host.build_env(self._team),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        if process.returncode:
            raise SystemExit(f"podman {arguments[0]}: {errors.decode()}")
        return out.decode()


class SlotProxy(Proxy):
    """HAProxy by hand with two slots and a map."""

    name = "slots"

    async def start(self) -> None:
        """Come up with nothing behind it."""
        self._fresh_folder()
        (self.folder / "be.map").write_text(f"{HOST} slot0\n")
        text = (
            f"global\n  stats socket {self.folder}/admin.sock level admin\n  maxconn 200\n"
            "defaults\n  mode http\n  timeout connect 3s\n  timeout client 60s\n  timeout server 60s\n"
            f"frontend apps\n  bind 127.0.0.1:{self.scene.port}\n"
            f"  use_backend %[req.hdr(host),host_only,map({self.folder}/be.map)]\n"
            "backend slot0\n  server s 127.0.0.1:1 disabled\nbackend slot1\n  server s 127.0.0.1:1 disabled\n"
        )
        (self.folder / "haproxy.cfg").write_text(text)
        self._spawn("haproxy", "-db", "-f", self.folder / "haproxy.cfg")
        await self._until_it_listens()

    async def point(self, number: int, port: int) -> None:
        """Fill a slot and switch."""
        slot = f"slot{number % 2}"
        reader, writer = await asyncio.open_unix_connection(str(self.folder / "admin.sock"))
        writer.write(
            f"set server {slot}/s state maint;set server {slot}/s addr 127.0.0.1 port {port};"
            f"set server {slot}/s state ready;set map {self.folder}/be.map {HOST} {slot}\n".encode()
        )
        await reader.read()
        writer.close()


class ReloadedProxy(Proxy):
    """nginx with one site."""

    name = "reloaded"

    async def start(self) -> None:
        """Come up with nothing behind it."""
        self._fresh_folder()
        (self.folder / "nginx.conf").write_text(
            f"pid {self.folder}/pid;\nerror_log {self.folder}/error.log;\nworker_processes auto;\nevents {{ }}\n"
            f"http {{ access_log off; server {{ listen 127.0.0.1:{self.scene.port}; "
            f"location / {{ include {self.folder}/site.conf; }} }} }}\n"
        )
        (self.folder / "site.conf").write_text("return 503;\n")
        self._command = ("nginx", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder))
        self._spawn(*self._command, "-g", "daemon off;")
        await self._until_it_listens()

    async def point(self, port: int) -> None:
        """Write the site anew and reload."""
        (self.folder / "site.conf").write_text(f"proxy_pass http://127.0.0.1:{port};\n")
        reload = await asyncio.create_subprocess_exec(*self._command, "-s", "reload", stderr=asyncio.subprocess.DEVNULL)
        assert await reload.wait() == 0


def scene(folder: Path, port: int) -> Scene:
    """Return a scene with a listener only."""
    return Scene(folder=folder, port=port, hosts=1, sets={}, other=0, quiet=0)


def until_answered(port: int, host: str, wanted: str) -> None:
    """Ask until the answer is 200 and holds this text."""
    request = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()

    def look() -> bool | None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(request)
            answer = b""
            while part := connection.recv(4096):
                answer += part
            return answer.startswith(b"HTTP/1.1 200") and wanted.encode() in answer
        return None

    wait_for(look, within=120, what=f"an answer with {wanted!r} on port {port}", pause=PROBE_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(*argv: str | Path) -> None:
    subprocess.run([str(part) for part in argv], check=True, capture_output=True)


def fresh(folder: Path) -> Path:
    """Return the folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
