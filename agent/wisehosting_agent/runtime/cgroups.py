"""Which cgroups this host has, and who makes them."""

from pathlib import Path

UNIFIED = Path("/sys/fs/cgroup/cgroup.controllers")


def cgroup_manager() -> str:
    """`systemd` where systemd runs the machine with cgroup v2, else `cgroupfs`."""
    return "systemd" if UNIFIED.exists() and Path("/run/systemd/system").is_dir() else "cgroupfs"


def cgroup_version() -> str:
    """`v2` when the unified hierarchy is the only one, else `v1`."""
    return "v2" if UNIFIED.exists() else "v1"
