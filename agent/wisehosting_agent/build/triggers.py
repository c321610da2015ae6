"""ONBUILD instructions of a base image: they run in the build of whoever takes it, and nobody reads them."""

import base64
import json
from pathlib import Path
from typing import Any

from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason


def refuse_triggers(store: Path, image: str, name: str) -> None:
    """Refuse an image whose configuration has ONBUILD instructions, or cannot be read. Raises WorkFailed(containerfile_refused).

    `image` is its id. Podman's inspect leaves them out, so the configuration is read where the storage keeps it.
    """
    blob = base64.b64encode(f"sha256:{image}".encode()).decode()
    path = store / "overlay-images" / image / f"={blob}"
    try:
        document: dict[str, Any] = json.loads(path.read_text())
        triggers = (document.get("config") or {}).get("OnBuild") or []
    except (OSError, ValueError, AttributeError) as error:
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
