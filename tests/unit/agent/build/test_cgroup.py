"""The group of a build, whose parts a runtime removes whenever it likes."""

import os
from pathlib import Path
from typing import Any

import pytest

from wisehosting_agent.build.cgroup import BuildCgroup, leftovers


@pytest.mark.parametrize("hierarchy", ["pids", "memory"])
def test_a_group_that_a_runtime_removes_while_it_is_looked_at_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hierarchy: str
) -> None:
    steps = tmp_path / hierarchy / "wisehosting-7-builds" / "build-x" / "steps" / "one"
    steps.mkdir(parents=True)
    real = os.scandir

    def vanishing(path: Any = ".") -> Any:
        if isinstance(path, str | Path) and Path(path).name == "steps" and Path(path).is_dir():
            # Its inner one is gone, as groups go, from the inside out.
            for inner in Path(path).iterdir():
                inner.rmdir()
            Path(path).rmdir()
        return real(path)

    monkeypatch.setattr(os, "scandir", vanishing)
    cgroup = BuildCgroup("x", 7, root=tmp_path)
    cgroup.kill()
    cgroup.remove()
    assert leftovers(7, tmp_path) == []
