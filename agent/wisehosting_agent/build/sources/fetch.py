"""Files and documents over HTTPS: bounded, checked by their hash, refused with the sentence that helps."""

import base64
import binascii
import hashlib
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec

LIMIT_BYTES = 512 * 1024 * 1024
DOCUMENT_BYTES = 64 * 1024 * 1024
TIMEOUT = httpx2.Timeout(60.0, connect=15.0)
ATTEMPTS = 3
T = TypeVar("T")


class FetchFailed(Exception):
    """Something could not be fetched, or is not what was promised; the message names the fix."""


class NotThere(FetchFailed):
    """The server does not know it."""


class Checksum(msgspec.Struct, frozen=True):
    """What a file's bytes must hash to."""

    algorithm: str
    hexadecimal: str

    @classmethod
    def of_integrity(cls, text: str) -> "Checksum":
        """The sha512 of an integrity value as npm's registry writes it. Raises FetchFailed when there is none."""
        for part in text.split():
            algorithm, _, value = part.partition("-")
            if algorithm == "sha512":
                try:
                    return cls(algorithm, base64.b64decode(value, validate=True).hex())
                except binascii.Error:
                    break
        raise FetchFailed(f"The registry gives no sha512 for it, only {text[:80]!r}: nothing was fetched.")


class Fetcher:
    """HTTP for one platform; trusts what the system trusts, and the bundle that builds are given."""

    def __init__(self, bundle: Path | None = None) -> None:
        self._bundle = bundle

    async def document(self, url: str, form: type[T], *, headers: Mapping[str, str] | None = None) -> T:
        """A JSON document of this form. Raises FetchFailed, NotThere when the server does not have it."""
        body = bytearray()
        await self._get(url, body.extend, headers or {"accept": "application/json"}, DOCUMENT_BYTES, body.clear)
        try:
            return msgspec.json.decode(bytes(body), type=form)
        except msgspec.MsgspecError as error:
            raise FetchFailed(f"{_host(url)} answered {url} with something else than was expected: {error}") from error

    async def file(self, url: str, target: Path, checksum: Checksum) -> None:
        """A file with this checksum; nothing is left of one that has another. Raises FetchFailed."""
        digest = hashlib.new(checksum.algorithm)
        try:
            with target.open("wb") as file:

                def take(piece: bytes) -> Any:
                    digest.update(piece)
                    file.write(piece)

                def again() -> None:
                    nonlocal digest
                    digest = hashlib.new(checksum.algorithm)
                    file.seek(0)
                    file.truncate()

                await self._get(url, take, {}, LIMIT_BYTES, again)
            if digest.hexdigest() != checksum.hexadecimal:
                raise FetchFailed(
                    f"{url} is not the file that was published: its {checksum.algorithm} is {digest.hexdigest()[:16]}…, "
                    f"{checksum.hexadecimal[:16]}… was promised. Nothing of it was used. Check who changes what "
                    f"{_host(url)} sends to this worker."
                )
        except BaseException:
            target.unlink(missing_ok=True)  # noqa: ASYNC240 - one system call
            raise

    async def _get(self, url: str, take: Any, headers: Mapping[str, str], limit: int, again: Any) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._once(url, take, headers, limit)
            except httpx2.HTTPError as error:
                if attempt == ATTEMPTS or "CERTIFICATE_VERIFY" in str(error):
                    raise FetchFailed(_unreachable(url, error)) from error
                again()
            else:
                return

    async def _once(self, url: str, take: Any, headers: Mapping[str, str], limit: int) -> None:
        client = httpx2.AsyncClient(verify=self._trust(), timeout=TIMEOUT, follow_redirects=True)
        async with client, client.stream("GET", url, headers=dict(headers)) as response:
            if response.status_code in {404, 410}:
                raise NotThere(f"{_host(url)} does not have {url}.")
            if response.status_code >= 500:
                raise httpx2.HTTPError(f"status {response.status_code}")
            if response.status_code != 200:
                raise FetchFailed(f"{_host(url)} refused {url}: status {response.status_code}.")
            size = 0
            async for piece in response.aiter_bytes():
                size += len(piece)
                if size > limit:
                    raise FetchFailed(f"{url} is larger than {limit // 1024**2} MiB: it was not taken.")
                take(piece)

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._bundle is not None:
            context.load_verify_locations(self._bundle)
        return context


def _host(url: str) -> str:
    return urlsplit(url).netloc or url


def _unreachable(url: str, error: Exception) -> str:
    if "CERTIFICATE_VERIFY" in str(error):
        return (
            f"The certificate of {_host(url)} is signed by nobody this worker trusts. Where the network has a CA of "
            "its own, set build_ca_bundle."
        )
    return f"{url} could not be fetched ({str(error) or type(error).__name__}). Check the worker's network."
