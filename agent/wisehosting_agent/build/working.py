"""Working containers: what `podman build` leaves in a team's store when it is stopped."""

import asyncio

from wisehosting_agent.build import command
from wisehosting_agent.build.folders import release_mounts
from wisehosting_agent.runtime.host import PodmanHost


async def remove_working(host: PodmanHost, team: str) -> None:
    """Remove them while nobody builds in the store, and what was left mounted. A second run finds nothing."""
    argv, environment = host.build_argv(team), host.build_env(team)
    listed = await command.run([*argv, "ps", "--all", "--external", "--quiet"], environment=environment)
    if containers := listed.stdout.split():
        await command.run([*argv, "rm", "--force", *containers], environment=environment)
    # One that was killed while it committed may have left layers mounted that belong to no container any more.
    await asyncio.to_thread(release_mounts, host.stores.team(team) / "overlay")
