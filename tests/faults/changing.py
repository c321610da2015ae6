"""An app that is changed in every way while the load asks it, and one beside it that is never touched."""

import itertools
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faults.driver import App, Load, Seen
from faults.parts import Parts
from gitserver import GitServer
from running import Platform, wait_for

CHANGED, UNTOUCHED = "steady", "bystander"


class Changing:
    """What may happen to the app. Each change returns when it is over; the load is not told anything."""

    def __init__(self, platform: Platform, git: GitServer, apps: Path, parts: Parts, name: str = CHANGED) -> None:
        self.platform = platform
        self.parts = parts
        self._git = git
        self._apps = apps
        self._name = name
        self._versions = itertools.count(1)
        url = git.repository(name, apps / "steady")
        git.push(name, {"name.txt": name})
        self.project = platform.create(name, url)
        self.environment: str = self.project["environments"][0]["id"]
        self.hostname: str = self.project["environments"][0]["hostname"]
        self._releases = [self._live(self.project["environments"][0]["latest"]["id"])["release"]]

    @property
    def app(self) -> App:
        return App(self.hostname, self._name)

    def push(self, **files: str) -> str:
        """Put the healthy app with a new version into the repository, changed by these files (`start_txt` is start.txt)."""
        self.version = f"v{next(self._versions)}"
        named = {name.replace("_", "."): text for name, text in files.items()}
        fresh = {"name.txt": self._name, "version.txt": self.version, **named}
        return self._git.push(self._name, {**self._files("steady"), **fresh})

    def begin(self, commit: str) -> str:
        """Have the platform look at the repository; the id of the deployment that brings this commit, once there is one.

        The poll may be first; starting one by hand would then make two.
        """
        path = f"/projects/{self.project['id']}"

        def found() -> str | None:
            self.platform.http.post(f"{path}/check")  # refused while the poll looks
            latest = self.platform.call("GET", f"{path}/deployments?limit=5")["items"]
            return next((str(one["id"]) for one in latest if one["commit"] == commit), None)

        return str(wait_for(found, within=30, what=f"a deployment of {commit}"))

    def _files(self, sample: str) -> dict[str, str | bytes]:
        return {path.name: path.read_bytes() for path in (self._apps / sample).iterdir()}

    def _live(self, deployment: str) -> Any:
        ended = self.platform.over(deployment)
        assert (ended["status"], ended["reason"], ended["detail"]) == ("live", None, None)
        return ended

    def _failed(self, sample: str, reason: str) -> None:
        """Deploy a sample app that cannot become live; the one before stays."""
        ended = self.platform.over(self.begin(self._git.push(self._name, self._files(sample))))
        assert (ended["status"], ended["reason"]) == ("failed", reason), ended["detail"]

    def deploy(self) -> None:
        self._releases.append(self._live(self.begin(self.push()))["release"])

    def failed_deploy(self) -> None:
        self._failed("crasher", "crashed_at_start")

    def failed_probe(self) -> None:
        self._failed("answers-once", "probe_failed")

    def rollback(self) -> None:
        """To the release that was live before the last deployment; images of much older ones may be gone."""
        asked = {"release": self._releases[-2]}
        self._live(self.platform.call("POST", f"/environments/{self.environment}/rollback", asked)["id"])

    def restart(self) -> None:
        self._live(self.platform.call("POST", f"/environments/{self.environment}/restart")["id"])

    def agent_killed(self) -> None:
        self.parts.kill("agent")

    def agent_restarted(self) -> None:
        self.parts.kill("agent", signal.SIGTERM)

    def control_plane_killed(self) -> None:
        self.parts.kill("cp")

    def control_plane_restarted(self) -> None:
        self.parts.kill("cp", signal.SIGTERM)

    def postgres_killed(self) -> None:
        self.parts.kill("postgres")

    def podman_killed(self) -> None:
        self.parts.kill("podman")

    def haproxy_reloaded(self) -> None:
        for _ in range(3):
            self.parts.reload_haproxy()

    def scale(self, replicas: int) -> None:
        self.platform.call("PATCH", f"/environments/{self.environment}", {"replicas": replicas})
        self.settled(ready=replicas)

    def settled(self, *, ready: int = 1) -> None:
        """Wait until nothing drains or starts any more, and containers are as the rows say."""
        wait_for(
            lambda: self.parts.agree(self.environment, ready=ready),
            within=120,
            what=lambda: self.parts.disagreement(self.environment),
        )


SWITCHES: dict[str, Callable[[Changing], None]] = {
    "a deployment": Changing.deploy,
    "a rollback": Changing.rollback,
    "a restart": Changing.restart,
}
"""Visitors are led to another deployment."""
OTHERS: dict[str, Callable[[Changing], None]] = {
    "a deployment that crashes at its start": Changing.failed_deploy,
    "a deployment that fails its probe": Changing.failed_probe,
    "kill -9 of the agent": Changing.agent_killed,
    "a restart of the agent": Changing.agent_restarted,
    "kill -9 of the control plane": Changing.control_plane_killed,
    "a restart of the control plane": Changing.control_plane_restarted,
    "kill -9 of PostgreSQL": Changing.postgres_killed,
    "kill -9 of the Podman service": Changing.podman_killed,
    "three reloads of HAProxy": Changing.haproxy_reloaded,
}
"""The same deployment goes on answering."""


def lost_nothing(seen: Seen, load: Load) -> None:
    """No request failed, no stream broke, and the load was what it says."""
    assert (seen.failed, seen.broken) == (0, 0), f"{seen}\n{load.words()[-3000:]}"
    assert seen.changed["sent"] >= 0.9 * load.rate * seen.changed["seconds"], f"the load could not keep up: {seen}"
    assert seen.changed["posts"], f"no upload was sent: {seen}"
    assert seen.changed["open_streams"], f"no stream was open: {seen}"
    assert seen.untouched["open_streams"], f"no stream of the untouched app was open: {seen}"


def switched(seen: Seen) -> None:
    """A newer deployment answered, with uploads under way at that moment."""
    assert seen.changed["first_answers"], f"no new deployment answered: {seen}"
    assert seen.changed["posts_over_a_switch"], f"no upload was under way at the switch: {seen}"
