"""The platform's base images as a team's own.

A base lies in a store that builds only read, and there Podman cannot note which mapped copy belongs to it: every build
would make the copy anew, twelve thousand files for Python's. An image of the team's store with one empty layer on top,
under the same name, is found first; its copy is made by the first build and kept.
"""

import tempfile
from pathlib import Path

import structlog

from wisehosting_agent.build import command
from wisehosting_agent.build.cache import WARM
from wisehosting_agent.build.storage import Store
from wisehosting_agent.runtime.host import PodmanHost

_log = structlog.get_logger(__name__)


async def warm(host: PodmanHost, team: str, name: str, base: str) -> None:
    """Let `name` in the team's store be the base with this id. A second call changes nothing. The caller holds the store.

    When it cannot be made, builds take the base itself and are slower: that is logged and nothing else.
    """
    store = Store(host.stores.team(team))
    own = f"{WARM}:{base}"
    found = store.named(own)
    if found is not None and found == store.named(name):
        return
    with tempfile.TemporaryDirectory(prefix="base-", dir=host.root / "tmp") as folder:
        (Path(folder) / "nothing").mkdir()
        (Path(folder) / "Containerfile").write_text(f"FROM {base}\nCOPY nothing /\n")
        argv = [*host.build_argv(team), "build", "--quiet", "--pull=never", "--network=none"]
        argv += [f"--tag={own}", f"--tag={name}", folder]
        try:
            await command.check(argv, f"take {name} over", environment=host.build_env(team))
        except command.CommandFailed as error:
            _log.warning("base_not_warmed", image=name, detail=str(error))
