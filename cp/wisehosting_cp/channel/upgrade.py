"""The upgrade request: who may open a connection at all."""

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.websockets import WebSocket

from wisehosting_cp.channel.frames import Upgrade
from wisehosting_cp.errors import Invalid, NotSignedIn, WiseHostingError
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.http import answer_of
from wisehosting_cp.kit.security import bearer_of
from wisehosting_cp.workers import tokens
from wisehosting_cp.workers.enrolment import credential_of
from wisehosting_wire.errors import HandshakeError
from wisehosting_wire.handshake import decode_nonce
from wisehosting_wire.version import SUPPORTED, choose, parse_versions


class UpgradeRequired(WiseHostingError):
    """No protocol both sides speak."""

    status = 426
    title = "No common protocol"

    def __init__(self) -> None:
        spoken = ", ".join(map(str, SUPPORTED))
        super().__init__("no_common_protocol", f"This control plane speaks protocol {spoken}. Upgrade the older side.")


async def check_upgrade(ctx: Context, websocket: WebSocket) -> Upgrade:
    """Check an upgrade request. Raises NotSignedIn (401), WorkerRevoked (403), Invalid (400), UpgradeRequired (426).

    An expired token passes, marked: the Hello's MAC over fresh nonces then proves the key.
    """
    bearer = bearer_of(websocket)
    if bearer is None:
        raise NotSignedIn("Send the worker's token as Authorization: Bearer.", "worker_token_missing")
    token = tokens.read(ctx.keyring, bearer, ctx.clock.now(), expired_too=True)
    try:
        nonce = decode_nonce(websocket.headers.get("x-wh-nonce", ""))
        offered = parse_versions(websocket.headers.get("x-wh-protocol", ""))
    except (HandshakeError, ValueError) as error:
        raise Invalid("handshake_invalid", f"The headers of the connection are wrong: {error}.") from error
    protocol = choose(offered)
    if protocol is None:
        raise UpgradeRequired
    async with ctx.db.read() as session:
        credential = await credential_of(session, ctx, token.worker)
    return Upgrade(
        credential=credential,
        nonce=nonce,
        protocol=protocol,
        expires_at=token.expires_at,
        expired=token.expired,
        address=websocket.client.host if websocket.client else "",
    )


async def refuse(websocket: WebSocket, error: WiseHostingError) -> None:
    """Answer the upgrade request with a problem instead of a connection."""
    answer: Response = answer_of(HTTPConnection(websocket.scope), error)
    await websocket.send_denial_response(answer)
