"""Which images of a team's store are kept: those we named, and the build cache they were made with. Pure, but for its file."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from wisehosting_agent.build.storage import Store

OURS = "localhost/wisehosting-"
KEYS = f"{OURS}keys"
"""Repository of the names by which an image is found again: a label would cost a step of its own."""
BUILDS = f"{OURS}builds/"
"""Names for people."""
WARM = f"{OURS}bases"
"""Names of base images taken over into a team's store, each by the id of the base it is of."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """The last image that was built for an environment, and the images it was made with: of all steps, and those of FROM."""

    image: str
    made_with: list[str]
    packages: str = ""
    """Its package caches."""


class Cache(msgspec.Struct, kw_only=True):
    """What builds in this store were made with. Beside the store; a lost file costs a slower build, nothing else."""

    last: dict[str, Made] = {}
    """By environment: its next build most likely begins like that one."""
    attempts: list[str] = []
    """What builds that failed have left since the last success: the next attempt begins there."""

    @classmethod
    def read(cls, path: Path) -> "Cache":
        """Read the file; an empty one when there is none, or it is damaged."""
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError):
            return cls()

    def write(self, path: Path) -> None:
        """Replace the file. A disk that is full keeps the old one: what is not noted is only built again."""
        partial = path.with_suffix(".partial")
        with contextlib.suppress(OSError):
            partial.write_bytes(msgspec.json.encode(self))
            partial.replace(path)

    def succeeded(self, environment: str, image: str, made_with: Iterable[str], packages: str = "") -> None:
        """A build made this image: what failed before it, and what the image before it was made with, is needed no more. Twice is once."""
        self.last[environment] = Made(image=image, made_with=sorted(set(made_with) - {image}), packages=packages)
        self.attempts = []

    def failed(self, made: Iterable[str]) -> None:
        """A build failed; what it made until then stays for the next attempt. Twice is once."""
        self.attempts = sorted({*self.attempts, *made})

    def found_again(self) -> None:
        """A build found its image by its key: a success, which needed no cache. Twice is once."""
        self.attempts = []

    def forget(self, store: Store) -> set[str]:
        """Drop what the store does not hold any more. Returns the package caches that no image is left of."""
        before = {made.packages for made in self.last.values()}
        self.last = {
            environment: msgspec.structs.replace(made, made_with=[one for one in made.made_with if one in store.images])
            for environment, made in self.last.items()
            if made.image in store.images
        }
        self.attempts = [one for one in self.attempts if one in store.images]
        return before - {made.packages for made in self.last.values()} - {""}


def ours(name: str) -> bool:
    """Whether a build of ours gave this name."""
    return name.startswith((f"{KEYS}:", BUILDS))


def named(store: Store) -> set[str]:
    """Images that builds of ours made and nobody had removed."""
    return {image.id for image in store.images.values() if any(ours(name) for name in image.names)}


def _bases_of(store: Store, kept: set[str]) -> set[str]:
    """Bases taken over that kept images stand on; one that was made anew since is not waited for."""
    below = {layer for image in kept & store.images.keys() for layer in store.chain(store.images[image])}
    return {
        image.id
        for image in store.images.values()
        if image.layer in below and any(name.startswith(f"{WARM}:") for name in image.names)
    }


def unneeded(store: Store, cache: Cache, in_use: set[str], *, keep_cache: bool = True) -> list[str]:
    """Images of a team's store that nothing needs, those that build on others first.

    `in_use` are images of containers, wherever those are. Without `keep_cache` only images that we named, and those in
    use, are kept: a worker that is short of disk gives up speed before it gives up a deployment.
    """
    roots = named(store)
    kept = roots | in_use | {container.image for container in store.containers}
    if keep_cache:
        kept |= {one for made in cache.last.values() if made.image in roots for one in made.made_with}
        kept |= set(cache.attempts)
        kept |= _bases_of(store, kept)
    return sorted(store.images.keys() - kept, key=store.depth, reverse=True)
