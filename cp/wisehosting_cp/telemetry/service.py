"""Logs of builds and instances: kept in compressed chunks, read in pages, followed as server-sent events."""

from wisehosting_cp.telemetry.log import LogPage, Numbered, lines, retain, store
from wisehosting_cp.telemetry.pages import log_page
from wisehosting_cp.telemetry.stream import (
    Followed,
    build_log_response,
    environment_log_response,
    follow,
    follow_environment,
    log_stream,
)

__all__ = [
    "Followed",
    "LogPage",
    "Numbered",
    "build_log_response",
    "environment_log_response",
    "follow",
    "follow_environment",
    "lines",
    "log_page",
    "log_stream",
    "retain",
    "store",
]
