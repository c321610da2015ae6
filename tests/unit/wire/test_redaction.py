"""What a line of a log may not hold is taken out of its texts, in time that grows with them, and nothing else is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_wire.redaction import ASSIGNED_TEXT, REDACTED, SECRET_TEXT, redact, redact_text

CANARY = "canary4f1b9a7c"
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{CANARY}.dozjgNryP4J3jVmNHl0w5N{CANARY}"
PIECES = st.sampled_from(["wh_" + "a" * 20, "WH_" + "b" * 20, "eyJhbGciOi.eyJzdWIi.x", "token", "=", ":", " ", "s3cret", "/a", "?code=x1", "bearer abcdefgh", "\u017f"])  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=6).map("".join))
def test_a_text_that_is_looked_at_no_further_is_one_that_stays_as_it_is(text: str) -> None:
    whole = ASSIGNED_TEXT.sub(rf"\1{REDACTED}", SECRET_TEXT.sub(REDACTED, text))
    assert redact_text(text) == whole


@pytest.mark.parametrize(
    "text",
    [
        "reading /etc/wisehosting/api_server.secret: No such file or directory",
        "the token has expired; mint a new one",
        "https://git.test/x.git has no branch main",
        "exit code 137, status: exited",
        "commit aaaaaaaa by ada@example.org",
        "environment=0190 token_id=0190",
    ],
)
def test_a_sentence_for_people_stays_as_it_is(text: str) -> None:
    assert redact_text(text) == text


def test_harmless_values_keep_their_types() -> None:
    facts = {
        "exit_code": 137,
        "token_id": "0190",
        "seconds": 1.5,
        "closed": True,
        "reason": None,
        "environment": "0190",
    }
    assert redact(None, "", dict(facts)) == facts


GROWTH = {
    **{
        piece: piece for piece in ("a-", "x", "token", "://", "password=", "password: ", "wh_", "value ", "\\", "-----")
    },
    **{piece: piece for piece in ("eyJ", "eyJ-", "-eyJ", "eyJaaaaaaaa.", "eyJ.", "a@", "://a@", "?code=", "bearer ")},
    **{
        piece: piece
        for piece in ("token=[", "token=('", 'token="', "token='\\", 'token=\\"', "token ", "token= bearer ")
    },
    "private key without an end": "-----BEGIN PRIVATE KEY-----x",
    "private key begun and begun": "-----BEGIN -----BEGIN PRIVATE KEY----- -----END ",
    "row": "Failing row contains (",
    "argument": "query argument $1: ",
}


@pytest.mark.parametrize("piece", GROWTH.values(), ids=GROWTH.keys())
def test_a_text_four_times_as_long_is_not_sixteen_times_the_work(piece: str) -> None:
    def work(size: int) -> int:
        text = (piece * size)[:size]
        spent = []
        for _ in range(4):
            began = time.thread_time_ns()
            redact_text(text)
            spent.append(time.thread_time_ns() - began)
        return max(min(spent), 1)

    assert min(work(64_000) / work(16_000) for _ in range(3)) < 8


@pytest.mark.parametrize("before", ["", " ", "-", "session-", "/", "=", "(", "."])
@pytest.mark.parametrize("jwt", [JWT, JWT.rpartition(".")[0] + ".", JWT.partition(".")[0] + f"{CANARY}", JWT + ".a.b"])
def test_a_json_web_token_is_taken_out_whatever_stands_before_it_also_one_cut_short(before: str, jwt: str) -> None:
    redacted = redact_text(f"got {before}{jwt} there")
    assert CANARY not in redacted
    assert "eyJ" not in redacted
    assert redacted.startswith("got ")
    assert redacted.endswith(" there")


@pytest.mark.parametrize("lines", [1, 100, 50_000])
@pytest.mark.parametrize("head", ["", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", "-----END of it\n--\n"])
@pytest.mark.parametrize("before", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_private_key_is_taken_out_whole_however_long(lines: int, head: str, before: str) -> None:
    key = f"-----BEGIN EC PRIVATE KEY-----\n{head}{f'{CANARY}+/==' * 4}\n{(CANARY + chr(10)) * lines}-----END EC PRIVATE KEY-----"
    redacted = redact_text(f"{before}{key} and {key}, said")
    assert CANARY not in redacted
    assert redacted.endswith(" and [redacted], said")


@pytest.mark.parametrize("rest", ["", "\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_a_private_key_cut_short_is_taken_out_as_far_as_it_goes(rest: str) -> None:
    redacted = redact_text(f"-----BEGIN PRIVATE KEY-----\n{(CANARY + chr(10)) * 1000}{rest}")
    assert CANARY not in redacted
