"""What an image store holds, read from the files of its storage: no process, no lock, and all versions of Podman write them.

The storage replaces these files as a whole, so what is read is consistent in itself; it may be a moment old.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

LAYERS = ("layers", "volatile-layers")
CONTAINERS = ("containers", "volatile-containers")


class StoredImage(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """An image of a store."""

    id: str
    names: list[str] = []
    layer: str = ""
    """Its topmost one."""
    mapped_layers: list[str] = []
    """Copies of the topmost layer for the owners of an id range."""


class StoredLayer(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """A layer of a store; its parent may be one of another store."""

    id: str
    parent: str = ""
    diff_size: int = 0
    """Bytes of what it adds."""


class StoredContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A container of a store, running or not."""

    id: str
    image: str = ""
    layer: str = ""


T = TypeVar("T")


class Store:
    """One store at one moment."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError, and msgspec.DecodeError for files that no storage writes."""
        self.folder = folder
        # Containers before images: what is begun in between names an image that is read here as well.
        self.containers = [row for name in CONTAINERS for row in _rows(folder, "containers", name, StoredContainer)]
        self.images = {row.id: row for row in _rows(folder, "images", "images", StoredImage)}
        self.layers = {row.id: row for name in LAYERS for row in _rows(folder, "layers", name, StoredLayer)}

    def named(self, name: str) -> str | None:
        """Id of the image with this full name; None when there is none."""
        return next((image.id for image in self.images.values() if name in image.names), None)

    def chain(self, image: StoredImage) -> set[str]:
        """Layers of this store that the image needs, the copies among them."""
        return {layer for top in (image.layer, *image.mapped_layers) for layer in self._down(top)}

    def _down(self, layer: str) -> Iterator[str]:
        while (row := self.layers.get(layer)) is not None:
            yield layer
            layer = row.parent

    def depth(self, image: str) -> int:
        """How many layers lie below the top of an image: what builds on it lies deeper, or as deep."""
        return sum(1 for _ in self._down(self.images[image].layer))


def configuration(folder: Path, image: str) -> dict[str, Any]:
    """Return the `config` of an image of a store, by its id: user, command, ports, triggers. Raises OSError, ValueError."""
    blob = base64.b64encode(f"sha256:{image}".encode()).decode()
    document = json.loads((folder / "overlay-images" / image / f"={blob}").read_text())
    found = document.get("config") if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def _rows(folder: Path, kind: str, name: str, row: type[T]) -> list[T]:
    try:
        text = (folder / f"overlay-{kind}" / f"{name}.json").read_bytes()
    except FileNotFoundError:
        return []  # nothing of this kind has ever been here
    return msgspec.json.decode(text, type=list[row] | None) or [] if text.strip() else []  # type: ignore[valid-type]
