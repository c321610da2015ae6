"""The control plane's and the agent's log know no secret: one table of hostile records, both sinks."""

import dataclasses
import json
import logging
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


def test_what_a_library_calls_by_one_of_our_names_is_not_taken_for_ours(
    sink: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    sink.configure("json")
    said = {
        "logger": f"password={CANARY}",
        "level": {"password": CANARY},
        "timestamp": TOKEN,
        "more": f"token={CANARY}",
    }
    logging.getLogger("library").warning("hello", extra=said)
    (line,) = map(json.loads, capsys.readouterr().err.splitlines())
    assert CANARY not in json.dumps(line)
    assert (line["level"], line["event"], line["more"]) == ("warning", "hello", "token=[redacted]")
