"""Git LFS: the files that pointers in a checkout stand for (git-lfs: docs/spec.md, docs/api/batch.md)."""

import asyncio
import hashlib
import http.client
import os
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from wisehosting_git import placing
from wisehosting_git.address import Repository
from wisehosting_git.errors import NOT_FOUND, PRIVATE, TOO_LARGE, UNREACHABLE, GitError
from wisehosting_git.network import AddressPolicy, Resolve

POINTER_BYTES = 1024
"""A pointer is shorter than this."""
ANSWER_BYTES = 4 * 1024 * 1024
BATCH = 100
BLOCK = 256 * 1024
SOCKET_SECONDS = 30
MEDIA = "application/vnd.git-lfs+json"
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n?\Z"
)


class Pointer(msgspec.Struct, frozen=True):
    """A file of a checkout that stands for a large one."""

    path: Path
    digest: str
    """SHA-256 of the large file."""
    size: int


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """How the servers of large files are reached."""

    policy: AddressPolicy
    resolve: Resolve
    ca_bundle: Path | None
    allow_http: bool


def pointer(path: Path) -> Pointer | None:
    """What a small regular file points at; None for one that is no pointer."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        found = _POINTER.match(file.read(POINTER_BYTES))
    return Pointer(path, found[1].decode(), int(found[2])) if found else None


def pointers(tree: Path) -> list[Pointer]:
    """All pointers in a checkout."""
    return [found for path in placing.small_files(tree, POINTER_BYTES) if (found := pointer(path)) is not None]


def endpoint(repository: Repository, settings: bytes) -> str:
    """Where a repository's large files are asked for: `lfs.url` of its `.lfsconfig`, else beside the repository.

    `settings` is that file as `git config --list -z`.
    """
    for row in settings.split(b"\0"):
        key, _, value = row.partition(b"\n")
        if key == b"lfs.url" and value:
            return value.decode("utf-8", "replace").rstrip("/")
    url = repository.url.rstrip("/")
    return f"{url}/info/lfs" if url.endswith(".git") else f"{url}.git/info/lfs"


async def fetch(found: list[Pointer], url: str, server: Server, limit: int, work: Path) -> None:
    """Put the large files in the place of their pointers; each is compared with its digest. Raises GitError.

    `limit` is what they may hold together, in bytes. `work` is a folder on the same file system.
    """
    if (size := sum(one.size for one in found)) > limit:
        raise GitError(
            TOO_LARGE,
            f"The repository's large files (Git LFS) hold {size / 1024**3:.3g} GB together, and "
            f"{limit / 1024**3:.3g} GB are left for them. Switch large files off for this project, or keep them outside Git.",
        )
    for start in range(0, len(found), BATCH):
        group = found[start : start + BATCH]
        actions = _actions(await _ask(url, group, server), group)
        for one in group:
            href, headers = actions[one.digest]
            await _download(one, href, headers, server, work / "large")


async def _ask(url: str, group: list[Pointer], server: Server) -> bytes:
    body = {
        "operation": "download",
        "transfers": ["basic"],
        "hash_algo": "sha256",
        "objects": [{"oid": digest, "size": size} for digest, size in {one.digest: one.size for one in group}.items()],
    }
    answer = bytearray()
    headers = {"Accept": MEDIA, "Content-Type": MEDIA}

    def take(block: bytes) -> None:
        answer.extend(block)
        if len(answer) > ANSWER_BYTES:
            raise GitError(UNREACHABLE, f"{url} answers with more than a list of large files.")

    await _request("POST", f"{url}/objects/batch", headers, msgspec.json.encode(body), take, server)
    return bytes(answer)


def _actions(answer: bytes, group: list[Pointer]) -> dict[str, tuple[str, dict[str, str]]]:
    """Address and headers of each digest. Raises GitError for one that is not there."""
    known: dict[str, tuple[str, dict[str, str]]] = {}
    try:
        objects: list[dict[str, Any]] = msgspec.json.decode(answer)["objects"]
        for one in objects:
            if "error" in one:
                continue
            action = one["actions"]["download"]
            headers = {str(name): str(value) for name, value in (action.get("header") or {}).items()}
            known[str(one["oid"])] = (str(action["href"]), headers)
    except (msgspec.DecodeError, LookupError, TypeError, AttributeError, ValueError) as error:
        raise GitError(
            UNREACHABLE, "The server of the repository's large files (Git LFS) answers something else."
        ) from error
    for pointed in group:
        if pointed.digest not in known:
            raise GitError(
                NOT_FOUND,
                f"The large file {_name(pointed)} (Git LFS) is not on its server. Push it with: git lfs push --all origin",
            )
    return known


async def _download(one: Pointer, href: str, headers: Mapping[str, str], server: Server, target: Path) -> None:
    digest, received = hashlib.sha256(), 0
    with target.open("wb") as file:

        def take(block: bytes) -> None:
            nonlocal received
            received += len(block)
            if received > one.size:
                raise GitError(UNREACHABLE, f"The server sends more for {_name(one)} than its pointer says.")
            digest.update(block)
            file.write(block)

        await _request("GET", href, headers, None, take, server)
    if digest.hexdigest() != one.digest:
        raise GitError(
            UNREACHABLE, f"The server sent something else for {_name(one)} than its pointer says. Deploy again."
        )
    await asyncio.to_thread(placing.put_file, target, one.path)


async def _request(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, take: Callable[[bytes], None], server: Server
) -> None:
    """One request to a checked and pinned address; nothing is followed. Raises GitError."""
    parts = urlsplit(url)
    # The rules for repositories hold here too; what is asked beside the path is the server's own affair.
    asked = Repository.parse(parts._replace(query="", fragment="").geturl(), allow_http=server.allow_http)
    addresses = await server.policy.pin(asked, server.resolve)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    stop = threading.Event()
    connection = _Pinned(asked, str(addresses[0]), server.ca_bundle)

    def run() -> None:
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            _check(response.status, asked)
            while not stop.is_set() and (block := response.read(BLOCK)):
                take(block)
        finally:
            connection.close()

    try:
        await asyncio.to_thread(run)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise GitError(
            UNREACHABLE, f"A large file could not be fetched from {asked.host}: {error}. Deploy again."
        ) from error
    finally:
        stop.set()


def _check(status: int, asked: Repository) -> None:
    if status in {401, 403}:
        raise GitError(PRIVATE, f"{asked.host} gives the repository's large files (Git LFS) only to those it knows.")
    if status != http.client.OK:
        raise GitError(UNREACHABLE, f"{asked.host} answers {status} when it is asked for large files (Git LFS).")


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, with the name that the certificate must have."""

    def __init__(self, asked: Repository, address: str, ca_bundle: Path | None) -> None:
        super().__init__(asked.host, asked.port, timeout=SOCKET_SECONDS)
        self._address = address
        self._tls = ssl.create_default_context(cafile=ca_bundle) if asked.scheme == "https" else None

    def connect(self) -> None:
        """Connect to the pinned address, whatever the name stands for by now."""
        plain = socket.create_connection((self._address, self.port), SOCKET_SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain


def _name(one: Pointer) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", one.path.name)[:120]
