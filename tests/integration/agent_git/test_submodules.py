"""Submodules and large files by the real git and git-lfs clients: all arrives that was pushed, and nothing else."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from gitserver import GitServer
from lfsserver import LargeFiles
from podmachine import scratch

from wisehosting_git import Commit, GitError, Limits, Sandbox, errors

pytestmark = pytest.mark.anyio

USER = "wisehosting-git"


@pytest.fixture(scope="module", autouse=True)
def user() -> pwd.struct_passwd:
    subprocess.run(["useradd", "--system", "--no-create-home", USER], capture_output=True, check=False)
    return pwd.getpwnam(USER)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture
def large(tmp_path: Path) -> Iterator[LargeFiles]:
    with LargeFiles(tmp_path) as large:
        yield large


@pytest.fixture
def folder() -> Iterator[Path]:
    with scratch("wh-test-git-") as folder:
        yield folder


async def checkout(url: str, into: Path, limit: int = 64 * 1024**2) -> Commit:
    sandbox = Sandbox(USER, Limits(seconds=30, bytes=limit), allow_loopback=True)
    return await sandbox.checkout(url, "main", None, into / "out", with_submodules=True, large_files=True)


async def refused(url: str, into: Path, limit: int = 64 * 1024**2) -> GitError:
    with pytest.raises(GitError) as failed:
        await checkout(url, into, limit)
    return failed.value


def library(server: GitServer, name: str, files: dict[str, str | bytes] | None = None) -> tuple[str, str]:
    return server.repository(name, files or {"greeting.txt": name}), server.head(name)


async def test_submodules_and_those_of_theirs_lie_in_their_folders(server: GitServer, folder: Path) -> None:
    inner, at = library(server, "inner")
    outer, _ = library(server, "outer")
    outer_at = server.add_submodule("outer", "deep/inner", "../inner.git", at)
    url = server.repository("app-with-both", {"README": "app"})
    server.add_submodule("app-with-both", "vendor/outer", outer, outer_at)
    server.add_submodule("app-with-both", "vendor/inner", inner, at)
    found = await checkout(url, folder)
    texts = {str(path.relative_to(found.tree)): path.read_text() for path in found.tree.rglob("*.txt")}
    assert texts == {
        "vendor/outer/greeting.txt": "outer",
        "vendor/outer/deep/inner/greeting.txt": "inner",
        "vendor/inner/greeting.txt": "inner",
    }
    assert not list(found.tree.rglob(".git"))


async def test_without_the_setting_a_submodules_folder_is_empty(server: GitServer, folder: Path) -> None:
    inner, at = library(server, "left-out")
    url = server.repository("app-without", {"README": "app"})
    server.add_submodule("app-without", "vendor", inner, at)
    found = await Sandbox(USER, allow_loopback=True).checkout(url, "main", None, folder / "out")
    assert list((found.tree / "vendor").iterdir()) == []


async def test_an_older_commit_of_a_submodule_is_the_one_that_is_fetched(server: GitServer, folder: Path) -> None:
    inner, at = library(server, "moved-on")
    server.push("moved-on", {"greeting.txt": "newer"})
    url = server.repository("app-older", {"README": "app"})
    server.add_submodule("app-older", "vendor", inner, at)
    found = await checkout(url, folder)
    assert (found.tree / "vendor/greeting.txt").read_text() == "moved-on"


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c 'touch /tmp/wh-owned'",
        "file:///etc",
        "/etc",
        "-u./payload",
        "--upload-pack=touch /tmp/wh-owned",
        "http://169.254.169.254/latest.git",
        "http://user:secret@127.0.0.1/app.git",
        "git://127.0.0.1/app.git",
        "https://[::1]/app.git",
    ],
)
async def test_a_submodule_from_elsewhere_is_refused_by_its_path(server: GitServer, folder: Path, url: str) -> None:
    name = f"tricky-{abs(hash(url))}"
    app = server.repository(name, {"README": "app"})
    server.add_submodule(name, "vendor", url, "a" * 40)
    error = await refused(app, folder)
    assert error.reason == errors.UNREACHABLE
    assert error.detail.startswith("The submodule vendor: ")
    assert not Path("/tmp/wh-owned").exists()


async def test_a_submodule_without_an_address_is_refused(server: GitServer, folder: Path) -> None:
    app = server.repository("unlisted", {"README": "app"})
    server.add_submodule("unlisted", "vendor", "", "a" * 40, listed=False)
    error = await refused(app, folder)
    assert (error.reason, ".gitmodules does not say" in error.detail) == (errors.NOT_FOUND, True)


async def test_a_commit_that_the_submodule_does_not_have_is_refused(server: GitServer, folder: Path) -> None:
    inner, _ = library(server, "has-none")
    app = server.repository("wants-more", {"README": "app"})
    server.add_submodule("wants-more", "vendor", inner, "b" * 40)
    error = await refused(app, folder)
    assert error.reason == errors.BRANCH_GONE
    assert error.detail.startswith("The submodule vendor: ")


async def test_a_repository_that_is_its_own_submodule_ends(server: GitServer, folder: Path) -> None:
    app = server.repository("itself", {"README": "app"})
    at = server.head("itself")
    for _ in range(7):
        at = server.add_submodule("itself", "again", app, at)
    error = await refused(app, folder)
    assert (error.reason, "deeper than 5 levels" in error.detail) == (errors.TOO_LARGE, True)


async def test_submodules_count_for_the_limit_of_the_whole_checkout(server: GitServer, folder: Path) -> None:
    inner, at = library(server, "heavy", {"data.bin": os.urandom(900_000)})
    app = server.repository("carries", {"README": "app"})
    for number in range(4):
        server.add_submodule("carries", f"vendor/{number}", inner, at)
    assert (await refused(app, folder, limit=3 * 1024**2)).reason == errors.TOO_LARGE


async def test_large_files_take_the_place_of_their_pointers(server: GitServer, large: LargeFiles, folder: Path) -> None:
    content = os.urandom(300_000)
    url = server.repository("weights", {"README": "app"})
    server.push_large("weights", {"model.bin": content, "copy of it.bin": content, "empty.bin": b""}, large.url)
    found = await checkout(url, folder)
    assert (found.tree / "model.bin").read_bytes() == content
    assert (found.tree / "copy of it.bin").read_bytes() == content
    assert (found.tree / "README").read_text() == "app"
    plain = await Sandbox(USER, allow_loopback=True).checkout(url, "main", None, folder / "plain")
    assert (plain.tree / "model.bin").read_bytes().startswith(b"version https://git-lfs")


async def test_a_large_file_that_is_not_what_its_pointer_says_is_refused(
    server: GitServer, large: LargeFiles, folder: Path
) -> None:
    url = server.repository("swapped", {"README": "app"})
    server.push_large("swapped", {"model.bin": b"the right weights"}, large.url)
    (oid,) = [path.name for path in large.root.iterdir()]
    for lie in (b"the wrong weights", b"far more than the pointer says it holds"):
        large.lies = {oid: lie}
        with scratch("wh-test-git-") as other:
            error = await refused(url, other)
        assert (error.reason, "pointer says" in error.detail) == (errors.UNREACHABLE, True)


async def test_a_large_file_that_was_never_pushed_is_named(server: GitServer, large: LargeFiles, folder: Path) -> None:
    url = server.repository("forgotten", {"README": "app"})
    server.push_large("forgotten", {"model.bin": b"weights"}, large.url)
    for path in large.root.iterdir():
        path.unlink()
    error = await refused(url, folder)
    assert (error.reason, "model.bin" in error.detail) == (errors.NOT_FOUND, True)


@pytest.mark.parametrize(
    "where", ["http://169.254.169.254/x", "file:///etc/passwd", "http://10.0.0.1/x", "gopher://127.0.0.1/x"]
)
async def test_a_server_of_large_files_sends_nobody_elsewhere(
    server: GitServer, large: LargeFiles, folder: Path, where: str
) -> None:
    name = f"sent-on-{abs(hash(where))}"
    url = server.repository(name, {"README": "app"})
    server.push_large(name, {"model.bin": b"weights"}, large.url)
    large.sends_to = where
    assert (await refused(url, folder)).reason == errors.UNREACHABLE


async def test_large_files_count_for_the_limit_before_one_is_fetched(
    server: GitServer, large: LargeFiles, folder: Path
) -> None:
    url = server.repository("huge", {"README": "app"})
    server.push_large("huge", {"model.bin": os.urandom(3_000_000)}, large.url)
    large.requests.clear()
    error = await refused(url, folder, limit=2 * 1024**2)
    assert (error.reason, "Git LFS" in error.detail) == (errors.TOO_LARGE, True)
    assert large.requests == []
