"""One request to an app without a server, streams included: they are left after their first part."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message

STREAM_SECONDS = 0.2
"""How long the first part of a stream is waited for."""


@dataclass
class Answer:
    """What came back, as bytes."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    @property
    def all(self) -> bytes:
        """Headers and body."""
        return b"\n".join(name + b": " + value for name, value in self.headers) + b"\n\n" + self.body


async def call(app: ASGIApp, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
    """Send a request; what an app raises after its answer (Starlette does, for the server's log) is passed over."""
    parts = urlsplit(url)
    answer, gone, streams = Answer(), asyncio.Event(), asyncio.Event()
    sent = False
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", parts.netloc.encode())]
        + [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        + [(b"content-length", str(len(body)).encode())],
        "client": ("127.0.0.9", 1234),
        "server": ("127.0.0.1", parts.port),
    }

    async def receive() -> Message:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message["headers"])
            if any(b"event-stream" in value for _, value in answer.headers):
                streams.set()
        else:
            answer.body += message.get("body", b"")
            if streams.is_set() or not message.get("more_body", False):
                gone.set()

    async def leave() -> None:
        await streams.wait()
        await asyncio.sleep(STREAM_SECONDS)
        gone.set()

    leaver = asyncio.create_task(leave())
    try:
        await app(scope, receive, send)
    except Exception:
        if answer.status != 500:
            raise
    finally:
        leaver.cancel()
    return answer


async def knock(app: ASGIApp, url: str, headers: Mapping[str, str]) -> Answer:
    """Ask for a WebSocket. A refusal is an answer as to a request; one that opens has the status 101, and is left."""
    parts = urlsplit(url)
    answer = Answer()
    scope: dict[str, Any] = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", parts.netloc.encode())]
        + [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.9", 1234),
        "server": ("127.0.0.1", parts.port),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }
    first = True

    async def receive() -> Message:
        nonlocal first
        kind, first = ("websocket.connect" if first else "websocket.disconnect"), False
        return {"type": kind, "code": 1001}

    async def send(message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                answer.status = 101
            case "websocket.close" if not answer.status:
                # What a server makes of it: a refusal without a word.
                answer.status = 403
            case "websocket.http.response.start":
                answer.status, answer.headers = message["status"], list(message["headers"])
            case "websocket.http.response.body":
                answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer
