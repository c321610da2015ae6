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
        down = run("./dev", "down", "--state", STATE)
        assert down.returncode == 0, down.stdout + down.stderr


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
