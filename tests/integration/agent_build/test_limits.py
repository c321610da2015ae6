"""A build that wants too much is stopped, says why, and leaves nothing: on real Podman, with real cgroups."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from buildrig import FROM, TEAM, Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build import command
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_wire.workload import BuildLimits

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with scratch("wh-test-build-") as folder, running(folder, 42) as rig:
        yield rig


@pytest.fixture
def cramped(tmp_path: Path) -> Iterator[Rig]:
    """A builder whose storage is a file system of its own with some 250 MB left after the base images."""
    image = tmp_path / "disk.img"
    with image.open("wb") as file:
        file.truncate(768 * 1024**2)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
    with scratch("wh-test-cramped-") as folder:
        storage = folder / "containers"
        storage.mkdir(mode=0o711)
        subprocess.run(["mount", "-o", "loop", str(image), str(storage)], check=True)
        storage.chmod(0o711)
        # The floor would refuse a build here: what happens when a build itself fills the disk is asked.
        with running(folder, 41, disk_floor_bytes=0, disk_floor_percent=0) as rig:
            yield rig


@pytest.fixture(autouse=True)
async def bases(rig: Rig) -> None:
    rig.lines.clear()
    await rig.builder.run()


async def test_a_build_past_its_time_is_stopped_and_leaves_nothing(rig: Rig, served: GitServer) -> None:
    await rig.build(served.repository("first", {"Containerfile": FROM + "RUN true\n"}))  # takes the base over, once
    url = served.repository("slow", {"Containerfile": FROM + 'RUN sleep 600\nCMD ["true"]\n'})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url, BuildLimits(seconds=12))
    assert failed.value.reason is Reason.build_out_of_time
    assert "sleep 600" in failed.value.detail
    assert await rig.left() == []


async def test_a_build_past_its_disk_is_stopped_and_leaves_nothing(rig: Rig, served: GitServer) -> None:
    hog = "RUN for i in $(seq 200); do dd if=/dev/urandom of=/big$i bs=1M count=8 status=none; sleep 0.05; done\n"
    url = served.repository("large", {"Containerfile": FROM + hog + 'CMD ["true"]\n'})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url, BuildLimits(disk_bytes=64 * 1024**2))
    assert failed.value.reason is Reason.build_out_of_disk
    assert await rig.left() == []


async def test_what_others_write_meanwhile_is_not_counted_as_a_build_s_own(rig: Rig, served: GitServer) -> None:
    """Its step sees the whole base in its root folder, and writes none of it."""
    quiet = "RUN echo quiet && sleep 4\n"
    build = asyncio.create_task(
        rig.build(
            served.repository("quiet", {"Containerfile": FROM + quiet + 'CMD ["true"]\n'}),
            BuildLimits(disk_bytes=192 * 1024**2),
        )
    )
    while "quiet" not in rig.lines and not build.done():
        await asyncio.sleep(0.05)
    neighbour = rig.host.root / "neighbour"
    with neighbour.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 512 * 1024**2)
        await build
    neighbour.unlink()


async def test_a_build_on_a_full_disk_says_so_leaves_nothing_and_the_next_one_works(
    cramped: Rig, served: GitServer
) -> None:
    await cramped.builder.sweep()
    await cramped.builder.run()
    fill = "RUN dd if=/dev/zero of=/big bs=1M count=2000\n"
    with pytest.raises(WorkFailed) as failed:
        await cramped.build(served.repository("fills", {"Containerfile": FROM + fill + 'CMD ["true"]\n'}))
    assert failed.value.reason is Reason.build_out_of_disk
    assert "This worker's disk was full in step 2" in failed.value.detail
    assert await cramped.left() == []
    built = await cramped.build(served.repository("fits", {"Containerfile": FROM + 'CMD ["true"]\n'}))
    assert built.image.command == ["true"]


async def test_the_same_tree_is_built_once_and_a_secret_stays_out_of_image_and_log(rig: Rig, served: GitServer) -> None:
    seen = 'test "$(tr -d - </run/secrets/TOKEN)" = canary7'
    text = FROM + f'RUN --mount=type=secret,id=TOKEN {seen}\nCMD ["true"]\n'
    url = served.repository("twice", {"Containerfile": text})
    first = await rig.build(url, variables={"TOKEN": "canary-7"})
    again = await rig.build(url, variables={"TOKEN": "canary-7"})
    assert (first.reused, again.reused) == (False, True)
    assert first.image.image == again.image.image
    argv = [*rig.host.build_argv(TEAM), "image", "inspect", first.image.image]
    described = (await command.run(argv, environment=rig.host.build_env(TEAM))).stdout
    assert "canary-7" not in described
    assert "canary-7" not in "\n".join(rig.lines)
    assert await rig.left() == []


async def test_a_base_image_with_instructions_of_its_own_for_builds_is_refused(
    rig: Rig, served: GitServer, tmp_path: Path
) -> None:
    (tmp_path / "Containerfile").write_text(FROM + "ONBUILD ADD http://127.0.0.1:1/secret /secret\n")
    argv = [
        *rig.host.build_argv(TEAM),
        "build",
        "--format=docker",
        "--network=none",
        "--tag=localhost/trap",
        str(tmp_path),
    ]
    await command.check(argv, "build the trap", environment=rig.host.build_env(TEAM))
    url = served.repository("trapped", {"Containerfile": 'FROM localhost/trap\nCMD ["true"]\n'})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url)
    assert failed.value.reason is Reason.containerfile_refused
    assert "has ONBUILD instructions" in failed.value.detail
