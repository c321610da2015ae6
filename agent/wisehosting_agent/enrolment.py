"""Registration and token refresh over HTTPS (docs/wire.md, Registration and refresh)."""

import asyncio
import base64
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import msgspec
import structlog

from wisehosting_agent.errors import ConfigurationError, EnrolmentError
from wisehosting_agent.identity import Identity, Token, read_join_token, token_id
from wisehosting_wire.enrolment import RefreshReply, RefreshRequest, RegisterReply, RegisterRequest
from wisehosting_wire.handshake import encode_nonce
from wisehosting_wire.keys import NONCE_BYTES, refresh_mac

TIMEOUT_SECONDS = 15.0
_log = structlog.get_logger(__name__)


class Unreachable(EnrolmentError):
    """The control plane did not answer, or answered that it cannot now: try again later."""


class Enrolment:
    """Talks to one control plane on behalf of one worker."""

    def __init__(
        self,
        identity: Identity,
        control_plane: str,
        *,
        name: str,
        join_token_file: Path | None,
        api_server_secret_file: Path | None,
    ) -> None:
        self._identity = identity
        self._url = control_plane.rstrip("/")
        self._name = name
        self._join_token_file = join_token_file
        self._secret_file = api_server_secret_file
        self._renewing = asyncio.Lock()

    async def register(self) -> Token:
        """The stored token, or that of a registration made now; the files of token and secret are deleted after it.

        Safe to repeat after a lost reply: same token, same key, same worker. Raises EnrolmentError when refused,
        Unreachable when it may work later, ConfigurationError when a file is missing.
        """
        token = self._identity.token()
        if token is None:
            if self._join_token_file is None or self._secret_file is None:
                raise ConfigurationError(
                    "This worker is not registered. Mint a join token with `wh-cp worker-token NAME` and set "
                    "join_token_file and api_server_secret_file."
                )
            join = read_join_token(self._join_token_file)
            secret = _read_secret(self._secret_file)
            key = self._identity.raw_key()
            await self._meet(join.pin)
            request = RegisterRequest(
                join_token=join.token,
                api_server_secret=secret,
                api_key=base64.urlsafe_b64encode(key).rstrip(b"=").decode(),
                name=self._name,
            )
            reply = msgspec.json.decode(await self._post("register", request, {}), type=RegisterReply)
            token = Token(worker=reply.worker, token=reply.token, expires_at=reply.expires_at)
            self._identity.keep_token(token)
            _log.info("registered", worker=reply.worker)
        for path in (self._join_token_file, self._secret_file):
            if path is not None:
                path.unlink(missing_ok=True)
        return token

    async def refresh(self) -> Token:
        """Replace a token that has not expired. Raises EnrolmentError when refused, Unreachable when it may work later.

        Two callers at once make two tokens; the later one is kept.
        """
        async with self._renewing:
            token = self._identity.token()
            if token is None:
                raise EnrolmentError("there is no token to refresh")
            nonce = os.urandom(NONCE_BYTES)
            mac = refresh_mac(self._identity.verifier, worker=token.worker, nonce=nonce, token_id=token_id(token.token))
            request = RefreshRequest(nonce=encode_nonce(nonce), mac=encode_nonce(mac))
            body = await self._post("refresh-token", request, {"Authorization": f"Bearer {token.token}"})
            reply = msgspec.json.decode(body, type=RefreshReply)
            renewed = Token(worker=token.worker, token=reply.token, expires_at=reply.expires_at)
            self._identity.keep_token(renewed)
            return renewed

    async def _meet(self, pin: str) -> None:
        """Look at the certificate before anything is sent; keep it when it is the pinned one."""
        if self._identity.certificate is not None:
            return
        address = urlsplit(self._url)
        if address.scheme != "https" or address.hostname is None:
            raise ConfigurationError(f"control_plane must be an https:// address, it is {self._url!r}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # nothing is sent here; the pin is compared below
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                _, writer = await asyncio.open_connection(address.hostname, address.port or 443, ssl=context)
        except (OSError, TimeoutError) as error:
            raise Unreachable(f"connecting to {self._url}: {error or 'no answer'}") from error
        try:
            tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
            der = tls.getpeercert(binary_form=True)
        finally:
            writer.transport.abort()
        if not der:
            raise EnrolmentError(f"{self._url} showed no certificate")
        self._identity.pin_certificate(der, pin)

    async def _post(self, path: str, body: msgspec.Struct, headers: dict[str, str]) -> bytes:
        try:
            async with httpx2.AsyncClient(
                verify=self._identity.tls(), timeout=TIMEOUT_SECONDS, trust_env=False
            ) as client:
                response = await client.post(
                    f"{self._url}/v1/workers/{path}",
                    content=msgspec.json.encode(body),
                    headers={"Content-Type": "application/json", **headers},
                )
        except httpx2.TransportError as error:
            raise Unreachable(f"asking {self._url}/v1/workers/{path}: {error or type(error).__name__}") from error
        if response.status_code == 200:
            return response.content
        detail = problem_detail(response.content)
        if response.status_code == 429 or response.status_code >= 500:
            raise Unreachable(f"{self._url} answered {response.status_code}: {detail}")
        raise EnrolmentError(_refusal(path, response.status_code, detail, self._name))


def problem_detail(body: bytes) -> str:
    """The sentence of a problem+json body, or its beginning when it is something else."""
    try:
        problem = msgspec.json.decode(body, type=dict[str, object])
    except msgspec.MsgspecError:
        return body[:200].decode(errors="replace")
    return str(problem.get("detail") or problem.get("title") or "")


def _refusal(path: str, status: int, detail: str, name: str) -> str:
    if path == "register":
        return (
            f"The control plane refused to register this worker ({status}): {detail} "
            f"Mint a new join token with `wh-cp worker-token {name}`, put it into join_token_file and restart wh-agent."
        )
    if status == 403:
        return f"The control plane has revoked this worker ({detail}). Join again with `wh-cp worker-token {name}`."
    return f"The control plane refused to renew the token ({status}): {detail}"


def _read_secret(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ConfigurationError(
            f"reading api_server_secret_file {path}: {error.strerror}. Copy api_server.secret of the control plane there."
        ) from error
