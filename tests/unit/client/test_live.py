"""Progress on standard error: plain lines in a pipe, a live line on a terminal, and what Ctrl-C says."""

import io
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shopplatform import Done, Shop, deployment

from wisehosting_client import moments
from wisehosting_client.live import Course

Command = Callable[..., Done]


class Terminal(io.StringIO):
    """A terminal's standard error that says when something was painted on its last line."""

    def __init__(self) -> None:
        super().__init__()
        self.painted = threading.Event()

    def write(self, text: str) -> int:
        if " s" in text and not text.endswith("\n"):
            self.painted.set()
        return super().write(text)


def phases(*seconds: tuple[str, float | None]) -> list[dict[str, Any]]:
    return [{"phase": name, "seconds": count, "started_at": "2026-12-01T09:30:00Z"} for name, count in seconds]


def test_each_phase_is_told_once_with_its_seconds_and_each_status_once(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [
        deployment(
            4,
            "queued",
            phases=phases(("received", 0.01), ("queued", None)),
            waiting_for="Deployment 3 has to end first.",
        ),
        deployment(4, "queued", phases=phases(("queued", None)), waiting_for="No worker can take a build."),
        deployment(4, "building", phases=phases(("received", 0.01), ("queued", 1.5), ("checked_out", None))),
        deployment(4, "building", phases=phases(("received", 0.01), ("queued", 1.5), ("checked_out", 75.0))),
        deployment(4, "live", phases=phases(("received", 0.01), ("queued", 1.5), ("checked_out", 75.0))),
    ]
    with Course(terminal=False) as course:
        for step in steps:
            course.state(step)
    assert capsys.readouterr().err.splitlines() == [
        "  queued: Deployment 3 has to end first.",
        "  queued: No worker can take a build.",
        "  queued         1.5 s",
        "  building",
        "  checked out    1m15s",
    ]


def test_on_a_terminal_a_line_lives_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Course(terminal=True) as course:
        course.state(deployment(4, "building", phases=[]))
        assert terminal.painted.wait(5)
        course.line("\x1b[32mok\x1b[0m \x1b[2Jwiped")
    written = terminal.getvalue()
    assert "building  0 s" in written
    assert "\x1b[32mok\x1b[0m \\x1b[2Jwiped\x1b[0m\n" in written
    assert written.endswith("\r\x1b[2K"), "the live line is wiped at the end"


def test_ctrl_c_ends_the_following_only_and_says_how_to_go_on_and_how_to_cancel(wh: Command, shop: Shop) -> None:
    def interrupt() -> Any:
        raise KeyboardInterrupt

    shop.answers |= {
        "POST /projects/p1/deployments": deployment(4, "queued"),
        "GET /deployments/d4/log": httpx2.Response(200, text="event: end\ndata: {}\n\n"),
        "GET /deployments/d4": interrupt,
    }
    done = wh("deploy", "shop")
    assert (done.code, done.next) == (130, "Next: wh logs shop --build --follow")
    assert "Deployment 4 goes on without you. End it with: wh cancel shop 4\n" in done.err
    assert [call for call, _ in shop.sent] == ["POST /projects/p1/deployments"]
    shop.answers["PATCH /environments/e1"] = lambda: shop.environment.update(replicas=2) or shop.project
    shop.answers["GET /instances"] = interrupt
    done = wh("scale", "shop", "2")
    assert (done.code, done.next) == (130, "Next: wh status shop")


@given(st.integers(0, 10**9))
def test_a_duration_is_read_as_it_is_written(seconds: int) -> None:
    assert moments.duration(moments.written(seconds)) == timedelta(seconds=seconds)


@given(st.text(max_size=12))
def test_any_text_is_a_moment_or_a_sentence_that_says_how_to_write_one(text: str) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    sentence, moment = "", now
    try:
        moment = moments.since(text, now)
    except ValueError as error:
        sentence = str(error)
    assert sentence.endswith(moments.EXAMPLES) if sentence else moment.tzinfo is not None


@pytest.mark.parametrize(
    ("text", "ago"), [("90s", 90), ("15m", 900), ("1h30m", 5400), (" 2D ", 172800), ("2026-11-30T23:00:00Z", 3600)]
)
def test_moments_are_read_as_people_write_them(text: str, ago: int) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert now - moments.since(text, now) == timedelta(seconds=ago)
