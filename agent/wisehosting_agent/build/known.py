"""Images that a team's store holds: found by their key, and what they say of themselves."""

import json

from wisehosting_agent.build import command
from wisehosting_agent.build.cache import KEYS
from wisehosting_agent.build.storage import Store
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_wire.facts import ImageFacts


def image_with_key(host: PodmanHost, team: str, key: str) -> str | None:
    """Id of the image in the team's store that was built from this content key."""
    return Store(host.stores.team(team)).named(f"{KEYS}:{key}")


async def image_facts(host: PodmanHost, team: str, image: str) -> ImageFacts | None:
    """What an image in the team's store says of itself; None when it is not there."""
    argv = [*host.build_argv(team), "image", "inspect", image]
    done = await command.run(argv, environment=host.build_env(team))
    if done.status:
        return None
    (found,) = json.loads(done.stdout)
    config = found.get("Config") or {}
    ports = [text.partition("/") for text in (config.get("ExposedPorts") or {})]
    return ImageFacts(
        image=found["Id"],
        size_bytes=int(found.get("Size") or 0),
        exposed=sorted(int(port) for port, _, protocol in ports if port.isdigit() and protocol in {"", "tcp"}),
        user=config.get("User") or "",
        command=[*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])],
    )
