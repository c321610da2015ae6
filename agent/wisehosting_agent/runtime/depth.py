"""How many layers can be stacked: overlay takes no more than a page of mount options, and each layer's path is in them."""

import contextlib
import mmap
import os
from collections.abc import Iterable
from pathlib import Path

LINKS = Path("overlay", "l")
OUTSIDE = ("..", "..")
LAYER = len("/") + 64 + len("/mapped/00/l/") + 26 + len(":")
"""Of a layer's path below the storage's folder, where the kernel changes the owners of its files."""
OWN = 64 + len("/workdir=,upperdir=")
OTHERS = len("lowerdir=,volatile,metacopy=on,redirect_dir=off,userxattr")


def most_layers(store: Path) -> int:
    """How many layers an image may have of which this store has containers."""
    home = len(str(store / "overlay"))
    return (mmap.PAGESIZE - OTHERS - 2 * (home + OWN)) // (home + LAYER)


def link_layers(store: Path, others: Iterable[Path]) -> None:
    """Let the store know each layer of the others by its short name. A second call adds what is new and drops what is gone.

    Where the paths of an image's layers do not fit, the storage writes them as `l/ID`, links in its own folder, also for
    layers of stores it only reads; there the mount fails, after some thirty layers. With these links it holds up to some
    hundred and thirty. Not for a store whose owners the kernel maps: the links lead out of what is mapped.
    Nothing is done where nothing was stored yet: the storage makes these folders itself.
    """
    folder = store / LINKS
    if not folder.is_dir():
        return
    there = {link.name: link for link in folder.iterdir()}
    for other in others:
        if not (other / LINKS).is_dir():
            continue
        for link in (other / LINKS).iterdir():
            if there.pop(link.name, None) is None:
                with contextlib.suppress(FileExistsError):  # another build of the team was faster
                    # Relative, as the storage's own: it also reads them from a neighbour of this folder.
                    (folder / link.name).symlink_to(os.path.relpath(link.parent / link.readlink(), folder))
    for link in there.values():
        if link.readlink().parts[:2] == OUTSIDE and not link.exists():
            link.unlink(missing_ok=True)
