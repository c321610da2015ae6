"""What is a secret in a log, said once for both sides: names, and forms of text. Takes them out of a line's fields."""

import functools
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

REDACTED = "[redacted]"
DEEPEST = 8
"""Containers inside containers that are looked into; what lies deeper is not logged."""
_NAMED = (
    r"token|secret|password|passwd|passphrase|authorization|cookie|credential|verifier|nonce|salt"
    r"|api[_-]?key|raw[_-]?key|private[_-]?key|master[_-]?key"
)
SECRET_KEYS = re.compile(rf"(?:^|_|-)(?:{_NAMED}|value|code|env|environ|variable)s?(?:$|_|-)", re.IGNORECASE)
HARMLESS_KEYS = frozenset(
    {"token_id", "exit_code", "status_code", "close_code", "error_code", "code", "session_id", "variables_version"}
)
OUR_KEYS = frozenset({"timestamp", "level"})
"""Written by the chain itself, over what a caller may have said."""
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Strangers write what is looked through here, paths for one: no form may be begun again and again over the same text.
SECRET_TEXT = re.compile(
    r"""
    \bwh_[A-Za-z0-9_-]{16,}                                             # an API token
    | \beyJ[\w-]{8,}(?:\.[\w-]+){0,4}                                   # a JSON web token, also one cut short
    | (?<=://)[^\s/]+(?=@)                                              # user and password in an address
    | (?<=[?&]code=)[^\s&]+                                             # the code of a sign-in
    | (?:(?<=bearer\ )|(?<=basic\ ))[\w.~+/=-]{8,}
    | (?<=query\ argument\ \$\d:\ )[^\n]+ | (?<=query\ argument\ \$\d\d:\ )[^\n]+   # PostgreSQL quotes what it was given
    | (?<=Failing\ row\ contains\ )\([^\n]*
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
      (?:
          [^-]*(?:-(?!----(?:BEGIN\ |END\ [A-Z ]*-----))[^-]*)*-----END\ [A-Z ]*-----
          | [\w+/=\s\\]*                                                # one cut short
      )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_NAME = rf"""[\w-]*(?:{_NAMED})s?\\*["']?\s*"""
ASSIGNED_TEXT = re.compile(
    rf"""
    (
        (?<![\w-]) (?: {_NAME} | value ) =\s*                           # password=…, Login(password='…'), value='…'
        | (?<![\w./-]) {_NAME} :\s*                                     # "password": "…", not api_server.secret: …
    )
    (?:(?:bearer|basic)\s+)?
    (?:
        b?"(?:[^"\\]|\\+[^\\])*"? | b?'(?:[^'\\]|\\+[^\\])*'?
        | \\+["'](?:[^"'\\]|\\+[^"'\\])*                                # a text inside a text
        | [{{\[(][^{{}}\[\]()]*[}}\])]
        | [^\s,;&)\]}}"']+
    )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def redact_text(text: str) -> str:
    """Take out of a text what looks like a secret, and what is assigned to a name that says secret."""
    if "=" not in text and ":" not in text and " " not in text:
        # Of all patterns only the first two match without one of these: most texts of a log are looked at no further.
        lower = text.lower()
        if "wh_" not in lower and "eyj" not in lower:
            return text
    return ASSIGNED_TEXT.sub(rf"\1{REDACTED}", SECRET_TEXT.sub(REDACTED, text))


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what looks like a secret, by key or by form, however deep. Last processor before the renderer."""
    return {_named(str(key))[0]: value if key in OUR_KEYS else _redact(str(key), value) for key, value in event.items()}


@functools.lru_cache(maxsize=1024)
def _named(key: str) -> tuple[str, bool]:
    """A key as it may be written, and whether it says that its value is a secret."""
    secret = key not in HARMLESS_KEYS and SECRET_KEYS.search(_CAPITAL.sub("_", key)) is not None
    return redact_text(key), secret


def _redact(key: str, value: Any, depth: int = 0) -> Any:
    if _named(key)[1]:
        return REDACTED
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        if depth == DEEPEST:
            return f"[{type(value).__name__} too deep]"
        if isinstance(value, Mapping):
            return {redact_text(str(name)): _redact(str(name), inner, depth + 1) for name, inner in value.items()}
        return [_redact("", inner, depth + 1) for inner in value]
    try:
        return redact_text(str(value))
    except Exception as error:  # noqa: BLE001  # a line must not be lost for an object that cannot say what it is
        return f"[{type(value).__name__} without text: {type(error).__name__}]"
