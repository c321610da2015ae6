"""The parts of a running platform, found and killed; and its containers, as Podman itself counts them."""

import json
import os
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from running import Platform, pid_of, wait_for

STATE = Path("/var/lib/wisehosting/faults")
INSTANCE, ENVIRONMENT = "wisehosting.instance", "wisehosting.environment"


class Parts:
    """Kills, counted by what was killed."""

    def __init__(self, platform: Platform, state: Path = STATE) -> None:
        self.injected: Counter[str] = Counter()
        self.state = state
        self._platform = platform
        self._socket = f"unix:///run/wisehosting/{(state / 'number').read_text().strip()}/podman/podman.sock"

    def pid(self, part: str) -> int:
        return pid_of(self.state, part)

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Kill a part and wait until another process has taken its place and the platform is ready."""
        before = self.send(part, number)
        self.back(part, before)

    def send(self, part: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a part a signal; who got it."""
        pid = self.pid(part)
        self.signal(pid, f"{part} {number.name}", number)
        return pid

    def signal(self, pid: int, what: str, number: signal.Signals = signal.SIGKILL) -> None:
        os.kill(pid, number)
        self.injected[what] += 1

    def back(self, part: str, before: int) -> None:
        """Wait until a part that was killed is there again and the platform takes work."""
        wait_for(lambda: self._present(part) not in {None, before}, within=60, what=f"a new {part}")
        wait_for(self._platform.ready, within=90, what=f"the platform after {part} was killed")

    def _present(self, part: str) -> int | None:
        try:
            return self.pid(part)
        except (OSError, ValueError):  # HAProxy writes the file anew
            return None

    def reload_haproxy(self) -> None:
        """Have the master start another worker, and wait for it."""
        before = self.workers()
        self.send("haproxy", signal.SIGUSR2)
        wait_for(lambda: self.workers() - before, within=20, what="a new worker of HAProxy")

    def workers(self) -> set[int]:
        """Workers of HAProxy, old ones too."""
        master = self.pid("haproxy")
        return {int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()}

    def worker(self) -> int:
        """The worker of HAProxy that takes visitors; older ones only end what they have."""
        return max(
            self.workers(), key=lambda pid: int(Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()[19])
        )

    def containers(self, environment: str | None = None) -> list[dict[str, Any]]:
        """All containers of instances, running or not, or those of one environment."""
        label = INSTANCE if environment is None else f"{ENVIRONMENT}={environment}"
        listed = self._podman("ps", "--all", "--format", "json", "--filter", f"label={label}")
        return [one for one in listed if one["Labels"].get(INSTANCE)]

    def conmon(self, instance: str) -> int:
        """The monitor of an instance's container."""
        [one] = [one for one in self.containers() if one["Labels"][INSTANCE] == instance]
        [found] = self._podman("inspect", "--type", "container", "--format", "json", one["Id"])
        return int(Path(found["ConmonPidFile"]).read_text())

    def _podman(self, *words: str) -> Any:
        argv = ["podman", "--remote", "--url", self._socket, *words]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{argv}: {done.stderr}"
        return json.loads(done.stdout)

    def instances(self, environment: str) -> list[dict[str, Any]]:
        """Instances that exist or should, as the API says."""
        found: list[dict[str, Any]] = self._platform.call("GET", f"/instances?environment={environment}&limit=200")[
            "items"
        ]
        return found

    def agree(self, environment: str, *, ready: int = 1) -> bool:
        """So many ready instances, none leaving; what else there is, is kept stopped of one deployment; a container each."""
        rows = {one["id"]: one for one in self.instances(environment)}
        found = {one["Labels"][INSTANCE]: one["State"] for one in self.containers(environment)}
        running = {one for one, row in rows.items() if row["status"] == "ready"}
        kept = {one for one, row in rows.items() if row["status"] == "stopped"}
        return (
            len(running) == ready
            and running | kept == set(rows) == set(found)
            and len(self.containers(environment)) == len(found)
            and all((found[one] == "running") == (one in running) for one in rows)
            and len({rows[one]["deployment_id"] for one in kept}) <= 1
        )

    def disagreement(self, environment: str) -> str:
        """Rows and containers, for people."""
        rows = [(one["id"], one["deployment_id"], one["status"], one["reason"]) for one in self.instances(environment)]
        found = [(one["Labels"][INSTANCE], one["Id"][:12], one["State"]) for one in self.containers(environment)]
        return f"rows and containers to agree: rows {rows}, containers {found}"
