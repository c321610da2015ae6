"""Whether the root mount is shared, read from mountinfo(5)."""

from pathlib import Path

import pytest

from wisehosting_agent.runtime.propagation import root_is_shared

SHARED = "26 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n27 26 0:5 / /proc rw shared:2 - proc proc rw\n"
PRIVATE = "26 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n27 26 0:5 / /proc rw shared:2 - proc proc rw\n"
SLAVE = "26 1 254:0 / / rw,relatime master:1 - ext4 /dev/vda rw\n"


@pytest.mark.parametrize(
    ("text", "shared"), [(SHARED, True), (PRIVATE, False), (SLAVE, False), (SHARED + PRIVATE, False)]
)
def test_the_topmost_root_mount_decides(tmp_path: Path, text: str, shared: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(text)
    assert root_is_shared(mounts) is shared
