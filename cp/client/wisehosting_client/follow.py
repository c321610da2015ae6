"""Following a deployment: its log lines, its phases, and what became of it; and any log over a broken connection."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol, TypeVar

from wisehosting_client.api import Api, Json, ServerEvent
from wisehosting_client.errors import ClientError, Failed, Unreachable

ACTIVE = frozenset({"queued", "building", "starting", "verifying"})
OVER = frozenset({"live", "replaced", "failed", "cancelled"})
TRIES = 5
LOG_TRIES = 10
"""A platform that is started again is back within these."""
PAUSE = 0.3
LOOK_EVERY = 1.0
"""Seconds between looks at the phases while a log is read."""

T = TypeVar("T")
Say = Callable[[str], None]
Wait = Callable[[float], None]
Open = Callable[[str], Iterator[ServerEvent]]


class Show(Protocol):
    """Where the course of a deployment is shown. Two threads may call it."""

    def line(self, text: str) -> None:
        """Show a line of its build's log."""

    def gap(self, lines: int) -> None:
        """Show that so many lines are missing."""

    def state(self, deployment: Json) -> None:
        """Show how far it is."""


def follow(api: Api, deployment: Json, show: Show, *, wait: Wait) -> Json:
    """Show log and phases until the deployment is over; return it. A lost connection is taken up where it broke. Raises Failed."""
    show.state(deployment)
    with _phases_beside(api, deployment["id"], show):
        for event in resumed(lambda last: api.deployment_log(deployment["id"], last), wait, tries=TRIES):
            if event.event == "line":
                show.line(event.data["text"])
            elif event.event == "gap":
                show.gap(event.data["to"] - event.data["from"] + 1)
    return watch(api, deployment, show, wait=wait)


def watch(api: Api, deployment: Json, show: Show, *, wait: Wait) -> Json:
    """Show the phases of a deployment until it is over; return it. Raises Failed."""
    while True:
        deployment = patiently(lambda: api.deployment(deployment["id"]), wait)  # noqa: B023 - called at once
        show.state(deployment)
        if deployment["status"] in OVER:
            return outcome(deployment)
        wait(PAUSE)


def resumed(open_: Open, wait: Wait, *, tries: int, lost: Callable[[], None] = lambda: None) -> Iterator[ServerEvent]:
    """Yield the events of a stream until its end event, taken up after the last one whenever the connection breaks.

    Raises Unreachable when it breaks `tries` times without an event in between.
    """
    last, failures = "", 0
    while True:
        error: Unreachable | None = None
        try:
            for event in open_(last):
                last, failures = event.id or last, 0
                if event.event == "end":
                    return
                yield event
        except Unreachable as found:
            error = found
        # A stream that ends without saying so was cut by the server, which is going down.
        failures += 1
        if failures > tries:
            raise error or Unreachable("The platform ends the connection again and again.", "wh platform")
        lost()
        wait(min(5.0, 0.5 * 2**failures))


def patiently(look: Callable[[], T], wait: Wait) -> T:
    """Look again a few times when the platform does not answer. Raises Unreachable when it goes on so."""
    for failures in range(1, TRIES + 1):
        try:
            return look()
        except Unreachable:
            wait(min(5.0, 0.5 * 2**failures))
    return look()


def stage(deployment: Json) -> str:
    """Say the status, and why it waits."""
    status, why = str(deployment["status"]), deployment["waiting_for"]
    return f"{status}: {why}" if why else status


def outcome(deployment: Json) -> Json:
    """Return a deployment that is or was live. Raises Failed with the reason, the sentence, the next step and command."""
    if deployment["status"] in {"failed", "cancelled"}:
        project = deployment["project_name"]
        parts = [f"Deployment {deployment['number']} {deployment['status']} ({deployment['reason']})."]
        parts += [text.rstrip() for text in (deployment["detail"], deployment["next_step"]) if text]
        command = f"wh {'deploy' if deployment['status'] == 'failed' else 'status'} {project}"
        raise Failed("\n".join(parts), command, deployment)
    return deployment


class _phases_beside:  # noqa: N801 - used as a context manager
    """Looks at the phases in a thread of its own while a log is read, which may be silent for minutes."""

    def __init__(self, api: Api, deployment_id: str, show: Show) -> None:
        self._api, self._id, self._show = api, deployment_id, show
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        # Past this an answer is late; the thread shows nothing any more but may still wait for it.
        self._thread.join(LOOK_EVERY)

    def _run(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            # The reading of the log says what is wrong with the platform, and ends it.
            with suppress(ClientError):
                self._show.state(self._api.deployment(self._id))
