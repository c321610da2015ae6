"""docs/wire.md and the code say the same: the vectors of `agent/wire/vectors/v1.json`."""

import base64
import hashlib
import importlib.util
import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from wisehosting_wire import messages
from wisehosting_wire.codec import MAC_BYTES, Opener, Sealer, encode_message, from_agent_decoder, to_agent_decoder
from wisehosting_wire.handshake import Challenge, decode_nonce
from wisehosting_wire.keys import Direction, connection_key, hkdf, refresh_mac, verifier
from wisehosting_wire.routes import routes_digest
from wisehosting_wire.workload import RouteApp

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "agent" / "wire" / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "v1.json").read_text())
DECODERS: dict[str, Any] = {"w2c": from_agent_decoder, "c2w": to_agent_decoder}

RFC_5869 = [
    (
        "0b" * 22,
        "000102030405060708090a0b0c",
        "f0f1f2f3f4f5f6f7f8f9",
        42,
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        bytes(range(0x50)).hex(),
        bytes(range(0x60, 0xB0)).hex(),
        bytes(range(0xB0, 0x100)).hex(),
        82,
        (
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
            "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
    ),
    (
        "0b" * 22,
        "",
        "",
        42,
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
]


@pytest.mark.parametrize(("key", "salt", "info", "length", "expected"), RFC_5869)
def test_hkdf_gives_the_vectors_of_rfc_5869(key: str, salt: str, info: str, length: int, expected: str) -> None:
    made = hkdf(bytes.fromhex(key), salt=bytes.fromhex(salt), info=bytes.fromhex(info), length=length)
    assert made.hex() == expected


@pytest.mark.parametrize("length", [0, -1, 255 * 32 + 1])
def test_hkdf_refuses_lengths_it_cannot_give(length: int) -> None:
    with pytest.raises(ValueError, match="length"):
        hkdf(b"key", salt=b"", info=b"", length=length)


def test_the_generator_writes_the_vectors_that_are_checked_in() -> None:
    spec = importlib.util.spec_from_file_location("wire_vectors", FOLDER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert generator.vectors() == VECTORS


def test_keys_and_refresh_mac_are_those_of_the_vectors() -> None:
    root = verifier(bytes.fromhex(VECTORS["raw_key"]))
    assert root.hex() == VECTORS["verifier"]
    for direction in Direction:
        key = connection_key(
            root,
            nonce_worker=decode_nonce(VECTORS["nonce_worker_header"]),
            nonce_cp=bytes.fromhex(VECTORS["nonce_cp"]),
            direction=direction,
            worker=VECTORS["worker"],
            protocol=VECTORS["protocol"],
        )
        assert key.hex() == VECTORS["keys"][direction]
    refresh = VECTORS["refresh"]
    mac = refresh_mac(
        root, worker=VECTORS["worker"], nonce=bytes.fromhex(refresh["nonce"]), token_id=refresh["token_id"]
    )
    assert mac.hex() == refresh["mac"]


def test_keys_are_those_of_another_hkdf() -> None:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    for direction, key in VECTORS["keys"].items():
        info = f"wh/mac/v2|{direction}|{VECTORS['worker']}|1".encode()
        salt = bytes.fromhex(VECTORS["nonce_worker"] + VECTORS["nonce_cp"])
        assert HKDF(SHA256(), 32, salt, info).derive(bytes.fromhex(VECTORS["verifier"])).hex() == key


def test_the_challenge_is_that_of_the_vectors() -> None:
    challenge = Challenge.decode(bytes.fromhex(VECTORS["challenge"]))
    assert challenge.encode().hex() == VECTORS["challenge"]
    assert (challenge.protocol, challenge.connection.hex()) == (1, VECTORS["connection"])
    assert challenge.nonce.hex() == VECTORS["nonce_cp"]


@pytest.mark.parametrize("direction", ["w2c", "c2w"])
def test_every_frame_of_the_vectors_opens_and_seals_to_the_same_bytes(direction: str) -> None:
    named = {
        "protocol": 1,
        "direction": Direction(direction),
        "worker": VECTORS["worker"],
        "connection": bytes.fromhex(VECTORS["connection"]),
    }
    key = bytes.fromhex(VECTORS["keys"][direction])
    opener: Opener[Any] = Opener(key, DECODERS[direction], **named)
    sealer = Sealer(key, **named)
    encoded = Sealer(key, **named)
    for vector in VECTORS["frames"][direction]:
        frame = base64.b64decode(vector["frame"])
        assert hashlib.sha256(frame).hexdigest() == vector["sha256"]
        received = opener.open(frame)
        assert type(received.message).__name__ == vector["type"]
        assert (received.seq, received.number) == (vector["seq"], vector["number"])
        assert encode_message(received.message) == base64.b64decode(vector["message"])
        assert sealer.seal(received.message, received.number) == frame
        assert encoded.seal_encoded(base64.b64decode(vector["message"]), received.number) == frame
        body = msgspec.msgpack.decode(frame[MAC_BYTES:])
        assert body["direction"] == direction


@pytest.mark.parametrize(
    ("direction", "union"), [("w2c", messages.FromAgent), ("c2w", messages.ToAgent)], ids=["w2c", "c2w"]
)
def test_every_message_has_a_vector_and_a_row_in_the_norm(direction: str, union: Any) -> None:
    names = {kind.__name__ for kind in get_args(union)}
    assert {vector["type"] for vector in VECTORS["frames"][direction]} == names
    table = re.findall(r"^\| `(\w+)` \| (both|worker|CP) \|", (ROOT / "docs" / "wire.md").read_text(), re.MULTILINE)
    sender = "worker" if direction == "w2c" else "CP"
    assert {name for name, said_by in table if said_by in {"both", sender}} == names


def test_the_norm_names_every_field_of_every_message() -> None:
    norm = (ROOT / "docs" / "wire.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (?:both|worker|CP) \| (.*) \|$", norm, re.MULTILINE))
    routes = norm.partition("## 7. Routes")[2].partition("## 8")[0]
    for kind in {*get_args(messages.FromAgent), *get_args(messages.ToAgent)} - {messages.TokenWanted}:
        text = rows[kind.__name__] + (routes if kind is messages.Routes else "")
        named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", text))))
        assert set(kind.__struct_fields__) <= named, kind.__name__


def test_the_routes_digest_is_that_of_the_vectors_in_any_order() -> None:
    apps = msgspec.convert(VECTORS["routes"]["apps"], list[RouteApp])
    assert routes_digest(apps).hex() == VECTORS["routes"]["digest"]
    assert routes_digest(reversed(apps)).hex() == VECTORS["routes"]["digest"]
    shuffled = [msgspec.structs.replace(app, hosts=app.hosts[::-1], deployments=app.deployments[::-1]) for app in apps]
    assert routes_digest(shuffled).hex() == VECTORS["routes"]["digest"]
    assert routes_digest(apps[:1]).hex() != VECTORS["routes"]["digest"]


def test_the_largest_numbers_of_the_norm_pass_and_one_more_does_not() -> None:
    raw = encode_message(messages.Ack(number=2**63 - 1))
    assert from_agent_decoder.decode(raw) == messages.Ack(number=2**63 - 1)
    for number in (-1, 2**63):
        with pytest.raises(msgspec.ValidationError):
            from_agent_decoder.decode(msgspec.msgpack.encode({"type": "Ack", "number": number}))
