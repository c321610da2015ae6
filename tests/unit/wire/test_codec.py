"""Frames: what was sealed opens to the same; everything else is refused with its own error and never crashes."""

import hmac
import random
import sys
from collections import Counter
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wisehosting_wire import messages as m
from wisehosting_wire.codec import (
    MAC_BYTES,
    MAX_FRAME,
    Opener,
    Sealer,
    encode_message,
    from_agent_decoder,
    to_agent_decoder,
)
from wisehosting_wire.errors import (
    BadFrame,
    BadMac,
    BadSequence,
    FrameTooLarge,
    HandshakeError,
    UnknownMessage,
    WireError,
)
from wisehosting_wire.handshake import Challenge, decode_nonce, encode_nonce
from wisehosting_wire.keys import Direction
from wisehosting_wire.version import choose, parse_versions

KEY = b"k" * 32
WORKER = "worker-1"
CONNECTION = b"c" * 16
DECODERS: dict[Direction, Any] = {Direction.to_cp: from_agent_decoder, Direction.to_worker: to_agent_decoder}
UNIONS = {Direction.to_cp: m.FromAgent, Direction.to_worker: m.ToAgent}


def sealer(direction: Direction = Direction.to_cp, key: bytes = KEY, **changes: Any) -> Sealer:
    return Sealer(key, **{"protocol": 1, "direction": direction, "worker": WORKER, "connection": CONNECTION, **changes})


def opener(direction: Direction = Direction.to_cp, key: bytes = KEY) -> Opener[Any]:
    return Opener(key, DECODERS[direction], protocol=1, direction=direction, worker=WORKER, connection=CONNECTION)


def with_mac(body: bytes) -> bytes:
    return hmac.digest(KEY, body, "sha256") + body


counts = st.integers(0, 2**63 - 1)
texts = st.text(max_size=40)
any_message: dict[Direction, st.SearchStrategy[Any]] = {}


def strategy(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a wire type, built from its fields."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = {field.name: strategy(field.type) for field in msgspec.structs.fields(kind)}
        return st.builds(kind, **fields)
    origin, arguments = getattr(kind, "__origin__", None), get_args(kind)
    if hasattr(kind, "__metadata__"):
        return counts
    if origin is list:
        return st.lists(strategy(arguments[0]), max_size=3)
    if origin is tuple:
        return st.lists(strategy(arguments[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(strategy(arguments[0]), strategy(arguments[1]), max_size=3)
    if arguments:  # a union
        return st.one_of(*(strategy(one) for one in arguments))
    simple: dict[Any, st.SearchStrategy[Any]] = {
        int: st.integers(-(2**31), 2**63 - 1),
        str: texts,
        float: st.floats(allow_nan=False, allow_infinity=False),
        bytes: st.binary(max_size=40),
        bool: st.booleans(),
        type(None): st.none(),
    }
    return simple[kind] if kind in simple else st.sampled_from(list(kind))


for one in Direction:
    any_message[one] = st.one_of(*(strategy(kind) for kind in get_args(UNIONS[one])))


@pytest.mark.parametrize("direction", list(Direction))
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_messages_come_out_as_they_went_in(direction: Direction, data: st.DataObject) -> None:
    sent = data.draw(st.lists(st.tuples(any_message[direction], counts), min_size=1, max_size=4))
    sealing, opening = sealer(direction), opener(direction)
    for seq, (message, number) in enumerate(sent, start=1):
        received = opening.open(sealing.seal(message, number))
        assert (received.seq, received.number) == (seq, number)
        assert encode_message(received.message) == encode_message(message)


def test_a_frame_played_back_to_its_sender_is_refused() -> None:
    frame = sealer(Direction.to_cp).seal(m.Ack(number=1))
    with pytest.raises(BadFrame):
        opener(Direction.to_worker).open(frame)  # even with the same key, which no connection has
    with pytest.raises(BadMac):
        opener(Direction.to_worker, key=b"x" * 32).open(frame)


def test_a_replayed_or_reordered_or_skipped_frame_is_refused() -> None:
    sealing, opening = sealer(), opener()
    first, second, third = (sealing.seal(m.Ack(number=n)) for n in (1, 2, 3))
    opening.open(first)
    for wrong in (first, third):
        with pytest.raises(BadSequence):
            opening.open(wrong)
    assert opening.open(second).seq == 2
    with pytest.raises(BadSequence):
        opening.open(second)
    assert opening.open(third).seq == 3


@pytest.mark.parametrize(
    "changes", [{"protocol": 2}, {"worker": "worker-2"}, {"connection": b"d" * 16}, {"direction": Direction.to_worker}]
)
def test_a_frame_for_another_connection_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadFrame):
        opener().open(sealer(**changes).seal(m.Ack(number=1)))


def test_a_message_that_does_not_fit_is_not_sealed_and_the_sequence_stays() -> None:
    sealing, opening = sealer(), opener()
    with pytest.raises(FrameTooLarge):
        sealing.seal(m.Refused(seq=1, reason="cannot", detail="x" * MAX_FRAME))
    assert opening.open(sealing.seal(m.Ack(number=1))).seq == 1


def test_a_frame_of_the_limit_opens_and_one_byte_more_does_not() -> None:
    room = MAX_FRAME - len(sealer().seal(m.Refused(seq=1, reason="cannot", detail="x" * 70000))) + 70000
    frame = sealer().seal(m.Refused(seq=1, reason="cannot", detail="x" * room))
    assert len(frame) == MAX_FRAME
    assert isinstance(opener().open(frame).message, m.Refused)
    with pytest.raises(FrameTooLarge):
        opener().open(frame + b"x")


@pytest.mark.parametrize("length", range(MAC_BYTES + 1))
def test_a_frame_without_a_body_is_refused(length: int) -> None:
    with pytest.raises(WireError):
        opener().open(b"\0" * length)
    with pytest.raises(BadFrame):
        opener().open(with_mac(b""))


def test_an_unknown_message_is_named_and_the_connection_goes_on() -> None:
    sealing, opening = sealer(), opener()
    with pytest.raises(UnknownMessage) as caught:
        opening.open(sealing.seal_encoded(msgspec.msgpack.encode({"type": "FromTheFuture", "x": 1}), 17))
    assert (caught.value.seq, caught.value.number) == (1, 17)
    assert opening.open(sealing.seal(m.Ack(number=2))).seq == 2


def test_unknown_fields_are_ignored_in_messages_and_refused_in_nouns_and_envelopes() -> None:
    body = msgspec.msgpack.encode({"type": "Ack", "number": 1, "later": True})
    assert opener().open(sealer().seal_encoded(body)).message == m.Ack(number=1)
    noun = {"type": "DesiredState", "cp_epoch": 1, "generation": 1, "workloads": []}
    noun["tombstones"] = [{"instance": "i", "privileged": True}]
    with pytest.raises(UnknownMessage):
        opener(Direction.to_worker).open(sealer(Direction.to_worker).seal_encoded(msgspec.msgpack.encode(noun)))
    envelope = msgspec.msgpack.decode(sealer().seal(m.Ack(number=1))[MAC_BYTES:])
    with pytest.raises(BadFrame):
        opener().open(with_mac(msgspec.msgpack.encode({**envelope, "extra": 1})))


def test_nesting_without_end_is_refused() -> None:
    deep = b"\x91" * 200_000 + b"\xc0"
    with pytest.raises(BadFrame):
        opener().open(sealer().seal_encoded(b"\x82\xa4type\xa3Ack\xa6number" + deep))


def test_malformed_frames_never_crash_and_half_of_them_reach_the_decoders(capsys: pytest.CaptureFixture[str]) -> None:
    """Half carry a valid MAC over a mutated body. Prints how many reached which decoder."""
    rng = random.Random(20261123)  # noqa: S311  # repeatable on purpose
    reached: Counter[str] = Counter()
    rounds = 20_000
    for round_number in range(rounds):
        direction = rng.choice(list(Direction))
        kind = rng.choice(sorted(get_args(UNIONS[direction]), key=lambda kind: kind.__name__))
        frame = sealer(direction).seal_encoded(
            msgspec.msgpack.encode({"type": kind.__name__, **noise(rng)}), rng.randrange(9)
        )
        mutated = mutate(rng, frame)
        if round_number % 2:
            mutated = with_mac(mutate(rng, frame[MAC_BYTES:]))
        try:
            opener(direction).open(mutated)
            reached[f"opened {direction}"] += 1
        except WireError as error:
            reached[f"{type(error).__name__} {direction}"] += 1
    with capsys.disabled():
        sys.stdout.writelines(f"\n  fuzz: {name}: {count}" for name, count in sorted(reached.items()))
    bad_mac = sum(count for name, count in reached.items() if name.startswith("BadMac"))
    assert 0.4 * rounds < bad_mac < 0.5 * rounds + 1
    for direction in Direction:
        assert reached[f"BadFrame {direction}"] > 100, "envelope decoder"
        assert reached[f"UnknownMessage {direction}"] > 100, "message decoder"
        assert reached[f"opened {direction}"] > 0


def noise(rng: random.Random) -> dict[str, Any]:
    values: list[Any] = [0, 1, -1, 2**63, 1.5, "text", b"bytes", [], {}, None, True, ["x"], {"a": {"b": []}}]
    names = "number seq reason detail revision base apps workloads tombstones subject first lines kind".split()  # noqa: SIM905
    return {name: rng.choice(values) for name in rng.sample(names, rng.randrange(len(names)))}


def mutate(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 8])):
        where = rng.randrange(len(changed))
        match rng.randrange(4):
            case 0:
                changed[where] = rng.randrange(256)
            case 1:
                del changed[where : where + rng.randrange(1, 9)]
            case 2:
                changed[where:where] = rng.randbytes(rng.randrange(1, 9))
            case _:
                changed[where] ^= 1 << rng.randrange(8)
        if not changed:
            return b"\0"
    return bytes(changed)


@given(st.binary(max_size=80))
def test_a_challenge_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    try:
        challenge = Challenge.decode(data)
    except HandshakeError:
        return
    assert challenge.encode() == data


@given(st.text(max_size=60))
def test_a_nonce_of_any_text_is_read_or_refused(text: str) -> None:
    try:
        nonce = decode_nonce(text)
    except HandshakeError:
        return
    assert len(nonce) == 32


@given(st.binary(min_size=32, max_size=32))
def test_a_nonce_comes_back_from_its_header(nonce: bytes) -> None:
    assert decode_nonce(encode_nonce(nonce)) == nonce


def test_the_newest_common_protocol_is_chosen() -> None:
    assert choose((3, 2, 1)) == 1
    assert choose((2,)) is None
    assert parse_versions("2, 1") == (2, 1)
    for header in ("", "one", ", ".join(["1"] * 9)):
        with pytest.raises(ValueError, match=r"invalid literal|more than 8"):
            parse_versions(header)
