"""Was it out of memory? Podman does not know it on cgroup v1, and the cgroup's counter ends with the container."""

import os
from pathlib import Path

KERNEL_LOG = Path("/dev/kmsg")
KILLED = 137
RECORD = 8192


def killed(container: str, exit_code: int, *, stopped_by_us: bool) -> bool:
    """Whether an exited container ran out of memory: by the kernel's log, else by SIGKILL that was not ours."""
    if exit_code == 0:
        return False
    found = in_kernel_log(container)
    if found is None:
        return exit_code == KILLED and not stopped_by_us
    return found


def in_kernel_log(container: str) -> bool | None:
    """Whether the kernel wrote that it killed in this container's cgroup; None where its log cannot be read."""
    wanted = container.encode()
    try:
        log = os.open(KERNEL_LOG, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        while True:
            try:
                record = os.read(log, RECORD)
            except BlockingIOError:
                return False
            except BrokenPipeError:
                continue  # overwritten while we read: the next record is a good one
            except OSError:
                return None
            if not record:
                return False
            if b"oom-kill:" in record and wanted in record:
                return True
    finally:
        os.close(log)
