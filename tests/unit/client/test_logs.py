"""`wh logs`: what is chosen of a log, what is missing in it, and that a broken connection is taken up."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shopplatform import Done, Shop, deployment

from wisehosting_client.api import ServerEvent
from wisehosting_client.commands.logs import once, with_gaps
from wisehosting_client.escapes import SGR, coloured, harmless, plain

Command = Callable[..., Done]
LOG = "GET /environments/e1/log"


def line(n: int, text: str = "hello", *, ago: float = 0, instance: str = "0000aaaa") -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat().replace("+00:00", "Z")
    return {"n": n, "at": at, "stream": "out", "step": 0, "text": text, "instance": instance, "process": "web"}


def event(kind: str, data: Any, last: str = "") -> str:
    return (f"id: {last}\n" if last else "") + f"event: {kind}\ndata: {json.dumps(data)}\n\n"


class Breaking(httpx2.SyncByteStream):
    """Sends something, then breaks."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __iter__(self) -> Iterator[bytes]:
        yield self.text.encode()
        raise httpx2.ReadError("broken")


def texts(done: Done) -> list[str]:
    """The lines without the clock."""
    return [row if row.startswith("—") else row.partition(" ")[2] for row in done.out.splitlines()]


def test_lines_say_when_and_of_which_instance_and_what_is_missing_between_them(wh: Command, shop: Shop) -> None:
    shop.answers[LOG] = shop.page(line(4, "a"), line(9, "other", instance="0000bbbb"), line(7, "b"))
    assert texts(wh("logs", "shop")) == ["aaaa a", "bbbb other", "— 2 lines dropped —", "aaaa b"]


def test_lines_are_chosen_by_their_age_and_their_text(wh: Command, shop: Shop) -> None:
    shop.answers[LOG] = shop.page(
        line(1, "old error", ago=7200), line(5, "an \x1b[31mERR\x1b[0mOR", ago=60), line(6, "fine")
    )
    assert texts(wh("logs", "shop", "--since", "1h")) == ["— 3 lines dropped —", "aaaa an ERROR", "aaaa fine"]
    assert texts(wh("logs", "shop", "--grep", "(?i)error", "--since", "1h"))[1:] == ["aaaa an ERROR"]


@pytest.mark.parametrize("argv", [("--since", "yesterday"), ("--grep", "(")])
def test_what_cannot_be_meant_is_said_before_anything_is_asked(wh: Command, argv: tuple[str, str]) -> None:
    done = wh("logs", "nobody", *argv)
    assert (done.code, done.next) == (64, "Next: wh logs --help")


def test_a_script_gets_one_object_a_line_in_the_words_of_the_api(wh: Command, shop: Shop) -> None:
    shop.answers[LOG] = shop.page(line(4, "\x1b[31ma"), line(7, "b"))
    found = [json.loads(row) for row in wh("logs", "shop", "--json").out.splitlines()]
    assert [row["event"] for row in found] == ["line", "gap", "line"]
    assert found[0]["text"] == "\x1b[31ma"
    assert (found[1]["from"], found[1]["to"], found[1]["instance"]) == (5, 6, "0000aaaa")


def test_following_takes_up_a_broken_connection_after_the_last_line(wh: Command, shop: Shop) -> None:
    asked: list[str | None] = []
    parts: list[httpx2.Response | Exception] = [
        httpx2.Response(200, stream=Breaking(event("line", line(1, "one"), "7"))),
        httpx2.ConnectError("down"),
        httpx2.Response(200, text=event("gap", {"from": 2, "to": 2}) + event("line", line(3, "three"), "9")),
        httpx2.Response(200, text=event("end", {})),
    ]

    def answer(request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("/log"):
            return Shop.answer(shop, request)
        asked.append(request.headers.get("last-event-id"))
        part = parts.pop(0)
        if isinstance(part, Exception):
            raise part
        return part

    shop.answer = answer  # type: ignore[method-assign]
    done = wh("logs", "shop", "--follow")
    assert done.code == 0, done.err
    assert texts(done) == ["aaaa one", "— 1 line dropped —", "aaaa three"]
    assert asked == [None, "7", "7", "9"]
    assert done.err.count("The connection broke") == 3


def test_following_a_platform_that_stays_away_ends_with_4(wh: Command, shop: Shop) -> None:
    def gone() -> Any:
        raise httpx2.ConnectError("down")

    shop.answers[LOG] = gone
    assert wh("logs", "shop", "--follow").code == 4


def test_a_build_is_read_back_or_followed_to_its_end(wh: Command, shop: Shop) -> None:
    shop.answers["GET /deployments/d3/log"] = shop.page(line(1, "Step 1"), line(2, "Step 2"))
    assert texts(wh("logs", "shop", "--build", "--tail", "1")) == ["aaaa Step 2"]
    failed = deployment(2, "failed", reason="build_failed", detail="Step 2 ended with 1.")
    shop.answers["GET /deployments/d2/log"] = httpx2.Response(200, text=event("line", line(1, "x")) + event("end", {}))
    shop.answers["GET /deployments/d2"] = failed
    done = wh("logs", "shop", "--deployment", "2", "--follow")
    assert (done.code, texts(done)) == (2, ["aaaa x"])
    assert "(build_failed)" in done.err
    assert wh("logs", "shop", "--deployment", "9").next == "Next: wh deployments shop"


@given(st.lists(st.integers(1, 60), unique=True, min_size=1).map(sorted))
def test_lines_and_gaps_together_are_the_whole_log(numbers: list[int]) -> None:
    covered: list[int] = []
    for found in with_gaps([line(n) for n in numbers]):
        covered += range(found.data["from"], found.data["to"] + 1) if found.event == "gap" else [found.data["n"]]
    assert covered == list(range(numbers[0], numbers[-1] + 1))


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5)), max_size=30))
def test_what_is_repeated_after_a_resume_is_shown_once(spans: list[tuple[int, int]]) -> None:
    events = [
        ServerEvent("gap", {"from": begin, "to": begin + more, "instance": "0000aaaa"}, "")
        if more
        else ServerEvent("line", line(begin), "")
        for begin, more in sorted(spans)
    ]
    shown: list[int] = []
    for found in once(iter(events)):
        shown += range(found.data["from"], found.data["to"] + 1) if found.event == "gap" else [found.data["n"]]
    assert len(shown) == len(set(shown))
    repeated = [line(1, "a"), line(2, "b"), line(1, "a"), line(2, "b", instance="0000bbbb"), line(3, "c")]
    texts = [found.data["text"] for found in once(ServerEvent("line", item, "") for item in repeated)]
    assert texts == ["a", "b", "b", "c"]


@given(st.text(alphabet=st.sampled_from("\x1b[]0123456789;mHJKh\x07\x9bab \n\r\t")))
def test_no_text_of_an_app_drives_a_terminal_beyond_harmless_colours(text: str) -> None:
    shown = coloured(text)
    for found in SGR.finditer(shown):
        assert harmless(found[1])
    assert all(letter.isprintable() or letter == "\t" for letter in SGR.sub("", shown))
    assert all(letter.isprintable() or letter == "\t" for letter in plain(text))


def test_colours_stay_and_end_with_their_line_and_hidden_text_is_not_hidden() -> None:
    assert coloured("\x1b[1;31mred") == "\x1b[1;31mred\x1b[0m"
    assert coloured("\x1b[38;5;200mx\x1b[38;2;1;2;3my") == "\x1b[38;5;200mx\x1b[38;2;1;2;3my\x1b[0m"
    assert coloured("\x1b[8mhidden\x1b[2J") == "\\x1b[8mhidden\\x1b[2J"
    assert plain("\x1b[31mred\x1b[0m \x1b[5mblink") == "red \\x1b[5mblink"
