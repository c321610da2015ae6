"""The short way through redaction takes out what the long one does."""

from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.kit.logging import ASSIGNED_TEXT, REDACTED, SECRET_TEXT, redact_text

PIECES = st.sampled_from(["wh_" + "a" * 20, "WH_" + "b" * 20, "eyJhbGciOi.eyJzdWIi.x", "token", "=", ":", " ", "s3cret", "/a", "?code=x1", "bearer abcdefgh", "\u017f"])  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=6).map("".join))
def test_a_text_that_is_looked_at_no_further_is_one_that_stays_as_it_is(text: str) -> None:
    whole = ASSIGNED_TEXT.sub(rf"\1{REDACTED}", SECRET_TEXT.sub(REDACTED, text))
    assert redact_text(text) == whole
