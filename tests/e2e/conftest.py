"""One real `./dev up` for all stories: started as a user starts it, stopped as a user stops it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from running import ROOT, STATE, Platform, run, started


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The platform after `./dev up --detach`; `./dev down` at the end."""
    with started(STATE, port=17000, apps_port=18080) as found:
        yield found


@pytest.fixture
def wh(platform: Platform, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command `wh`, logged in to the platform."""
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "COLUMNS": "200"}

    def command(*argv: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return run(ROOT / ".venv" / "bin" / "wh", *argv, env=environment, timeout=300, **options)

    login = command("login", "--access", str(platform.access_file))
    assert login.returncode == 0, login.stderr
    return command
