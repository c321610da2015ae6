"""TOTP codes: the vectors of RFC 6238, drift, and what is no code."""

import base64
import urllib.parse
from datetime import UTC, datetime, timedelta

import pytest

from wisehosting_cp.accounts.second_factor import recovery_codes, totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_vectors_of_rfc_6238_match_at_their_step_and_one_step_beside_it(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    step = seconds // 30
    assert totp.matching_step(RFC_SECRET, code, now) == step
    for drift in (-30, 30):
        assert totp.matching_step(RFC_SECRET, code, now + timedelta(seconds=drift)) == step
    for drift in (-60, 60):
        assert totp.matching_step(RFC_SECRET, code, now + timedelta(seconds=drift)) is None


def test_spaces_in_a_code_count_for_nothing() -> None:
    assert totp.matching_step(RFC_SECRET, " 287 082 ", datetime.fromtimestamp(59, UTC)) == 1


@pytest.mark.parametrize(
    "code",
    ["", "28708", "2870820", "28708a", "-87082", "\u00b287082", "\uff12\uff18\uff17\uff10\uff18\uff12", "287082\0"],
)
def test_what_is_not_six_digits_is_no_code(code: str) -> None:
    assert totp.matching_step(RFC_SECRET, code, datetime.fromtimestamp(59, UTC)) is None


def test_a_secret_has_160_bits_and_the_address_names_account_and_issuer() -> None:
    secret = totp.new_secret()
    assert len(base64.b32decode(secret)) == 20
    assert secret != totp.new_secret()
    address = urllib.parse.urlsplit(totp.address_of(secret, account="ada@example.org", issuer="WiseHosting"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert urllib.parse.unquote(address.path) == "/WiseHosting:ada@example.org"
    assert urllib.parse.parse_qs(address.query) == {"secret": [secret], "issuer": ["WiseHosting"]}


def test_the_qr_code_is_an_svg_that_an_img_shows() -> None:
    image = totp.qr_code("otpauth://totp/x?secret=ABC")
    assert image.startswith("data:image/svg+xml;")
    assert "script" not in image


def test_recovery_codes_are_ten_different_ones_of_80_bits() -> None:
    codes = recovery_codes.new_codes()
    assert len(set(codes)) == 10
    assert all(len(recovery_codes.plain(code)) == 16 for code in codes), "of 5 bits each"


def test_a_recovery_code_may_be_typed_as_people_type() -> None:
    assert recovery_codes.plain(" AB1O-l2c3 d4e5-F6G7 ") == "ab1012c3d4e5f6g7"


@pytest.mark.anyio
async def test_a_recovery_code_is_hashed_by_argon2id() -> None:
    salt = recovery_codes.new_salt()
    one, same, other = await recovery_codes.hashed(["abcd-efgh", "ABCDEFGH", "abcd-efgj"], salt)
    assert one == same != other
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await recovery_codes.hashed(["abcd-efgh"], recovery_codes.new_salt()) != [one]
