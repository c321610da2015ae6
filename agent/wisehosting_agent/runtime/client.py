"""libpod's REST API over the service's unix socket: one client per agent, typed bodies, typed errors."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, get_origin

import anyio
import httpx2
import msgspec

from wisehosting_agent.errors import RuntimeRefused, RuntimeUnavailable

API = "http://podman/v4.0.0/libpod"
"""Works from Podman 4.0 to 5.x."""
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 120.0
"""A stop waits for the process; storage on a busy disk is slow."""
HALF_READ = "runtime error"
"""Go's words for a crashed handler. Podman's, when a build adds or removes a layer while the layers are read."""
READ_AGAIN = (0.05, 0.2, 0.5, 1.0)
"""Pauses before what was half read is read again."""

T = TypeVar("T")


class Refusal(msgspec.Struct, frozen=True):
    """Body of an error."""

    message: str = ""
    cause: str = ""


class PodmanRefused(RuntimeRefused):
    """An error of Podman's with its status: 404 missing, 409 exists or wrong state, 500 the rest."""

    def __init__(self, verb: str, status: int, detail: str) -> None:
        super().__init__(f"Podman could not {verb}: {detail}")
        self.status = status


class PodmanClient:
    """Requests to one socket. `start_command` is named when nobody answers there."""

    def __init__(self, socket: Path, start_command: str) -> None:
        self.socket = socket
        self._start_command = start_command
        self._http = self._new()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. A second call changes nothing."""
        await self._http.aclose()

    async def ping(self) -> None:
        """Raises RuntimeUnavailable when nobody answers."""
        await self._send("GET", "_ping", verb="answer")

    async def get(self, path: str, kind: type[T], *, verb: str, params: Mapping[str, str] | None = None) -> T:
        """GET and decode. Raises RuntimeUnavailable, or PodmanRefused for any status but 2xx."""
        for pause in READ_AGAIN:
            try:
                return self._decode(await self._send("GET", path, verb=verb, params=params), kind, verb)
            except PodmanRefused as refused:
                if HALF_READ not in str(refused):
                    raise
            await anyio.sleep(pause)
        return self._decode(await self._send("GET", path, verb=verb, params=params), kind, verb)

    async def post(
        self,
        path: str,
        body: msgspec.Struct | None,
        kind: type[T],
        *,
        verb: str,
        params: Mapping[str, str] | None = None,
    ) -> T:
        """POST a closed body and decode the answer. Raises RuntimeUnavailable or PodmanRefused."""
        response = await self._send("POST", path, verb=verb, params=params, body=body)
        return self._decode(response, kind, verb)

    async def order(
        self, path: str, *, verb: str, params: Mapping[str, str] | None = None, already: frozenset[int] = frozenset()
    ) -> None:
        """POST without an answer; statuses in `already` mean the world is as wanted."""
        await self._send("POST", path, verb=verb, params=params, already=already)

    async def delete(
        self, path: str, *, verb: str, params: Mapping[str, str] | None = None, already: frozenset[int] = frozenset()
    ) -> None:
        """DELETE; statuses in `already` mean the world is as wanted."""
        await self._send("DELETE", path, verb=verb, params=params, already=already)

    @asynccontextmanager
    async def lines(self, path: str, *, verb: str, params: Mapping[str, str]) -> AsyncIterator[AsyncIterator[str]]:
        """An endless answer, line by line, on a connection of its own."""
        timeout = httpx2.Timeout(CONNECT_SECONDS, read=None)
        try:
            async with (
                self._new() as http,
                http.stream("GET", f"{API}/{path}", params=dict(params), timeout=timeout) as response,
            ):
                if response.status_code >= HTTPStatus.BAD_REQUEST:
                    await response.aread()
                    raise self._refusal(response, verb)
                yield response.aiter_lines()
        except httpx2.TransportError as error:
            raise self._unavailable(error) from error

    async def _send(
        self,
        method: str,
        path: str,
        *,
        verb: str,
        params: Mapping[str, str] | None = None,
        body: msgspec.Struct | None = None,
        already: frozenset[int] = frozenset(),
    ) -> httpx2.Response:
        headers = {"content-type": "application/json"}
        content = msgspec.json.encode(body) if body is not None else None
        try:
            response = await self._http.request(
                method, f"{API}/{path}", params=dict(params or {}), content=content, headers=headers
            )
        except httpx2.TransportError as error:
            raise self._unavailable(error) from error
        if response.status_code >= HTTPStatus.BAD_REQUEST and response.status_code not in already:
            raise self._refusal(response, verb)
        return response

    def _new(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            # retries: the service closed an idle connection, or is just starting
            transport=httpx2.AsyncHTTPTransport(uds=str(self.socket), verify=False, trust_env=False, retries=1),
            timeout=httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            trust_env=False,
        )

    def _unavailable(self, error: Exception) -> RuntimeUnavailable:
        cause = str(error) or type(error).__name__
        return RuntimeUnavailable(
            f"Cannot reach Podman at {self.socket} ({cause}). Start it with: {self._start_command}"
        )

    @staticmethod
    def _refusal(response: httpx2.Response, verb: str) -> PodmanRefused:
        try:
            refusal = msgspec.json.decode(response.content, type=Refusal)
            detail = refusal.message or refusal.cause
        except msgspec.MsgspecError:
            detail = response.text[:500]
        return PodmanRefused(verb, response.status_code, detail or f"status {response.status_code}")

    @staticmethod
    def _decode(response: httpx2.Response, kind: type[T], verb: str) -> T:
        content = response.content
        if content.strip() in {b"", b"null"}:
            content = b"[]" if get_origin(kind) is list else b"null"  # Go's empty list
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.MsgspecError as error:
            raise RuntimeRefused(f"Podman's answer to '{verb}' cannot be read: {error}") from error


def filters(**values: list[str]) -> dict[str, str]:
    """The `filters` query of libpod: `label=["a=b"]`."""
    return {"filters": json.dumps(values)}
