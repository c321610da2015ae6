"""Where secrets may be seen from outside: command lines, what Podman tells of containers and images, logs. None is there."""

import json
import secrets
import subprocess
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest
from gitserver import GitServer
from running import STATE, Platform

from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.settings import Settings
from wisehosting_cp.local.state import State

SERVE = """
import http.server, os
http.server.HTTPServer(("0.0.0.0", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
CONTAINERFILE = """\
FROM localhost/wisehosting/python:3.13
RUN --mount=type=secret,id=AT_BUILD test -s /run/secrets/AT_BUILD && sleep 2
COPY serve.py /app/serve.py
EXPOSE 8080
CMD ["python3", "/app/serve.py"]
"""


@dataclass
class Watch:
    """Command lines of all processes of the host, looked at without pause."""

    known: dict[str, bytes]
    seen: set[tuple[str, str]] = field(default_factory=set)
    """Name of the secret, program."""
    rounds: int = 0

    def __enter__(self) -> Self:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.is_set():
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    with suppress(OSError):
                        line = (process / "cmdline").read_bytes()
                        self.seen |= {(name, line[:40].decode()) for name in found_in(self.known, line)}
            self.rounds += 1


def found_in(known: dict[str, bytes], where: bytes) -> list[str]:
    return [name for name, secret in known.items() if secret in where]


@dataclass
class Deployed:
    """An app with a secret in each kind of variable, and what was seen while it was deployed."""

    environment: dict[str, Any]
    known: dict[str, bytes]
    watch: Watch
    podman: PodmanHost
    log: str

    def ask(self, *words: str, build: bool) -> str:
        team = self.team()
        argv = self.podman.build_argv(team) if build else ["podman", "--remote", "--url", self.socket()]
        done = subprocess.run(
            [*argv, *words], env=self.podman.build_env(team), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def team(self) -> str:
        return str(self.environment["team"])

    def socket(self) -> str:
        return f"unix://{self.podman.settings.podman_socket}"


@pytest.fixture(scope="module")
def deployed(platform: Platform, git_server: GitServer) -> Iterator[Deployed]:
    state = State(STATE)
    known = {
        "run variable": secrets.token_hex(16).encode(),
        "build variable": secrets.token_hex(16).encode(),
        "master key": state.master_key.read_bytes(),
        "client secret": state.client_secret.read_bytes().strip(),
        "api server secret": state.api_server_secret.read_bytes().strip(),
        "API token": state.api_token.read_bytes().strip(),
        "key of the mesh's certificate": state.certificate_key.read_bytes().splitlines()[1],
    }
    files: dict[str, str | bytes] = {"Containerfile": CONTAINERFILE, "serve.py": SERVE}
    url = git_server.repository("secretive", files)
    with Watch(known) as watch:
        body = {"name": "secretive", "source": {"provider": "git", "url": url}, "deploy": False}
        project = platform.call("POST", "/projects", body)
        environment = project["environments"][0]
        given = {
            "AT_RUN": {"value": known["run variable"].decode(), "scope": "run"},
            "AT_BUILD": {"value": known["build variable"].decode(), "scope": "build"},
        }
        platform.call("PUT", f"/environments/{environment['id']}/variables", {"set": given, "remove": []})
        deployment = platform.call("POST", f"/projects/{project['id']}/deployments", {})
        ended = platform.over(deployment["id"])
    assert ended["status"] == "live", ended
    settings = Settings(**tomllib.loads((STATE / "agent.toml").read_text()))
    environment |= {"team": project["team"]["id"] if "team" in project else project["team_id"]}
    return Deployed(environment, known, watch, PodmanHost(settings, runtime="crun"), platform.log(deployment["id"]))


def test_the_watch_sees_a_secret_on_a_command_line() -> None:
    planted = secrets.token_hex(16)
    with (
        Watch({"planted": planted.encode()}) as watch,
        subprocess.Popen([planted, "20"], executable="/bin/sleep") as process,
    ):
        until = time.monotonic() + 10
        while not watch.seen and time.monotonic() < until:
            time.sleep(0.01)
        process.kill()
    assert watch.seen == {("planted", f"{planted}\x0020\x00")}


def test_no_command_line_of_the_host_shows_a_secret_while_an_app_is_built_and_started(deployed: Deployed) -> None:
    assert deployed.watch.rounds > 20
    assert deployed.watch.seen == set()


def test_podman_shows_run_variables_of_a_container_and_no_other_secret(deployed: Deployed) -> None:
    label = f"label=wisehosting.environment={deployed.environment['id']}"
    rows = json.loads(deployed.ask("ps", "--all", "--format", "json", "--filter", label, build=False))
    assert rows
    told = deployed.ask("inspect", "--type", "container", *[row["Id"] for row in rows], build=False).encode()
    assert found_in(deployed.known, told) == ["run variable"]


def test_no_image_keeps_a_secret_in_its_history_its_settings_or_its_files(deployed: Deployed) -> None:
    images = json.loads(deployed.ask("images", "--all", "--format", "json", build=True))
    assert images
    for image in images:
        history = deployed.ask("history", "--no-trunc", "--format", "json", image["Id"], build=True)
        told = history + deployed.ask("image", "inspect", image["Id"], build=True)
        assert found_in(deployed.known, told.encode()) == []
    store = deployed.podman.stores.team(deployed.team())
    for name, secret in deployed.known.items():
        argv = [
            "grep",
            "--recursive",
            "--files-with-matches",
            "--devices=skip",
            "--binary-files=text",
            "--fixed-strings",
        ]
        if b"\n" in secret or b"\0" in secret:
            continue  # the master key is bytes, no row that grep could look for
        found = subprocess.run(
            [*argv, secret.decode("latin-1"), str(store)], capture_output=True, text=True, check=False
        )
        assert (found.returncode, found.stdout) == (1, ""), name


def test_no_log_of_the_platform_or_of_the_build_shows_a_secret(deployed: Deployed) -> None:
    logs = [path for path in (STATE / "logs").rglob("*") if path.is_file()]
    assert {"agent", "cp"} <= {path.name.split(".")[0] for path in logs}
    for path in logs:
        assert found_in(deployed.known, path.read_bytes()) == [], path.name
    assert found_in(deployed.known, deployed.log.encode()) == []
