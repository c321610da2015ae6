"""`wh-cp disk` where there is nothing to look at."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from wisehosting_cp.cli import app


def test_a_folder_without_a_platform_is_said_to_be_one(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["disk", "--state", str(tmp_path)])
    assert done.exit_code == 1
    assert f"No platform can be read at {tmp_path}" in done.output


def test_settings_of_the_environment_win_over_those_of_a_local_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WISEHOSTING_DATABASE_DSN", "postgresql://nobody@/nothing?host=/nowhere")
    done = CliRunner().invoke(app, ["disk"])
    assert done.exit_code == 2
    assert "WISEHOSTING_API_SERVER_SECRET_FILE" in done.output
