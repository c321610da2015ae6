"""Which processes belong to a state folder: told by a path of it, whoever started them."""

import subprocess
import sys
from pathlib import Path

from wisehosting_cp.local.processes import running


def test_a_process_that_works_below_the_folder_is_found_though_nobody_wrote_it_down(tmp_path: Path) -> None:
    state, other = tmp_path / "one", tmp_path / "one-more"
    wait = "import sys; sys.stdin.read()"
    with (
        subprocess.Popen([sys.executable, "-c", wait, f"{state}/containers"], stdin=subprocess.PIPE) as ours,
        subprocess.Popen([sys.executable, "-c", wait, f"{other}/containers"], stdin=subprocess.PIPE) as theirs,
    ):
        try:
            assert running(state) == {ours.pid}
        finally:
            for process in (ours, theirs):
                process.kill()
    assert running(state) == set()
