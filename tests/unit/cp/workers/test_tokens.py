"""Worker tokens and their times."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.kit.keyring import Keyring
from wisehosting_cp.workers import tokens

KEYRING = Keyring(os.urandom(32))
NOW = datetime(2027, 1, 1, tzinfo=UTC)
WORKER = new_id()


def test_a_token_names_its_worker_for_fifteen_minutes() -> None:
    token, expires_at = tokens.issue(KEYRING, WORKER, NOW)
    assert expires_at == (NOW + timedelta(minutes=15)).timestamp()
    read = tokens.read(KEYRING, token, NOW + timedelta(minutes=14, seconds=59))
    assert (read.worker, read.expired, read.expires_at) == (WORKER, False, expires_at)
    with pytest.raises(tokens.TokenRefused):
        tokens.read(KEYRING, token, NOW + timedelta(minutes=15))


def test_an_expired_token_passes_where_asked_for_and_for_thirty_days_only() -> None:
    token, _ = tokens.issue(KEYRING, WORKER, NOW)
    assert tokens.read(KEYRING, token, NOW + timedelta(days=29), expired_too=True).expired
    with pytest.raises(tokens.TokenRefused, match="30 days"):
        tokens.read(KEYRING, token, NOW + timedelta(days=31), expired_too=True)


def test_a_token_from_the_future_is_refused() -> None:
    token, _ = tokens.issue(KEYRING, WORKER, NOW + timedelta(minutes=5))
    with pytest.raises(tokens.TokenRefused):
        tokens.read(KEYRING, token, NOW)


def test_two_tokens_differ_though_made_in_the_same_second() -> None:
    first, _ = tokens.issue(KEYRING, WORKER, NOW)
    second, _ = tokens.issue(KEYRING, WORKER, NOW)
    assert tokens.read(KEYRING, first, NOW).token_id != tokens.read(KEYRING, second, NOW).token_id


@pytest.mark.parametrize("nonsense", ["", "a.b.c", "é", "eyJhbGciOiJub25lIn0.e30.", "." * 500])
def test_nonsense_is_refused(nonsense: str) -> None:
    with pytest.raises(tokens.TokenRefused):
        tokens.read(KEYRING, nonsense, NOW)
