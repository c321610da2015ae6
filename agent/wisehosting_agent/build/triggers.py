"""ONBUILD instructions of a base image: they run in the build of whoever takes it, and nobody reads them."""

from pathlib import Path

from wisehosting_agent.build.storage import configuration
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason


def refuse_triggers(store: Path, image: str, name: str) -> None:
    """Refuse an image whose configuration has ONBUILD instructions, or cannot be read. Raises WorkFailed(containerfile_refused).

    `image` is its id. Podman's inspect leaves them out, so the configuration is read where the storage keeps it.
    """
    try:
        triggers = configuration(store, image).get("OnBuild") or []
    except (OSError, ValueError) as error:
        raise WorkFailed(
            Reason.containerfile_refused,
            f"The configuration of {name} cannot be read ({error}). Use another base image.",
        ) from error
    if triggers:
        raise WorkFailed(
            Reason.containerfile_refused,
            f"The image {name} has ONBUILD instructions, which would run unseen in this build: {str(triggers[0])[:100]}. "
            "Use a base image without them, and write them into the Containerfile.",
        )
