"""Base images: made when a build first asks for one, once, and another version where one cannot be made."""

import asyncio
import io
import os
import shutil
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from buildrig import Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build import command
from wisehosting_agent.build.bases import SAME_DAY, Bases
from wisehosting_agent.build.builder import PodmanBuilder
from wisehosting_agent.build.recipes import BASE, BUN, PYTHON, PYTHON_BUILD, RECIPES, Recipe
from wisehosting_agent.build.recipes import STATIC as STATIC_RECIPE
from wisehosting_agent.build.storage import Store
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.settings import Settings

pytestmark = pytest.mark.anyio
STATIC = STATIC_RECIPE.name
HOSTS = Settings.model_fields["base_cache_dir"].default
NEW = tuple(
    msgspec.structs.replace(recipe, environment=("ANEW=1", *recipe.environment)) if recipe.adds else recipe
    for recipe in RECIPES
)
"""What is not Debian's alone is another recipe than the one whose file this host may have."""
ANOTHER = msgspec.structs.replace(BASE, name="localhost/wisehosting/another:1")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


def with_files_of_this_host(rig: Rig) -> None:
    """Files of a cache of its own, which tests may change; those that this host has spare minutes.

    They count as fetched now: what is due, a test says itself.
    """
    folder = rig.host.settings.base_cache_dir / "bases"
    folder.mkdir(parents=True)
    for archive in map(Bases(rig.host.settings, rig.host)._workshop.file, (BASE, PYTHON, PYTHON_BUILD, STATIC_RECIPE)):
        made = HOSTS / "bases" / archive.name
        if made.exists():
            shutil.copyfile(made, archive)


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    # Nothing listens there: what is not Debian's cannot be fetched.
    nowhere = {"npm_registry": "http://127.0.0.1:9", "python_mirror": "http://127.0.0.1:9"}
    with scratch("wh-test-bases-") as folder, running(folder, 53, base_cache_dir=folder / "cache", **nowhere) as rig:
        with_files_of_this_host(rig)
        rig.builder = PodmanBuilder(rig.host.settings, rig.host, bases=Bases(rig.host.settings, rig.host, NEW))
        yield rig


async def test_a_base_is_made_when_it_is_first_asked_for_and_by_one_of_those_who_ask(rig: Rig) -> None:
    bases = Bases(rig.host.settings, rig.host)
    said: list[str] = []
    first, second = await asyncio.gather(*(bases.wait(STATIC, said.append) for _ in range(2)))
    assert first == second
    assert [one.status for one in bases.statuses() if one.name == STATIC] == ["ready"]
    again = await Bases(rig.host.settings, rig.host).wait(STATIC, said.append)
    assert again == first


async def test_another_version_is_taken_and_said_where_one_cannot_be_made(rig: Rig, served: GitServer) -> None:
    url = served.repository("old", {"main.py": "print('hello')", ".python-version": "3.12"})
    commit = served.head("old")
    await rig.build(url, commit=commit)
    assert rig.plan is not None
    assert (rig.plan.version, rig.plan.images) == ("3.13", ["localhost/wisehosting/python:3.13"])
    (note,) = rig.plan.notes
    assert note.startswith(
        ".python-version asks for Python 3.12; Python 3.13 was taken instead, because its base image"
    )
    assert "python_mirror" in note
    served.requests.clear()
    await rig.build(url, commit=commit)
    assert served.requests != []


async def test_a_containerfile_that_names_it_fails_with_what_to_do(rig: Rig, served: GitServer) -> None:
    url = served.repository("node", {"Containerfile": "FROM localhost/wisehosting/node:22\n"})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url)
    assert failed.value.reason is Reason.base_image_missing
    assert "localhost/wisehosting/node:22 could not be made" in failed.value.detail


async def test_versions_are_not_tried_without_end_when_nothing_can_be_fetched(rig: Rig, served: GitServer) -> None:
    rig.lines.clear()
    url = served.repository("all", {"package.json": '{"scripts": {"start": "node a.js"}}', "a.js": ""})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url)
    assert failed.value.reason is Reason.base_image_missing
    tried = [line for line in rig.lines if line.endswith("another version is tried.")]
    assert len(tried) == 2


async def test_an_unknown_base_is_refused_with_those_that_there_are(rig: Rig, served: GitServer) -> None:
    url = served.repository("typo", {"Containerfile": "FROM localhost/wisehosting/pyton:3.13\n"})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url)
    assert "localhost/wisehosting/python:{3.13,3.11" in failed.value.detail


async def test_what_was_made_is_taken_over_by_the_next_platform_on_the_host(rig: Rig, tmp_path: Path) -> None:
    with (
        scratch("wh-test-bases-2-") as folder,
        running(folder, 54, base_cache_dir=rig.host.settings.base_cache_dir) as other,
    ):
        said: list[str] = []
        builder = PodmanBuilder(other.host.settings, other.host)
        await builder._bases.wait(STATIC, said.append)
        assert not [line for line in said if "installing" in line.lower()]


def newer(bases: Bases, name: str) -> None:
    """Let the finished file of a base hold something that the image in the store does not."""
    bases._notes.set(name, msgspec.structs.replace(bases._notes.of(name), checked=0, contents="older packages"))
    with tarfile.open(bases._workshop.file(bases._recipes[name]), "a") as tar:
        info = tarfile.TarInfo(f"./etc/newer-{time.time_ns()}")
        tar.addfile(info, io.BytesIO())


def aged(bases: Bases, recipe: Recipe) -> None:
    """Let the finished file be older than any that is taken over, so that the mirror is asked."""
    bases._notes.set(recipe.name, msgspec.structs.replace(bases._notes.of(recipe.name), checked=0))
    os.utime(bases._workshop.file(recipe), (0, 0))


def fetched_now(bases: Bases, recipe: Recipe) -> bool:
    return time.time() - (bases._workshop.made(recipe) or 0) < SAME_DAY


async def test_a_base_is_made_anew_when_it_is_due_and_only_when_its_packages_changed(rig: Rig) -> None:
    bases = Bases(rig.host.settings, rig.host, (BASE, STATIC_RECIPE), at_start=(STATIC,))
    assert await bases.make()
    # What this host had may be some days old: from here on it has what the mirror has now.
    aged(bases, STATIC_RECIPE)
    await bases.refresh()
    assert fetched_now(bases, STATIC_RECIPE)
    first = await bases.wait(STATIC, rig.lines.append)
    assert await bases.refresh() == []
    aged(bases, STATIC_RECIPE)
    assert await bases.refresh() == []
    assert fetched_now(bases, STATIC_RECIPE)
    assert await bases.wait(STATIC, rig.lines.append) == first
    newer(bases, STATIC)
    assert await bases.refresh() == [STATIC]
    second = await bases.wait(STATIC, rig.lines.append)
    assert second != first
    assert await bases.refresh() == []


async def test_what_a_build_asked_for_before_the_agent_started_is_kept_fresh_as_well(rig: Rig) -> None:
    await Bases(rig.host.settings, rig.host).wait(STATIC, rig.lines.append)
    bases = Bases(rig.host.settings, rig.host, at_start=(BASE.name,))
    assert await bases.make()
    assert {one.name: one.on_demand for one in bases.statuses() if one.status == "ready"}[STATIC] is True
    newer(bases, STATIC)
    assert await bases.refresh(lambda: False) == []
    assert await bases.refresh() == [STATIC]


async def test_a_base_is_made_anew_when_its_recipe_is_another_one(rig: Rig) -> None:
    before = Bases(rig.host.settings, rig.host)
    first = await before.wait(STATIC, rig.lines.append)
    changed = (BASE, msgspec.structs.replace(STATIC_RECIPE, environment=("CHANGED=1",)))
    after = Bases(rig.host.settings, rig.host, changed)
    shutil.copy2(before._workshop.file(STATIC_RECIPE), after._workshop.file(changed[1]))
    second = await after.wait(STATIC, rig.lines.append)
    assert second != first
    inspect = [*rig.host.base_argv(), "image", "inspect", "--format", "{{.Config.Env}}", second]
    assert "CHANGED=1" in await command.check(inspect, "inspect", environment=rig.host.base_env())
    # Its addition cannot be fetched here: the one that is there is better than none.
    unmade = (BASE, msgspec.structs.replace(STATIC_RECIPE, adds=BUN.adds))
    assert await Bases(rig.host.settings, rig.host, unmade).wait(STATIC, rig.lines.append) == second


async def test_what_a_recipe_leaves_out_is_not_there_and_what_is_below_it_and_kept_is(rig: Rig) -> None:
    recipe = Recipe(
        name="localhost/wisehosting/sparse:1",
        parent=BASE.name,
        packages=("media-types", "ucf"),
        leave_out=("/etc/mime.types", "/etc/ucf*", "/usr/bin/ucf*"),
        keep=("/usr/bin/ucfr",),
    )
    bases = Bases(rig.host.settings, rig.host, (BASE, recipe))
    await bases.wait(BASE.name, rig.lines.append)
    # What reads an archive may end before these zeros, which whoever writes to it must survive.
    with bases._workshop.file(BASE).open("ab") as file:
        file.write(bytes(1024 * 1024))
    await bases.wait(recipe.name, rig.lines.append)
    with tarfile.open(bases._workshop.file(recipe)) as tar:
        names = set(tar.getnames())
    assert names & {"./etc/mime.types", "./etc/ucf.conf", "./usr/bin/ucf", "./usr/bin/ucfr"} == {"./usr/bin/ucfr"}
    assert not [name for name in names if name.startswith("./usr/share/man/man") and name.endswith(".gz")]


def unfinished(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != "lock" and path.suffix != ".tar"]


async def test_a_base_that_is_no_longer_made_leaves_nothing(rig: Rig, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    settings = rig.host.settings.model_copy(update={"base_cache_dir": tmp_path})
    bases = Bases(settings, rig.host, at_start=(BASE.name,), recipes=(ANOTHER,))
    making = asyncio.create_task(bases._make(ANOTHER.name))
    folder = tmp_path / "bases"
    async with asyncio.timeout(60):
        while not list(folder.glob("making-*/mmdebstrap.*/var")):
            assert not making.done()
            await asyncio.sleep(0.05)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert unfinished(folder) == []
    assert [row for row in Path("/proc/self/mounts").read_text().splitlines() if str(tmp_path) in row] == []
    argv = [str(path) for path in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in content(path)]
    assert argv == []


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


async def test_what_a_killed_agent_was_making_goes_with_the_next_one(rig: Rig) -> None:
    folder = rig.host.settings.base_cache_dir / "bases"
    (folder / "making-killed" / "added").mkdir(parents=True)
    async with Bases(rig.host.settings, rig.host)._locked():
        assert unfinished(folder) == []


async def test_an_older_base_stays_while_an_app_stands_on_it_and_new_builds_take_the_newer(
    rig: Rig, served: GitServer
) -> None:
    bases = rig.builder._bases
    url = served.repository("page", {"index.html": "hello"})
    built = await rig.build(url)
    before = built.image.bases[STATIC]
    newer(bases, STATIC)
    assert await bases.refresh() == [STATIC]
    assert before in Store(rig.host.stores.bases).images
    served.push("page", {"index.html": "again"})
    after = (await rig.build(url)).image.bases[STATIC]
    assert after != before
