"""The agent's side of the wire against a control plane that checks every MAC, over real TLS."""

import asyncio
import base64
import contextlib
import hashlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from wisehosting_agent import session as session_module
from wisehosting_agent.enrolment import Enrolment, Unreachable
from wisehosting_agent.errors import EnrolmentError
from wisehosting_agent.identity import Identity
from wisehosting_agent.link import Link
from wisehosting_agent.session import Session
from wisehosting_agent.store import mail, meta
from wisehosting_agent.store.database import Database
from wisehosting_wire import messages as m
from wisehosting_wire.codec import MAX_FRAME, Opener, from_agent_decoder
from wisehosting_wire.errors import UnknownMessage
from wisehosting_wire.keys import Direction

pytestmark = pytest.mark.anyio

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[3] / "agent" / "wire" / "vectors" / "v1.json").read_text())


class Voice:
    """Remembers what it heard; durable messages move the inbox position."""

    def __init__(self, store: Database, link: Link) -> None:
        self.store, self.link = store, link
        self.heard_messages: list[tuple[Any, int]] = []
        self.session: Session | None = None

    async def hello(self) -> m.Hello:
        store, received = await self.store.run(lambda tx: (meta.store_id(tx), mail.received(tx)))
        return m.Hello(
            store=store,
            boot="boot",
            received=received,
            generation=0,
            routes_revision=0,
            versions=m.Versions(agent="test"),
            capacity=m.Capacity(cpus=1, memory_bytes=1, disk_bytes=1, disk_free_bytes=1),
            roles=["apps"],
        )

    def heartbeat(self) -> m.Heartbeat:
        return m.Heartbeat(capacity=m.Capacity(cpus=1, memory_bytes=1, disk_bytes=1, disk_free_bytes=1))

    def inventory(self) -> m.Inventory:
        return m.Inventory(generation=0, instances={})

    async def heard(self, message: Any, seq: int, number: int) -> None:
        assert self.session is not None
        if isinstance(message, m.Ack):
            await self.store.run(lambda tx: mail.acknowledged(tx, message.number))
            self.session.acknowledged(message.number)
        elif isinstance(message, m.TokenRenewed):
            self.session.renewed(message.token, message.expires_at)
        if not number or await self.store.run(lambda tx: mail.receive(tx, number)):
            self.heard_messages.append((message, number))
        if number:
            await self.link.send(m.Ack(number=number))

    async def not_understood(self, error: UnknownMessage) -> None:
        await self.link.send(
            m.Refused(seq=error.seq, reason="unknown_message", detail=error.detail, number=error.number)
        )

    async def linked(self, *, connected: bool, detail: str) -> None:
        pass


class Rig:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.identity = Identity(folder / "state")
        self.link = Link()
        self.store = Database(folder / "state" / "agent.db")
        self.enrolment = Enrolment(
            self.identity,
            url,
            name="one",
            join_token_file=folder / "join.json",
            api_server_secret_file=folder / "api_server.secret",
        )
        self.voice = Voice(self.store, self.link)
        self.session = Session(self.identity, self.enrolment, self.store, self.link, self.voice, url=url, cap=0.2)
        self.voice.session = self.session

    async def post(self, name: str) -> int:
        message = m.InstanceObserved(instance=name, status="ready")  # type: ignore[arg-type]
        return await self.store.run(lambda tx: tx.post(message))


@contextlib.asynccontextmanager
async def running(folder: Path, url: str) -> AsyncIterator[Rig]:
    rig = Rig(folder, url)
    await rig.store.open()
    task = asyncio.create_task(rig.session.run())
    try:
        yield rig
        assert not task.done(), task.result()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await rig.store.close()


async def test_a_worker_registers_once_pins_the_certificate_and_deletes_the_secrets(
    hub: Any, control_plane: str, tmp_path: Path
) -> None:
    async with running(tmp_path, control_plane) as rig:
        await hub.until(lambda: hub.of(m.Inventory))
        assert hub.of(m.Heartbeat)
        assert not (tmp_path / "join.json").exists()
        assert not (tmp_path / "api_server.secret").exists()
        for name in ("api_key", "control_plane.pem", "token.json"):
            assert (tmp_path / "state" / "identity" / name).stat().st_mode & 0o777 == 0o600
        assert rig.identity.verifier == hub.verifier
    async with running(tmp_path, control_plane):
        await hub.until(lambda: len(hub.hellos) == 2)
    assert hub.registrations == 1
    assert hub.hellos[0].store == hub.hellos[1].store
    assert hub.violations == []


async def test_a_lost_reply_to_the_registration_costs_nothing(hub: Any, control_plane: str, tmp_path: Path) -> None:
    hub.lose_replies = 2
    async with running(tmp_path, control_plane):
        await hub.until(lambda: hub.hellos)
    assert hub.registrations == 3


async def test_another_certificate_gets_neither_token_nor_key(hub: Any, control_plane: str, tmp_path: Path) -> None:
    (tmp_path / "join.json").write_text(json.dumps({"token": "t", "pin": "ab" * 32}))
    rig = Rig(tmp_path, control_plane)
    with pytest.raises(EnrolmentError, match="mint a new token"):
        await rig.enrolment.register()
    assert hub.registrations == 0
    assert rig.identity.certificate is None
    assert (tmp_path / "join.json").exists()


async def test_after_the_first_contact_only_the_pinned_certificate_is_trusted(
    hub: Any, control_plane: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    rig = Rig(tmp_path, control_plane)
    await rig.enrolment.register()
    from importlib import import_module  # the stranger is made by the same code

    stranger = import_module(hub.__class__.__module__)
    folder = tmp_path / "stranger"
    folder.mkdir()
    key, made, _ = stranger.certificate(folder)
    other = stranger.Hub()
    async with stranger.serving(other, key, made) as port:
        away = Enrolment(
            rig.identity,
            f"https://127.0.0.1:{port}",
            name="one",
            join_token_file=None,
            api_server_secret_file=None,
        )
        with pytest.raises(Unreachable, match=r"(?i)certificate"):
            await away.refresh()
    assert other.refreshes == 0


async def test_a_refused_registration_says_what_to_do(hub: Any, control_plane: str, tmp_path: Path) -> None:
    hub.refuse_registration = "The join token has expired."
    with pytest.raises(EnrolmentError, match=r"expired\. Mint a new join token with `wh-cp worker-token one`"):
        await Rig(tmp_path, control_plane).enrolment.register()
    assert (tmp_path / "join.json").exists()


async def test_what_is_posted_arrives_in_order_and_leaves_the_outbox(
    hub: Any, control_plane: str, tmp_path: Path
) -> None:
    async with running(tmp_path, control_plane) as rig:
        await hub.until(lambda: hub.hellos)
        for number in range(600):  # more than the window of 256
            await rig.post(f"i-{number}")
        await hub.until(lambda: len(hub.of(m.InstanceObserved)) == 600)
        assert [one.instance for one in hub.of(m.InstanceObserved)] == [f"i-{n}" for n in range(600)]
        await hub.until(lambda: hub.received[hub.hellos[0].store] == 600)
        async with asyncio.timeout(10):
            while await rig.store.run(mail.length):
                await asyncio.sleep(0.01)


async def test_what_was_not_acknowledged_is_sent_again_after_every_loss_and_counts_once(
    hub: Any, control_plane: str, tmp_path: Path
) -> None:
    losses = 0
    async with running(tmp_path, control_plane) as rig:
        await hub.until(lambda: hub.hellos)
        for batch in range(10):
            hub.ack = batch % 2 == 0
            for number in range(20):
                await rig.post(f"{batch}-{number}")
            if hub.live is not None:
                await hub.live.socket.close(1012)
                losses += 1
            await hub.until(lambda expected=batch + 2: len(hub.hellos) >= expected)
        hub.ack = True
        if hub.live is not None:
            await hub.live.socket.close(1012)
        acknowledged = hub.received[hub.hellos[0].store]
        await hub.until(lambda: hub.received[hub.hellos[0].store] == 200)
        assert acknowledged <= 200
    assert losses > 5
    numbers = [number for message, number in hub.heard if isinstance(message, m.InstanceObserved)]
    assert sorted(set(numbers)) == list(range(1, 201))
    assert hub.violations == []


async def test_a_restarted_agent_sends_what_it_could_not(hub: Any, control_plane: str, tmp_path: Path) -> None:
    rig = Rig(tmp_path, control_plane)
    await rig.store.open()
    await rig.post("while-away")
    await rig.store.close()
    async with running(tmp_path, control_plane):
        await hub.until(lambda: hub.of(m.InstanceObserved))
    assert [one.instance for one in hub.of(m.InstanceObserved)] == ["while-away"]


async def test_a_durable_message_has_its_effect_once(hub: Any, control_plane: str, tmp_path: Path) -> None:
    order = m.JobCancelled(job="j", reason="newer_push")
    async with running(tmp_path, control_plane) as rig:
        await hub.until(lambda: hub.live)
        for _ in range(3):
            await hub.live.say(order, 7)
        await hub.until(lambda: len([ack for ack in hub.of(m.Ack) if ack.number == 7]) == 3)
        assert rig.voice.heard_messages.count((order, 7)) == 1
    async with running(tmp_path, control_plane):
        await hub.until(lambda: len(hub.hellos) == 2)
    assert hub.hellos[1].received == 7


async def test_a_message_from_the_future_is_refused_and_the_connection_goes_on(
    hub: Any, control_plane: str, tmp_path: Path
) -> None:
    async with running(tmp_path, control_plane):
        await hub.until(lambda: hub.live)
        await hub.live.say_raw(msgspec.msgpack.encode({"type": "Teleport", "to": "mars"}), 3)
        refused = (await hub.until(lambda: hub.of(m.Refused)))[0]
        assert (refused.reason, refused.number) == ("unknown_message", 3)
        beats = len(hub.of(m.Heartbeat))
        await hub.until(lambda: len(hub.of(m.Heartbeat)) > beats)
    assert len(hub.hellos) == 1


@pytest.mark.parametrize("attack", ["flip", "replay", "text", "reflect"])
async def test_a_frame_that_is_not_the_control_planes_closes_the_connection_and_a_new_one_comes(
    hub: Any, control_plane: str, tmp_path: Path, attack: str
) -> None:
    async with running(tmp_path, control_plane) as rig:
        await hub.until(lambda: hub.live)
        peer = hub.live
        frame = peer.sealer.seal(m.NetworkPolicy(allow=["10.0.0.0/8"]))
        if attack == "flip":
            await peer.socket.send_bytes(frame[:40] + bytes([frame[40] ^ 1]) + frame[41:])
        elif attack == "replay":
            await peer.socket.send_bytes(frame)
            await peer.socket.send_bytes(frame)
        elif attack == "text":
            await peer.socket.send_text("hello")
        else:
            await peer.socket.send_bytes(b"\0" * 32 + frame[32:])
        await hub.until(lambda: len(hub.hellos) == 2)
        policies = [one for one, _ in rig.voice.heard_messages if isinstance(one, m.NetworkPolicy)]
        assert len(policies) == (1 if attack == "replay" else 0)


async def test_a_token_is_renewed_in_band_before_it_expires(hub: Any, control_plane: str, tmp_path: Path) -> None:
    hub.token_seconds = 120.5  # renewal is due at once
    async with running(tmp_path, control_plane) as rig:
        first = await hub.until(rig.identity.token)
        hub.token_seconds = 900
        await hub.until(lambda: hub.of(m.TokenWanted))
        await hub.until(lambda: rig.identity.token().token != first.token)
        assert rig.identity.token().expires_at > first.expires_at + 600
    assert len(hub.hellos) >= 1


async def test_a_token_due_for_renewal_is_refreshed_by_http_before_connecting(
    hub: Any, control_plane: str, tmp_path: Path
) -> None:
    hub.token_seconds = 100
    rig = Rig(tmp_path, control_plane)
    before = await rig.enrolment.register()
    hub.token_seconds = 900
    async with running(tmp_path, control_plane) as again:
        await hub.until(lambda: hub.hellos)
        token = again.identity.token()
        assert token is not None
        assert token.token != before.token
    assert hub.refreshes == 1
    assert hub.of(m.TokenWanted) == []


async def test_a_refused_upgrade_is_tried_again(hub: Any, control_plane: str, tmp_path: Path) -> None:
    hub.refuse_upgrade = 429
    async with running(tmp_path, control_plane):
        await hub.until(lambda: hub.refused_upgrades >= 2)
        assert hub.hellos == []
        hub.refuse_upgrade = 0
        await hub.until(lambda: hub.hellos)


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the session logged as an error."""
    said: list[dict[str, Any]] = []
    log = SimpleNamespace(
        error=lambda event, **facts: said.append({"event": event, **facts}), info=lambda *_, **__: None
    )
    monkeypatch.setattr(session_module, "_log", log)
    return said


async def test_a_report_that_fits_no_frame_arrives_shortened_and_what_follows_it_too(
    hub: Any, control_plane: str, tmp_path: Path, errors: list[dict[str, Any]]
) -> None:
    async with running(tmp_path, control_plane) as rig:
        await hub.until(lambda: hub.hellos)
        huge = m.InstanceObserved(instance="huge", status="exited", reason="crashed", detail="x" * MAX_FRAME)  # type: ignore[arg-type]
        image = m.ImageFacts(image="a", size_bytes=1, command=["x" * MAX_FRAME])
        ended = m.JobFinished(job="j", attempt=1, image=image)
        await rig.store.run(lambda tx: (tx.post(huge), tx.post(ended)))
        later = msgspec.msgpack.encode({"type": "OfANewerAgent", "text": "x" * MAX_FRAME})
        await rig.store.run(lambda tx: tx.execute("INSERT INTO outbox (body, created) VALUES (?, 0)", later))
        await rig.post("after")
        reports = await hub.until(lambda: len(hub.of(m.InstanceObserved)) == 2 and hub.of(m.InstanceObserved))
        assert [one.instance for one in reports] == ["huge", "after"]
        assert (reports[0].status, reports[0].reason) == ("exited", "crashed")
        assert "do not fit into one message" in reports[0].detail
        (job,) = hub.of(m.JobFinished)
        assert (job.image, job.reason) == (None, "worker_error")
        async with asyncio.timeout(10):
            while await rig.store.run(mail.length):
                await asyncio.sleep(0.01)
    assert [number for one, number in hub.heard if isinstance(one, m.InstanceObserved | m.JobFinished)] == [1, 2, 4]
    assert [(line["event"], line["type"], line["number"], line["shortened"]) for line in errors] == [
        ("message_too_large", "InstanceObserved", 1, True),
        ("message_too_large", "JobFinished", 2, True),
        ("message_too_large", "unknown", 3, False),
    ]
    assert len(hub.hellos) == 1
    assert hub.violations == []


async def test_a_message_nothing_can_stand_for_is_logged_and_the_connection_goes_on(
    hub: Any, control_plane: str, tmp_path: Path, errors: list[dict[str, Any]]
) -> None:
    async with running(tmp_path, control_plane) as rig:
        await hub.until(lambda: hub.of(m.Heartbeat))
        assert rig.link.say(m.Inventory(generation=1, instances={"x" * MAX_FRAME: "ready"}))  # type: ignore[dict-item]
        beats = len(hub.of(m.Heartbeat))
        await hub.until(lambda: len(hub.of(m.Heartbeat)) > beats)
    assert [(line["event"], line["type"], line["shortened"]) for line in errors] == [
        ("message_too_large", "Inventory", False)
    ]
    assert len(hub.hellos) == 1


async def test_the_agent_speaks_and_understands_the_frames_of_the_vectors_to_the_byte(
    hub: Any, control_plane: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_agent, from_agent = VECTORS["frames"]["c2w"], VECTORS["frames"]["w2c"]
    opener: Opener[Any] = Opener(
        bytes.fromhex(VECTORS["keys"]["w2c"]),
        from_agent_decoder,
        protocol=VECTORS["protocol"],
        direction=Direction.to_cp,
        worker=VECTORS["worker"],
        connection=bytes.fromhex(VECTORS["connection"]),
    )
    header, first, later = "", b"", list[Any]()

    async def recorded(_: Any, websocket: Any) -> None:
        nonlocal header, first
        header = websocket.headers["x-wh-nonce"]
        await websocket.accept()
        await websocket.send_bytes(bytes.fromhex(VECTORS["challenge"]))
        first = await websocket.receive_bytes()
        opener.open(first)
        for vector in to_agent:
            await websocket.send_bytes(base64.b64decode(vector["frame"]))
        while True:
            later.append(opener.open(await websocket.receive_bytes()).message)
            await hub.note()

    conftest = sys.modules[hub.__class__.__module__]
    monkeypatch.setattr(conftest, "WORKER", VECTORS["worker"])
    monkeypatch.setattr(conftest, "serve", recorded)
    nonce = bytes.fromhex(VECTORS["nonce_worker"])
    monkeypatch.setattr(session_module, "os", SimpleNamespace(urandom=lambda size: nonce[:size]))
    (tmp_path / "state" / "identity").mkdir(parents=True, mode=0o700)
    (tmp_path / "state" / "identity" / "api_key").write_bytes(bytes.fromhex(VECTORS["raw_key"]))
    hello = from_agent_decoder.decode(base64.b64decode(from_agent[0]["message"]))

    async def as_in_the_vectors(_: Voice) -> m.Hello:
        assert isinstance(hello, m.Hello)
        return hello

    monkeypatch.setattr(Voice, "hello", as_in_the_vectors)
    async with running(tmp_path, control_plane) as rig:
        heard = await hub.until(lambda: len(rig.voice.heard_messages) == len(to_agent) - 1 and rig.voice.heard_messages)
        await hub.until(lambda: len([one for one in later if isinstance(one, m.Ack)]) == 2)
        assert rig.identity.verifier.hex() == VECTORS["verifier"]
    assert header == VECTORS["nonce_worker_header"]
    assert hashlib.sha256(first).hexdigest() == from_agent[0]["sha256"]
    assert [(type(one).__name__, number) for one, number in heard] == [
        (vector["type"], vector["number"]) for vector in to_agent[1:]
    ]
    assert [msgspec.msgpack.encode(one) for one, _ in heard] == [
        base64.b64decode(vector["message"]) for vector in to_agent[1:]
    ]
    assert [one.number for one in later if isinstance(one, m.Ack)] == [
        vector["number"] for vector in to_agent if vector["number"]
    ]
