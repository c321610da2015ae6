"""OCI runtime that gives `/` of a container with an id map to the container's root, then is the real one. Stdlib only.

Podman 4 maps the lower layers but makes the top one's folder as the host's root, so that root inside could not even
`mkdir /data`, and the runtime could make no mount point there. It has to happen before `create`: a runtime makes its mount
points ahead of all hooks. Called as `ownership.py RUNTIME ARGUMENT...` by a script that hands on all else than `create`.
"""

import json
import os
import sys
from pathlib import Path

MODE_BITS = 0o7777
OWNER_WRITES = 0o200


def give_root(bundle: Path) -> None:
    """Give `/` to the map's first id and let it write there. A second run changes nothing. Raises OSError or ValueError."""
    config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
    maps = [entry for entry in config.get("linux", {}).get("uidMappings") or [] if entry["containerID"] == 0]
    if not maps:
        return
    first, size = maps[0]["hostID"], maps[0]["size"]
    root = bundle / config["root"]["path"]
    found = root.stat()
    if not first <= found.st_uid < first + size:
        os.chown(root, first, first)
    root.chmod(found.st_mode & MODE_BITS | OWNER_WRITES)


def open_context(bundle: Path, temporary: Path) -> None:
    """Let a step's root read a build context that is mounted as a whole: Podman unpacks it where only the host's may enter.

    It lies in the build's own `temporary` folder and is bound once more below the bundle. What else is mounted, an
    image's folders for one, is left as it is. A second run changes nothing.
    """
    config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
    for mount in config.get("mounts") or []:
        source = Path(mount.get("source") or "/")
        if source.parent == bundle / "mnt":
            for unpacked in temporary.glob("buildah*"):
                if unpacked.samefile(source):
                    unpacked.chmod(0o755)


def main(argv: list[str]) -> None:
    """Prepare the bundle and become the runtime."""
    if "--bundle" in argv:
        bundle = Path(argv[argv.index("--bundle") + 1])
        give_root(bundle)
        if "TMPDIR" in os.environ:
            open_context(bundle, Path(os.environ["TMPDIR"]))
    os.execvp(argv[0], argv)  # noqa: S606 - Podman's own arguments, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
