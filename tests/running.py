"""A running platform from a visitor's, a user's and a contributor's side, for the stories."""

import json
import socket
import subprocess
import time
from collections.abc import Callable
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
            what=lambda: f"deployment {self.deployment(deployment_id)}\n{self.log(deployment_id)}",
        )

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
    """Look until there is something to see; fail with `what` was waited for."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if (found := look()) is not None and found is not False:
            return found
        time.sleep(pause)
    pytest.fail(f"waited {within:.0f} s for {what if isinstance(what, str) else what()}")


def run(*argv: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command from the checkout."""
    return subprocess.run(
        [str(part) for part in argv], cwd=ROOT, text=True, capture_output=True, check=False, **options
    )
