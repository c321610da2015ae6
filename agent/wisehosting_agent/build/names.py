"""Names in a build job that become options of programs, or folders: what is no plain word is refused, whoever sent it."""

import re
from collections.abc import Iterable

from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}\Z")
"""A comma in it would begin another option of `podman build --secret`, which may name any file of this host."""
CACHES = re.compile(r"[0-9a-z][0-9a-z-]{0,63}\Z")


def check_names(variables: Iterable[str], caches: str) -> None:
    """Raises WorkFailed for a variable, or package caches, that nothing of ours is called. Caches may have no name."""
    for name in variables:
        if not VARIABLE.match(name):
            raise WorkFailed(
                Reason.worker_error,
                f"The worker was given a build variable called {name[:80]!r}, which no variable can be called. Rename it, "
                "then deploy again.",
            )
    if caches and not CACHES.match(caches):
        raise WorkFailed(
            Reason.worker_error,
            f"The worker was told to share package caches called {caches[:80]!r}, which none can be called. Tell the operator.",
        )
