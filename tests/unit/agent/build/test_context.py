"""A stranger's tree becomes a tar: nothing outside it is read, and the same files give the same bytes."""

import io
import os
import socket
import tarfile
from pathlib import Path

import pytest

from wisehosting_agent.build.containerfile import vet
from wisehosting_agent.build.context import RESERVED, Context, open_below, read_containerfile, read_text, root_directory
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason

LIMIT = 1024 * 1024
FILE = "FROM scratch\nCOPY . .\n"


def write(root: Path, *paths: str, content: str = "x") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)


def read(root: Path, *, limit_bytes: int = LIMIT, limit_files: int = 1000) -> Context:
    return Context.read(root, limit_bytes=limit_bytes, limit_files=limit_files)


def paths(context: Context) -> list[str]:
    return [entry.path for entry in context.entries]


def packed(context: Context, text: str = FILE) -> bytes:
    out = io.BytesIO()
    context.write(out, text, {})
    return out.getvalue()


def members(archive: bytes) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return tar.getmembers()


def reason(action: object) -> Reason:
    with pytest.raises(WorkFailed) as failed:
        action()  # type: ignore[operator]
    return failed.value.reason


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    outside = tmp_path / "outside"
    write(outside, "secret", content="canary")
    return outside


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    made.mkdir()
    return made


def test_links_out_of_the_tree_are_kept_as_links_and_never_followed(root: Path, secret: Path) -> None:
    (root / "file").symlink_to(secret / "secret")
    (root / "folder").symlink_to(secret)
    (root / "dangling").symlink_to("../nowhere")
    archive = packed(read(root))
    found = {member.name: (member.issym(), member.linkname) for member in members(archive)}
    assert found["file"] == (True, str(secret / "secret"))
    assert found["folder"] == (True, str(secret))
    assert found["dangling"] == (True, "../nowhere")
    assert b"canary" not in archive


def test_a_file_that_became_a_link_after_it_was_read_is_not_followed(root: Path, secret: Path) -> None:
    write(root, "folder/secret")
    context = read(root)
    (root / "folder/secret").unlink()
    (root / "folder").rmdir()
    (root / "folder").symlink_to(secret)
    with pytest.raises(OSError, match="Not a directory"):
        packed(context)


@pytest.mark.parametrize("path", ["../outside/secret", "/etc/passwd", "a/../../outside/secret", "", "a//b", "a\0b"])
def test_nothing_above_a_folder_is_opened(root: Path, secret: Path, path: str) -> None:
    top = os.open(root, os.O_RDONLY)
    try:
        with pytest.raises(OSError), open_below(top, path):  # noqa: PT011 - any: nothing was opened
            pass
    finally:
        os.close(top)


def test_a_pipe_a_socket_and_a_device_are_refused(root: Path) -> None:
    def pipe(path: Path) -> None:
        os.mkfifo(path)

    def listener(path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(path))

    def device(path: Path) -> None:
        os.mknod(path, 0o20666, os.makedev(1, 3))

    for make in (pipe, listener, device):
        make(root / "odd")
        with pytest.raises(WorkFailed, match="odd is a device or socket") as failed:
            read(root)
        assert failed.value.reason is Reason.build_failed
        (root / "odd").unlink()


def test_the_same_files_give_the_same_digest_and_bytes_whatever_their_times_and_order(tmp_path: Path) -> None:
    names = ["b/two", "a", "b/one", "c/d/e"]
    for folder, order, seconds in (("first", names, 1_000_000_000), ("second", names[::-1], 1_700_000_000)):
        write(tmp_path / folder, *order)
        for name in order:
            os.utime(tmp_path / folder / name, (seconds, seconds))
            (tmp_path / folder / name).chmod(0o600 if folder == "first" else 0o664)
    first, second = read(tmp_path / "first"), read(tmp_path / "second")
    assert first.digest == second.digest
    assert packed(first) == packed(second) == packed(first)


@pytest.mark.parametrize("change", ["content", "name", "executable", "link", "target", "empty folder"])
def test_whatever_changes_in_the_tree_changes_the_digest(root: Path, change: str) -> None:
    write(root, "file")
    (root / "link").symlink_to("file")
    before = read(root).digest
    if change == "content":
        write(root, "file", content="y")
    elif change == "name":
        (root / "file").rename(root / "other")
    elif change == "executable":
        (root / "file").chmod(0o755)
    elif change == "empty folder":
        (root / "folder").mkdir()
    else:
        (root / "link").unlink()
        (root / "link").symlink_to("other") if change == "target" else write(root, "link", content="file")
    assert read(root).digest != before


def test_names_that_are_no_text_are_kept_byte_by_byte(root: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    write(root, f"{name}/file")
    (root / "link").symlink_to(name)
    context = read(root)
    assert len(context.digest) == 64
    assert os.fsencode(members(packed(context))[0].name) == b"caf\xe9"


def test_more_bytes_or_files_than_allowed_are_refused(root: Path) -> None:
    write(root, "a", "b", content="x" * 600)
    assert read(root, limit_bytes=1200, limit_files=2).bytes == 1200
    assert reason(lambda: read(root, limit_bytes=1199)) is Reason.repository_too_large
    assert reason(lambda: read(root, limit_files=1)) is Reason.repository_too_large


def test_folders_that_are_hundreds_deep_are_refused_instead_of_using_up_the_agents_descriptors(root: Path) -> None:
    write(root, "a/" * 100 + "file")
    assert len(paths(read(root))) == 101
    write(root, "a/" * 900 + "file")
    assert reason(lambda: read(root)) is Reason.repository_too_large


def test_containerignore_counts_alone_and_dockerignore_only_without_it(root: Path) -> None:
    write(root, "one", "two")
    write(root, ".dockerignore", content="one\n")
    assert paths(read(root)) == [".dockerignore", "two"]
    write(root, ".containerignore", content="two\n")
    assert paths(read(root)) == [".dockerignore", "one"]
    write(root, ".containerignore", content="")
    assert paths(read(root)) == [".dockerignore", "one", "two"]


def test_what_is_brought_back_comes_with_the_folders_it_is_in(root: Path) -> None:
    write(root, "a/b/keep", "a/b/drop", "c/drop", ".dockerignore")
    write(root, ".dockerignore", content="*\n!a/b/keep\n")
    assert paths(read(root)) == ["a", "a/b", "a/b/keep"]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_an_ignore_file_that_is_no_plain_file_is_refused(root: Path, secret: Path, kind: str) -> None:
    path = root / ".containerignore"
    if kind == "link":
        path.symlink_to(secret / "secret")
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    assert reason(lambda: read(root)) is Reason.containerfile_refused


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_the_reserved_name_is_ours_whatever_the_repository_holds_there(root: Path, secret: Path, kind: str) -> None:
    if kind == "file":
        write(root, RESERVED, content="FROM evil")
    elif kind == "folder":
        write(root, f"{RESERVED}/file")
    else:
        (root / RESERVED).symlink_to(secret / "secret")
    write(root, "app")
    archive = packed(read(root))
    named = [member for member in members(archive) if member.name.startswith(RESERVED)]
    assert [member.isreg() for member in named] == [True]
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        held, ignored = tar.extractfile(RESERVED), tar.extractfile(".containerignore")
        assert held is not None
        assert ignored is not None
        assert held.read().decode() == FILE
        assert f"/{RESERVED}" in ignored.read().decode().splitlines()


@pytest.mark.parametrize("source", ["link", "folder/link", "folder/link/below", "./link", "/link", "alias/file"])
def test_a_mount_through_a_link_of_the_repository_is_refused(root: Path, source: str) -> None:
    write(root, "folder/file")
    (root / "link").symlink_to("/etc")
    (root / "folder/link").symlink_to("/etc")
    (root / "alias").symlink_to("folder")
    text = vet(f"FROM scratch\nRUN --mount=type=bind,source={source},target=/x y\n").text
    assert reason(lambda: packed(read(root), text)) is Reason.containerfile_refused


def test_a_mount_of_plain_files_and_folders_is_packed(root: Path) -> None:
    write(root, "folder/file")
    (root / "link").symlink_to("/etc")
    mounts = "--mount=source=folder/file,target=/a --mount=source=folder,target=/b --mount=target=/c"
    assert packed(read(root), vet(f"FROM scratch\nRUN {mounts} y\n").text)


def test_containerfile_comes_before_dockerfile_and_a_named_one_alone(root: Path) -> None:
    assert read_containerfile(root, "") is None
    write(root, "Dockerfile", content="FROM docker")
    assert read_containerfile(root, "") == ("Dockerfile", "FROM docker")
    write(root, "Containerfile", content="FROM container")
    assert read_containerfile(root, "") == ("Containerfile", "FROM container")
    write(root, "deploy/My.file", content="FROM named")
    assert read_containerfile(root, "deploy/My.file") == ("deploy/My.file", "FROM named")
    assert reason(lambda: read_containerfile(root, "absent/file")) is Reason.no_containerfile


@pytest.mark.parametrize("name", ["Containerfile", "folder/Containerfile"])
def test_a_containerfile_that_is_a_link_or_behind_one_is_refused(root: Path, secret: Path, name: str) -> None:
    write(secret, "Containerfile", content="canary")
    if name == "Containerfile":
        (root / name).symlink_to(secret / "secret")
    else:
        (root / "folder").symlink_to(secret)
    with pytest.raises(WorkFailed, match="symbolic link") as failed:
        read_containerfile(root, name)
    assert failed.value.reason is Reason.containerfile_refused
    assert "canary" not in failed.value.detail


@pytest.mark.parametrize("name", ["../outside/secret", "/etc/passwd", "folder", "pipe", "a\0b", "a" * 300])
def test_a_containerfile_that_is_no_file_of_the_project_is_refused(root: Path, secret: Path, name: str) -> None:
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    assert reason(lambda: read_containerfile(root, name)) is Reason.containerfile_refused


def test_a_containerfile_that_is_too_long_or_no_text_is_refused(root: Path) -> None:
    write(root, "long", content="#" * (1024 * 1024 + 1))
    (root / "latin").write_bytes(b"FROM caf\xe9\n")
    for name in ("long", "latin"):
        assert reason(lambda name=name: read_text(root, name, Reason.settings_refused)) is Reason.settings_refused


@pytest.mark.parametrize(
    "below", ["..", "a/..", "../outside", "link", "link/folder", "absent", "file", "a\0b", "a" * 300]
)
def test_a_root_directory_that_is_no_folder_of_the_repository_is_refused(root: Path, secret: Path, below: str) -> None:
    write(root, "file", "a/file")
    (secret / "folder").mkdir()
    (root / "link").symlink_to(secret)
    assert reason(lambda: root_directory(root, below)) is Reason.root_directory_missing


@pytest.mark.parametrize(("below", "found"), [("", "."), ("/", "."), ("./a//b/", "a/b"), ("/a", "a")])
def test_a_root_directory_is_found_below_the_repository(root: Path, below: str, found: str) -> None:
    write(root, "a/b/file")
    assert root_directory(root, below) == root / found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_of_windows_editors_and_shells_is_read_as_it_was_meant(root: Path, encoding: str) -> None:
    (root / "requirements.txt").write_bytes("flask\n".encode(encoding))
    assert read(root).text("requirements.txt") == "flask\n"


def test_half_a_character_is_no_text(root: Path) -> None:
    (root / "requirements.txt").write_bytes("flask\n".encode("utf-16")[:-1])
    assert read(root).text("requirements.txt") is None


def test_a_containerfile_with_a_mark_in_front_is_read(root: Path) -> None:
    (root / "Containerfile").write_bytes(FILE.encode("utf-8-sig"))
    assert read_containerfile(root, "") == ("Containerfile", FILE)
