"""How a worker joins and stays: join tokens, registration, tokens of fifteen minutes, revocation."""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import re
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.errors import Conflict, Invalid, NotFound, NotSignedIn
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.kit.security import digest, new_token
from wisehosting_cp.settings import read_secret
from wisehosting_cp.workers import repository, tokens
from wisehosting_cp.workers.errors import WorkerRevoked
from wisehosting_cp.workers.models import JoinToken, Worker, WorkerAdmin, WorkerCredential
from wisehosting_wire.enrolment import RefreshReply, RefreshRequest, RegisterReply, RegisterRequest
from wisehosting_wire.keys import KEY_BYTES, NONCE_BYTES, refresh_mac, verifier

JOIN_TOKEN_LIFETIME = timedelta(hours=1)
NAME = re.compile(r"[a-z][a-z0-9-]{0,38}\Z")


@dataclass(frozen=True)
class JoinTicket:
    """What a host needs to join, besides `api_server.secret`."""

    token: str
    pin: str
    """sha256 of the DER of the mesh listener's certificate, hex."""


@dataclass(frozen=True)
class Credential:
    """A worker that may connect, with the root of its MAC keys."""

    worker: UUID
    name: str
    verifier: bytes
    """sha256 of the raw key."""


def certificate_pin(path: Path) -> str:
    """Return the pin of a PEM certificate. Raises Invalid when the file holds none."""
    try:
        pem = path.read_text()
        begin = pem.index("-----BEGIN CERTIFICATE-----")
        end = pem.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem[begin:end])).hexdigest()
    except (OSError, ValueError) as error:
        raise Invalid(
            "mesh_certificate_missing", f"Cannot read the mesh certificate {path}: {error}. Set it up, then try again."
        ) from error


async def mint_join_token(
    session: AsyncSession, ctx: Context, name: str, mesh_address: str, *, actor: str = "platform"
) -> JoinTicket:
    """Make a one-time permission, good for an hour, for a worker of this name at this mesh address.

    Each call makes another one. Raises Invalid for a bad name or address, Conflict for a retired worker.
    For a worker that exists it means joining anew: its old key ends when the new one is registered.
    """
    if not NAME.match(name):
        raise Invalid("name_invalid", "A worker's name is a-z, 0-9 and -, begins with a letter, at most 39 characters.")
    try:
        address = str(ipaddress.ip_address(mesh_address))
    except ValueError as error:
        raise Invalid("address_invalid", f"{mesh_address!r} is not an IP address of the mesh.") from error
    existing = await repository.worker_named(session, name)
    if existing is not None and existing.admin is WorkerAdmin.retired:
        raise Conflict("worker_retired", f"The worker {name} is retired. Choose another name.")
    token = new_token()
    row = JoinToken(
        token_hash=digest(token),
        worker_name=name,
        mesh_address=address,
        expires_at=ctx.clock.now() + JOIN_TOKEN_LIFETIME,
    )
    session.add(row)
    await session.flush()
    record(session, actor=actor, action="worker.token_minted", subject=f"join_token:{row.id}", worker=name)
    return JoinTicket(token, certificate_pin(ctx.settings.mesh_certificate_file))


async def register(session: AsyncSession, ctx: Context, request: RegisterRequest, *, address: str) -> RegisterReply:
    """Register a worker. The same token with the same key again gives the same worker and a new token.

    Raises NotSignedIn (401) for a wrong secret or token, WorkerRevoked (403), Conflict (409) for another key, Invalid.
    """
    secret = read_secret(ctx.settings.api_server_secret_file).get_secret_value()
    if not hmac.compare_digest(digest(secret), digest(request.api_server_secret)):
        raise NotSignedIn("api_server.secret is wrong. Copy it anew from the control plane.", "secret_wrong")
    key = verifier(_decode(request.api_key, KEY_BYTES, "api_key"))
    now = ctx.clock.now()
    token = await repository.use_join_token(session, digest(request.join_token), request.name, now)
    if token is None:
        worker = await _again(session, ctx, request, key)
    else:
        worker = await _join(session, ctx, token, key, address)
    text, expires_at = tokens.issue(ctx.keyring, worker, now)
    return RegisterReply(worker=str(worker), token=text, expires_at=expires_at)


async def _again(session: AsyncSession, ctx: Context, request: RegisterRequest, key: bytes) -> UUID:
    token = await repository.join_token(session, digest(request.join_token))
    if token is None or token.worker_name != request.name or token.used_at is None or token.worker_id is None:
        raise NotSignedIn(
            f"The join token is unknown, expired, or not for {request.name}. Mint one with wh-cp worker-token.",
            "join_token_invalid",
        )
    credential = await session.get(WorkerCredential, token.worker_id)
    if credential is None or not ctx.keyring.mac_matches(Purpose.worker_lookup, key, credential.lookup):
        raise Conflict(
            "join_token_used",
            "This join token was used by another key. Mint a new one with wh-cp worker-token; if you did not use it, "
            "somebody else did: revoke the worker.",
        )
    worker = await session.get(Worker, token.worker_id)
    if credential.revoked_at is not None or worker is None or worker.admin is WorkerAdmin.retired:
        raise WorkerRevoked
    return worker.id


async def _join(session: AsyncSession, ctx: Context, token: JoinToken, key: bytes, address: str) -> UUID:
    worker = await repository.put_worker(session, token.worker_name, token.mesh_address)
    row = await session.get(Worker, worker)
    if row is None or row.admin is WorkerAdmin.retired:
        raise WorkerRevoked
    sealed = ctx.sealer.seal(key, table="worker_credentials", column="api_key_hash", row=str(worker))
    lookup = ctx.keyring.mac(Purpose.worker_lookup, key)
    await repository.put_credential(session, worker, sealed, lookup, ctx.clock.now())
    token.worker_id = worker
    await session.flush()
    record(
        session,
        actor=f"worker:{worker}",
        action="worker.registered",
        subject=f"worker:{worker}",
        address=address,
        name=token.worker_name,
    )
    announce(session, f"worker:{worker}")
    return worker


async def refresh(
    session: AsyncSession, ctx: Context, bearer: str | None, request: RefreshRequest, *, address: str
) -> RefreshReply:
    """Give a new token for one that has not expired and a proof of key. Raises NotSignedIn, WorkerRevoked, Invalid.

    A token that has expired opens a connection instead, where the MAC over fresh nonces proves the key.
    """
    now = ctx.clock.now()
    token = tokens.read(ctx.keyring, bearer or "", now)
    credential = await credential_of(session, ctx, token.worker)
    nonce = _decode(request.nonce, NONCE_BYTES, "nonce")
    proof = refresh_mac(credential.verifier, worker=str(token.worker), nonce=nonce, token_id=token.token_id)
    if not hmac.compare_digest(proof, _decode(request.mac, KEY_BYTES, "mac")):
        raise NotSignedIn("The proof of key is wrong: this token belongs to another key.", "proof_wrong")
    expires = datetime.fromtimestamp(token.expires_at, UTC)
    if not await repository.use_nonce(session, token.worker, nonce, expires + tokens.GRACE):
        raise NotSignedIn("This nonce was used before; take a new one for each refresh.", "nonce_used")
    record(
        session,
        actor=f"worker:{token.worker}",
        action="worker.token_refreshed",
        subject=f"worker:{token.worker}",
        address=address,
    )
    text, expires_at = tokens.issue(ctx.keyring, token.worker, now)
    return RefreshReply(token=text, expires_at=expires_at)


async def credential_of(session: AsyncSession, ctx: Context, worker_id: UUID) -> Credential:
    """Return the key of a worker that may connect. Raises NotSignedIn for an unknown worker, WorkerRevoked, SealBroken."""
    worker = await session.get(Worker, worker_id)
    credential = await session.get(WorkerCredential, worker_id)
    if worker is None or credential is None:
        raise NotSignedIn("This worker is unknown here. Join again with a new join token.", "worker_unknown")
    if credential.revoked_at is not None or worker.admin is WorkerAdmin.retired:
        raise WorkerRevoked
    key = ctx.sealer.open(
        credential.api_key_hash, table="worker_credentials", column="api_key_hash", row=str(worker_id)
    )
    return Credential(worker_id, worker.name, key)


async def revoke(session: AsyncSession, ctx: Context, worker_id: UUID, *, actor: str) -> None:
    """End a worker's key: its connection closes within 5 s and it can neither connect nor refresh. Twice is once."""
    credential = await session.get(WorkerCredential, worker_id)
    if credential is None:
        raise NotFound
    if credential.revoked_at is None:
        credential.revoked_at = ctx.clock.now()
        record(session, actor=actor, action="worker.revoked", subject=f"worker:{worker_id}")
        announce(session, f"worker:{worker_id}")


def _decode(text: str, length: int, name: str) -> bytes:
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise Invalid(f"{name}_invalid", f"{name} is not base64url.", fields={name: "Not base64url."}) from error
    if len(value) != length:
        raise Invalid(f"{name}_invalid", f"{name} must hold {length} bytes.", fields={name: f"Not {length} bytes."})
    return value
