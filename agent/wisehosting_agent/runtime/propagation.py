"""Podman's monitors live in a mount namespace of their own: they see later mounts and unmounts only below a shared root.

systemd shares `/` at boot. Elsewhere it is private, and a monitor that cannot see its container's network namespace
leaves bridge and port rules behind, and keeps mounts busy that are to be removed.
"""

import subprocess
from pathlib import Path

from wisehosting_agent.errors import ConfigurationError

MOUNTS = Path("/proc/self/mountinfo")
SHARE = ("mount", "--make-rshared", "/")


def root_is_shared(mounts: Path = MOUNTS) -> bool:
    """Whether mounts made on this host are passed on, by mountinfo(5): optional fields stand between mode and dash."""
    found = False
    for line in mounts.read_text().splitlines():
        fields = line.split()
        if fields[4] == "/":  # the last one is on top
            found = any(field.startswith("shared:") for field in fields[6 : fields.index("-")])
    return found


def share_root() -> bool:
    """Share `/` where it is not, as systemd would; True when it had to. A second call changes nothing.

    Raises ConfigurationError with the command when the host refuses.
    """
    if root_is_shared():
        return False
    done = subprocess.run(SHARE, check=False, capture_output=True, text=True)
    if done.returncode:
        raise ConfigurationError(
            f"This host keeps its mounts private, and Podman could not take networks down: {done.stderr.strip()}. "
            f"Run as root: {' '.join(SHARE)}"
        )
    return True
