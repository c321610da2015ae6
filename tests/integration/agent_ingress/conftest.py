"""A real HAProxy in a folder of its own, and instances that speak HTTP byte by byte."""

import asyncio
import base64
import hashlib
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from wisehosting_agent.ingress.haproxy import HaproxyIngress
from wisehosting_agent.settings import Settings
from wisehosting_wire.workload import RouteApp, RouteDeployment, RouteServer

HEADER = "x-wisehosting-deployment"


class Instance:
    """One instance of an app. Its answers name it; it counts what it was asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = 0
        self.requests: list[str] = []
        self.release = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> "Instance":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def kill(self) -> None:
        """As SIGKILL would: the port is closed and every connection cut."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, EOFError):
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = [
            (name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in head[1:] if line)
        ]
        body = await reader.readexactly(int(dict(headers).get("content-length", "0")))
        self.requests.append(f"{method} {path}")
        if path == "/drop":
            return False
        if path == "/websocket":
            text = dict(headers)["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(text.encode(), usedforsecurity=False).digest()).decode()
            upgrade = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n"
            writer.write(f"HTTP/1.1 101 Switching Protocols\r\n{upgrade}\r\n".encode())
            while data := await reader.read(1000):
                writer.write(data)
            return False
        extra = ""
        content = self.name.encode()
        if path == "/slow":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
            await self.release.wait()
            writer.write(b"world")
            return True
        if path == "/fake":
            extra = "X-WiseHosting-Deployment: 999\r\nX-WiseHosting-Anything: 1\r\n"
        if path == "/headers":
            content = json.dumps(headers).encode()
        if path == "/echo":
            content = body
        writer.write(f"HTTP/1.1 200 OK\r\n{extra}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        await writer.drain()
        return True


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: str) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def deployment(self) -> str | None:
        return self.headers.get(HEADER)


class Client:
    """A keep-alive connection to the apps port."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, raw: bytes) -> None:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        self.writer.write(raw)
        await self.writer.drain()

    async def answer(self) -> Answer:
        assert self.reader is not None
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.close()
        return Answer(int(head[0].split(" ")[1]), headers, body.decode())

    async def get(
        self, host: str, path: str = "/", *, method: str = "GET", body: bytes = b"", extra: str = ""
    ) -> Answer:
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        await self.send(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{length}{extra}\r\n".encode() + body)
        return await self.answer()

    def close(self) -> None:
        if self.writer is not None:
            self.writer.transport.abort()
        self.writer = self.reader = None


class Clock:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Rig:
    """Settings, ingress drivers, instances and clients of one test."""

    def __init__(self, folder: Path, port: int) -> None:
        self.settings = Settings(
            name="worker",
            state_dir=folder,
            control_plane="https://127.0.0.1:1",
            apps_port=port,
            pool_backends=6,
            pool_slots=3,
        )
        self.port = port
        self.folder = folder / "ingress"
        self.clock = Clock()
        self.drivers: list[HaproxyIngress] = []
        self.instances: list[Instance] = []
        self.clients: list[Client] = []

    async def ingress(self, *, repair_seconds: float = 0.3, **changes: object) -> HaproxyIngress:
        self.settings = self.settings.model_copy(update=changes)
        driver = HaproxyIngress(self.settings, clock=self.clock, repair_seconds=repair_seconds)
        self.drivers.append(driver)
        await driver.start()
        return driver

    async def instance(self, name: str) -> Instance:
        instance = await Instance(name).start()
        self.instances.append(instance)
        return instance

    def client(self) -> Client:
        client = Client(self.port)
        self.clients.append(client)
        return client

    async def get(
        self, host: str, path: str = "/", *, method: str = "GET", body: bytes = b"", extra: str = ""
    ) -> Answer:
        client = Client(self.port)
        try:
            return await client.get(host, path, method=method, body=body, extra=extra)
        finally:
            client.close()

    def deployment(self, name: str, number: int, *instances: Instance, draining: bool = False) -> RouteDeployment:
        servers = [RouteServer(instance=one.name, address="127.0.0.1", port=one.port) for one in instances]
        return RouteDeployment(deployment=name, number=number, servers=servers, draining=draining)

    def app(
        self, name: str, live: str | None, *deployments: RouteDeployment, hosts: list[str] | None = None
    ) -> RouteApp:
        return RouteApp(
            app=name, hosts=[f"{name}.localhost"] if hosts is None else hosts, live=live, deployments=list(deployments)
        )

    async def until(self, condition: Callable[[], bool], what: str, seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"waited {seconds} s for: {what}"
            await asyncio.sleep(0.02)

    async def until_drained(self, ingress: HaproxyIngress, deployment: str) -> None:
        for _ in range(500):
            if [drained.deployment for drained in await ingress.drained()] == [deployment]:
                return
            await asyncio.sleep(0.02)
        pytest.fail(f"{deployment} did not drain")

    async def close(self) -> None:
        for client in self.clients:
            client.close()
        for instance in self.instances:
            instance.release.set()
            await instance.kill()
        for driver in self.drivers:
            await driver.stop()


def websocket_request(host: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /websocket HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()


@pytest.fixture
def open_websocket() -> Callable[[str], bytes]:
    return websocket_request


@pytest.fixture(scope="session")
def ports() -> Iterator[int]:
    first = 18400 + 10 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return iter([first + step for step in range(10)] * 1000)


@pytest.fixture
def apps_port(ports: Iterator[int]) -> int:
    for port in ports:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    pytest.fail("no free port")


@pytest.fixture
async def rig(anyio_backend: str, apps_port: int) -> AsyncIterator[Rig]:
    base = Path(tempfile.gettempdir()) / "ingress"
    base.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=base))
    rig = Rig(folder, apps_port)
    try:
        yield rig
    finally:
        await rig.close()
        shutil.rmtree(folder)
