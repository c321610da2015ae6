"""The control plane's and the agent's log know no secret: one table of hostile records, both sinks.

Neither side may import the other, so each has its own redaction; this table keeps them equally strict.
"""

import dataclasses
import json
import logging
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import msgspec
import pytest
import structlog

from wisehosting_agent import logging as agent_sink
from wisehosting_cp.kit import logging as control_plane_sink
from wisehosting_wire.enrolment import RegisterRequest
from wisehosting_wire.messages import Secrets, TokenRenewed

CANARY = "canary4f1b9a7c"
TOKEN = "wh_" + CANARY + "a" * 30
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{CANARY}.dozjgNryP4J3jVmNHl0w5N{CANARY}"
PEM = f"-----BEGIN EC PRIVATE KEY-----\n{CANARY}\n{CANARY}==\n-----END EC PRIVATE KEY-----"


@dataclasses.dataclass
class Login:
    user: str
    password: str


class Variable(msgspec.Struct):
    name: str
    value: str


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError(CANARY)


def _deep(levels: int) -> Any:
    return CANARY if levels == 0 else {"inner": _deep(levels - 1)}


def _cyclic() -> dict[str, Any]:
    made: dict[str, Any] = {"token": CANARY}
    made["again"] = made
    return made


KEYS = [
    "token",
    "tokens",
    "api_token",
    "join-token",
    "accessToken",
    "secret",
    "client_secret",
    "clientSecret",
    "password",
    "passwd",
    "db_password",
    "authorization",
    "Authorization",
    "cookie",
    "Set-Cookie",
    "X-API-Key",
    "apiKey",
    "api_key",
    "raw_key",
    "private_key",
    "credential",
    "credentials",
    "value",
    "old_value",
    "values",
    "env",
    "environ",
    "variables",
    "code_verifier",
    "nonce",
    "key_salt",
    "passphrase",
    "_token",
    "__secret",
]

BY_KEY = {f"key {key}": {key: CANARY} for key in KEYS}
BY_FORM: dict[str, dict[str, Any]] = {
    "API token": {"detail": f"used {TOKEN} here"},
    "JSON web token": {"detail": f"jwt {JWT}"},
    "bearer": {"detail": f"Authorization: Bearer {CANARY}"},
    "lower-case bearer": {"detail": f"sent bearer {CANARY}, refused"},
    "lower-case header": {"detail": f"authorization: bearer {CANARY}"},
    "basic": {"detail": f"sent Basic {CANARY}="},
    "password in an address": {"url": f"https://ada:{CANARY}@git.test/x.git"},
    "password with @ in an address": {"url": f"https://ada:p@{CANARY}@git.test/x.git"},
    "user alone in an address": {"url": f"https://{CANARY}@git.test/x.git"},
    "query": {"url": f"/callback?state=1&access_token={CANARY}&x=2"},
    "code of a sign-in": {"url": f"/callback?code={CANARY}&state=1"},
    "private key": {"detail": PEM},
    "private key cut short": {"detail": PEM[:60]},
    "assignment": {"detail": f"connecting with password={CANARY} failed"},
    "spaced assignment": {"detail": f'password = "{CANARY} {CANARY}"'},
    "option": {"detail": f"ran with --api-key={CANARY}"},
    "JSON in a text": {"body": json.dumps({"password": f"a {CANARY}", "n": 1})},
    "JSON in JSON": {"body": json.dumps(json.dumps({"password": CANARY}))},
    "dict in a text": {"detail": f"got {{'client_secret': '{CANARY}', 'n': 1}}"},
    "collection in a text": {"detail": f"secrets={{'A': '{CANARY}', 'B': 'x {CANARY}'}}"},
    "value a statement was given": {"error": f"invalid input for query argument $12: '{CANARY}' (expected str)"},
    "row that broke a rule": {"error": f"violates check\nDETAIL:  Failing row contains (1, {CANARY})."},
    "escaped quote": {"detail": f"""password='it\\'s {CANARY}'"""},
}
BY_DEPTH: dict[str, dict[str, Any]] = {
    "nested mapping": {"request": {"headers": {"authorization": CANARY}}},
    "list of mappings": {"items": [{"name": "A", "value": CANARY}]},
    "tuple, set": {"items": ({"token": CANARY}, frozenset({TOKEN}))},
    "name of a nested key": {"seen": {TOKEN: 1}},
    "dataclass": {"login": Login("ada", CANARY)},
    "struct": {"row": Variable("A", f"it's {CANARY}")},
    "list of objects": {"rows": [Variable("A", CANARY), Login("ada", CANARY)]},
    "variables on the wire": {"said": Secrets(environment="e", version=1, run={"A": CANARY}, build={CANARY: "x"})},
    "renewed token on the wire": {"said": TokenRenewed(token=CANARY, expires_at=1)},
    "registration on the wire": {
        "said": RegisterRequest(join_token=CANARY, api_server_secret=CANARY, api_key=CANARY, name="one")
    },
    "exception": {"error": ValueError(f"the token {TOKEN} is wrong")},
    "exception with an object": {"error": RuntimeError(Login("ada", CANARY))},
    "bytes": {"body": CANARY.encode()},
    "buffer": {"body": memoryview(bytearray(CANARY.encode()))},
    "too deep": {"inner": _deep(40)},
    "in a circle": {"inner": _cyclic()},
    "object without text": {"thing": Unspeakable()},
}
HOSTILE = BY_KEY | BY_FORM | BY_DEPTH


@pytest.fixture(params=[control_plane_sink, agent_sink], ids=["control plane", "agent"])
def sink(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield request.param
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def _ours(record: dict[str, Any]) -> None:
    structlog.get_logger("ours").warning("said", **record)


def _event(record: dict[str, Any]) -> None:
    structlog.get_logger("ours").warning(record)


def _bound(record: dict[str, Any]) -> None:
    with structlog.contextvars.bound_contextvars(**record):
        structlog.get_logger("ours").warning("said")


def _librarys(record: dict[str, Any]) -> None:
    logging.getLogger("library").warning("said", extra={f"x_{key}": value for key, value in record.items()})


def _formatted(record: dict[str, Any]) -> None:
    logging.getLogger("library").warning("said %s", record)


def _raised(record: dict[str, Any]) -> None:
    try:
        try:
            raise ValueError(record)
        except ValueError as error:
            error.add_note(str(record))
            raise RuntimeError("outer") from error
    except RuntimeError:
        structlog.get_logger("ours").exception("broke")
        logging.getLogger("library").exception("broke")


SAID: list[Callable[[dict[str, Any]], None]] = [_ours, _event, _bound, _librarys]
AS_TEXT: list[Callable[[dict[str, Any]], None]] = [_formatted, _raised]
NOT_AS_TEXT = {
    *(f"key {key}" for key in ("value", "values", "old_value", "env", "environ", "variables")),
    *("bytes", "buffer", "too deep", "object without text", "list of mappings"),
}
"""Their text has no form that tells a secret from a word, or there is none; nobody builds a sentence of them."""


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("say", SAID, ids=lambda say: say.__name__.strip("_"))
@pytest.mark.parametrize("record", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_secret_leaves_by_the_log_whoever_says_it_and_how(
    sink: Any, capsys: pytest.CaptureFixture[str], log_format: str, say: Any, record: dict[str, Any]
) -> None:
    sink.configure(log_format)
    say(record)
    written = capsys.readouterr().err
    assert "said" in written or say is _event
    assert CANARY not in written
    assert "Traceback" not in written


@pytest.mark.parametrize("say", AS_TEXT, ids=lambda say: say.__name__.strip("_"))
@pytest.mark.parametrize("name", sorted(HOSTILE.keys() - NOT_AS_TEXT))
def test_no_secret_leaves_inside_a_sentence_or_an_exceptions_text(
    sink: Any, capsys: pytest.CaptureFixture[str], say: Any, name: str
) -> None:
    sink.configure("json")
    say(HOSTILE[name])
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) == (2 if say is _raised else 1)
    assert all("RuntimeError: outer" in line["exception"] for line in lines if say is _raised)
    assert CANARY not in json.dumps(lines)


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
def test_a_sentence_for_people_stays_as_it_is(sink: Any, text: str) -> None:
    assert sink.redact_text(text) == text


def test_harmless_values_keep_their_types(sink: Any) -> None:
    facts = {
        "exit_code": 137,
        "token_id": "0190",
        "seconds": 1.5,
        "closed": True,
        "reason": None,
        "environment": "0190",
    }
    assert sink.redact(None, "", dict(facts)) == facts


def test_both_sinks_know_the_same_names_and_forms() -> None:
    for name in ("SECRET_KEYS", "SECRET_TEXT", "ASSIGNED_TEXT"):
        ours, theirs = getattr(control_plane_sink, name), getattr(agent_sink, name)
        assert (ours.pattern, ours.flags) == (theirs.pattern, theirs.flags)
    assert control_plane_sink.HARMLESS_KEYS == agent_sink.HARMLESS_KEYS


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
def test_a_text_four_times_as_long_is_not_sixteen_times_the_work(sink: Any, piece: str) -> None:
    def work(size: int) -> int:
        text = (piece * size)[:size]
        spent = []
        for _ in range(4):
            began = time.thread_time_ns()
            sink.redact_text(text)
            spent.append(time.thread_time_ns() - began)
        return max(min(spent), 1)

    assert min(work(64_000) / work(16_000) for _ in range(3)) < 8


@pytest.mark.parametrize("before", ["", " ", "-", "session-", "/", "=", "(", "."])
@pytest.mark.parametrize("jwt", [JWT, JWT.rpartition(".")[0] + ".", JWT.partition(".")[0] + f"{CANARY}", JWT + ".a.b"])
def test_a_json_web_token_is_taken_out_whatever_stands_before_it_also_one_cut_short(
    sink: Any, before: str, jwt: str
) -> None:
    redacted = sink.redact_text(f"got {before}{jwt} there")
    assert CANARY not in redacted
    assert "eyJ" not in redacted
    assert redacted.startswith("got ")
    assert redacted.endswith(" there")


@pytest.mark.parametrize("lines", [1, 100, 50_000])
@pytest.mark.parametrize("head", ["", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", "-----END of it\n--\n"])
@pytest.mark.parametrize("before", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_private_key_is_taken_out_whole_however_long(sink: Any, lines: int, head: str, before: str) -> None:
    key = f"-----BEGIN EC PRIVATE KEY-----\n{head}{f'{CANARY}+/==' * 4}\n{(CANARY + chr(10)) * lines}-----END EC PRIVATE KEY-----"
    redacted = sink.redact_text(f"{before}{key} and {key}, said")
    assert CANARY not in redacted
    assert redacted.endswith(" and [redacted], said")


@pytest.mark.parametrize("rest", ["", "\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_a_private_key_cut_short_is_taken_out_as_far_as_it_goes(sink: Any, rest: str) -> None:
    redacted = sink.redact_text(f"-----BEGIN PRIVATE KEY-----\n{(CANARY + chr(10)) * 1000}{rest}")
    assert CANARY not in redacted
