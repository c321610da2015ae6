"""What goes from the image stores and what stays, on real Podman: by reachability, never by age, never what is not ours."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from buildrig import FROM, TEAM, Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build import command
from wisehosting_agent.build.cache import Cache, named
from wisehosting_agent.build.image import ImageBuild
from wisehosting_agent.build.known import image_facts
from wisehosting_agent.build.storage import Store
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_wire.facts import TeamDisk

pytestmark = pytest.mark.anyio

OTHER = "00000000-0000-7000-8000-000000000043"
END = 'CMD ["true"]\n'
MIB = 1024**2


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with scratch("wisehosting-disk-") as folder, running(folder, 61) as rig:
        yield rig


@pytest.fixture(autouse=True)
async def bases(rig: Rig) -> None:
    rig.lines.clear()
    await rig.builder.run()


def store_of(rig: Rig, team: str = TEAM) -> Store:
    return Store(rig.host.stores.team(team))


async def remove(rig: Rig, *images: str, team: str = TEAM) -> bool:
    disk = rig.builder.disk
    return await disk.remove(team, images, disk.changes().get(team, 0))


async def of_team(rig: Rig, team: str = TEAM) -> TeamDisk:
    use = await rig.builder.disk.use()
    (found,) = [one for one in use.teams if one.team == team]
    listed = sum(image.size_bytes for image in found.images) + found.shared_bytes + found.cache_bytes
    everything = use.bases + use.containers + use.other
    assert use.used == everything + sum(
        sum(image.size_bytes for image in one.images) + one.shared_bytes + one.cache_bytes + one.package_cache_bytes
        for one in use.teams
    )
    assert listed >= 0
    return found


async def test_after_eight_changes_only_the_kept_images_remain_and_the_store_stops_growing(
    rig: Rig, served: GitServer
) -> None:
    steps = FROM + "RUN head -c 20M /dev/urandom > /dependencies\nCOPY . /app/\nRUN head -c 4M /dev/urandom > /made\n"
    served.repository("grows", {"Containerfile": steps + END, "version": "0"})
    images, taken = [], []
    for version in range(8):
        if version:
            served.push("grows", {"version": str(version)})
        images.append((await rig.build(served.url("grows"))).image.image)
        assert await remove(rig, *images[:-3])
        await rig.builder.disk.tidy()
        found = await of_team(rig)
        taken.append(sum(one.size_bytes for one in found.images) + found.shared_bytes + found.cache_bytes)
    assert len(set(images)) == 8
    assert {one.image for one in (await of_team(rig)).images} == set(images[-3:])
    sys.stdout.write(f"  MiB in the team's store after each change: {[round(size / MIB) for size in taken]}\n")
    assert max(taken[3:]) - min(taken[3:]) < 2 * MIB
    # Podman's own words: the cache of the last build, the three images, and nothing else.
    listed = await command.check(
        [*rig.host.build_argv(TEAM), "image", "ls", "--all", "--quiet", "--no-trunc", "--filter=readonly=false"],
        "list images",
        environment=rig.host.build_env(TEAM),
    )
    assert len(set(listed.split())) == len(store_of(rig).images)
    served.push("grows", {"version": "again"})
    rig.lines.clear()
    await rig.build(served.url("grows"))
    assert rig.lines.count("--> Using cache") == 1, rig.lines


async def test_removal_is_by_name_stays_in_one_team_and_a_second_run_finds_nothing(rig: Rig, served: GitServer) -> None:
    url = served.repository("both", {"Containerfile": FROM + "RUN echo both > /it\n" + END})
    mine, theirs = await rig.build(url), await rig.build(url, team=OTHER)
    kept = await rig.build(served.repository("kept", {"Containerfile": FROM + "RUN echo kept > /it\n" + END}))
    (base,) = [one.image for one in rig.builder.bases() if one.name.endswith("base:debian-13")]
    assert await remove(rig, mine.image.image, theirs.image.image, base, "0" * 64, "../../../etc")
    await rig.builder.disk.tidy()
    assert await image_facts(rig.host, TEAM, mine.image.image) is None
    assert await image_facts(rig.host, TEAM, kept.image.image) is not None
    assert await image_facts(rig.host, OTHER, theirs.image.image) is not None
    assert await image_facts(rig.host, TEAM, base) is not None
    before = store_of(rig).images
    assert await remove(rig, mine.image.image)
    assert store_of(rig).images == before
    again = await rig.build(url)
    assert not again.reused


async def test_an_image_of_the_hosts_own_storage_is_never_touched_whatever_its_name(
    rig: Rig, served: GitServer
) -> None:
    built = await rig.build(served.repository("host", {"Containerfile": FROM + "RUN echo host > /it\n" + END}))
    name = "localhost/wisehosting-keys:somebody-elses"
    with scratch("wh-disk-") as folder:
        (folder / "empty.tar").write_bytes(b"\0" * 10240)
        host = ["podman", "--root", str(folder / "root"), "--runroot", str(folder / "run")]
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        await command.check([*host, "import", str(folder / "empty.tar"), name], "import", environment=environment)
        listed = await command.check([*host, "images", "--quiet", "--no-trunc"], "list", environment=environment)
        assert await remove(rig, listed.strip(), built.image.image)
        await rig.builder.sweep()
        assert (await command.run([*host, "image", "exists", name], environment=environment)).status == 0
    assert await image_facts(rig.host, TEAM, built.image.image) is None


async def test_an_image_that_a_stopped_container_uses_survives_and_starts_again(rig: Rig, served: GitServer) -> None:
    built = await rig.build(served.repository("used", {"Containerfile": FROM + 'CMD ["sleep", "600"]\n'}))
    podman, environment = rig.host.service_argv(), rig.host.service_env()
    argv = podman[: podman.index("--log-level")]
    name = "wh61-used"
    await command.check(
        [*argv, "create", "--name", name, "--network=none", built.image.image], "create", environment=environment
    )
    try:
        assert await remove(rig, built.image.image)
        assert built.image.image in {one.image for one in (await of_team(rig)).images}
        done = await command.run([*argv, "start", name], environment=environment)
        assert done.status == 0, done.stderr
    finally:
        await command.run([*argv, "rm", "--force", "--time=0", name], environment=environment)
    assert await remove(rig, built.image.image)
    assert built.image.image not in store_of(rig).images


async def test_what_a_failed_build_left_stays_until_the_next_success(rig: Rig, served: GitServer) -> None:
    slow = "RUN head -c 6M /dev/urandom > /slow\n"
    url = served.repository("fails", {"Containerfile": FROM + slow + "RUN false\n" + END})
    other = served.repository("unrelated", {"Containerfile": FROM + "RUN echo unrelated > /it\n" + END})
    unrelated = await rig.build(other)
    with pytest.raises(WorkFailed):
        await rig.build(url)
    await rig.builder.disk.tidy()
    attempts = Cache.read(rig.host.stores.team(TEAM).with_name("0000.cache.json")).attempts
    assert attempts
    assert await remove(rig, unrelated.image.image)
    assert set(attempts) <= store_of(rig).images.keys()
    served.push("fails", {"Containerfile": FROM + slow + "RUN echo repaired\n" + END})
    rig.lines.clear()
    await rig.build(url)
    assert "--> Using cache" in rig.lines
    await rig.builder.disk.tidy()
    with pytest.raises(WorkFailed):
        await rig.build(served.repository("doomed", {"Containerfile": FROM + "RUN echo 1 > /a\nRUN false\n" + END}))
    left = set(Cache.read(rig.host.stores.team(TEAM).with_name("0000.cache.json")).attempts)
    assert left & store_of(rig).images.keys()
    await rig.build(url)
    await rig.builder.disk.tidy()
    assert not left & store_of(rig).images.keys()


async def test_stages_that_only_give_files_are_kept_as_cache_of_the_last_build(rig: Rig, served: GitServer) -> None:
    text = (
        "FROM localhost/wisehosting/base:debian-13 AS parts\nRUN head -c 3M /dev/urandom > /part\n"
        + FROM
        + "COPY --from=parts /part /part\nCOPY version /\n"
        + END
    )
    url = served.repository("stages", {"Containerfile": text, "version": "1"})
    await rig.build(url, environment="stages")
    await rig.builder.disk.tidy()
    served.push("stages", {"version": "2"})
    rig.lines.clear()
    await rig.build(url, environment="stages")
    assert rig.lines.count("--> Using cache") == 3, rig.lines
    await rig.builder.disk.tidy()
    assert (await of_team(rig)).cache_bytes > 3 * MIB


async def test_an_order_is_void_once_something_was_built_since(rig: Rig, served: GitServer) -> None:
    disk = rig.builder.disk
    url = served.repository("found-again", {"Containerfile": FROM + "RUN echo again > /it\n" + END})
    first = await rig.build(url)
    seen = disk.changes()[TEAM]
    again = await rig.build(url)
    assert (again.reused, again.image.image) == (True, first.image.image)
    assert not await disk.remove(TEAM, [first.image.image], seen)
    assert first.image.image in named(store_of(rig))
    assert not await disk.remove("no team of ours", [first.image.image], 0)
    assert "no team of ours" not in rig.host.stores.teams()


async def test_a_build_that_was_killed_with_its_agent_leaves_nothing_after_the_next_start(
    rig: Rig, served: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = served.repository("killed", {"Containerfile": FROM + "RUN echo 1 > /a\nRUN echo begun && sleep 600\n" + END})
    foreign = Path(tempfile.mkdtemp(prefix="buildah", dir="/var/tmp"))
    ours = rig.host.root / "tmp" / "buildah0123456789"
    ours.mkdir()
    os.utime(ours, (0, 0))

    async def not_at_all(_: ImageBuild) -> None:
        return

    monkeypatch.setattr(ImageBuild, "clean", not_at_all)
    monkeypatch.setattr("wisehosting_agent.build.builder.STARTED", float("inf"))
    try:
        task = asyncio.create_task(rig.build(url))
        async with asyncio.timeout(60):
            while "begun" not in rig.lines:
                await asyncio.sleep(0.05)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert await rig.left()
        await rig.builder.sweep()
        assert await rig.left() == []
        assert foreign.is_dir()
        assert not ours.exists()
    finally:
        shutil.rmtree(foreign)
    mounts = [row.split()[1] for row in Path("/proc/self/mounts").read_text().splitlines()]
    assert [point for point in mounts if point.startswith(str(rig.host.stores.team(TEAM) / "overlay/"))] == []
    store = store_of(rig)
    needed = {layer for image in store.images.values() for layer in store.chain(image)}
    assert store.layers.keys() == needed, "layers that no image has"
    await rig.builder.sweep()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Rig]:
    """A worker whose storage is a file system of its own, of 1 GB."""
    image = tmp_path / "disk.img"
    with image.open("wb") as file:
        file.truncate(1024 * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
    with scratch("wisehosting-disk-small-") as folder:
        storage = folder / "containers"
        storage.mkdir(mode=0o711)
        subprocess.run(["mount", "-o", "loop", str(image), str(storage)], check=True)
        storage.chmod(0o711)
        with running(folder, 62, disk_floor_bytes=400 * MIB) as rig:
            yield rig


def fill(path: Path, *, leave: int) -> None:
    """Write a file until so much is free."""
    with path.open("ab") as file:
        while shutil.disk_usage(path.parent).free > leave:
            file.write(b"x" * MIB)
            file.flush()


async def test_a_build_is_refused_before_the_disk_is_full_and_cache_goes_first(small: Rig, served: GitServer) -> None:
    await small.builder.run()
    kept = await small.build(served.repository("small", {"Containerfile": FROM + "RUN echo small > /it\n" + END}))
    filler = small.host.root / "filler"
    fill(filler, leave=480 * MIB)
    eats = "".join(f"RUN head -c 50M /dev/zero > /big{step}\n" for step in range(2)) + "RUN false\n"
    with pytest.raises(WorkFailed) as failed:
        await small.build(served.repository("eats", {"Containerfile": FROM + eats + END}))
    assert failed.value.reason is Reason.build_failed
    assert shutil.disk_usage(small.host.root).free < 400 * MIB
    # The failed attempt's layer is cache: it is given up, and the build goes on.
    fits = await small.build(served.repository("next", {"Containerfile": FROM + "RUN echo next > /it\n" + END}))
    assert any("build cache was dropped" in line for line in small.lines)
    fill(filler, leave=300 * MIB)
    with pytest.raises(WorkFailed) as refused:
        await small.build(served.repository("refused", {"Containerfile": FROM + "RUN echo 3 > /it\n" + END}))
    sys.stdout.write(f"  {refused.value.detail}\n")
    assert refused.value.reason is Reason.disk_full
    assert "0.4 GB at least" in refused.value.detail
    assert "`wh-cp disk`" in refused.value.detail
    for image in (kept.image.image, fits.image.image):
        assert await image_facts(small.host, TEAM, image) is not None
    filler.unlink()
    assert (await small.build(served.url("refused"))).image.command == ["true"]


async def test_a_build_past_the_budget_is_refused_with_the_figures(rig: Rig, served: GitServer) -> None:
    kept = await rig.build(served.repository("budget", {"Containerfile": FROM + "RUN echo budget > /it\n" + END}))
    settings = rig.host.settings
    settings.disk_budget_bytes = 100 * MIB
    try:
        with pytest.raises(WorkFailed) as refused:
            await rig.build(served.url("budget"))
        sys.stdout.write(f"  {refused.value.detail}\n")
        assert refused.value.reason is Reason.disk_full
        used = (await rig.builder.disk.use()).used
        assert f"{used / 1024**3:.1f} GB of their 0.1 GB" in refused.value.detail
        assert await image_facts(rig.host, TEAM, kept.image.image) is not None
    finally:
        settings.disk_budget_bytes = None
