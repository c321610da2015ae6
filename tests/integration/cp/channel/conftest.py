"""The hub on a real TLS port, and a small agent made of the wire package, so that a test can also say what no agent would."""

import asyncio
import base64
import contextlib
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import httpx2
import pytest
import uvicorn
from sqlalchemy import select
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from wisehosting_cp.accounts.models import Team
from wisehosting_cp.channel.hub import Hub
from wisehosting_cp.channel.mesh import create_mesh_app
from wisehosting_cp.instances import service as instances
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.kit.context import Context
from wisehosting_cp.local.certificate import ensure_certificate
from wisehosting_cp.projects.models import Environment, EnvironmentKind, Project
from wisehosting_cp.settings import read_secret
from wisehosting_cp.workers import service as workers
from wisehosting_wire.codec import MAX_FRAME, Opener, Sealer, to_agent_decoder
from wisehosting_wire.enrolment import RegisterRequest
from wisehosting_wire.facts import Capacity, FirewallReport, Versions
from wisehosting_wire.handshake import Challenge, encode_nonce
from wisehosting_wire.keys import Direction, connection_key, refresh_mac, verifier
from wisehosting_wire.messages import Heartbeat, Hello, Message, ToAgent, Welcome

M = TypeVar("M")
PORTS = range(18700, 18800)
WAIT = 10.0
CAPACITY = Capacity(cpus=2, memory_bytes=2**34, disk_bytes=2**40, disk_free_bytes=2**39)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Agent:
    """A worker's side of the wire. Every frame it receives is kept."""

    url: str
    tls: ssl.SSLContext
    name: str = "w1"
    key: bytes = field(default_factory=lambda: os.urandom(32))
    worker: str = ""
    token: str = ""
    expires_at: float = 0
    store: str = "store-1"
    received: int = 0
    generation: int = 0
    routes: tuple[int, bytes] = (0, b"")
    roles: tuple[str, ...] = ("apps", "builds", "ingress")
    socket: ClientConnection | None = None
    sealer: Sealer | None = None
    opener: Opener[ToAgent] | None = None
    connection: bytes = b""
    inbox: list[tuple[int, ToAgent]] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    """As they came from the control plane."""

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, verify=self.tls, trust_env=False)

    async def register(self, join_token: str, secret: str) -> httpx2.Response:
        body = RegisterRequest(
            join_token=join_token, api_server_secret=secret, api_key=base64url(self.key), name=self.name
        )
        async with self.client() as client:
            reply = await client.post("/v1/workers/register", json=_plain(body))
        if reply.status_code == 200:
            self.worker, self.token, self.expires_at = (
                reply.json()[name] for name in ("worker", "token", "expires_at")
            )
        return reply

    async def refresh(self, *, nonce: bytes | None = None, key: bytes | None = None, token_id: str) -> httpx2.Response:
        nonce = nonce or os.urandom(32)
        mac = refresh_mac(verifier(key or self.key), worker=self.worker, nonce=nonce, token_id=token_id)
        async with self.client() as client:
            return await client.post(
                "/v1/workers/refresh-token",
                json={"nonce": base64url(nonce), "mac": base64url(mac)},
                headers={"authorization": f"Bearer {self.token}"},
            )

    async def open(self, *, root: bytes | None = None, headers: dict[str, str] | None = None) -> Challenge:
        """Connect up to the challenge, with the keys ready; `root` instead of the key's own verifier."""
        nonce = os.urandom(32)
        given = {
            "Authorization": f"Bearer {self.token}",
            "X-WH-Nonce": encode_nonce(nonce),
            "X-WH-Protocol": "1",
            **(headers or {}),
        }
        self.socket = await connect(
            self.url.replace("https", "wss") + "/v1/workers/connect",
            ssl=self.tls,
            additional_headers=given,
            max_size=MAX_FRAME,
            compression=None,
            proxy=None,
            ping_interval=None,
        )
        data = await asyncio.wait_for(self.socket.recv(), WAIT)
        assert isinstance(data, bytes)
        challenge = Challenge.decode(data)
        self.connection = challenge.connection

        def key(direction: Direction) -> bytes:
            return connection_key(
                root or verifier(self.key),
                nonce_worker=nonce,
                nonce_cp=challenge.nonce,
                direction=direction,
                worker=self.worker,
                protocol=1,
            )

        names: dict[str, Any] = {"protocol": 1, "worker": self.worker, "connection": challenge.connection}
        self.sealer = Sealer(key(Direction.to_cp), direction=Direction.to_cp, **names)
        self.opener = Opener(key(Direction.to_worker), to_agent_decoder, direction=Direction.to_worker, **names)
        return challenge

    def hello(self) -> Hello:
        return Hello(
            store=self.store,
            boot="boot",
            received=self.received,
            generation=self.generation,
            cp_epoch=1,
            routes_revision=self.routes[0],
            routes_digest=self.routes[1],
            versions=Versions(agent="0.1.0", podman="4.3.1"),
            capacity=CAPACITY,
            roles=list(self.roles),
        )

    async def connect(self) -> Welcome:
        """Connect up to Welcome."""
        self.inbox.clear()
        await self.open()
        await self.send(self.hello())
        return await self.get(Welcome)

    async def send(self, message: Message, number: int = 0) -> bytes:
        assert self.sealer
        frame = self.sealer.seal(message, number)
        await self.raw(frame)
        return frame

    async def raw(self, frame: bytes | str) -> None:
        assert self.socket
        await self.socket.send(frame)

    async def get(self, kind: type[M], where: Callable[[M], bool] = lambda _: True, within: float = WAIT) -> M:
        """Return the next message of a kind, from those that came meanwhile or from the wire."""
        return (await self.numbered(kind, where, within))[1]

    async def numbered(
        self, kind: type[M], where: Callable[[M], bool] = lambda _: True, within: float = WAIT
    ) -> tuple[int, M]:
        async with asyncio.timeout(within):
            while True:
                for place, (number, message) in enumerate(self.inbox):
                    if isinstance(message, kind) and where(message):
                        del self.inbox[place]
                        return number, message
                await self.read()

    async def read(self) -> None:
        assert self.socket
        assert self.opener
        frame = await self.socket.recv()
        assert isinstance(frame, bytes)
        self.frames.append(frame)
        received = self.opener.open(frame)
        self.inbox.append((received.number, received.message))

    async def silent(self, kind: type[M], seconds: float = 0.4) -> None:
        """Fail when a message of this kind comes within a time."""
        with contextlib.suppress(TimeoutError):
            message = await self.get(kind, within=seconds)
            raise AssertionError(f"came all the same: {message}")

    async def end(self) -> tuple[int, str]:
        """Read until the control plane closes; return code and reason."""
        assert self.socket
        with contextlib.suppress(ConnectionClosed):
            async with asyncio.timeout(WAIT):
                while True:
                    await self.socket.recv()
        return self.socket.close_code or 0, self.socket.close_reason or ""

    async def close(self) -> None:
        if self.socket is not None:
            await self.socket.close()

    async def ready(self) -> None:
        """Say that the firewall is closed."""
        await self.send(
            Heartbeat(
                capacity=CAPACITY, firewall=FirewallReport(closed=True, checked_at=time.time(), probes={"x": True})
            )
        )


def _plain(body: RegisterRequest) -> dict[str, str]:
    return {name: getattr(body, name) for name in body.__struct_fields__}


@dataclass
class Mesh:
    """The running mesh listener."""

    context: Context
    hub: Hub
    url: str
    tls: ssl.SSLContext
    agents: list[Agent] = field(default_factory=list)

    @property
    def secret(self) -> str:
        return read_secret(self.context.settings.api_server_secret_file).get_secret_value()

    def agent(self, name: str = "w1") -> Agent:
        agent = Agent(self.url, self.tls, name)
        self.agents.append(agent)
        return agent

    async def mint(self, name: str = "w1") -> str:
        async with self.context.db.transaction() as session:
            return (await workers.mint_join_token(session, self.context, name, "127.0.0.1")).token

    async def joined(self, name: str = "w1") -> Agent:
        """A registered agent."""
        agent = self.agent(name)
        reply = await agent.register(await self.mint(name), self.secret)
        assert reply.status_code == 200, reply.text
        return agent

    async def connected(self, name: str = "w1") -> Agent:
        agent = await self.joined(name)
        await agent.connect()
        return agent

    async def environment(self, name: str = "shop") -> UUID:
        """A project's production environment."""
        async with self.context.db.transaction() as session:
            team = (await session.execute(select(Team).where(Team.name == "team"))).scalar_one_or_none()
            if team is None:
                team = Team(name="team", personal=True)
                session.add(team)
                await session.flush()
            project = Project(team_id=team.id, name=name, repository_url="http://git.test/x.git", branch="main")
            session.add(project)
            await session.flush()
            environment = Environment(
                project_id=project.id,
                name="production",
                kind=EnvironmentKind.production,
                hostname=f"{name}.localhost",
            )
            session.add(environment)
            await session.flush()
            return environment.id

    async def instance(self, environment: UUID, worker: str, deployment: UUID | None = None) -> Instance:
        """An instance placed on a worker."""
        async with self.context.db.transaction() as session:
            return await instances.create(
                session,
                environment_id=environment,
                deployment_id=deployment or environment,
                worker_id=UUID(worker),
                process="web",
                spec={"image": "sha256:1", "variables_version": 1, "port": 8080},
            )

    async def eventually(self, check: Callable[[], Awaitable[Any]], within: float = WAIT) -> Any:
        """Wait until a check gives something true."""
        async with asyncio.timeout(within):
            while not (value := await check()):
                await asyncio.sleep(0.02)
            return value


def _free_port() -> socket.socket:
    for port in PORTS:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen()  # until then another process could bind it too
        except OSError:
            listener.close()
            continue
        return listener
    raise AssertionError(f"no free port in {PORTS}")


@pytest.fixture
async def mesh(context: Context) -> AsyncIterator[Mesh]:
    """The mesh app behind TLS, as the composition root serves it."""
    settings = context.settings
    ensure_certificate(settings.mesh_certificate_file, settings.mesh_key_file)
    hub = Hub(context)
    listener = _free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            create_mesh_app(context, hub),
            ssl_certfile=settings.mesh_certificate_file,
            ssl_keyfile=settings.mesh_key_file,
            ws="websockets-sansio",
            ws_max_size=MAX_FRAME,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    loops = asyncio.create_task(hub.run())
    tls = ssl.create_default_context(cafile=settings.mesh_certificate_file)
    tls.check_hostname = False
    mesh = Mesh(context, hub, f"https://127.0.0.1:{listener.getsockname()[1]}", tls)
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    try:
        yield mesh
    finally:
        for agent in mesh.agents:
            await agent.close()
        server.should_exit = True
        await serving
        listener.close()
        loops.cancel()
        await asyncio.gather(loops, return_exceptions=True)
