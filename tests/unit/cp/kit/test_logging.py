"""Nothing secret leaves by the log."""

import io
import json
import logging
import sys
from collections.abc import ItemsView, Iterator
from datetime import UTC, datetime

import pytest
import structlog

from wisehosting_cp.kit.logging import configure, logger
from wisehosting_wire.redaction import REDACTED, redact_text

TOKEN = "wh_" + "a" * 43
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize(
    "key",
    [
        "token",
        "api_token",
        "secret",
        "client_secret",
        "password",
        "authorization",
        "cookie",
        "value",
        "code_verifier",
        "Set-Cookie",
        "X-API-Key",
        "credentials",
    ],
)
def test_what_is_secret_by_its_name_is_taken_out(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    logger("test").info("said", **{key: "canary", "nested": {"deep": [{key: "canary"}]}})
    (line,) = _lines(capsys)
    assert "canary" not in json.dumps(line)
    assert line[key] == REDACTED


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"used {TOKEN} here", TOKEN),
        (f"jwt {JWT}", JWT),
        ("cloning https://ada:hunter2hunter2@example.org/a.git", "hunter2hunter2"),
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("authorization: basic YWRhOmh1bnRlcjI=", "YWRhOmh1bnRlcjI="),
    ],
)
def test_what_is_secret_by_its_form_is_taken_out(text: str, secret: str) -> None:
    assert secret not in redact_text(text)
    assert REDACTED in redact_text(text)


def test_libraries_and_tracebacks_go_through_the_same_chain(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    try:
        raise ValueError(f"the token {TOKEN} is wrong")
    except ValueError:
        logging.getLogger("library").exception("failed with %s", TOKEN)
    (line,) = _lines(capsys)
    assert TOKEN not in json.dumps(line)
    assert "ValueError" in str(line["exception"])
    assert line["logger"] == "library"


def test_each_line_carries_the_request_it_belongs_to(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    with structlog.contextvars.bound_contextvars(request_id="r1", deployment_id="d1"):
        logger("test").info("ours")
        logging.getLogger("library").warning("theirs")
    assert [(line["request_id"], line["deployment_id"]) for line in _lines(capsys)] == [("r1", "d1")] * 2


def test_what_is_harmless_stays(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    logger("test").info("ended", exit_code=137, token_id="0190", commit="a" * 40, url="https://example.org/a.git")
    (line,) = _lines(capsys)
    assert (line["exit_code"], line["token_id"], line["commit"]) == (137, "0190", "a" * 40)
    assert line["url"] == "https://example.org/a.git"


def test_the_console_form_redacts_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure("console")
    logger("test").info(f"used {TOKEN}", password="hunter2")
    said = capsys.readouterr().err
    assert TOKEN not in said
    assert "hunter2" not in said


class _Broken(io.StringIO):
    def write(self, _: str) -> int:
        raise BrokenPipeError


def _closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [_Broken(), _closed()], ids=["broken", "closed"])
def test_a_line_that_cannot_be_written_does_not_fail_the_work_it_tells_of(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    configure()
    logger("ours").info("done")


def test_a_line_says_when_and_where_and_how_much_it_matters(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    logger("wisehosting_cp.workers").warning("late", seconds=3)
    [line] = _lines(capsys)
    assert datetime.fromisoformat(str(line.pop("timestamp"))).tzinfo is UTC
    assert line == {"event": "late", "logger": "wisehosting_cp.workers", "level": "warning", "seconds": 3}


def test_what_is_below_the_level_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level=logging.WARNING)
    logger("ours").info("small")
    logging.getLogger("theirs").info("small")
    assert _lines(capsys) == []


def test_all_lines_go_to_the_stream_that_is_given() -> None:
    stream = io.StringIO()
    configure(stream=stream)
    logger("ours").info("one")
    logging.getLogger("theirs").info("two")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["one", "two"]


class _Restless(dict[str, str]):
    def items(self) -> ItemsView[str, str]:
        raise RuntimeError("dictionary changed size during iteration")


@pytest.mark.parametrize("name", ["ours", "theirs"])
def test_what_cannot_be_made_into_a_line_is_told_by_one_and_fails_no_work(name: str) -> None:
    stream = io.StringIO()
    configure(stream=stream)
    if name == "ours":
        logger(name).warning("done", found=_Restless())
    else:
        logging.getLogger(name).warning("done", extra={"found": _Restless()})
    line = json.loads(stream.getvalue())
    assert line.pop("timestamp")
    assert line == {
        "level": "warning",
        "logger": name,
        "event": "a line could not be written",
        "error": "RuntimeError",
    }
