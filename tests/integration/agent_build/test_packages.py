"""Package caches on real Podman: kept from build to build of a project, found by nobody else, and never grown past their limit."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from buildrig import FROM, TEAM, Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build.packages import UNUSED_SECONDS

pytestmark = pytest.mark.anyio
MIB = 1024**2
OTHER_TEAM = "00000000-0000-7000-8000-000000000043"
END = 'CMD ["true"]\n'
CACHE = "RUN --mount=type=cache,id=downloads,target=/root/.cache,sharing=locked "
FETCH = (
    FROM + "COPY lock /lock\n" + CACHE + "ls -A /root/.cache; touch /root/.cache/$(cat /lock) && test -O /root/.cache\n"
)
LOOK = FROM + CACHE + "ls -A /root/.cache && echo looked > /it\n" + END


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with scratch("wh-test-packages-") as folder, running(folder, 43, package_cache_bytes=8 * MIB) as rig:
        yield rig


@pytest.fixture(autouse=True)
async def bases(rig: Rig) -> None:
    await rig.builder.run()
    rig.lines.clear()


def scope(rig: Rig, name: str, team: str = TEAM) -> Path:
    return rig.host.root / "caches" / f"{rig.host.stores.slot(team):04d}" / name


async def test_the_next_build_finds_the_downloads_of_the_one_before_and_nobody_else_does(
    rig: Rig, served: GitServer
) -> None:
    url = served.repository("fetch", {"Containerfile": FETCH + END, "lock": "first-download"})
    await rig.build(url, packages="project-a")
    assert "first-download" not in rig.lines
    served.push("fetch", {"lock": "second-download"})
    rig.lines.clear()
    assert not (await rig.build(url, packages="project-a")).reused
    assert "first-download" in rig.lines
    look = served.repository("look", {"Containerfile": LOOK})
    rig.lines.clear()
    await rig.build(look, packages="project-b")
    await rig.build(look, packages="project-a", team=OTHER_TEAM)
    assert not {"first-download", "second-download"} & set(rig.lines)
    assert sorted(path.name for path in (scope(rig, "project-a") / "cache-downloads").iterdir()) == [
        "first-download",
        "second-download",
    ]
    assert await rig.left() == []


async def test_an_image_is_found_again_whatever_the_cache_holds(rig: Rig, served: GitServer) -> None:
    text = FROM + CACHE + "cat /root/.cache/it; echo more >> /root/.cache/it\n" + END
    url = served.repository("same", {"Containerfile": text.replace("cat /root/.cache/it;", "")})
    first = await rig.build(url, packages="project-c")
    (scope(rig, "project-c") / "cache-downloads" / "it").unlink()
    again = await rig.build(url, packages="project-c")
    assert (again.reused, again.content_key) == (True, first.content_key)


async def test_a_cache_belongs_to_whom_the_mount_names(rig: Rig, served: GitServer) -> None:
    mount = "RUN --mount=type=cache,target=/srv/c,uid=1000,gid=50,mode=0750 "
    url = served.repository("owned", {"Containerfile": FROM + mount + "stat -c owner:%u:%g:%a /srv/c\n" + END})
    await rig.build(url, packages="project-d")
    assert "owner:1000:50:750" in rig.lines
    first, _ = rig.host.build_id_map(TEAM)
    assert (scope(rig, "project-d") / "cache-srv-c").stat().st_uid == first + 1000


async def test_without_a_name_a_cache_ends_with_the_build(rig: Rig, served: GitServer) -> None:
    before = sorted((rig.host.root / "caches").rglob("*"))
    await rig.build(served.repository("nameless", {"Containerfile": LOOK + "LABEL a=b\n"}))
    assert sorted((rig.host.root / "caches").rglob("*")) == before
    assert await rig.left() == []


async def test_a_cache_past_its_limit_is_emptied_after_the_build_and_the_log_says_so(
    rig: Rig, served: GitServer
) -> None:
    grow = FROM + CACHE + "head -c 12M /dev/urandom > /root/.cache/big\n" + END
    await rig.build(served.repository("grows", {"Containerfile": grow}), packages="project-e")
    (said,) = [line for line in rig.lines if "package caches of this project" in line]
    sys.stdout.write(f"  {said}\n")
    assert not scope(rig, "project-e").exists()
    assert (await rig.builder.disk.use()).other < 12 * MIB


async def test_a_link_in_a_cache_leads_nowhere_on_the_host(rig: Rig, served: GitServer, tmp_path: Path) -> None:
    """Measured, emptied and mounted again: what it points at is neither counted nor touched nor seen."""
    canary = tmp_path / "canary"
    canary.mkdir(mode=0o777)
    (canary / "secret").write_bytes(b"s" * 16 * MIB)
    plant = FROM + CACHE + f"ln -s {canary} /root/.cache/out; ln -s /etc/wh-made /root/.cache/buildah-cache-lockfile\n"
    await rig.build(served.repository("plants", {"Containerfile": plant + END}), packages="project-f")
    assert scope(rig, "project-f").exists()
    inside = FROM + CACHE.replace("id=downloads", "id=downloads/out") + "ls -A /root/.cache\n" + END
    through = FROM + CACHE + "ls -A /root/.cache/out/ || echo nothing\n" + END
    for name, text in {"inside": inside, "through": through}.items():
        await rig.build(served.repository(name, {"Containerfile": text}), packages="project-f")
    assert "nothing" in rig.lines
    assert "secret" not in "\n".join(rig.lines)
    assert not Path("/etc/wh-made").exists()
    use = await rig.builder.disk.use()
    assert sum(team.package_cache_bytes for team in use.teams) < 8 * MIB
    full = FROM + "LABEL full=1\n" + CACHE + "head -c 12M /dev/urandom > /root/.cache/big\n" + END
    await rig.build(served.repository("fills-up", {"Containerfile": full}), packages="project-f")
    assert not scope(rig, "project-f").exists()
    assert (canary / "secret").stat().st_size == 16 * MIB


async def test_caches_go_with_the_last_image_of_their_project_and_with_long_disuse(rig: Rig, served: GitServer) -> None:
    gone = served.repository("gone", {"Containerfile": LOOK + "LABEL gone=1\n"})
    built = await rig.build(gone, packages="project-g", environment="gone")
    idle = served.repository("idle", {"Containerfile": LOOK + "LABEL idle=1\n"})
    await rig.build(idle, packages="project-h", environment="idle")
    disk = rig.builder.disk
    assert await disk.remove(TEAM, [built.image.image], disk.changes()[TEAM])
    assert not scope(rig, "project-g").exists()
    await disk.tidy()
    assert scope(rig, "project-h").exists()
    long_ago = scope(rig, "project-h").stat().st_mtime - UNUSED_SECONDS - 1
    os.utime(scope(rig, "project-h"), (long_ago, long_ago))
    await disk.tidy()
    assert not scope(rig, "project-h").exists()


async def test_a_mount_may_be_where_the_image_has_no_folder_and_gives_the_whole_context(
    rig: Rig, served: GitServer
) -> None:
    mounts = (
        "--mount=type=cache,target=/packages --mount=type=bind,target=/a/deep/folder --mount=type=tmpfs,target=/gone"
    )
    step = "touch /packages/x /gone/x && test $(cat /a/deep/folder/file) = bound && ls /a/deep/folder"
    text = f"FROM localhost/wisehosting/base:debian-13\nRUN {mounts} {step}\n"
    url = served.repository("mounts", {"Containerfile": text, "file": "bound", "folder/inner": "x"})
    await rig.build(url)
    assert "folder" in rig.lines
