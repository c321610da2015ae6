"""Base images: made when a build first asks for one, once, and another version where one cannot be made."""

import asyncio
import io
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from buildrig import Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build.bases import Bases
from wisehosting_agent.build.builder import PodmanBuilder
from wisehosting_agent.build.recipes import RECIPES
from wisehosting_agent.build.refreshing import Known
from wisehosting_agent.build.storage import Store
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason

pytestmark = pytest.mark.anyio
STATIC = "localhost/wisehosting/static:1"
NEW = tuple(
    msgspec.structs.replace(recipe, environment=("ANEW=1", *recipe.environment)) if recipe.adds else recipe
    for recipe in RECIPES
)
"""What is not Debian's alone is another recipe than the one whose file this host may have."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    # Nothing listens there: what is not Debian's cannot be fetched.
    nowhere = {"npm_registry": "http://127.0.0.1:9", "python_mirror": "http://127.0.0.1:9"}
    with scratch("wh-test-bases-") as folder, running(folder, 53, **nowhere) as rig:
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
    bases._notes.set(name, Known(checked=0, contents="older packages"))
    archive = bases._workshop.folder / f"{bases._workshop.digest(bases._recipes[name])}.tar"
    with tarfile.open(archive, "a") as tar:
        info = tarfile.TarInfo(f"./etc/newer-{time.time_ns()}")
        tar.addfile(info, io.BytesIO())


async def test_a_base_is_made_anew_when_it_is_due_and_only_when_its_packages_changed(rig: Rig) -> None:
    days = 0.0
    bases = Bases(rig.host.settings, rig.host, at_start=(STATIC,), now=lambda: time.time() + days * 86400)
    assert await bases.make()
    first = await bases.wait(STATIC, rig.lines.append)
    assert await bases.refresh() == []
    days = 8
    assert await bases.refresh() == []
    assert await bases.wait(STATIC, rig.lines.append) == first
    newer(bases, STATIC)
    assert await bases.refresh() == [STATIC]
    second = await bases.wait(STATIC, rig.lines.append)
    assert second != first
    assert await bases.refresh() == []


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
