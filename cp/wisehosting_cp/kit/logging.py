"""Structured logs: one JSON object a line, request and deployment ids in each, secrets taken out at the sink."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal

import structlog

REDACTED = "[redacted]"
SECRET_KEYS = re.compile(
    r"(^|_|-)(token|secret|password|passwd|authorization|cookie|value|verifier|nonce|code|api[_-]?key|credential|private_key)s?($|_|-)",
    re.IGNORECASE,
)
HARMLESS_KEYS = frozenset({"token_id", "exit_code", "status_code", "code", "error_code", "session_id"})
SECRET_TEXT = re.compile(
    r"wh_[A-Za-z0-9_-]{20,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|(?<=://)[^\s/@]+(?=@)"
    r"|(?i:(?<=bearer )|(?<=basic ))[A-Za-z0-9._~+/=-]{8,}"
)


def redact_text(text: str) -> str:
    """Take API tokens, JSON web tokens, bearer values and the user part of URLs out of a text."""
    return SECRET_TEXT.sub(REDACTED, text)


def _redact(key: str, value: Any) -> Any:
    if key not in HARMLESS_KEYS and SECRET_KEYS.search(key):
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    if isinstance(value, Mapping):
        return {str(name): _redact(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact("", inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact_text(str(value))


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what looks like a secret, by key or by form. Last processor before the renderer."""
    return {key: _redact(key, value) for key, value in event.items()}


def configure(log_format: Literal["json", "console"] = "json", *, level: int = logging.INFO) -> None:
    """Send everything, ours and libraries', through one chain to standard error. A second call replaces the first."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = name != "uvicorn.access"
    for name in ("httpx2", "httpcore2", "httpx", "httpcore"):
        # They log whole URLs, queries included.
        logging.getLogger(name).setLevel(logging.WARNING)


def logger(name: str) -> Any:
    """Return the logger of a module."""
    return structlog.stdlib.get_logger(name)
