"""Following a change of how many instances run: until they are there, or one of them says why it never will be."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from wisehosting_client.api import Api, Json
from wisehosting_client.errors import Failed
from wisehosting_client.follow import Say, Wait, patiently

NOT_RUNNING = frozenset({"exited", "unready", "stopped", "removed"})
"""With a reason beside it, such an instance gave up."""
PAUSE = 0.5


class Standing(NamedTuple):
    """What there is of the live deployment's process `web`."""

    instances: Sequence[Json]
    """Those that should run."""
    leaving: int
    """Those that drain or are being removed."""

    @property
    def ready(self) -> int:
        """How many take visitors."""
        return sum(1 for item in self.instances if item["status"] == "ready")

    def broken(self, wanted: int) -> Json | None:
        """The first instance that gave up, with its reason; none while there are too many: the one that drains may be it."""
        if len(self.instances) > wanted:
            return None
        return next((item for item in self.instances if item["reason"] and item["status"] in NOT_RUNNING), None)

    def reached(self, wanted: int) -> bool:
        """Whether exactly so many stand and all are ready."""
        return len(self.instances) == self.ready == wanted

    def told(self, wanted: int) -> str:
        """Say how far it is, in one line."""
        others = sorted({item["status"] for item in self.instances} - {"ready"})
        counts = [f"{sum(1 for item in self.instances if item['status'] == status)} {status}" for status in others]
        if len(self.instances) > wanted:
            counts.append(f"{len(self.instances) - wanted} too many")
        if self.leaving:
            counts.append(f"{self.leaving} leaving")
        return ", ".join([f"{self.ready} of {wanted} ready", *counts])


def standing(live: str | None, instances: Sequence[Json]) -> Standing:
    """Choose the instances of the live deployment's `web` among those of its environment; kept ones are not meant."""
    ours = [
        item
        for item in instances
        if item["deployment_id"] == live and item["process"] == "web" and item["wanted"] == "running"
    ]
    return Standing([item for item in ours if not item["leaving"]], sum(1 for item in ours if item["leaving"]))


def follow_scale(
    api: Api,
    project_id: str,
    wanted: int,
    say: Say,
    *,
    wait: Wait,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Json, Standing]:
    """Say how far it is until `wanted` instances are ready; return the project and what stands. What drains is not waited for.

    Raises Failed with reason and next step when an instance gave up, when somebody chose another number meanwhile, when
    nothing is live any more, and after `seconds`: the platform goes on trying then.
    """
    until, said = clock() + seconds, ""
    while True:
        project = patiently(lambda: api.project_by_id(project_id), wait)
        environment = project["environments"][0]
        name, live = project["name"], environment["live"]
        if environment["replicas"] != wanted:
            raise Failed(f"Somebody set {environment['replicas']} instances meanwhile.\nNext: wh status {name}")
        if live is None:
            raise Failed(f"Nothing of {name} is live any more.\nNext: wh status {name}")
        now = standing(live["id"], patiently(lambda: api.instances(environment["id"]), wait))  # noqa: B023 - called at once
        if now.reached(wanted):
            return project, now
        if (told := now.told(wanted)) != said:
            say(told)
            said = told
        if (broken := now.broken(wanted)) is not None:
            raise Failed(_sentence(now, broken, wanted, name))
        if clock() >= until:
            raise Failed(
                f"{now.told(wanted)} after {seconds:.0f} s; the platform goes on trying.\nNext: wh status {name}"
            )
        wait(PAUSE)


def _sentence(now: Standing, broken: Json, wanted: int, project: str) -> str:
    parts = [f"{now.told(wanted)}: instance {broken['id'][-4:]} gave up ({broken['reason']})."]
    parts += [text.rstrip() for text in (broken["detail"], broken["next_step"]) if text]
    return "\n".join([*parts, f"Next: wh logs {project}, or wh scale {project} {max(now.ready, 1)}"])
