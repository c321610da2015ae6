"""What a store's own records say, read as files: asking Podman takes a process and a tenth of a second."""

import json
from pathlib import Path
from typing import Any


def image_named(store: Path, name: str) -> str | None:
    """Id of the image with this full name; None when there is none."""
    return next((row["id"] for row in _rows(store / "overlay-images" / "images.json") if name in _names(row)), None)


def has_containers(store: Path) -> bool:
    """Whether a working container is left, of a step that was stopped. Newer Podman lists some in a file of their own."""
    folder = store / "overlay-containers"
    return any(_rows(folder / name) for name in ("containers.json", "volatile-containers.json"))


def _names(row: dict[str, Any]) -> list[str]:
    return row.get("names") or []


def _rows(path: Path) -> list[dict[str, Any]]:
    """Records of one file, which Podman replaces whole; none when it was not written yet."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    return json.loads(content) if content else []
