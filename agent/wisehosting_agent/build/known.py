"""Images that a team's store holds: found by their key, and what they say of themselves."""

import json
from typing import Any

from wisehosting_agent.build import command
from wisehosting_agent.build.cache import KEYS
from wisehosting_agent.build.storage import Store, configuration
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_wire.facts import ImageFacts


def image_with_key(host: PodmanHost, team: str, key: str) -> str | None:
    """Id of the image in the team's store that was built from this content key."""
    return Store(host.stores.team(team)).named(f"{KEYS}:{key}")


def facts_of(host: PodmanHost, team: str, image: str) -> ImageFacts | None:
    """What an image in the team's store says of itself, by its id; None when it is not there.

    Read from the storage's files: a `podman` for it would take longer than all else about an image that is found again.
    """
    folder = host.stores.team(team)
    store = Store(folder)
    if image not in store.images:
        return None
    try:
        config = configuration(folder, image)
    except (OSError, ValueError):
        return None
    layers = {**Store(host.stores.bases).layers, **store.layers}
    size, layer = 0, store.images[image].layer
    while (row := layers.get(layer)) is not None:
        size, layer = size + row.diff_size, row.parent
    return _facts(image, size, config)


async def image_facts(host: PodmanHost, team: str, image: str) -> ImageFacts | None:
    """The same for an image by whatever name Podman knows it."""
    argv = [*host.build_argv(team), "image", "inspect", image]
    done = await command.run(argv, environment=host.build_env(team))
    if done.status:
        return None
    (found,) = json.loads(done.stdout)
    return _facts(found["Id"], int(found.get("Size") or 0), found.get("Config") or {})


def _facts(image: str, size: int, config: dict[str, Any]) -> ImageFacts:
    ports = [text.partition("/") for text in (config.get("ExposedPorts") or {})]
    return ImageFacts(
        image=image,
        size_bytes=size,
        exposed=sorted(int(port) for port, _, protocol in ports if port.isdigit() and protocol in {"", "tcp"}),
        user=config.get("User") or "",
        command=[*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])],
    )
