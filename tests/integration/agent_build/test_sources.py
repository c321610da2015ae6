"""What bases take from npm's registry and from a mirror of Pythons: the newest that fits, checked, and nothing else."""

import base64
import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from wisehosting_agent.build.recipes import FromNpm
from wisehosting_agent.build.sources.fetch import Fetcher, FetchFailed
from wisehosting_agent.build.sources.npm import NpmRegistry
from wisehosting_agent.build.sources.pypi import PackageIndex
from wisehosting_agent.build.sources.pythons import Pythons
from wisehosting_agent.settings import Settings

pytestmark = pytest.mark.anyio
MACHINE = os.uname().machine
SYSCONFIG = b"""\
# system configuration generated and used by the sysconfig module
build_time_vars = {'prefix': '/install'}
"""


class Mirror:
    """Serves what is put into it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                mirror.asked.append(self.path)

            def do_GET(self) -> None:
                content = mirror.files.get(self.path)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    found = Mirror()
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def packed(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o755
            tar.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return out.getvalue()


def publish(mirror: Mirror, name: str, versions: dict[str, bytes]) -> None:
    document = {
        "versions": {
            version: {
                "version": version,
                "dist": {
                    "tarball": f"{mirror.url}/{name}-{version}.tgz",
                    "integrity": f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}",
                },
            }
            for version, content in versions.items()
        }
    }
    mirror.files[f"/{name}"] = json.dumps(document).encode()
    for version, content in versions.items():
        mirror.files[f"/{name}-{version}.tgz"] = content


WANTED = FromNpm(
    packages=((MACHINE, "tool"),),
    version="2",
    files=(("bin/tool", "usr/local/bin/tool"),),
    programs=("usr/local/bin/tool",),
)


async def test_the_newest_release_of_a_major_is_taken_and_of_it_only_what_is_wanted(
    mirror: Mirror, tmp_path: Path
) -> None:
    archive = {"package/bin/tool": b"two", "package/README": b"x", "package/../../escaped": b"y", "/absolute": b"z"}
    publish(
        mirror,
        "tool",
        {
            "1.9.0": packed({"package/bin/tool": b"one"}),
            "2.10.0": packed(archive, {"package/bin/link": "/etc/passwd"}),
            "2.9.0": packed({"package/bin/tool": b"older"}),
            "2.11.0-rc.1": packed({"package/bin/tool": b"not yet"}),
        },
    )
    root = tmp_path / "root"
    root.mkdir()
    assert await NpmRegistry(mirror.url, Fetcher()).add(WANTED, root, tmp_path) == ("tool", "2.10.0")
    assert [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()] == ["usr/local/bin/tool"]
    assert (root / "usr/local/bin/tool").read_bytes() == b"two"
    assert os.access(root / "usr/local/bin/tool", os.X_OK)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["root"]


async def test_an_archive_that_is_not_what_was_published_is_not_used(mirror: Mirror, tmp_path: Path) -> None:
    publish(mirror, "tool", {"2.0.0": packed({"package/bin/tool": b"two"})})
    mirror.files["/tool-2.0.0.tgz"] = packed({"package/bin/tool": b"swapped"})
    (tmp_path / "root").mkdir()
    with pytest.raises(FetchFailed, match="is not the file that was published"):
        await NpmRegistry(mirror.url, Fetcher()).add(WANTED, tmp_path / "root", tmp_path)
    assert list((tmp_path / "root").iterdir()) == []


@pytest.mark.parametrize(
    ("versions", "says"),
    [
        ({}, "has no package tool"),
        ({"1.0.0": b""}, "has no release of tool 2"),
        ({"2.0.0": b"no archive"}, "cannot be unpacked"),
    ],
    ids=["an unknown package", "no release of the major", "no archive"],
)
async def test_what_a_registry_lacks_is_said(
    mirror: Mirror, tmp_path: Path, versions: dict[str, bytes], says: str
) -> None:
    if versions:
        publish(mirror, "tool", versions)
    with pytest.raises(FetchFailed, match=says):
        await NpmRegistry(mirror.url, Fetcher()).add(WANTED, tmp_path, tmp_path)


async def test_an_integrity_without_sha512_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    publish(mirror, "tool", {"2.0.0": packed({"package/bin/tool": b"two"})})
    mirror.files["/tool"] = mirror.files["/tool"].replace(b"sha512-", b"sha1-")
    with pytest.raises(FetchFailed, match="gives no sha512"):
        await NpmRegistry(mirror.url, Fetcher()).add(WANTED, tmp_path, tmp_path)


async def test_a_python_comes_from_the_mirror_that_is_set(mirror: Mirror, tmp_path: Path) -> None:
    build = packed(
        {
            "python/bin/python3.12": Path("/bin/true").read_bytes(),
            "python/lib/python3.12/os.py": b"name = 'posix'\n",
            f"python/lib/python3.12/_sysconfigdata__linux_{MACHINE}-linux-gnu.py": SYSCONFIG,
            "python/lib/python3.12/test/big.py": b"",
            "python/lib/python3.12/EXTERNALLY-MANAGED": b"",
            "python/share/man/man1/python.1": b"",
        },
        {"python/bin/python3": "python3.12"},
    )
    name = f"cpython-3.12.99-{MACHINE}-unknown-linux-gnu-install_only_stripped.tar.gz"
    mirror.files[f"/20991231/{name}"] = build
    listed = {
        f"cpython-3.12.99-linux-{MACHINE}-gnu": {
            "name": "cpython",
            "arch": {"family": MACHINE, "variant": None},
            "os": "linux",
            "libc": "gnu",
            "major": 3,
            "minor": 12,
            "patch": 99,
            "prerelease": "",
            "url": f"https://github.com/astral-sh/python-build-standalone/releases/download/20991231/{name}",
            "sha256": hashlib.sha256(build).hexdigest(),
            "variant": None,
            "build": "20991231",
        }
    }
    (tmp_path / "pythons.json").write_text(json.dumps(listed))
    settings = Settings(
        name="builder",
        state_dir=tmp_path,
        control_plane="https://127.0.0.1:1",
        local=True,
        number=1,
        python_mirror=mirror.url,
        python_downloads=str(tmp_path / "pythons.json"),
    )
    root, work = tmp_path / "root", tmp_path / "work"
    root.mkdir()
    work.mkdir()
    pythons = Pythons(settings, PackageIndex(settings.pypi_index, Fetcher(Path("/etc/ssl/certs/ca-certificates.crt"))))
    await pythons.add("3.12", root, work)
    assert mirror.asked == [f"/20991231/{name}"]
    there = {str(path.relative_to(root / "usr/local")) for path in (root / "usr/local").rglob("*") if not path.is_dir()}
    assert {"bin/python3.12", "bin/python3", "lib/python3.12/os.py"} <= there
    assert not [path for path in there if "/test/" in path or path.startswith("share") or "EXTERNALLY" in path]
    mirror.files.clear()
    with pytest.raises(FetchFailed, match="Set python_mirror to a mirror"):
        await pythons.add("3.12", root, work)
