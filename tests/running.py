"""A running platform from a visitor's, a user's and a contributor's side, for the stories."""

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

ROOT = Path(__file__).parents[1]
STATE = Path("/var/lib/wisehosting/test-e2e")
"""Below a world-traversable folder: PostgreSQL runs as a user of its own."""


def free_port(start: int) -> int:
    """Find a port such that the two after it are free too."""
    for port in range(start, start + 500, 10):
        try:
            for offset in range(3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        return port
    raise RuntimeError(f"no three free ports above {start}")


@dataclass(frozen=True)
class Answer:
    """What a visitor of an app sees."""

    status: int
    text: str
    headers: httpx2.Headers


class Platform:
    """A running platform, by its API and from a visitor's side."""

    def __init__(self, access: Path) -> None:
        self.access_file = access
        self.http = httpx2.Client(timeout=30)
        self.sign_in_again()
        self.apps_port = int(self.access["apps_domain"].rsplit(":", 1)[1])

    def sign_in_again(self) -> None:
        """Read what the newest `up` wrote: its sign-in link and its token."""
        self.access: dict[str, str] = json.loads(self.access_file.read_text())
        self.http.base_url = self.access["api"]
        self.http.headers["Authorization"] = f"Bearer {Path(self.access['token']).read_text().strip()}"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def create(self, name: str, url: str, **source: str) -> Any:
        return self.call("POST", "/projects", {"name": name, "source": {"provider": "git", "url": url, **source}})

    def ready(self) -> bool:
        """The control plane answers and has a worker that takes work."""
        try:
            answer = self.http.get("/platform")
        except httpx2.HTTPError:
            return False
        return answer.is_success and answer.json()["workers"]["ready"] == 1

    def answers(self, hostname: str) -> bool:
        """A visitor of the app gets an answer of it."""
        try:
            return self.visit(hostname).status == 200
        except httpx2.HTTPError:
            return False

    def deployment(self, deployment_id: str) -> Any:
        return self.call("GET", f"/deployments/{deployment_id}")

    def over(self, deployment_id: str, *, within: float = 240) -> Any:
        """Wait until a deployment is live or has ended, and return it."""
        return wait_for(
            lambda: (
                found
                if (found := self.deployment(deployment_id))["status"] in {"live", "failed", "cancelled", "replaced"}
                else None
            ),
            within=within,
            what=lambda: f"deployment {self.deployment(deployment_id)}\n{self.log_so_far(deployment_id)}",
        )

    def log_so_far(self, deployment_id: str) -> str:
        """Return the last lines of a build log, of one that is not over too."""
        page = self.call("GET", f"/deployments/{deployment_id}/log?format=json&limit=5000")
        return "\n".join(line["text"] for line in page["items"][-20:])

    def log(self, deployment_id: str) -> str:
        """Return the build log of a deployment that is over."""
        with self.http.stream("GET", f"/deployments/{deployment_id}/log", timeout=30) as stream:
            lines = []
            for line in stream.iter_lines():
                if line == "event: end":
                    break
                if line.startswith("data: ") and '"text"' in line:
                    lines.append(json.loads(line.removeprefix("data: "))["text"])
        return "\n".join(lines)

    def visit(self, hostname: str, path: str = "/") -> Answer:
        """Request an app through the ingress, as a visitor whose resolver knows the name."""
        answer = httpx2.get(f"http://127.0.0.1:{self.apps_port}{path}", headers={"Host": hostname}, timeout=10)
        return Answer(answer.status_code, answer.text, answer.headers)


def wait_for(look: Callable[[], Any], *, within: float, what: Callable[[], str] | str, pause: float = 0.1) -> Any:
    """Look until there is something to see; fail with `what` was waited for, and what was at work instead."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if (found := look()) is not None and found is not False:
            return found
        time.sleep(pause)
    pytest.fail(f"waited {within:.0f} s for {what if isinstance(what, str) else what()}\n{at_work()}")


def at_work() -> str:
    """What programs of containers and builds do, and whoever waits for the disk: why something does not end."""
    told = []
    with contextlib.suppress(OSError):
        told.append(Path("/proc/pressure/io").read_text().strip())
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            name, rest = (folder / "stat").read_text(errors="replace").split("(", 1)[1].rsplit(") ", 1)
            state = rest[0]
            argv = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if state == "D" or name in {"podman", "exe", "crun", "runc", "storage-untar"}:
                stacks = {(task / "wchan").read_text() for task in (folder / "task").iterdir()}
                told.append(f"{folder.name} {name} {state} {sorted(stacks)} {argv[-160:]}")
    return "\n".join(told[:40])


def run(*argv: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command from the checkout."""
    return subprocess.run(
        [str(part) for part in argv], cwd=ROOT, text=True, capture_output=True, check=False, **options
    )


def pid_of(state: Path, part: str) -> int:
    """The process of a part now: cp, agent, postgres, podman, haproxy (its master)."""
    if part == "haproxy":
        return int((state / "agent" / "ingress" / "haproxy.pid").read_text())
    return int(json.loads((state / "processes" / f"{part}.json").read_text())["pid"])


@contextlib.contextmanager
def started(state: Path, *, port: int, apps_port: int) -> Iterator[Platform]:
    """The platform after `./dev up --detach` with its base images made; `./dev down` at the end, and nothing is left."""
    if (state / "number").exists():  # of a run that was killed
        run("./dev", "down", "--state", state, "--erase", "--yes")
    ports = ("--port", str(free_port(port)), "--apps-port", str(free_port(apps_port)))
    up = run("./dev", "up", "--state", state, *ports, "--detach")
    assert up.returncode == 0, up.stdout + up.stderr
    try:
        found = Platform(state / "access.json")
        wait_for(
            lambda: (
                all(base["status"] == "ready" for base in bases)
                if (bases := found.call("GET", "/platform")["bases"])
                else None
            ),
            within=240,
            what="the base images",
        )
        yield found
        found.http.close()
    finally:
        number = (state / "number").read_text().strip()
        down = run("./dev", "down", "--state", state, "--erase", "--yes")
        assert down.returncode == 0, down.stdout + down.stderr
        assert left_on_host(state, number) == []


def left_on_host(state: Path, number: str) -> list[str]:
    """Bridges, rules, processes and mounts that a stopped platform must have taken away."""
    links = subprocess.run(["ip", "-brief", "link"], capture_output=True, text=True, check=True).stdout
    rules = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout
    processes = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    mounts = Path("/proc/self/mountinfo").read_text()
    found = [line for line in links.splitlines() if line.startswith(f"whbr{number}x")]
    found += [line for line in rules.splitlines() if f"wh{number}_tenant" in line or f"dnat name: wh{number}-" in line]
    found += [line for text in (processes, mounts) for line in text.splitlines() if str(state) in line]
    return found + ([str(state)] if state.exists() else [])
