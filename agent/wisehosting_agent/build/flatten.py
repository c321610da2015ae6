"""Images with more layers than an instance can stack become one layer: what runs does not know the difference."""

import asyncio
from pathlib import Path

from wisehosting_agent.build import command
from wisehosting_agent.build.storage import Store
from wisehosting_agent.build.triggers import refuse_triggers
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.depth import most_layers
from wisehosting_agent.runtime.host import PodmanHost


class Flattener:
    """Joins the layers of images in a team's store. The caller holds the store."""

    def __init__(self, host: PodmanHost, team: str) -> None:
        self._host = host
        self._team = team
        self.most = most_layers(host.stores.runtime)

    async def layers(self, image: str) -> int:
        """How many layers an image of the team has, those of its base among them."""
        stores = [Store(folder) for folder in (self._host.stores.team(self._team), self._host.stores.bases)]
        rows = {row.id: row for store in stores for row in store.layers.values()}
        count, layer = 0, stores[0].images[image].layer
        while (row := rows.get(layer)) is not None:
            count, layer = count + 1, row.parent
        return count

    async def join(self, image: str, names: list[str], work: Path, seconds: float) -> str:
        """Make an image of one layer with the same files and settings, give it the names, and return its id.

        No code of the image is run. A second run makes the same again. Raises WorkFailed.
        """
        await asyncio.to_thread(refuse_triggers, self._host.stores.team(self._team), image, "that was built")
        found = work / "joined"
        context = work / "nothing"
        context.mkdir(exist_ok=True)
        (context / "Containerfile").write_text(f"FROM {image}\n")
        argv = [*self._host.build_argv(self._team), "build", "--quiet", "--squash-all", "--pull=never"]
        argv += ["--network=none", f"--iidfile={found}", *(f"--tag={name}" for name in names), str(context)]
        environment = {**self._host.build_env(self._team), "TMPDIR": str(work)}
        try:
            await command.check(argv, "join the layers", environment=environment, seconds=seconds)
        except command.CommandFailed as error:
            full = "no space left on device" in str(error).lower()
            raise WorkFailed(
                Reason.build_out_of_disk if full else Reason.worker_error,
                f"The image has more than the {self.most} layers that an instance can stack, and they could not be "
                f"joined: {error.tail[-300:]}. Use fewer RUN, COPY and ADD steps, and push.",
            ) from error
        return (await asyncio.to_thread(found.read_text)).strip().removeprefix("sha256:")
