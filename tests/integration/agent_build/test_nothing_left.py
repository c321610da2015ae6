"""However a build ends, everything of it is gone: counted before and after, on real Podman, at every moment it can end."""

import asyncio
import ipaddress
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from buildrig import FROM, TEAM, Rig, running
from gitserver import GitServer
from leftbehind import Left, counted, wait_until
from podmachine import scratch

from wisehosting_agent.build.cgroup import BuildCgroup, leftovers
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime import networks
from wisehosting_agent.settings import Settings

pytestmark = pytest.mark.anyio
ADDRESSES = 5
STEPS = """\
COPY . /app
RUN (setsid sleep 600 &); echo it is number {number}
RUN head -c 16M /dev/urandom > /large
LABEL number={number}
CMD ["true"]
"""
"""A step whose child outlives it, and a layer that takes a while to be committed."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Its builds have five network addresses: one that is not given back is missed soon."""

    def few(settings: Settings) -> ipaddress.IPv4Network:
        return next(settings.subnet_pool.subnets(new_prefix=29))

    with pytest.MonkeyPatch.context() as patch, scratch("wh-test-left-") as folder, running(folder, 42) as rig:
        patch.setattr(networks.addressing, "build_subnet", few)
        yield rig


@pytest.fixture(autouse=True)
async def before(rig: Rig, served: GitServer) -> Left:
    """What there is when one build has run and nothing does."""
    await rig.builder.run()
    if not served.requests:
        await rig.builder.sweep()
        await rig.build(served.repository("app", {"Containerfile": FROM + STEPS.format(number=0)}))
    rig.lines.clear()
    found = counted(rig)
    assert found == Left(processes=0, containers=0, mounts=0, folders=0, cgroups=0, interfaces=0)
    return found


async def cancelled(rig: Rig, url: str, when: str | int) -> None:
    """Begin a build and cancel it as soon as a line has these words, or there are so many lines."""
    task = asyncio.create_task(rig.build(url))
    async with asyncio.timeout(60):
        while not task.done():
            if len(rig.lines) > when if isinstance(when, int) else any(when in line for line in rig.lines):
                break
            await asyncio.sleep(0.002)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def come(what: Callable[[], bool], task: asyncio.Task[Any]) -> None:
    """Wait until it is so, while the task runs."""
    async with asyncio.timeout(60):
        while not what():
            assert not task.done(), task
            await asyncio.sleep(0.002)


async def test_a_build_that_succeeds_leaves_its_image_and_nothing_else(
    rig: Rig, served: GitServer, before: Left
) -> None:
    url = served.repository("fine", {"Containerfile": FROM + STEPS.format(number="fine")})
    await rig.build(url)
    assert await wait_until(rig, before) == before


async def test_a_build_that_is_cancelled_leaves_nothing_at_whichever_of_its_lines(
    rig: Rig, served: GitServer, before: Left
) -> None:
    url = served.repository("told", {"Containerfile": FROM + STEPS.format(number="told")})
    await rig.build(url)
    moments = len(rig.lines) - 1
    assert moments >= 9
    for moment in range(moments):
        served.push("told", {"Containerfile": FROM + STEPS.format(number=f"at-{moment}"), "file": str(moment)})
        rig.lines.clear()
        await cancelled(rig, url, moment)
        assert await wait_until(rig, before) == before, rig.lines
    rig.lines.clear()
    await rig.build(url)
    sys.stdout.write(f"  cancelled at {moments} moments of a build, more often than it has addresses: {before}\n")


async def test_a_build_that_is_cancelled_while_it_is_checked_out_or_waits_leaves_nothing(
    rig: Rig, served: GitServer, before: Left
) -> None:
    stalled = served.repository("stalls", {"Containerfile": FROM + 'CMD ["true"]\n'})
    served.stalled.add("stalls")
    await cancelled(rig, stalled, "Checking out")
    assert await wait_until(rig, before) == before
    url = served.repository("waits", {"Containerfile": FROM + "RUN echo first && sleep 600\n"})
    first = asyncio.create_task(rig.build(url))
    await come(lambda: "first" in rig.lines, first)
    between = counted(rig)
    rig.lines.clear()
    await cancelled(rig, served.repository("second", {"Containerfile": FROM + "RUN true\n"}), "Building")
    assert await wait_until(rig, between) == between
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await wait_until(rig, before) == before


async def test_a_build_that_is_cancelled_while_it_takes_a_base_over_leaves_nothing_and_the_next_one_takes_it(
    rig: Rig, served: GitServer, before: Left
) -> None:
    slow = served.repository("slow", {"Containerfile": FROM + "RUN sleep 600\n"})
    quick = served.repository("quick", {"Containerfile": FROM + "RUN echo it stands\n"})
    for moment in range(3):
        team = f"00000000-0000-7000-8000-0000000000a{moment}"  # a base that was taken over is not taken again
        rig.host.build_argv(team)  # its store is there
        task = asyncio.create_task(rig.build(slow, team=team))
        await come(lambda: any((rig.host.root / "tmp").glob("*-build-base-*")), task)
        await asyncio.wait([task], timeout=moment * 0.4)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await wait_until(rig, before) == before, moment
        rig.lines.clear()
        await rig.build(quick, team=team)
        assert "it stands" in rig.lines


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("RUN (setsid sleep 600 &); exit 7\n", Reason.build_failed),
        ("COPY nothing /there\n", Reason.build_failed),
        ("RUN --network=host true\n", Reason.containerfile_refused),
    ],
    ids=["a step fails", "a file is missing", "it is refused"],
)
async def test_a_build_that_fails_leaves_nothing(
    rig: Rig, served: GitServer, before: Left, text: str, reason: Reason
) -> None:
    url = served.repository(f"fails-{reason}-{len(text)}", {"Containerfile": FROM + text})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url)
    assert failed.value.reason is reason
    assert await wait_until(rig, before) == before


async def test_after_a_crash_of_the_agent_the_sweep_leaves_nothing_and_addresses_are_free_again(
    rig: Rig, served: GitServer, before: Left
) -> None:
    """Killed with everything in it, as by an agent's unit that ends: podman cannot give back what it holds."""
    number = rig.host.settings.number
    url = served.repository("crash", {"Containerfile": FROM + "RUN echo runs && sleep 600\n"})
    for _ in range(ADDRESSES + 1):
        rig.lines.clear()
        task = asyncio.create_task(rig.build(url))
        while "runs" not in rig.lines and not task.done():
            await asyncio.sleep(0.01)
        for build in leftovers(number):
            BuildCgroup(build, number).kill()
        with pytest.raises(WorkFailed) as failed:
            await task
    assert "failed to find free IP" in failed.value.detail
    await rig.builder.sweep()
    assert await wait_until(rig, before) == before
    await rig.build(served.repository("after", {"Containerfile": FROM + "RUN echo after the sweep\n"}))
    assert "after the sweep" in rig.lines


async def test_a_sweep_finds_what_only_the_runtime_had_made(rig: Rig, before: Left) -> None:
    number = rig.host.settings.number
    made = [path for path in Path("/sys/fs/cgroup").glob(f"*/wisehosting-{number}-builds") if path.parent.name != "cpu"]
    for parent in made:
        (parent / "build-lost" / "steps").mkdir(parents=True)
    await rig.builder.sweep()
    assert leftovers(number) == []
    assert TEAM in rig.host.stores.teams()
    assert await wait_until(rig, before) == before


def _mount(point: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "none", point], check=True)


async def test_a_sweep_takes_away_what_is_mounted_in_a_team_s_store_for_no_container(rig: Rig, before: Left) -> None:
    lost = rig.host.stores.team(TEAM) / "overlay" / "lost" / "merged"
    lost.mkdir(parents=True)
    try:
        _mount(lost)
        assert counted(rig).mounts == 1
        await rig.builder.sweep()
        assert await wait_until(rig, before) == before
    finally:
        shutil.rmtree(lost.parent)
