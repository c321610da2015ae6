"""Following a deployment: its log lines, its status, and what became of it."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from wisehosting_client.api import Api, Json
from wisehosting_client.errors import Failed, Unreachable

ACTIVE = frozenset({"queued", "building", "starting", "verifying"})
OVER = frozenset({"live", "replaced", "failed", "cancelled"})
TRIES = 5

T = TypeVar("T")
Say = Callable[[str], None]
Wait = Callable[[float], None]


def follow(api: Api, deployment: Json, say: Say, *, wait: Wait) -> Json:
    """Print the log until the deployment is over; return it. A lost connection is taken up where it broke. Raises Failed."""
    last, failures = "", 0
    while True:
        try:
            for event in api.deployment_log(deployment["id"], last):
                last, failures = event.id or last, 0
                if event.event == "line":
                    say(event.data["text"])
                elif event.event == "gap":
                    say(f"— {event.data['to'] - event.data['from'] + 1} lines dropped —")
                elif event.event == "end":
                    break
            for now in until_over(api, deployment["id"], wait):
                deployment = now
            return outcome(deployment)
        except Unreachable:
            failures += 1
            if failures > TRIES:
                raise
            wait(min(5.0, 0.5 * 2**failures))


def watch(api: Api, deployment: Json, say: Say, *, wait: Wait) -> Json:
    """Say each status of a deployment that builds nothing, until it is over; return it. Raises Failed."""
    said = ""
    for now in until_over(api, deployment["id"], wait):
        deployment = now
        status = now["status"] + (f", waits for {now['waiting_for']}" if now["waiting_for"] else "")
        if status != said and now["status"] in ACTIVE:
            say(status)
        said = status
    return outcome(deployment)


def until_over(api: Api, deployment_id: str, wait: Wait) -> Iterator[Json]:
    """Yield the deployment until it is over."""
    while True:
        now = patiently(lambda: api.deployment(deployment_id), wait)
        yield now
        if now["status"] in OVER:
            return
        wait(0.3)


def patiently(look: Callable[[], T], wait: Wait) -> T:
    """Look again a few times when the platform does not answer. Raises Unreachable when it goes on so."""
    for failures in range(1, TRIES + 1):
        try:
            return look()
        except Unreachable:
            wait(min(5.0, 0.5 * 2**failures))
    return look()


def outcome(deployment: Json) -> Json:
    """Return a deployment that is or was live. Raises Failed with the reason, the sentence, the next step and command."""
    if deployment["status"] in {"failed", "cancelled"}:
        project = deployment["project_name"]
        command = f"wh deploy {project}" if deployment["status"] == "failed" else f"wh status {project}"
        parts = [f"Deployment {deployment['number']} {deployment['status']} ({deployment['reason']})."]
        parts += [text.rstrip() for text in (deployment["detail"], deployment["next_step"]) if text]
        raise Failed("\n".join([*parts, f"Next: {command}"]))
    return deployment
