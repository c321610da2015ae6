"""Folders that strangers filled: removed whatever their depth, names and modes."""

import subprocess
from pathlib import Path


def remove_tree(folder: Path) -> None:
    """Remove a folder on its own file system; one that is gone is success.

    By rm(1), which needs no stack: before Python 3.13, shutil.rmtree gives up on folders nested a thousand times.
    """
    subprocess.run(["rm", "-rf", "--one-file-system", "--", str(folder)], check=False, capture_output=True)


def release_mounts(folder: Path) -> None:
    """Take away what killed builds left mounted below a folder, the innermost first; none is success."""
    below = [row.split(" ")[1] for row in Path("/proc/self/mounts").read_text().splitlines()]
    for point in sorted((point for point in below if point.startswith(f"{folder}/")), key=len, reverse=True):
        subprocess.run(["umount", "--lazy", "--", point], check=False, capture_output=True)
