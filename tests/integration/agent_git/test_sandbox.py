"""The git sandbox against a real Git server and a real git: nothing of a stranger's repository gets out of its folder."""

import asyncio
import contextlib
import ipaddress
import os
import pwd
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.firewall.targets import host_address
from wisehosting_agent.runtime.proc import alive
from wisehosting_git import GitError, Limits, Sandbox, SandboxUnavailable, errors, process
from wisehosting_git.network import Address

pytestmark = pytest.mark.anyio

USER = "wisehosting-git"
MEBIBYTE = 1024**2


@pytest.fixture(scope="module", autouse=True)
def user() -> pwd.struct_passwd:
    subprocess.run(["useradd", "--system", "--no-create-home", USER], capture_output=True, check=False)
    return pwd.getpwnam(USER)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the git user reaches, as builders have it."""
    with scratch("wh-test-git-") as folder:
        yield folder


def sandbox(**limits: float) -> Sandbox:
    return Sandbox(USER, Limits(**{"seconds": 20, **limits}), allow_loopback=True)  # type: ignore[arg-type]


def named(*addresses: str, allow_loopback: bool = True, allow: tuple[str, ...] = ()) -> Sandbox:
    """A sandbox whose resolver answers with these addresses, whatever the name."""

    async def resolve(host: str, port: int) -> list[Address]:
        return [ipaddress.ip_address(address) for address in addresses]

    limits = Limits(seconds=20)
    return Sandbox(USER, limits, allow_loopback=allow_loopback, allow_networks=allow, resolve=resolve)


def processes(folder: Path) -> list[int]:
    """Processes that work below the folder, by the HOME they were given."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"HOME={folder}".encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found


@contextlib.asynccontextmanager
async def stuck(
    server: GitServer, folder: Path, name: str = "stuck"
) -> AsyncIterator[tuple[asyncio.Task[object], int]]:
    """A checkout from a server that never answers, and the git process that waits for it."""
    server.stalled.add(name)
    work = sandbox().checkout(server.url(name), "main", None, folder / "out")
    task: asyncio.Task[object] = asyncio.create_task(work)
    try:
        async with asyncio.timeout(10):
            while not (waiting := [pid for pid in processes(folder / "out") if b"remote-http" in command_line(pid)]):
                assert not task.done(), task.result()
                await asyncio.sleep(0.02)
        yield task, waiting[0]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def over(folder: Path) -> None:
    """Wait until nothing works below the folder: what was killed takes a moment to go."""
    async with asyncio.timeout(5):
        while processes(folder):
            await asyncio.sleep(0.01)


def command_line(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


async def refused(work: object) -> GitError:
    with pytest.raises(GitError) as failed:
        await work  # type: ignore[misc]
    return failed.value


async def test_a_checkout_is_the_branchs_tree_and_belongs_to_the_git_user(
    server: GitServer, folder: Path, user: pwd.struct_passwd
) -> None:
    url = server.repository("app", {"app.py": "one", "deep/er/file": "two", "caf\u00e9": "three"})
    first = server.head("app")
    second = server.push("app", {"app.py": "newer"}, subject="Second \u00fc subject")
    found = await sandbox().checkout(url, "main", None, folder / "new")
    assert (found.commit, found.subject, found.author) == (second, "Second \u00fc subject", "Ada Example")
    assert (found.tree / "app.py").read_text() == "newer"
    everything = [folder / "new", *(folder / "new").rglob("*")]
    assert {path.lstat().st_uid for path in everything} == {user.pw_uid}
    assert not any(path.name.startswith(".git") or path.name == "repository.git" for path in everything)
    older = await sandbox().checkout(url, "main", first, folder / "old")
    assert (older.commit, (older.tree / "app.py").read_text()) == (first, "one")


async def test_refs_are_named_and_what_is_missing_says_what_there_is(server: GitServer) -> None:
    url = server.repository("refs", {"a": "a"})
    commit = server.head("refs")
    server.git("refs", "tag", "--annotate", "v1", "-m", "One", commit)
    asked = sandbox()
    assert [(one.name, one.commit) for one in [await asked.ls_remote(url), await asked.ls_remote(url, "main")]] == [
        ("refs/heads/main", commit)
    ] * 2
    assert (await asked.ls_remote(url, "v1")).commit == commit
    gone = await refused(asked.ls_remote(url, "absent"))
    assert (gone.reason, "It has: main." in gone.detail) == (errors.BRANCH_GONE, True)
    assert (await refused(asked.ls_remote(server.repository("empty")))).reason == errors.EMPTY
    assert (await refused(asked.ls_remote(server.url("absent")))).reason == errors.NOT_FOUND
    assert (await refused(asked.ls_remote(server.repository("locked", {}, private=True)))).reason == errors.PRIVATE


async def test_a_commit_that_is_not_in_the_repository_is_gone(server: GitServer, folder: Path) -> None:
    url = server.repository("short", {"a": "a"})
    failed = await refused(sandbox().checkout(url, "main", "ab" * 20, folder / "out"))
    assert failed.reason == errors.BRANCH_GONE
    failed = await refused(sandbox().checkout(url, "absent", None, folder / "other"))
    assert failed.reason == errors.BRANCH_GONE


async def test_a_redirect_is_not_followed(server: GitServer, folder: Path, tmp_path: Path) -> None:
    with GitServer(tmp_path / "elsewhere", "127.0.0.2") as elsewhere:
        elsewhere.repository("app", {"a": "a"})
        server.redirects["moved"] = f"http://127.0.0.2:{elsewhere.port}/app.git"
        for work in (
            sandbox().ls_remote(server.url("moved")),
            sandbox().checkout(server.url("moved"), "main", None, folder / "out"),
        ):
            failed = await refused(work)
            assert failed.reason == errors.UNREACHABLE
            assert "another address" in failed.detail
        assert elsewhere.requests == []


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to(server: GitServer, tmp_path: Path) -> None:
    """No second look-up: a name that answers otherwise the next time changes nothing."""
    server.repository("pinned", {"a": "a"})
    commit = server.head("pinned")
    found = await named("127.0.0.1").ls_remote(f"http://no-such-name.test:{server.port}/pinned.git")
    assert found.commit == commit
    before = len(server.requests)
    failed = await refused(named("127.0.0.2").ls_remote(f"http://localhost:{server.port}/pinned.git"))
    assert failed.reason == errors.UNREACHABLE
    assert len(server.requests) == before


async def test_private_addresses_among_a_names_addresses_are_not_used(server: GitServer) -> None:
    server.repository("mixed", {"a": "a"})
    url = f"http://mixed.test:{server.port}/mixed.git"
    found = await named("10.255.255.1", "169.254.169.254", "127.0.0.1").ls_remote(url)
    assert found.commit == server.head("mixed")


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "fd00::1", "::ffff:192.168.1.1"])
async def test_a_name_with_a_private_address_is_refused_and_says_how_to_allow_it(address: str) -> None:
    failed = await refused(named(address, allow_loopback=False).ls_remote("https://git.test/app.git"))
    assert failed.reason == errors.UNREACHABLE
    assert f"add {address}/" in failed.detail or "192.168" in failed.detail or "::ffff" in failed.detail
    assert "network.allow" in failed.detail


async def test_loopback_is_refused_outside_local_mode_even_when_it_is_allowed_as_a_network(server: GitServer) -> None:
    server.repository("local", {"a": "a"})
    before = len(server.requests)
    for url in (f"https://127.0.0.1:{server.port}/local.git", f"https://localhost:{server.port}/local.git"):
        failed = await refused(Sandbox(USER, allow_networks=["127.0.0.0/8", "::1/128"]).ls_remote(url))
        assert "local mode only" in failed.detail
    assert len(server.requests) == before


async def test_an_allowed_network_is_fetched_from_on_its_port_alone(tmp_path: Path) -> None:
    """The address is this host's own: private, and not loopback."""
    address = str(host_address())
    assert not ipaddress.ip_address(address).is_loopback
    with GitServer(tmp_path / "own", address) as server:
        server.repository("app", {"a": "a"})
        url = f"http://{address}:{server.port}/app.git"
        opened = named(address, allow=(f"{address}/32:{server.port}",))
        assert (await opened.ls_remote(url)).commit == server.head("app")
        heard = len(server.requests)
        assert (await refused(named(address, allow=(f"{address}/32:1",)).ls_remote(url))).reason == errors.UNREACHABLE
        assert len(server.requests) == heard


@pytest.mark.parametrize(
    "url", ["file:///etc", "ext::touch% canary", "ssh://127.0.0.1/app", "--upload-pack=touch canary", "/etc"]
)
async def test_git_is_not_even_started_for_what_is_no_web_address(folder: Path, url: str) -> None:
    for work in (sandbox().ls_remote(url), sandbox().checkout(url, "main", None, folder / "out")):
        assert (await refused(work)).reason == errors.UNREACHABLE
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("branch", ["--upload-pack=touch canary", "-x", "main:refs/heads/x", "a b", "../x"])
async def test_git_is_not_even_started_for_what_is_no_branch(server: GitServer, folder: Path, branch: str) -> None:
    for work in (
        sandbox().ls_remote(server.url("any"), branch),
        sandbox().checkout(server.url("any"), branch, None, folder / "out"),
    ):
        assert (await refused(work)).reason == errors.BRANCH_GONE
    assert list(folder.iterdir()) == []


async def test_submodules_links_filters_and_attributes_of_the_repository_do_nothing(
    server: GitServer, folder: Path, tmp_path: Path
) -> None:
    url = server.repository("hostile", {"app": "x"})
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "ab" * 32 + "\nsize 9\n"
    with GitServer(tmp_path / "other", "127.0.0.2") as other:
        other.repository("sub", {"inside": "x"})
        clone = server.work / "hostile"
        (clone / "sub").mkdir()
        server._git("-C", str(clone), "update-index", "--add", "--cacheinfo", f"160000,{other.head('sub')},sub")
        modules = f'[submodule "sub"]\n\tpath = sub\n\turl = http://127.0.0.2:{other.port}/sub.git\n\tupdate = !touch canary\n'
        attributes = "*.bin filter=lfs diff=lfs merge=lfs\n*.evil filter=evil\n"
        config = '[core]\n\tfsmonitor = touch canary\n\thooksPath = hooks\n[filter "evil"]\n\tsmudge = touch canary\n'
        files: dict[str, str | bytes] = {".gitmodules": modules, ".gitattributes": attributes, ".gitconfig": config}
        files |= {"big.bin": pointer, "one.evil": "evil", "hooks/post-checkout": "#!/bin/sh\ntouch canary\n"}
        server.push("hostile", files, links={"link": "/etc/passwd", "up": "../../.."})
        found = await sandbox().checkout(url, "main", None, folder / "out")
        assert other.requests == []
    assert list((found.tree / "sub").iterdir()) == []
    assert (found.tree / "big.bin").read_text() == pointer
    assert (found.tree / "one.evil").read_text() == "evil"
    assert [str((found.tree / name).readlink()) for name in ("link", "up")] == ["/etc/passwd", "../../.."]
    assert list(folder.rglob("canary")) == []


async def test_hooks_proxies_credentials_and_settings_of_the_caller_never_reach_git(
    server: GitServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.repository("plain", {"app": "x"})
    hook = folder / "templates" / "hooks" / "post-checkout"
    hook.parent.mkdir(parents=True)
    hook.write_text(f"#!/bin/sh\ntouch {folder}/canary\n")
    hook.chmod(0o755)
    (folder / ".netrc").write_text("machine 127.0.0.1 login canary password canary\n")
    (folder / ".gitconfig").write_text(f"[core]\n\thooksPath = {hook.parent}\n")
    folder.chmod(0o777)
    for name, value in {
        "HOME": str(folder),
        "GIT_TEMPLATE_DIR": str(hook.parent.parent),
        "GIT_CONFIG_GLOBAL": str(folder / ".gitconfig"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.hooksPath",
        "GIT_CONFIG_VALUE_0": str(hook.parent),
        "GIT_ASKPASS": str(hook),
        "GIT_EXEC_PATH": str(folder),
        "GIT_DIR": str(folder),
        "GIT_TRACE": str(folder / "canary"),
        "http_proxy": "http://127.0.0.1:1",
        "ALL_PROXY": "http://127.0.0.1:1",
        "LD_PRELOAD": str(folder / "canary.so"),
        "WISEHOSTING_MASTER_KEY": "canary-key",
    }.items():
        monkeypatch.setenv(name, value)
    found = await sandbox().checkout(url, "main", None, folder / "out")
    assert (found.tree / "app").read_text() == "x"
    assert not (folder / "canary").exists()
    async with stuck(server, folder / "more") as (_, pid):
        told = dict(row.split("=", 1) for row in Path(f"/proc/{pid}/environ").read_text().split("\0") if row)
    assert [name for name, value in told.items() if "canary" in value] == []
    assert {"http_proxy", "ALL_PROXY", "GIT_ASKPASS", "GIT_TEMPLATE_DIR", "LD_PRELOAD"} & set(told) == set()
    assert [name for name, value in told.items() if value in {str(folder), str(folder / ".gitconfig")}] == []
    assert told["HOME"] == str(folder / "more" / "out")
    assert told["GIT_ALLOW_PROTOCOL"] == "http"


async def test_git_runs_as_its_own_user_without_rights_and_within_limits(
    server: GitServer, folder: Path, user: pwd.struct_passwd
) -> None:
    async with stuck(server, folder) as (_, pid):
        status = dict(
            row.split(":\t", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in row
        )
        limits = Path(f"/proc/{pid}/limits").read_text()
        opened = {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()}
    assert status["Uid"].split() == [str(user.pw_uid)] * 4
    assert status["Gid"].split() == [str(user.pw_gid)] * 4
    assert status["Groups"].strip() == ""
    assert status["NoNewPrivs"] == "1"
    assert [int(status[name], 16) for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")] == [0] * 4
    soft = {row[:26].strip(): row[26:].split()[0] for row in limits.splitlines()}
    wanted = Limits()
    assert soft["Max address space"] == str(wanted.memory_bytes)
    assert soft["Max file size"] == str(wanted.bytes)
    assert soft["Max processes"] == str(wanted.processes)
    assert soft["Max core file size"] == "0"
    assert [name for name in opened if name.startswith("/") and name != "/dev/null" and str(folder) not in name] == []


async def test_git_never_runs_as_root(server: GitServer) -> None:
    url = server.repository("rootless", {"a": "a"})
    for name, sentence in ((None, "never runs as root"), ("root", "is root"), ("wh-nobody-there", "useradd")):
        with pytest.raises(SandboxUnavailable, match=sentence):
            await Sandbox(name, allow_loopback=True).ls_remote(url)


async def test_a_repository_over_its_bytes_is_stopped_while_it_arrives_and_leaves_no_process(
    server: GitServer, folder: Path
) -> None:
    url = server.repository("large", {"noise": os.urandom(4 * MEBIBYTE)})
    failed = await refused(sandbox(bytes=2 * MEBIBYTE).checkout(url, "main", None, folder / "out"))
    assert (failed.reason, "larger than 2 MiB" in failed.detail) == (errors.TOO_LARGE, True)
    await over(folder / "out")
    assert process.measure(folder)[0] < 3 * MEBIBYTE


async def test_a_small_pack_that_unfolds_to_much_is_refused_before_anything_is_written(
    server: GitServer, folder: Path
) -> None:
    url = server.repository("unfolds", {"zeros": bytes(16 * MEBIBYTE)})
    failed = await refused(sandbox(bytes=8 * MEBIBYTE).checkout(url, "main", None, folder / "out"))
    assert failed.reason == errors.TOO_LARGE
    assert list((folder / "out" / "tree").iterdir()) == []
    await over(folder / "out")


async def test_more_files_than_allowed_are_refused(server: GitServer, folder: Path) -> None:
    url = server.repository("many", {f"folder/{number}": "x" for number in range(200)})
    failed = await refused(sandbox(files=150).checkout(url, "main", None, folder / "out"))
    assert failed.reason == errors.TOO_LARGE


def written_tree(repository: Path, rows: str) -> str:
    argv = ["git", "-C", str(repository), "mktree"]
    return subprocess.run(argv, input=rows, capture_output=True, text=True, check=True).stdout.strip()


async def test_a_tree_of_trees_that_names_billions_of_files_is_refused(
    server: GitServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LISTING_LIMIT", 4 * MEBIBYTE)
    url = server.repository("bomb", {"a": "a"})
    blob = server.git("bomb", "rev-parse", "main:a").strip()
    kind, tree = f"100644 blob {blob}", ""
    for _ in range(10):
        tree = written_tree(server.root / "bomb.git", "".join(f"{kind}\t{number}\n" for number in range(10)))
        kind = f"040000 tree {tree}"
    commit = server.git("bomb", "commit-tree", tree, "-m", "Bomb").strip()
    server.git("bomb", "update-ref", "refs/heads/main", commit)
    failed = await refused(sandbox().checkout(url, "main", None, folder / "out"))
    assert failed.reason == errors.TOO_LARGE
    await over(folder / "out")


async def test_a_server_that_never_answers_is_given_up_in_time_and_leaves_no_process(
    server: GitServer, folder: Path
) -> None:
    server.stalled.add("silent")
    failed = await refused(sandbox(seconds=1).checkout(server.url("silent"), "main", None, folder / "out"))
    assert (failed.reason, "within 1 s" in failed.detail) == (errors.UNREACHABLE, True)
    await over(folder / "out")


async def test_a_checkout_that_is_cancelled_leaves_no_process(server: GitServer, folder: Path) -> None:
    async with stuck(server, folder) as (task, pid):
        assert processes(folder / "out")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await over(folder / "out")
        async with asyncio.timeout(5):
            # Its folder is let go of before it is gone.
            while alive(pid):
                await asyncio.sleep(0.01)


async def test_looking_leaves_no_folder_behind(server: GitServer) -> None:
    url = server.repository("tidy", {"a": "a"})
    before = set(Path("/var/tmp").glob("wisehosting-git-*"))
    await sandbox().ls_remote(url)
    await refused(sandbox().ls_remote(url, "absent"))
    assert set(Path("/var/tmp").glob("wisehosting-git-*")) - before == set()
