"""Keys are derived, versions count as the rows say, and only a retired version is refused."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wisehosting_cp.kit.keyring import Keyring, Purpose, VersionState
from wisehosting_cp.kit.sealing import SealBroken, Sealer

MASTER = os.urandom(32)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
PLACE = {"table": "variables", "column": "sealed_value", "row": "1"}


def _state(version: int, *, current: bool = True, retired: timedelta | None = None) -> VersionState:
    return VersionState("sealing", version, current, NOW + retired if retired is not None else None)


def test_version_one_is_the_key_of_the_label_alone_bit_for_bit() -> None:
    known = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"wh/seal/columns/v1").derive(MASTER)
    assert Keyring(MASTER).key(Purpose.sealing) == Keyring(MASTER).key(Purpose.sealing, version=1) == known
    split = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"wh/build/variables/v1|team").derive(MASTER)
    assert Keyring(MASTER).key(Purpose.build_variables, b"team") == split


def test_no_two_purposes_versions_or_contexts_share_a_key() -> None:
    ring = Keyring(MASTER)
    keys = [
        ring.key(purpose, context, version=version)
        for purpose in Purpose
        for version in (1, 2, 3, 255)
        for context in (b"", b"a", b"2", b"#2")
    ]
    assert len(set(keys)) == len(keys)


def test_a_new_version_is_accepted_then_current_then_alone() -> None:
    ring = Keyring(MASTER)
    assert (ring.current(Purpose.sealing), ring.accepted(Purpose.sealing)) == (1, [1])
    steps = [
        ([_state(1), _state(2, current=False)], 1, [2, 1]),
        ([_state(1), _state(2)], 2, [2, 1]),
        ([_state(1, retired=timedelta(days=30)), _state(2)], 2, [2, 1]),
        ([_state(1, retired=timedelta(0)), _state(2)], 2, [2]),
    ]
    for states, current, accepted in steps:
        ring.learn(states, NOW)
        assert not ring.learn(states, NOW)
        assert (ring.current(Purpose.sealing), ring.accepted(Purpose.sealing)) == (current, accepted)
        assert ring.current(Purpose.worker_token) == 1


def test_what_is_sealed_under_a_version_not_heard_of_yet_opens_and_under_a_retired_one_does_not() -> None:
    behind, ahead = Keyring(MASTER), Keyring(MASTER)
    old = Sealer(behind).seal(b"value", **PLACE)
    ahead.learn([_state(1, retired=timedelta(0)), _state(2)], NOW)
    new = Sealer(ahead).seal(b"value", **PLACE)
    assert (old[0], new[0]) == (1, 2)
    assert Sealer(behind).open(new, **PLACE) == b"value"
    with pytest.raises(SealBroken, match="wh-cp keys rotate sealing"):
        Sealer(ahead).open(old, **PLACE)
    assert Sealer(ahead).open_any(old, **PLACE) == b"value"
    assert Sealer(ahead).reseal(old, 2, **PLACE)[0] == 2


def test_a_sealed_value_with_another_version_byte_or_none_does_not_open() -> None:
    sealer = Sealer(Keyring(MASTER))
    sealed = sealer.seal(b"value", **PLACE)
    for changed in (b"", b"\0" + sealed[1:], b"\2" + sealed[1:], b"\xff" + sealed[1:], sealed[:1], sealed[:20]):
        with pytest.raises(SealBroken):
            sealer.open(changed, **PLACE)


def test_a_keyed_hash_matches_under_every_accepted_version_and_no_other() -> None:
    ring = Keyring(MASTER)
    states = [VersionState("worker_lookup", 1, True, None), VersionState("worker_lookup", 2, True, None)]
    one, two, three = (ring.mac(Purpose.worker_lookup, b"key", version=version) for version in (1, 2, 3))
    ring.learn(states, NOW)
    assert [ring.mac_matches(Purpose.worker_lookup, b"key", mac) for mac in (one, two, three)] == [True, True, False]
    ring.learn([VersionState("worker_lookup", 1, True, NOW), states[1]], NOW)
    assert [ring.mac_matches(Purpose.worker_lookup, b"key", mac) for mac in (one, two, three)] == [False, True, False]


def test_a_purpose_of_newer_code_is_passed_over() -> None:
    ring = Keyring(MASTER)
    ring.learn([VersionState("from_the_future", 7, True, None)], NOW)
    assert ring.current(Purpose.sealing) == 1
