"""OCI hook that gives files to the right ids where Podman 4 mounts layers with an id map. A program of its own; stdlib only.

Podman 4 maps the lower layers by the kernel but not the top one: it makes `/` as the host's root, and what a build step
writes would go into the image with ids of the host. So:

`root`  (containers, before the start): `/` is given to the container's root, which could otherwise not make a folder there.
`enter` (build steps, before the start): the top layer's ids move from 0… into the map.
`leave` (build steps, after the end): they move back, so that the committed layer holds 0….

Only what the top layer holds is touched, through the mounted file system, and no symbolic link is ever followed.
"""

import contextlib
import json
import os
import stat
import sys
from pathlib import Path

OWNER_WRITES = 0o200
MODE_BITS = 0o7777
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
CAPABILITY = "security.capability"
CAPABILITY_V3 = 3 << 24
CAPABILITY_V2 = 2 << 24
REVISION_MASK = 0xFF000000


class Move:
    """Moves owners from one range of ids to another; ids outside the first range stay, so a second run changes nothing."""

    def __init__(self, first: int, target: int, size: int) -> None:
        self.first, self.target, self.size = first, target, size
        self.moved = 0

    def tree(self, upper: Path, merged: Path) -> None:
        """Every entry of the top layer, and the root itself. Raises OSError."""
        pending = [(os.open(upper, FOLDER), os.open(merged, FOLDER))]
        try:
            self._root(*pending[0])
            while pending:
                top, seen = pending.pop()
                try:
                    pending += self._folder(top, seen)
                finally:
                    os.close(top)
                    os.close(seen)
        finally:
            for pair in pending:
                for descriptor in pair:
                    os.close(descriptor)

    def _root(self, upper: int, merged: int) -> None:
        found = os.fstat(upper)
        os.fchown(merged, self._id(found.st_uid), self._id(found.st_gid))

    def _folder(self, upper: int, merged: int) -> list[tuple[int, int]]:
        below = []
        for name in os.listdir(upper):
            found = os.stat(name, dir_fd=upper, follow_symlinks=False)
            if stat.S_ISCHR(found.st_mode) and found.st_rdev == 0:
                continue  # a whiteout: the merged file system does not show it
            self._entry(name, found, merged)
            if stat.S_ISDIR(found.st_mode):
                below.append((os.open(name, FOLDER, dir_fd=upper), os.open(name, FOLDER, dir_fd=merged)))
        return below

    def _entry(self, name: str, found: os.stat_result, merged: int) -> None:
        owner, group = self._id(found.st_uid), self._id(found.st_gid)
        if (owner, group) == (found.st_uid, found.st_gid):
            return
        capability = None
        if stat.S_ISREG(found.st_mode):
            with contextlib.suppress(OSError):
                capability = os.getxattr(f"/proc/self/fd/{merged}/{name}", CAPABILITY, follow_symlinks=False)
        os.chown(name, owner, group, dir_fd=merged, follow_symlinks=False)
        self.moved += 1
        if stat.S_ISREG(found.st_mode):
            # changing the owner took these away
            if found.st_mode & (stat.S_ISUID | stat.S_ISGID):
                os.chmod(name, found.st_mode & MODE_BITS, dir_fd=merged)
            if capability is not None:
                os.setxattr(
                    f"/proc/self/fd/{merged}/{name}", CAPABILITY, plain_capability(capability), follow_symlinks=False
                )

    def _id(self, found: int) -> int:
        return found - self.first + self.target if self.first <= found < self.first + self.size else found


def plain_capability(value: bytes) -> bytes:
    """A file capability without the id of the namespace it was set in."""
    magic = int.from_bytes(value[:4], "little")
    if magic & REVISION_MASK != CAPABILITY_V3:
        return value
    return (magic & ~REVISION_MASK | CAPABILITY_V2).to_bytes(4, "little") + value[4:20]


def give_root(merged: Path, first: int, size: int) -> None:
    """Give `/` to the first id. A second run changes nothing."""
    found = merged.stat()
    if not first <= found.st_uid < first + size:
        os.chown(merged, first, first)
    merged.chmod(found.st_mode & MODE_BITS | OWNER_WRITES)


def upper_of(merged: Path, stores: Path) -> Path:
    """Folder of the top layer of the overlay mounted there. Raises ValueError when there is none."""
    wanted = merged.stat().st_dev
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind == "overlay" and before.split()[2] == f"{os.major(wanted)}:{os.minor(wanted)}":
            for option in options.split(","):
                if option.startswith("upperdir="):
                    return _absolute(Path(option.removeprefix("upperdir=")), stores)
    raise ValueError(f"{merged} is not an overlay with a top layer")


def _absolute(upper: Path, stores: Path) -> Path:
    """Podman mounts with paths relative to the store when an image has many layers."""
    if upper.is_absolute():
        return upper
    for store in (stores / "bases", stores / "runtime", *(stores / "teams").iterdir()):
        if (store / "overlay" / upper).is_dir():
            return store / "overlay" / upper
    raise ValueError(f"no store below {stores} has the layer {upper}")


def storage_maps(upper: Path) -> bool:
    """Whether the storage knows the layer's id map and moves the ids itself when it commits."""
    layer, records = upper.parent.name, upper.parent.parent.parent / "overlay-layers"
    for name in ("layers.json", "volatile-layers.json"):
        with contextlib.suppress(FileNotFoundError):
            for record in json.loads((records / name).read_text(encoding="utf-8")):
                if record["id"] == layer:
                    return bool(record.get("uidmap"))
    return False


def main(step: str, stores: Path, state: dict[str, str]) -> None:
    """Do the step for the container whose state this is. Raises OSError or ValueError: the runtime then refuses the start."""
    bundle = Path(state["bundle"])
    config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
    maps = [entry for entry in config.get("linux", {}).get("uidMappings") or [] if entry["containerID"] == 0]
    if not maps:
        return
    first, size = maps[0]["hostID"], maps[0]["size"]
    merged = bundle / config["root"]["path"]
    if step == "root":
        give_root(merged, first, size)
        return
    upper = upper_of(merged, stores)
    if storage_maps(upper):
        return
    (Move(0, first, size) if step == "enter" else Move(first, 0, size)).tree(upper, merged)
    if step == "enter":
        merged.chmod(merged.stat().st_mode & MODE_BITS | OWNER_WRITES)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.load(sys.stdin))
