"""Images of more layers than the kernel's mount options hold: built, joined, and run."""

import asyncio
import os
from collections.abc import Iterator

import pytest
from buildrig import TEAM, Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build.flatten import Flattener
from wisehosting_agent.build.image import CACHED
from wisehosting_agent.runtime.podman import PodmanRuntime
from wisehosting_agent.runtime.port import ContainerSpec
from wisehosting_wire.workload import EnvironmentRef, Health, Limits, Wanted, Workload

pytestmark = pytest.mark.anyio
STEPS = 36
FIRST = "FROM localhost/wisehosting/base:debian-13\nUSER app\n"
PROGRAM = ["sh", "-c", "ls /app > /tmp/list && mv /tmp/list /tmp/found && exec sleep 600"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with scratch("wh-test-depth-") as folder, running(folder, 58) as rig:
        yield rig


async def test_an_image_of_more_layers_than_can_be_stacked_runs_and_its_next_build_begins_where_the_last_one_ended(
    rig: Rig, served: GitServer
) -> None:
    await rig.builder.run()
    steps = "".join(f"COPY --chown=app file /app/file-{number:02}\n" for number in range(STEPS))
    url = served.repository("deep", {"Containerfile": f"{FIRST}{steps}", "file": "1", "last": "1"})
    built = await rig.build(url)
    flattener = Flattener(rig.host, TEAM)
    assert flattener.most < STEPS
    assert await flattener.layers(built.image.image) == 1
    assert any("were joined into one" in line for line in rig.lines)
    assert built.image.user == "app"
    assert await files_seen(rig, built.image.image) == [f"file-{number:02}" for number in range(STEPS)]

    served.push("deep", {"Containerfile": f"{FIRST}{steps}COPY last /app/last\n"})
    rig.lines.clear()
    again = await rig.build(url)
    assert rig.lines.count(CACHED) >= STEPS
    assert "last" in await files_seen(rig, again.image.image)
    assert await rig.left() == []


async def files_seen(rig: Rig, image: str) -> list[str]:
    """What an instance of the image finds beside itself."""
    # The service began after this was written, so soon that it would be started again to be sure.
    os.utime(rig.host.service_storage_conf, (0, 0))
    runtime = PodmanRuntime(rig.host)
    wanted = Workload(
        instance=f"{image[:8]}-00000000",
        environment=EnvironmentRef(id="e", team=TEAM, project="app", number=1),
        process="worker",
        wanted=Wanted.running,
        image=image,
        command=PROGRAM,
        variables_version=1,
        health=Health(settle_seconds=0.2),
        limits=Limits(memory_bytes=128 * 1024**2, pids=64),
        stop_seconds=0,
    )
    container = await runtime.create(ContainerSpec(workload=wanted, env={}, host_port=None))
    try:
        await runtime.start(container)
        await runtime.verify(container, wanted)
        (found,) = [one for one in await runtime.containers() if one.container == container]
        async with asyncio.timeout(20):
            while not (seen := _read(found.pid)):
                await asyncio.sleep(0.05)
        return seen.split()
    finally:
        await runtime.remove(container)
        await runtime.close()


def _read(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/root/tmp/found") as file:  # noqa: PTH123 - through the root of a running process
            return file.read()
    except FileNotFoundError:
        return ""
