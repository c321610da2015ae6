"""Structured logs on stderr. Secrets are taken out here, at the sink, whoever logged them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

REDACTED = "[redacted]"
_NAMES = re.compile(
    r"(?:^|_)(?:token|secret|password|passwd|authorization|cookie|credential|api_key|raw_key|env|variables)s?(?:$|_)",
    re.IGNORECASE,
)
_VALUES = re.compile(
    r"""
    eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+            # a JWT
    | \bwh_[A-Za-z0-9_-]{16,}                  # an API token
    | (?<=://)[^\s/@:]+:[^\s/@]+(?=@)          # user and password in an address
    | (?<=Bearer\ )[\w.~+/-]+=*
    """,
    re.VERBOSE,
)


def configure(log_format: Literal["json", "console"] = "json", level: int = logging.INFO) -> None:
    """Send structlog and the standard library's loggers to stderr. A second call replaces the first."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("websockets", "httpx2", "httpcore", "httpcore2", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank values whose name or look says secret, however deep."""
    return {name: _clean(name, value) for name, value in event.items()}


def _clean(name: str, value: Any) -> Any:
    if name.startswith("_"):
        return value  # structlog's own
    if _NAMES.search(name):
        return REDACTED
    if isinstance(value, str):
        return _VALUES.sub(REDACTED, value)
    if isinstance(value, dict):
        return {key: _clean(str(key), item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean("", item) for item in value]
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value
