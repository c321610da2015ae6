"""`wh` against a platform's answers: what it prints, what it sends, how it exits."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_client.access import Access
from wisehosting_client.api import Api, ServerEvent, parse_events
from wisehosting_client.errors import Failed, NotLoggedIn, Refused, Unreachable
from wisehosting_client.escapes import printable
from wisehosting_client.follow import follow
from wisehosting_client.live import Course

PLATFORM = Access("http://platform.test/api/v1", "wh_secret", "http://platform.test", "localhost:8080")
DEPLOYMENT = {
    "id": "d1",
    "number": 4,
    "project_name": "shop",
    "status": "live",
    "reason": None,
    "detail": None,
    "next_step": None,
    "waiting_for": None,
    "phases": [],
}


def api(answer: Callable[[httpx2.Request], httpx2.Response]) -> Api:
    return Api(PLATFORM, transport=httpx2.MockTransport(answer))


def test_events_are_read_with_their_ids_over_comments_and_split_data() -> None:
    text = ': hello\n\nid: 1\nevent: line\ndata: {"text":\ndata: "a"}\n\nevent: end\ndata: {}\n\n'
    assert list(parse_events(iter(text.split("\n")))) == [
        ServerEvent("line", {"text": "a"}, "1"),
        ServerEvent("end", {}, "1"),
    ]


@given(st.lists(st.dictionaries(st.text(), st.integers() | st.text()), max_size=5))
def test_whatever_is_sent_as_an_event_arrives_as_it_was(sent: list[dict[str, Any]]) -> None:
    lines = [line for data in sent for line in (f"data: {json.dumps(data)}", "")]
    assert [event.data for event in parse_events(iter(lines))] == sent


def test_the_token_goes_into_the_header_and_a_problem_becomes_its_sentence() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["authorization"] == "Bearer wh_secret"
        problem = {"code": "name_taken", "detail": "Taken.", "fields": {"name": "Choose another."}}
        return httpx2.Response(409, json=problem)

    with pytest.raises(Refused, match=r"Taken\.\n  name: Choose another\.") as refused:
        api(answer).create_project("shop", "https://git.test/shop", branch="main", root_directory="")
    assert refused.value.code == "name_taken"


def test_a_sentence_is_said_once_also_when_a_field_has_it_too() -> None:
    problem = {"code": "too_many_instances", "detail": "Choose 1 to 8.", "fields": {"replicas": "Choose 1 to 8."}}
    with pytest.raises(Refused, match=r"\AChoose 1 to 8\.\Z"):
        api(lambda _: httpx2.Response(422, json=problem)).scale("e1", 99)


def test_a_refused_token_says_to_log_in() -> None:
    problem = {"code": "not_signed_in", "detail": "This token is revoked."}
    with pytest.raises(NotLoggedIn, match="Next: wh login"):
        api(lambda _: httpx2.Response(401, json=problem)).session()


def test_a_platform_that_does_not_answer_is_named() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with pytest.raises(Unreachable, match=r"http://platform\.test does not answer"):
        api(answer).session()


@pytest.mark.parametrize("call", ["create", "deploy"])
def test_a_creating_call_whose_answer_is_lost_is_sent_again_with_its_key(call: str) -> None:
    keys: list[str] = []
    waited: list[float] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) < 3:
            raise httpx2.ReadError("lost", request=request)
        return httpx2.Response(202, json={"id": "d1"})

    platform = Api(PLATFORM, transport=httpx2.MockTransport(answer), wait=waited.append)

    def send() -> dict[str, Any]:
        if call == "deploy":
            return platform.deploy("p1", None)
        return platform.create_project("shop", "https://git.test/shop", branch="main", root_directory="")

    assert send() == {"id": "d1"}
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert waited == [1.0, 2.0]
    send()
    assert len(set(keys)) == 2, "another call has a key of its own"


def test_a_creating_call_that_is_never_answered_ends() -> None:
    sent: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        raise httpx2.ReadTimeout("silence", request=request)

    with pytest.raises(Unreachable):
        Api(PLATFORM, transport=httpx2.MockTransport(answer), wait=lambda _: None).deploy("p1", None)
    assert len(sent) == 3


@pytest.mark.parametrize("outcome", ["refused", "absent"])
def test_a_creating_call_is_not_repeated_after_a_refusal_or_when_nobody_is_there(outcome: str) -> None:
    sent: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        if outcome == "absent":
            raise httpx2.ConnectError("refused", request=request)
        return httpx2.Response(409, json={"code": "name_taken", "detail": "Taken."})

    with pytest.raises(Unreachable if outcome == "absent" else Refused):
        api(answer).deploy("p1", None)
    assert len(sent) == 1


def test_a_list_is_read_to_its_last_page() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        cursor = request.url.params.get("cursor")
        page = {"items": [{"name": cursor or "first"}], "next_cursor": None if cursor else "second"}
        return httpx2.Response(200, json=page)

    assert [item["name"] for item in api(answer).projects()] == ["first", "second"]


def test_following_takes_up_a_broken_log_where_it_broke(capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str | None] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("/log"):
            return httpx2.Response(200, json=DEPLOYMENT)
        asked.append(request.headers.get("last-event-id"))
        if len(asked) == 1:
            return httpx2.Response(200, stream=Broken(b'id: 7\nevent: line\ndata: {"text": "one"}\n\n'))
        return httpx2.Response(200, text='event: gap\ndata: {"from": 8, "to": 9}\n\nevent: end\ndata: {}\n\n')

    ended = follow(api(answer), {**DEPLOYMENT, "status": "building"}, Course(terminal=False), wait=lambda _: None)
    assert ended["status"] == "live"
    assert capsys.readouterr().err.splitlines() == ["  building", "  one", "  — 2 lines dropped —"]
    assert asked == [None, "7"]


class Broken(httpx2.SyncByteStream):
    """Sends something, then breaks."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __iter__(self) -> Any:
        yield self.content
        raise httpx2.ReadError("broken")


def test_a_failed_deployment_is_an_error_with_reason_sentence_and_next_step() -> None:
    failed = {
        **DEPLOYMENT,
        "status": "failed",
        "reason": "build_failed",
        "detail": "Step 3 exited with 7.",
        "next_step": "Correct it and push.",
    }

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/log"):
            return httpx2.Response(200, text="event: end\ndata: {}\n\n")
        return httpx2.Response(200, json=failed)

    with pytest.raises(Failed) as error:
        follow(api(answer), failed, Course(terminal=False), wait=lambda _: None)
    assert str(error.value).splitlines() == [
        "Deployment 4 failed (build_failed).",
        "Step 3 exited with 7.",
        "Correct it and push.",
        "Next: wh deploy shop",
    ]
    assert error.value.exit_code == 2


@given(st.text())
def test_nothing_an_app_writes_can_drive_the_terminal(text: str) -> None:
    shown = printable(text)
    assert all(letter.isprintable() or letter == "\t" for letter in shown)


def test_an_escape_sequence_is_shown_not_obeyed() -> None:
    assert printable("\x1b]0;owned\x07") == "\\x1b]0;owned\\x07"
