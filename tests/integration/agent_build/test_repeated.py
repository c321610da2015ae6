"""A push that changes one file costs one layer: nothing is mapped, copied or looked up a second time."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from buildrig import TEAM, Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build import command
from wisehosting_agent.build.storage import Store

pytestmark = pytest.mark.anyio
BASE = "localhost/wisehosting/base:debian-13"
TEXT = f"""\
FROM {BASE}
WORKDIR /app
RUN echo installed > /app/installed
COPY . .
USER 1000
ENTRYPOINT ["/bin/cat"]
CMD ["version"]
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with scratch("wh-test-repeated-") as folder, running(folder, 51) as rig:
        yield rig


@pytest.fixture(autouse=True)
async def bases(rig: Rig) -> None:
    await rig.builder.run()


def layers(rig: Rig) -> set[str]:
    """Ids of all layers in the team's store, mapped copies and working containers included."""
    rows = json.loads((rig.host.stores.team(TEAM) / "overlay-layers" / "layers.json").read_text())
    return {row["id"] for row in rows}


async def test_the_third_build_of_an_app_adds_one_layer_to_the_store(rig: Rig, served: GitServer) -> None:
    url = served.repository("app", {"Containerfile": TEXT, "version": "1", "src/app.py": "pass"})
    await rig.build(url)
    served.push("app", {"version": "2"})
    await rig.build(url)
    before = layers(rig)
    served.push("app", {"version": "3"})
    built = await rig.build(url)
    assert not built.reused
    assert len(layers(rig) - before) == 1
    assert await rig.left() == []


async def test_settings_that_are_built_before_the_files_change_neither_their_owner_nor_what_is_run(
    rig: Rig, served: GitServer
) -> None:
    url = served.repository("owners", {"Containerfile": TEXT, "version": "1", "src/app.py": "pass"})
    built = await rig.build(url)
    assert (built.image.user, built.image.command) == ("1000", ["/bin/cat", "version"])
    argv = [*rig.host.build_argv(TEAM), "image", "mount", built.image.image]
    environment = rig.host.build_env(TEAM)
    root = Path((await command.check(argv, "look into the image", environment=environment)).strip())
    try:
        owners = {
            str(path.relative_to(root)): (path.stat().st_uid, path.stat().st_gid)
            for path in [root / "app", *(root / "app").rglob("*")]
        }
        assert (root / "app" / "version").read_text() == "1"
    finally:
        await command.check([*argv[:-2], "unmount", built.image.image], "let go of it", environment=environment)
    assert {"app", "app/installed", "app/version", "app/src", "app/src/app.py"} <= set(owners)
    # The folder is the base's, whose programs run as 1000; what is put into it is root's.
    assert owners.pop("app") == (1000, 1000)
    assert set(owners.values()) == {(0, 0)}


async def test_a_base_is_taken_over_again_when_it_was_removed_or_made_anew(rig: Rig, served: GitServer) -> None:
    url = served.repository("base", {"Containerfile": f'FROM {BASE}\nCOPY a /a\nCMD ["true"]\n', "a": "1"})
    await rig.build(url)
    store = rig.host.stores.team(TEAM)
    own = Store(store).named(BASE)
    assert own is not None
    assert own != Store(rig.host.stores.bases).named(BASE)
    argv, environment = rig.host.build_argv(TEAM), rig.host.build_env(TEAM)
    await command.check([*argv, "untag", own, BASE], "take the name away", environment=environment)
    served.push("base", {"a": "2"})
    await rig.build(url)
    assert Store(store).named(BASE) is not None


async def test_a_commit_that_was_built_before_is_not_fetched_again(rig: Rig, served: GitServer) -> None:
    url = served.repository("seen", {"Containerfile": f'FROM {BASE}\nCOPY a /a\nCMD ["true"]\n', "a": "1"})
    commit = served.head("seen")
    first = await rig.build(url, commit=commit)
    served.requests.clear()
    rig.commit = ""
    again = await rig.build(url, commit=commit)
    assert (again.image, again.content_key, again.reused) == (first.image, first.content_key, True)
    assert (rig.commit, served.requests) == (commit, [])


async def test_a_commit_whose_image_is_gone_or_whose_variables_are_others_is_built_again(
    rig: Rig, served: GitServer
) -> None:
    url = served.repository("gone", {"Containerfile": f'FROM {BASE}\nCOPY a /a\nCMD ["true"]\n', "a": "2"})
    commit = served.head("gone")
    first = await rig.build(url, commit=commit)
    others = await rig.build(url, commit=commit, variables={"TOKEN": "x"})
    assert others.content_key != first.content_key
    argv, environment = rig.host.build_argv(TEAM), rig.host.build_env(TEAM)
    await command.check([*argv, "rmi", "--force", first.image.image], "remove the image", environment=environment)
    served.requests.clear()
    again = await rig.build(url, commit=commit)
    assert (again.reused, again.content_key) == (False, first.content_key)
    assert served.requests != []
