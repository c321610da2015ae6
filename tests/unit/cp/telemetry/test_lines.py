"""Lines survive being packed; their times can always be written."""

from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.telemetry.lines import Line, pack, stream_name, unpack
from wisehosting_cp.telemetry.log import LogPage, Numbered
from wisehosting_cp.telemetry.sse import iso, page_events

lines = st.lists(
    st.builds(
        Line,
        at=st.integers(0, 2**63 - 1),
        stream=st.integers(0, 5),
        text=st.text(max_size=50),
        step=st.integers(0, 100),
    )
)


@given(lines)
def test_lines_come_back_as_they_went_in(packed: list[Line]) -> None:
    assert unpack(pack(packed)) == packed


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_time_can_be_written(at: int) -> None:
    assert iso(at).endswith("Z")


def test_times_are_written_in_utc_with_their_microseconds() -> None:
    assert iso(1_500_000) == "1970-01-01T00:00:00.001500Z"


def test_an_unknown_stream_is_the_platforms() -> None:
    assert [stream_name(number) for number in (0, 1, 2, 9, -1)] == [
        "stdout",
        "stderr",
        "platform",
        "platform",
        "platform",
    ]


def test_a_text_with_line_ends_stays_one_event() -> None:
    line = Line(1, 0, "a\rb\nc\u2028d")
    [(_, encoded)] = page_events(LogPage([Numbered(1, line)], 1, closed=False), 0, {})
    data = [part for part in encoded.decode().split("\n") if part.startswith("data:")]
    assert len(data) == 1
