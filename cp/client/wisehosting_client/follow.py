"""Following a deployment: its log lines, its status, and what became of it."""

from collections.abc import Callable, Iterator

from wisehosting_client.api import Api, Json
from wisehosting_client.errors import Failed, Unreachable

OVER = frozenset({"live", "replaced", "failed", "cancelled"})
TRIES = 5


def follow(api: Api, deployment: Json, say: Callable[[str], None], *, wait: Callable[[float], None]) -> Json:
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


def until_over(api: Api, deployment_id: str, wait: Callable[[float], None]) -> Iterator[Json]:
    """Yield the deployment until it is over."""
    while True:
        now = api.deployment(deployment_id)
        yield now
        if now["status"] in OVER:
            return
        wait(0.3)


def outcome(deployment: Json) -> Json:
    """Return a deployment that is or was live. Raises Failed with the reason, the sentence and the next step."""
    if deployment["status"] in {"failed", "cancelled"}:
        parts = [f"Deployment {deployment['number']} {deployment['status']} ({deployment['reason']})."]
        parts += [text for text in (deployment["detail"], deployment["next_step"]) if text]
        raise Failed("\n".join(parts))
    return deployment
