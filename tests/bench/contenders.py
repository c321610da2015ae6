"""Four ways to switch an app from one set of instances to another, each with the same hosts: ours and its peers."""

import asyncio
import os
import resource
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import httpx2
import msgspec

from tests.bench.figures import cpu_seconds
from wisehosting_agent.ingress.haproxy import HaproxyIngress
from wisehosting_agent.settings import Settings
from wisehosting_wire.workload import RouteApp, RouteDeployment, RouteServer

A, B = "a.localhost", "b.localhost"
START_SECONDS = 60.0
CONNECTION_FILES = 3000


class Scene(msgspec.Struct, kw_only=True):
    """Where everything is: two sets of instances of A, the instance of B, one address for all other apps."""

    folder: Path
    port: int
    hosts: int
    sets: dict[str, list[int]]
    other: int
    quiet: int
    """Accepts connections and closes them: instances that nobody visits."""

    def others(self) -> list[str]:
        """Return the names of all other apps."""
        return [f"app-{number:05d}" for number in range(self.hosts - 2)]


class Switched(msgspec.Struct, kw_only=True):
    """Seconds of one switch: the one command by which new requests go elsewhere, and all that is done for it."""

    command: float
    whole: float


class Proxy(ABC):
    """A proxy in a folder of its own."""

    name: str

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.folder = scene.folder / self.name
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    async def start(self) -> None:
        """Come up and listen."""

    def cpu(self) -> float:
        """Return CPU seconds of the proxy so far."""
        assert self._process is not None
        return cpu_seconds(self._process.pid)

    async def stop(self) -> None:
        """End the proxy."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def _spawn(self, *argv: str | Path) -> None:
        with (self.folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                [str(part) for part in argv], stdout=output, stderr=output, start_new_session=True
            )

    def _fresh_folder(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    async def _until_it_listens(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", self.scene.port), timeout=1):
                    return
            except OSError:
                await asyncio.sleep(0.05)
        raise SystemExit(f"{self.name} did not come up: {(self.folder / 'output').read_text()[-2000:]}")


class Contender(Proxy):
    """A proxy that serves all hosts and can switch A between its sets; it begins with the first."""

    @abstractmethod
    async def switch(self, to: str) -> Switched:
        """Send new requests of A to this set."""

    async def after(self) -> None:
        """Do what follows a switch."""


class Ours(Contender):
    """The product's own driver of HAProxy with its own configuration, driven as the agent drives it."""

    name = "ours"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._number = 1
        self._filler = [
            self._app(name, [f"{name}.localhost"], self._deployment(f"{name}-1", 1, [scene.quiet]))
            for name in scene.others()
        ]
        self._b = self._app("b", [B], self._deployment("b-1", 1, [scene.other]))
        self._live = self._deployment("a-1", 1, scene.sets["blue"])
        self._old: RouteDeployment | None = None
        self._asked: list[tuple[str, float]] = []
        self.applies: dict[str, list[float]] = {"cut-over": [], "drain": [], "release": []}
        self.agent_cpu = 0.0

    async def start(self) -> None:
        """Come up with all hosts, each an app of its own, and a sixth more backends than apps.

        Backends have 8 slots, or as many as the limit on open files allows: HAProxy may want one for each slot's check.
        """
        self._fresh_folder()
        backends = self.scene.hosts * 7 // 6
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.slots = 8 if files == resource.RLIM_INFINITY else max(2, min(8, (files - CONNECTION_FILES) // backends))
        self._ingress = HaproxyIngress(
            Settings(
                name="bench",
                state_dir=self.folder,
                control_plane="https://127.0.0.1:1",
                apps_port=self.scene.port,
                pool_backends=backends,
                pool_slots=self.slots,
            )
        )
        await self._ingress.start()
        ask = self._ingress.runtime.ask

        async def recorded(question: str) -> str:
            began = time.perf_counter()
            answer = await ask(question)
            self._asked.append((question, time.perf_counter() - began))
            return answer

        self._ingress.runtime.ask = recorded  # type: ignore[method-assign]
        await self._apply(self._live)

    async def switch(self, to: str) -> Switched:
        """One table with the new deployment beside the old one, and A pointing at it."""
        self._number += 1
        self._old, self._live = (
            self._live,
            self._deployment(f"a-{self._number}", self._number, self.scene.sets[to]),
        )
        self._asked.clear()
        whole = await self._apply(self._old, self._live, kind="cut-over")
        commands = [seconds for question, seconds in self._asked if question.startswith("set map ")]
        assert len(commands) == 1, f"{len(commands)} switches: {self._asked}"
        return Switched(command=commands[0], whole=whole)

    async def after(self) -> None:
        """Drain the old deployment, then take it out: two more tables, as the control plane sends them."""
        assert self._old is not None
        draining = msgspec.structs.replace(self._old, draining=True)
        await self._apply(draining, self._live, kind="drain")
        until = time.monotonic() + 10
        while not [one for one in await self._ingress.drained() if one.deployment == draining.deployment]:
            assert time.monotonic() < until, "the old deployment did not drain"
            await asyncio.sleep(0.05)
        await self._apply(self._live, kind="release")

    def cpu(self) -> float:
        """Return CPU seconds of HAProxy, its checks of all instances included."""
        assert self._ingress.pid is not None
        return cpu_seconds(self._ingress.pid)

    async def stop(self) -> None:
        """End HAProxy."""
        await self._ingress.stop()

    async def _apply(self, *deployments: RouteDeployment, kind: str = "") -> float:
        a = RouteApp(app="a", hosts=[A], live=self._live.deployment, deployments=list(deployments))
        table = [a, self._b, *self._filler]
        began, cpu = time.perf_counter(), time.process_time()
        applied = await self._ingress.apply(table)
        seconds = time.perf_counter() - began
        self.agent_cpu += time.process_time() - cpu
        assert applied.refused == {}, applied.refused
        if kind:
            self.applies[kind].append(seconds)
        return seconds

    @staticmethod
    def _app(name: str, hosts: list[str], deployment: RouteDeployment) -> RouteApp:
        return RouteApp(app=name, hosts=hosts, live=deployment.deployment, deployments=[deployment])

    @staticmethod
    def _deployment(name: str, number: int, ports: Sequence[int]) -> RouteDeployment:
        servers = [
            RouteServer(instance=f"{name}-{index}", address="127.0.0.1", port=port) for index, port in enumerate(ports)
        ]
        return RouteDeployment(deployment=name, number=number, servers=servers)


class Caddy(Contender):
    """Caddy: one PATCH of the upstreams of A in its admin API. A and B stand first, its best case."""

    name = "caddy"

    async def start(self) -> None:
        """Come up with all hosts."""
        self._fresh_folder()
        self._admin = f"http://127.0.0.1:{self.scene.port + 1}"
        routes = [self._route("a", A, self.scene.sets["blue"]), self._route("b", B, [self.scene.other])]
        routes += [self._route(name, f"{name}.localhost", [self.scene.quiet]) for name in self.scene.others()]
        server = {
            "listen": [f"127.0.0.1:{self.scene.port}"],
            "automatic_https": {"disable": True},
            "routes": routes,
        }
        config = {
            "admin": {"listen": f"127.0.0.1:{self.scene.port + 1}", "config": {"persist": False}},
            "apps": {"http": {"servers": {"apps": server}}},
        }
        (self.folder / "caddy.json").write_bytes(msgspec.json.encode(config))
        self._spawn("caddy", "run", "--config", self.folder / "caddy.json")
        await self._until_it_listens()
        self._client = httpx2.AsyncClient(timeout=30)

    async def switch(self, to: str) -> Switched:
        """PATCH, and wait for its answer."""
        began = time.perf_counter()
        answer = await self._client.patch(f"{self._admin}/id/a/upstreams", json=self._upstreams(self.scene.sets[to]))
        seconds = time.perf_counter() - began
        assert answer.is_success, answer.text
        return Switched(command=seconds, whole=seconds)

    async def stop(self) -> None:
        """End Caddy."""
        await self._client.aclose()
        await super().stop()

    def _route(self, name: str, host: str, ports: Sequence[int]) -> dict[str, object]:
        proxy = {"@id": name, "handler": "reverse_proxy", "upstreams": self._upstreams(ports)}
        return {"match": [{"host": [host]}], "handle": [proxy], "terminal": True}

    @staticmethod
    def _upstreams(ports: Sequence[int]) -> list[dict[str, str]]:
        return [{"dial": f"127.0.0.1:{port}"} for port in ports]


class Nginx(Contender):
    """nginx: the upstream of A is written anew, then `nginx -s reload`, which returns before it took effect."""

    name = "nginx"

    async def start(self) -> None:
        """Come up with all hosts: a server and an upstream each."""
        self._fresh_folder()
        apps = [("b", B, [self.scene.other])]
        apps += [(name, f"{name}.localhost", [self.scene.quiet]) for name in self.scene.others()]
        (self.folder / "a.conf").write_text(self._server("a", A, self.scene.sets["blue"]))
        (self.folder / "others.conf").write_text("".join(self._server(*app) for app in apps))
        (self.folder / "nginx.conf").write_text(
            f"pid {self.folder}/pid;\nerror_log {self.folder}/error.log;\nworker_processes auto;\n"
            "events { worker_connections 4096; }\n"
            "http {\n  access_log off;\n  server_names_hash_max_size 16384;\n  server_names_hash_bucket_size 128;\n"
            "  keepalive_requests 1000000;\n"
            "  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }\n"
            "  proxy_http_version 1.1;\n  proxy_set_header Host $host;\n  proxy_set_header Upgrade $http_upgrade;\n"
            "  proxy_set_header Connection $connection_upgrade;\n"
            f"  include {self.folder}/a.conf;\n  include {self.folder}/others.conf;\n}}\n"
        )
        self._command = ("nginx", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder))
        self._spawn(*self._command, "-g", "daemon off;")
        await self._until_it_listens()

    async def switch(self, to: str) -> Switched:
        """Write, signal, and wait for the command, not for the new workers."""
        began = time.perf_counter()
        (self.folder / "a.conf").write_text(self._server("a", A, self.scene.sets[to]))
        reload = await asyncio.create_subprocess_exec(*self._command, "-s", "reload", stderr=asyncio.subprocess.DEVNULL)
        assert await reload.wait() == 0
        seconds = time.perf_counter() - began
        return Switched(command=seconds, whole=seconds)

    def _server(self, name: str, host: str, ports: Sequence[int]) -> str:
        servers = " ".join(f"server 127.0.0.1:{port};" for port in ports)
        return (
            f"upstream up-{name} {{ {servers} keepalive 32; }}\n"
            f"server {{ listen 127.0.0.1:{self.scene.port}; server_name {host}; "
            f"location / {{ proxy_pass http://up-{name}; }} }}\n"
        )


class ByHand(Contender):
    """HAProxy with the least configuration that can do it, and one `set map`: the floor."""

    name = "by-hand"

    async def start(self) -> None:
        """Come up with all hosts in one map."""
        self._fresh_folder()
        self._map = self.folder / "hosts.map"
        rest = "".join(f"{name}.localhost quiet\n" for name in self.scene.others())
        self._map.write_text(f"{A} blue\n{B} other\n{rest}")
        backends = {**self.scene.sets, "other": [self.scene.other], "quiet": [self.scene.quiet]}
        text = (
            f"global\n  stats socket {self.folder}/admin.sock level admin\n  maxconn 4000\n"
            "defaults\n  mode http\n  timeout connect 3s\n  timeout client 60s\n  timeout server 60s\n  timeout tunnel 1h\n"
            f"frontend apps\n  bind 127.0.0.1:{self.scene.port}\n"
            f"  use_backend %[req.hdr(host),host_only,map({self._map})]\n"
        )
        for name, ports in backends.items():
            servers = "".join(f"  server s{index} 127.0.0.1:{port}\n" for index, port in enumerate(ports))
            text += f"backend {name}\n  balance roundrobin\n{servers}"
        (self.folder / "haproxy.cfg").write_text(text)
        self._spawn("haproxy", "-db", "-f", self.folder / "haproxy.cfg")
        await self._until_it_listens()

    async def switch(self, to: str) -> Switched:
        """One line on the admin socket."""
        began = time.perf_counter()
        reader, writer = await asyncio.open_unix_connection(str(self.folder / "admin.sock"))
        writer.write(f"set map {self._map} {A} {to}\n".encode())
        answer = await reader.read()
        writer.close()
        seconds = time.perf_counter() - began
        assert not answer.strip(), answer
        return Switched(command=seconds, whole=seconds)


CONTENDERS: tuple[type[Contender], ...] = (Ours, Caddy, Nginx, ByHand)
