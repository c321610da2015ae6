"""Base images made anew for security updates: which are due, what changed in them, and which older ones nobody needs."""

import hashlib
import tarfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from wisehosting_agent.build.storage import Store

STATUS = "var/lib/dpkg/status"
BESIDE = "usr/local/"
NOTES = "bases.json"


class Known(msgspec.Struct, kw_only=True):
    """What is known of one base, from start to start of the agent."""

    checked: float = 0
    """When its packages were last fetched, in seconds since 1970."""
    contents: str = ""
    """Hash of what is in it."""
    origin: str = ""
    """Digest of the recipe it was made by: with another one it is made anew."""


class Notes:
    """A file beside the stores. One that cannot be read is as if it were not there: the bases are then due."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NOTES
        try:
            self._known = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Known])
        except (OSError, msgspec.DecodeError, msgspec.ValidationError):
            self._known = {}

    def of(self, name: str) -> Known:
        """What is known of a base."""
        return self._known.get(name, Known())

    def set(self, name: str, known: Known) -> None:
        """Note it. A second run writes the same."""
        self._known[name] = known
        partial = self._path.with_suffix(".partial")
        partial.write_bytes(msgspec.json.encode(self._known))
        partial.replace(self._path)


def contents(archive: Path) -> str:
    """Hash of the packages with their versions, and of what lies in /usr/local: two archives of the same are no news."""
    facts: list[str] = []
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            if name == STATUS and (file := tar.extractfile(member)) is not None:
                lines = file.read().decode("utf-8", "replace").splitlines()
                facts += [line for line in lines if line.startswith(("Package: ", "Version: "))]
            elif name.startswith(BESIDE) and member.isreg() and not name.endswith(".pyc"):
                facts.append(f"{name} {member.size}")
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:32]


def unneeded(bases: Store, others: Iterable[Store]) -> list[str]:
    """Images of the bases' store that have no name any more and on which no layer of another store lies."""
    outside = {
        row.parent for store in others for row in store.layers.values() if row.parent and row.parent not in store.layers
    }
    named = {layer for image in bases.images.values() if image.names for layer in bases.chain(image)}
    return [
        image.id for image in bases.images.values() if not image.names and not (bases.chain(image) - named) & outside
    ]
