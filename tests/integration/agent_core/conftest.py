"""A control plane small enough to read: real TLS, real WebSockets, every MAC checked, nothing remembered but what a test asks."""

import asyncio
import base64
import contextlib
import datetime as dt
import hashlib
import ipaddress
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from wisehosting_wire import messages as m
from wisehosting_wire.codec import Opener, Sealer, from_agent_decoder
from wisehosting_wire.errors import WireError
from wisehosting_wire.handshake import Challenge, decode_nonce
from wisehosting_wire.keys import Direction, connection_key, refresh_mac, verifier
from wisehosting_wire.version import choose, parse_versions

WORKER = "018f4e9a-7c11-7000-8000-0000000000aa"
SECRET = "api-server-secret-of-the-test"
JOIN_TOKEN = "join-token-of-the-test"


def certificate(folder: Path, name: str = "cp") -> tuple[Path, Path, str]:
    """A self-signed certificate; returns key file, certificate file and pin."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_file, certificate_file = folder / f"{name}.key", folder / f"{name}.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return key_file, certificate_file, hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest()


class Hub:
    """What the test's control plane knows and has heard."""

    def __init__(self) -> None:
        self.verifier = b""
        self.registrations = 0
        self.lose_replies = 0
        self.refuse_upgrade = 0
        self.refused_upgrades = 0
        self.refuse_registration = ""
        self.token_seconds = 900.0
        self.received: dict[str, int] = {}
        self.heard: list[tuple[Any, int]] = []
        self.hellos: list[m.Hello] = []
        self.refreshes = 0
        self.renew_in_band = True
        self.ack = True
        self.corrupt_next = False
        self.connections = 0
        self.violations: list[str] = []
        self.live: Peer | None = None
        self.on_message: Callable[[Peer, Any, int], Any] | None = None
        self._changed = asyncio.Condition()

    def token(self) -> dict[str, Any]:
        self.registrations += 0
        claims = {"jti": os.urandom(8).hex(), "sub": WORKER}
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        return {"token": f"head.{payload}.signature", "expires_at": time.time() + self.token_seconds}

    async def note(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, condition: Callable[[], Any], seconds: float = 15) -> Any:
        """Wait for a condition over what was heard."""
        async with asyncio.timeout(seconds), self._changed:
            while not (found := condition()):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), 0.2)
            return found

    def of(self, kind: type) -> list[Any]:
        return [message for message, _ in self.heard if isinstance(message, kind)]


class Peer:
    """The control plane's end of one connection."""

    def __init__(self, hub: Hub, socket: WebSocket, sealer: Sealer) -> None:
        self.hub, self.socket, self.sealer = hub, socket, sealer

    async def say(self, message: m.Message, number: int = 0) -> None:
        await self.socket.send_bytes(self.sealer.seal(message, number))

    async def say_raw(self, body: bytes, number: int = 0) -> None:
        await self.socket.send_bytes(self.sealer.seal_encoded(body, number))


def problem(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"type": "about:blank", "title": "refused", "status": status, "detail": detail}, status)


def application(hub: Hub) -> Starlette:
    async def register(request: Request) -> JSONResponse:
        body = await request.json()
        if hub.refuse_registration:
            return problem(401, hub.refuse_registration)
        if body["join_token"] != JOIN_TOKEN or body["api_server_secret"] != SECRET:
            return problem(401, "The join token is not known.")
        key = verifier(base64.urlsafe_b64decode(body["api_key"] + "=" * (-len(body["api_key"]) % 4)))
        if hub.verifier and key != hub.verifier:
            return problem(409, "The join token was used with another key.")
        hub.verifier = key
        hub.registrations += 1
        if hub.lose_replies > 0:
            hub.lose_replies -= 1
            return problem(503, "lost")
        return JSONResponse({"worker": WORKER, **hub.token()})

    async def refresh(request: Request) -> JSONResponse:
        body = await request.json()
        token = request.headers["authorization"].removeprefix("Bearer ")
        payload = token.split(".")[1]
        jti = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["jti"]
        expected = refresh_mac(hub.verifier, worker=WORKER, nonce=decode_nonce(body["nonce"]), token_id=jti)
        if decode_nonce(body["mac"]) != expected:
            return problem(401, "The proof of key is wrong.")
        hub.refreshes += 1
        return JSONResponse(hub.token())

    async def connect(websocket: WebSocket) -> None:
        if hub.refuse_upgrade:
            hub.refused_upgrades += 1
            await websocket.send_denial_response(problem(hub.refuse_upgrade, "Not now."))
            return
        await serve(hub, websocket)

    return Starlette(
        routes=[
            Route("/v1/workers/register", register, methods=["POST"]),
            Route("/v1/workers/refresh-token", refresh, methods=["POST"]),
            WebSocketRoute("/v1/workers/connect", connect),
        ]
    )


async def serve(hub: Hub, websocket: WebSocket) -> None:
    headers = websocket.headers
    protocol = choose(parse_versions(headers["x-wh-protocol"]))
    assert protocol is not None
    assert headers["authorization"].startswith("Bearer head.")
    assert "sec-websocket-extensions" not in headers
    nonce_worker, nonce, connection = decode_nonce(headers["x-wh-nonce"]), os.urandom(32), os.urandom(16)
    await websocket.accept()
    hub.connections += 1
    await websocket.send_bytes(Challenge(protocol, connection, nonce).encode())

    def key(direction: Direction) -> bytes:
        return connection_key(
            hub.verifier,
            nonce_worker=nonce_worker,
            nonce_cp=nonce,
            direction=direction,
            worker=WORKER,
            protocol=protocol,
        )

    named = {"protocol": protocol, "worker": WORKER, "connection": connection}
    opener: Opener[Any] = Opener(key(Direction.to_cp), from_agent_decoder, direction=Direction.to_cp, **named)  # type: ignore[arg-type]
    peer = Peer(hub, websocket, Sealer(key(Direction.to_worker), direction=Direction.to_worker, **named))  # type: ignore[arg-type]
    try:
        hello = opener.open(await websocket.receive_bytes()).message
        assert isinstance(hello, m.Hello)
        hub.hellos.append(hello)
        received = hub.received.setdefault(hello.store, 0)
        await peer.say(m.Welcome(cp_epoch=1, received=received, release="test", heartbeat_seconds=0.5))
        hub.live = peer
        await hub.note()
        while True:
            await listen(hub, peer, hello.store, opener.open(await websocket.receive_bytes()))
    except WireError as error:
        hub.violations.append(repr(error))
        await websocket.close(error.close_code)
    except WebSocketDisconnect:
        pass
    finally:
        if hub.live is peer:
            hub.live = None
        await hub.note()


async def listen(hub: Hub, peer: Peer, store: str, received: Any) -> None:
    message, number = received.message, received.number
    fresh = True
    if number:
        fresh = number > hub.received[store]
        if fresh and hub.ack:
            hub.received[store] = number
    if fresh:
        hub.heard.append((message, number))
    if number and hub.ack:
        await peer.say(m.Ack(number=number))
    if isinstance(message, m.TokenWanted) and hub.renew_in_band:
        await peer.say(m.TokenRenewed(**hub.token()))
    if hub.on_message is not None:
        await hub.on_message(peer, message, number)
    await hub.note()


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@contextlib.asynccontextmanager
async def serving(hub: Hub, key: Path, certificate: Path, port: int = 0) -> AsyncIterator[int]:
    """Serve `hub` on a loopback port; another `serving` of the same port later is a restarted control plane."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    config = uvicorn.Config(
        application(hub),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=2**20,
        ssl_keyfile=key,
        ssl_certfile=certificate,
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(10):
            while not server.started:
                await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listener.close()


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
async def control_plane(hub: Hub, tmp_path: Path) -> AsyncIterator[str]:
    key, made, pin = certificate(tmp_path)
    (tmp_path / "join.json").write_text(json.dumps({"token": JOIN_TOKEN, "pin": pin}))
    (tmp_path / "api_server.secret").write_text(SECRET + "\n")
    async with serving(hub, key, made) as port:
        yield f"https://127.0.0.1:{port}"
