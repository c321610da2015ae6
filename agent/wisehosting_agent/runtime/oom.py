"""Was it out of memory? Podman does not know it on cgroup v1, and the cgroup's counter ends with the container."""

import os
import time
from pathlib import Path

KERNEL_LOG = Path("/dev/kmsg")
KILLED = 137
RECORD = 8192
CLOCK_SLACK = 1.0


def killed(container: str, exit_code: int, *, since: float, stopped_by_us: bool) -> bool:
    """Whether a container that ran since `since` (unix seconds) ended for lack of memory.

    By the kernel's log, else by a SIGKILL that was not ours.
    """
    if exit_code == 0:
        return False
    found = in_kernel_log(container, since=since)
    if found is None:
        return exit_code == KILLED and not stopped_by_us
    return found


def in_kernel_log(container: str, *, since: float = 0) -> bool | None:
    """Whether the kernel wrote since then (unix seconds) that it killed in this container's cgroup.

    None where its log cannot be read. A container keeps its id over restarts, and the log is the machine's.
    """
    wanted = container.encode()
    booted = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
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
            if b"oom-kill:" in record and wanted in record and booted + written(record) >= since - CLOCK_SLACK:
                return True
    finally:
        os.close(log)


def written(record: bytes) -> float:
    """Seconds after boot of a record of /dev/kmsg: `priority,sequence,microseconds,…;text`."""
    try:
        return int(record.split(b";", 1)[0].split(b",")[2]) / 1_000_000
    except (IndexError, ValueError):
        return 0.0
