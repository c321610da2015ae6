"""One real `./dev up` for all stories: started as a user starts it, stopped as a user stops it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gitserver import GitServer
from running import ROOT, STATE, Platform, free_port, run, wait_for


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The platform after `./dev up --detach`; `./dev down` at the end."""
    if (STATE / "number").exists():  # of a run that was killed
        run("./dev", "down", "--state", STATE, "--erase", "--yes")
    port, apps_port = free_port(17000), free_port(18080)
    up = run("./dev", "up", "--state", STATE, "--port", str(port), "--apps-port", str(apps_port), "--detach")
    assert up.returncode == 0, up.stdout + up.stderr
    try:
        found = Platform(STATE / "access.json")
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
        number = (STATE / "number").read_text().strip()
        down = run("./dev", "down", "--state", STATE, "--erase", "--yes")
        assert down.returncode == 0, down.stdout + down.stderr
        assert left_on_host(number) == []


def left_on_host(number: str) -> list[str]:
    """Bridges, rules, processes and mounts that a stopped platform must have taken away."""
    links = subprocess.run(["ip", "-brief", "link"], capture_output=True, text=True, check=True).stdout
    rules = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout
    processes = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    mounts = Path("/proc/self/mountinfo").read_text()
    found = [line for line in links.splitlines() if line.startswith(f"whbr{number}x")]
    found += [line for line in rules.splitlines() if f"wh{number}_tenant" in line or f"dnat name: wh{number}-" in line]
    found += [line for text in (processes, mounts) for line in text.splitlines() if str(STATE) in line]
    return found + ([str(STATE)] if STATE.exists() else [])


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="session")
def apps() -> Path:
    """The sample applications."""
    return ROOT / "tests" / "apps"


@pytest.fixture
def wh(platform: Platform, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command `wh`, logged in to the platform."""
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "COLUMNS": "200"}

    def command(*argv: str) -> subprocess.CompletedProcess[str]:
        return run(ROOT / ".venv" / "bin" / "wh", *argv, env=environment, timeout=300)

    login = command("login", "--access", str(platform.access_file))
    assert login.returncode == 0, login.stderr
    return command
