"""One connection of a worker: frames in, frames out, and how it ends."""

import asyncio
import os
from dataclasses import dataclass
from uuid import UUID

from starlette.websockets import WebSocket, WebSocketDisconnect

from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.kit.logging import logger
from wisehosting_cp.workers.enrolment import Credential
from wisehosting_wire.codec import Opener, Received, Sealer, from_agent_decoder
from wisehosting_wire.errors import BadFrame, FrameTooLarge, HandshakeError, UnknownMessage, WireError
from wisehosting_wire.handshake import Challenge
from wisehosting_wire.keys import NONCE_BYTES, Direction, connection_key
from wisehosting_wire.messages import FromAgent, Hello, Message

log = logger(__name__)

HELLO_SECONDS = 10
SEND_SECONDS = 20
"""A frame that does not leave within this time ends the connection: the worker is too slow."""
QUEUE_LENGTH = 512

BROKEN = 1011
RESTARTS = 1012
TRY_AGAIN = 1013
TOKEN_EXPIRED = 4401
REVOKED = 4403
REPLACED = 4410


class Closed(Exception):
    """The connection is to end, or has ended, with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Upgrade:
    """A request for a connection that passed the checks; the key is proven by the first frame only."""

    credential: Credential
    nonce: bytes
    protocol: int
    expires_at: float
    """Unix seconds at which the token expires."""
    expired: bool
    address: str


class Connection:
    """Seals in one writer, opens in one reader; everything else goes through a bounded queue."""

    def __init__(self, websocket: WebSocket, upgrade: Upgrade, *, deadline: float) -> None:
        self.id: UUID = new_id()
        self.worker: UUID = upgrade.credential.worker
        self.upgrade = upgrade
        self.deadline = deadline
        """Unix seconds at which the hub closes unless the token was renewed."""
        self.store = ""
        """Id of the agent's store, from its Hello."""
        self.subjects: set[UUID] = set()
        """Builds and instances known to be placed on this worker: whose lines are taken without asking again."""
        self._websocket = websocket
        nonce = os.urandom(NONCE_BYTES)
        self._challenge = Challenge(upgrade.protocol, self.id.bytes, nonce)
        self._sealer = Sealer(
            self._key(Direction.to_worker, nonce),
            protocol=upgrade.protocol,
            direction=Direction.to_worker,
            worker=str(self.worker),
            connection=self.id.bytes,
        )
        self._opener: Opener[FromAgent] = Opener(
            self._key(Direction.to_cp, nonce),
            from_agent_decoder,
            protocol=upgrade.protocol,
            direction=Direction.to_cp,
            worker=str(self.worker),
            connection=self.id.bytes,
        )
        self._queue: asyncio.Queue[tuple[Message, int]] = asyncio.Queue(QUEUE_LENGTH)
        self._closing: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    def _key(self, direction: Direction, nonce: bytes) -> bytes:
        return connection_key(
            self.upgrade.credential.verifier,
            nonce_worker=self.upgrade.nonce,
            nonce_cp=nonce,
            direction=direction,
            worker=str(self.worker),
            protocol=self.upgrade.protocol,
        )

    async def greet(self) -> Hello:
        """Send the challenge, return the Hello. Raises WireError, or Closed when the worker goes or says nothing."""
        await self._websocket.send_bytes(self._challenge.encode())
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                received = await self.receive()
        except TimeoutError as error:
            raise Closed(HandshakeError.close_code, f"no Hello within {HELLO_SECONDS} s") from error
        except UnknownMessage as error:
            raise HandshakeError(f"the first message is unknown: {error.detail}") from error
        if not isinstance(received.message, Hello):
            raise HandshakeError(f"expected Hello, got {type(received.message).__name__}")
        return received.message

    async def receive(self) -> Received[FromAgent]:
        """Return the next message. Raises WireError for a frame not to be trusted, Closed when the worker went."""
        event = await self._websocket.receive()
        if event["type"] == "websocket.disconnect":
            raise Closed(event.get("code") or 1006, event.get("reason") or "the worker closed")
        data = event.get("bytes")
        if data is None:
            raise BadFrame("a text frame where a binary one belongs")
        return self._opener.open(data)

    async def send(self, message: Message, number: int = 0) -> None:
        """Queue a message; waits for room. Closes a connection whose queue stays full."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._queue.put((message, number))
        except TimeoutError:
            self.close(TRY_AGAIN, "the worker takes messages too slowly")

    async def write(self) -> None:
        """Send what is queued, for ever: the only place that seals, so numbers leave in order.

        What does not fit into a frame is logged and left out. Durable mail is measured before it is posted (`builds`), so
        it does not come to that; if it does, the next acknowledged number takes it out of the outbox.
        """
        while True:
            message, number = await self._queue.get()
            try:
                frame = self._sealer.seal(message, number)
            except FrameTooLarge as error:
                # One message must not cost the worker its connection: it would meet the same message in the next.
                log.error(  # noqa: TRY400  # the sentence says it all
                    "a message does not fit into a frame and was not sent",
                    worker=str(self.worker),
                    type=type(message).__name__,
                    number=number,
                    error=str(error),
                )
                continue
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._websocket.send_bytes(frame)
            except TimeoutError as error:
                raise Closed(TRY_AGAIN, "the worker takes messages too slowly") from error
            except (WebSocketDisconnect, RuntimeError, OSError) as error:
                raise Closed(1006, "the worker went away") from error

    def close(self, code: int, reason: str) -> None:
        """Ask for the end; the first reason counts."""
        if not self._closing.done():
            self._closing.set_result(Closed(code, reason))

    async def closed(self) -> None:
        """Wait until somebody asks for the end. Raises Closed."""
        raise await asyncio.shield(self._closing)


def end_of(error: BaseException) -> Closed:
    """Return how a connection ends for this error."""
    if isinstance(error, Closed):
        return error
    if isinstance(error, WireError):
        return Closed(error.close_code, str(error))
    return Closed(BROKEN, "something went wrong in the control plane")
