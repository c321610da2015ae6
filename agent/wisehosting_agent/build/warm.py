"""The platform's base images as a team's own.

A base lies in a store that builds only read, and there Podman cannot note which mapped copy belongs to it: every build
would make the copy anew, twelve thousand files for Python's. An image of the team's store with one empty layer on top,
under the same name, is found first; its copy is made by the first build and kept.

Whatever stands on a base itself is committed over a mount of that base, and the mount lies in the store that all teams
read: of two who do so at once, the first to end takes it away from under the other, whose layer then holds the wrong
files or fails. So one team at a time takes a base over, and no build takes it otherwise.
"""

import asyncio
import tempfile
from pathlib import Path

from wisehosting_agent.build import command
from wisehosting_agent.build.cache import WARM
from wisehosting_agent.build.folders import release_mounts, remove_tree
from wisehosting_agent.build.storage import Store
from wisehosting_agent.build.working import remove_working
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.host import PodmanHost


class Warm:
    """Takes bases over into the stores of teams, for one team at a time."""

    def __init__(self, host: PodmanHost) -> None:
        self._host = host
        self._turn = asyncio.Lock()

    async def take_over(self, team: str, name: str, base: str) -> None:
        """Let `name` in the team's store be the base with this id. A second call changes nothing. Raises WorkFailed.

        The caller holds the store.
        """
        if _is_there(self._host, team, name, base):
            return
        async with self._turn:
            prefix = f"wisehosting-{self._host.settings.number}-build-base-"
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=self._host.root / "tmp"))
            try:
                await _make(self._host, team, name, base, folder)
            except BaseException:
                await asyncio.shield(remove_working(self._host, team))
                await asyncio.shield(release_bases(self._host))
                raise
            finally:
                await asyncio.to_thread(remove_tree, folder)


async def release_bases(host: PodmanHost) -> None:
    """Take away the mounts of bases that a podman left when it was stopped; nobody takes one over now."""
    for mounted in (host.stores.bases / "overlay").glob("*/merged"):
        await asyncio.to_thread(release_mounts, mounted.parent)


def _is_there(host: PodmanHost, team: str, name: str, base: str) -> bool:
    store = Store(host.stores.team(team))
    found = store.named(f"{WARM}:{base}")
    return found is not None and found == store.named(name)


async def _make(host: PodmanHost, team: str, name: str, base: str, folder: Path) -> None:
    context = folder / "context"
    (context / "nothing").mkdir(parents=True)
    (context / "Containerfile").write_text(f"FROM {base}\nCOPY nothing /\n")
    argv = [*host.build_argv(team), "build", "--quiet", "--pull=never", "--network=none"]
    argv += [f"--tag={WARM}:{base}", f"--tag={name}", str(context)]
    environment = {**host.build_env(team), "TMPDIR": str(folder)}
    try:
        await command.check(argv, f"take {name} over", environment=environment)
    except command.CommandFailed as error:
        if "no space left on device" in str(error).lower():
            raise WorkFailed(
                Reason.build_out_of_disk,
                f"This worker's disk was full while {name} was taken over for the team. Let the operator free space on it.",
            ) from error
        raise WorkFailed(
            Reason.worker_error,
            f"This worker could not take {name} over for the team. Deploy again; tell the operator if it lasts. {error}",
        ) from error
