"""Structured logs: one JSON object a line, request and deployment ids in each, secrets taken out at the sink."""

import contextlib
import functools
import json
import logging
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog

from wisehosting_wire.redaction import redact


class _Lines:
    """Writes a line. One that cannot be written is lost, and not the work that it told of."""

    def __init__(self, stream: TextIO, name: str = "") -> None:
        self._stream, self.name = stream, name

    def write(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = write


def _json(event: Mapping[str, Any], **_: Any) -> str:
    # Redacted already, so that nothing is left that JSON does not know; with options, each line would build its encoder.
    return json.dumps(event)


def _written(renderer: Callable[..., str | bytes]) -> Callable[..., str | bytes]:
    """The end of the chain. What cannot be made into a line is told by one that says so: a log fails no work."""

    def end(made_by: Any, method: str, event: MutableMapping[str, Any]) -> str | bytes:
        try:
            return renderer(
                made_by, method, redact(made_by, method, structlog.processors.format_exc_info(made_by, method, event))
            )
        except Exception as error:  # noqa: BLE001  # whatever it is, it is not what the work was about
            kept = {name: str(event[name]) for name in ("timestamp", "level", "logger") if name in event}
            return renderer(
                made_by, method, {**kept, "event": "a line could not be written", "error": type(error).__name__}
            )

    return end


def configure(
    log_format: Literal["json", "console"] = "json", *, level: int = logging.INFO, stream: TextIO | None = None
) -> None:
    """Send everything, ours and libraries', through one chain to a stream: standard error, if no other is given.

    A second call replaces the first. Our own lines do not take the way through the standard library's records, which
    costs as much as all the rest.
    """
    begin: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    stream = stream or sys.stderr
    end = _written(
        structlog.processors.JSONRenderer(serializer=_json)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*begin, end],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=functools.partial(_Lines, stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            # The chain writes last: what a library calls by one of our names is not taken for ours.
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *begin],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, end],
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
    return structlog.get_logger(name)
