"""The connection to the control plane: handshake, the two streams, heartbeats, renewal, coming back after every loss."""

import asyncio
import contextlib
import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from wisehosting_agent.backoff import reconnect_delay
from wisehosting_agent.enrolment import Enrolment, Unreachable, problem_detail
from wisehosting_agent.errors import EnrolmentError
from wisehosting_agent.identity import Identity, Token, expired
from wisehosting_agent.link import Link
from wisehosting_agent.store import mail
from wisehosting_agent.store.database import Database, Transaction
from wisehosting_wire.codec import MALFORMED, MAX_FRAME, Opener, Sealer, from_agent_decoder, to_agent_decoder
from wisehosting_wire.errors import BadFrame, FrameTooLarge, HandshakeError, UnknownMessage, WireError
from wisehosting_wire.fitting import in_its_place
from wisehosting_wire.handshake import Challenge, encode_nonce
from wisehosting_wire.keys import NONCE_BYTES, Direction, connection_key
from wisehosting_wire.messages import Heartbeat, Hello, Inventory, Message, ToAgent, TokenWanted, Welcome
from wisehosting_wire.version import SUPPORTED

HANDSHAKE_SECONDS = 15.0
INVENTORY_SECONDS = 30.0
IN_BAND_SECONDS = 20.0
"""A renewal not answered in band within this time is done by HTTP."""
WINDOW = 256
_log = structlog.get_logger(__name__)


class Voice(Protocol):
    """What the session asks of the rest of the agent."""

    async def hello(self) -> Hello:
        """State of this worker now."""

    def heartbeat(self) -> Heartbeat:
        """Figures of this moment."""

    def inventory(self) -> Inventory:
        """What exists on this worker."""

    async def heard(self, message: ToAgent, seq: int, number: int) -> None:
        """Act on a message. Must return soon and never raise for what the message says."""

    async def not_understood(self, error: UnknownMessage) -> None:
        """Refuse a message this agent does not know."""

    async def linked(self, *, connected: bool, detail: str) -> None:
        """The connection came or went."""


class Session:
    """Keeps one connection for as long as `run` runs. Everything else on the worker goes on without it."""

    def __init__(
        self,
        identity: Identity,
        enrolment: Enrolment,
        store: Database,
        link: Link,
        voice: Voice,
        *,
        url: str,
        cap: float,
    ) -> None:
        self._identity = identity
        self._enrolment = enrolment
        self._store = store
        self._link = link
        self._voice = voice
        self._url = url.rstrip("/").replace("https://", "wss://", 1) + "/v1/workers/connect"
        self._cap = cap
        self._posted = asyncio.Event()
        self._renewed = asyncio.Event()
        self._sent: deque[int] = deque()
        self._welcomed = False
        store.on_posted(self._posted.set)

    async def run(self) -> None:
        """Register if need be, then connect again and again, until cancelled.

        Raises EnrolmentError when registration is refused and ConfigurationError when it cannot be tried.
        """
        attempt = 0
        while True:
            self._welcomed = False
            try:
                token = await self._fresh_token()
                detail = await self._once(token)
            except InvalidStatus as error:
                detail = _upgrade_refusal(error)
            except (WebSocketException, WireError, OSError, TimeoutError, Unreachable, sqlite3.Error) as error:
                detail = f"{type(error).__name__}: {error}"
            attempt = 0 if self._welcomed else attempt + 1
            delay = reconnect_delay(attempt, cap=self._cap)
            _log.info("disconnected", detail=detail, again_in=round(delay, 2))
            await self._voice.linked(connected=False, detail=detail)
            await asyncio.sleep(delay)

    def acknowledged(self, number: int) -> None:
        """The control plane has everything up to `number`: there is room for more."""
        while self._sent and self._sent[0] <= number:
            self._sent.popleft()
        self._posted.set()

    def renewed(self, token: str, expires_at: float) -> None:
        """A token came in band: on disk before it is used."""
        current = self._identity.token()
        if current is not None:
            self._identity.keep_token(Token(worker=current.worker, token=token, expires_at=expires_at))
            self._renewed.set()

    async def _fresh_token(self) -> Token:
        token = await self._enrolment.register()
        if time.time() >= self._identity.renew_at(token) and not expired(token):
            try:
                return await self._enrolment.refresh()
            except EnrolmentError as error:
                _log.info("refresh_failed", detail=str(error))  # connecting may work all the same
        return token

    async def _once(self, token: Token) -> str:
        """One connection from upgrade to close. Returns why it ended."""
        nonce = os.urandom(NONCE_BYTES)
        async with connect(
            self._url,
            ssl=self._identity.tls(),
            additional_headers={
                "Authorization": f"Bearer {token.token}",
                "X-WH-Nonce": encode_nonce(nonce),
                "X-WH-Protocol": ", ".join(map(str, SUPPORTED)),
            },
            max_size=MAX_FRAME,
            compression=None,
            proxy=None,
            user_agent_header=None,
            open_timeout=HANDSHAKE_SECONDS,
            ping_interval=20,
            ping_timeout=40,
            close_timeout=3,
        ) as socket:
            try:
                async with asyncio.timeout(HANDSHAKE_SECONDS):
                    sealer, opener, welcome = await self._shake_hands(socket, token.worker, nonce)
                await self._converse(socket, sealer, opener, welcome)
            except WireError as error:
                await socket.close(error.close_code, str(error)[:100])
                raise
            except ConnectionClosed as closed:
                return f"closed with {closed.rcvd.code if closed.rcvd else 1006} {closed.rcvd.reason if closed.rcvd else ''}"
            finally:
                self._link.close()
                self._sent.clear()
        return f"closed with {socket.close_code} {socket.close_reason}"

    async def _shake_hands(
        self, socket: ClientConnection, worker: str, nonce: bytes
    ) -> tuple[Sealer, Opener[ToAgent], Welcome]:
        challenge = Challenge.decode(_binary(await socket.recv()))
        if challenge.protocol not in SUPPORTED:
            raise HandshakeError(f"the control plane chose protocol {challenge.protocol}, which was not offered")

        def key(direction: Direction) -> bytes:
            return connection_key(
                self._identity.verifier,
                nonce_worker=nonce,
                nonce_cp=challenge.nonce,
                direction=direction,
                worker=worker,
                protocol=challenge.protocol,
            )

        sealer = Sealer(
            key(Direction.to_cp),
            protocol=challenge.protocol,
            direction=Direction.to_cp,
            worker=worker,
            connection=challenge.connection,
        )
        opener: Opener[ToAgent] = Opener(
            key(Direction.to_worker),
            to_agent_decoder,
            protocol=challenge.protocol,
            direction=Direction.to_worker,
            worker=worker,
            connection=challenge.connection,
        )
        await socket.send(sealer.seal(await self._voice.hello()))
        try:
            welcome = opener.open(_binary(await socket.recv())).message
        except UnknownMessage as error:
            raise HandshakeError(f"the control plane's first message is unknown: {error.detail}") from error
        if not isinstance(welcome, Welcome):
            raise HandshakeError(f"expected Welcome, got {type(welcome).__name__}")
        return sealer, opener, welcome

    async def _converse(
        self, socket: ClientConnection, sealer: Sealer, opener: Opener[ToAgent], welcome: Welcome
    ) -> None:
        await self._store.run(lambda tx: mail.acknowledged(tx, welcome.received))
        queue = self._link.open()
        self._welcomed = True
        _log.info("connected", release=welcome.release, cp_epoch=welcome.cp_epoch)
        await self._voice.linked(connected=True, detail=welcome.release)
        tasks = [
            asyncio.create_task(task)
            for task in (
                self._read(socket, opener),
                self._write(socket, sealer, queue),
                self._pump(welcome.received),
                self._repeat(self._voice.heartbeat, max(0.1, welcome.heartbeat_seconds)),
                self._repeat(self._voice.inventory, INVENTORY_SECONDS),
                self._renew(),
            )
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, socket: ClientConnection, opener: Opener[ToAgent]) -> None:
        async for frame in socket:
            try:
                received = opener.open(_binary(frame))
            except UnknownMessage as error:
                _log.warning("unknown_message", seq=error.seq, detail=error.detail)
                await self._voice.not_understood(error)
                continue
            await self._voice.heard(received.message, received.seq, received.number)

    async def _write(
        self, socket: ClientConnection, sealer: Sealer, queue: "asyncio.Queue[tuple[Message | bytes, int]]"
    ) -> None:
        """The only place that seals, so numbers leave in order."""
        while True:
            message, number = await queue.get()
            try:
                if isinstance(message, bytes):
                    frame = sealer.seal_encoded(message, number)
                else:
                    frame = sealer.seal(message, number)
            except FrameTooLarge as error:
                shorter = _shorter(message, number, str(error))
                if shorter is None:
                    continue
                frame = sealer.seal(shorter, number)
            await socket.send(frame)

    async def _pump(self, position: int) -> None:
        """Send the outbox in order, from behind `position`, and what is posted later."""
        while True:
            self._posted.clear()
            room = WINDOW - len(self._sent)
            rows = await self._store.run(partial(_waiting, after=position, limit=room))
            for number, body in rows:
                self._sent.append(number)
                position = number
                await self._link.send(body, number)
            if not rows:
                await self._posted.wait()

    async def _repeat(self, make: Callable[[], Message], seconds: float) -> None:
        while True:
            self._link.say(make())
            await asyncio.sleep(seconds)

    async def _renew(self) -> None:
        """Renew in band, by HTTP when that is not answered, for as long as the connection lasts."""
        while True:
            token = self._identity.token()
            if token is None:
                return
            await asyncio.sleep(max(0.0, self._identity.renew_at(token) - time.time()))
            self._renewed.clear()
            self._link.say(TokenWanted())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IN_BAND_SECONDS):
                    await self._renewed.wait()
                    continue
            try:
                await self._enrolment.refresh()
            except EnrolmentError as error:
                _log.warning("refresh_failed", detail=str(error))
                await asyncio.sleep(IN_BAND_SECONDS)


def _waiting(tx: Transaction, *, after: int, limit: int) -> list[tuple[int, bytes]]:
    return mail.waiting(tx, after, limit)


def _shorter(message: Message | bytes, number: int, detail: str) -> Message | None:
    """What goes out under the same number instead of a message that fits no frame: a later acknowledgement deletes it."""
    try:
        said = from_agent_decoder.decode(message) if isinstance(message, bytes) else message
    except MALFORMED as error:  # written by a newer agent
        _log.error(
            "message_too_large", type="unknown", number=number, shortened=False, detail=f"{detail}; {error}"
        )  # the sentence says it all
        return None
    other = in_its_place(said) if number else None
    _log.error("message_too_large", type=type(said).__name__, number=number, shortened=other is not None, detail=detail)
    return other


def _binary(frame: str | bytes) -> bytes:
    if isinstance(frame, str):
        raise BadFrame("a text frame where a binary one belongs")
    return frame


def _upgrade_refusal(error: InvalidStatus) -> str:
    status = error.response.status_code
    detail = problem_detail(bytes(error.response.body or b""))
    if status == 401:
        return f"The control plane refused the token ({detail}). If this lasts, join again with a new `wh-cp worker-token`."
    if status == 403:
        return f"The control plane has revoked this worker ({detail}). Join again with a new `wh-cp worker-token`."
    if status == 426:
        return f"The control plane speaks no protocol this agent knows ({detail}). Upgrade the older of the two."
    return f"the control plane answered {status}: {detail}"
