"""Images that an operator names in place of base images: from a registry on loopback with TLS and a log-in, or a file."""

import base64
import gzip
import hashlib
import io
import json
import ssl
import tarfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from buildrig import Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build import command
from wisehosting_agent.build.bases import Bases
from wisehosting_agent.build.builder import PodmanBuilder
from wisehosting_agent.build.recipes import PREFIX
from wisehosting_agent.build.storage import Store
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_cp.local.certificate import ensure_certificate

pytestmark = pytest.mark.anyio
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LOGIN = base64.b64encode(b"builder:secret").decode()
COMPANY = f"{PREFIX}company:1"
PASSWD = "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n"
CONFIG = {"Env": ["COMPANY=1"], "User": "node", "Entrypoint": ["/entry"], "Cmd": ["serve"]}


class Image:
    """An image as registries keep it: blobs by digest, and its manifest."""

    def __init__(self, config: dict[str, Any], **files: str) -> None:
        self.blobs: dict[str, bytes] = {}
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as tar:
            for name, text in {"etc/passwd": PASSWD, "entry": "", **files}.items():
                info = tarfile.TarInfo(name)
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text.encode()))
        about = {
            "architecture": "amd64",
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [digest(layer.getvalue())]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._add("config.v1+json", json.dumps(about).encode()),
            "layers": [self._add("layer.v1.tar+gzip", gzip.compress(layer.getvalue()))],
        }
        self.manifest = json.dumps(manifest).encode()

    def _add(self, kind: str, content: bytes) -> dict[str, Any]:
        self.blobs[digest(content)] = content
        return {
            "mediaType": f"application/vnd.oci.image.{kind}",
            "digest": digest(content),
            "size": len(content),
        }

    def archive(self, path: Path) -> None:
        """The same as a file."""
        described = {"mediaType": MANIFEST, "digest": digest(self.manifest), "size": len(self.manifest)}
        files = {
            "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
            "index.json": json.dumps({"schemaVersion": 2, "manifests": [described]}).encode(),
            **{
                f"blobs/{name.replace(':', '/')}": content
                for name, content in (self.blobs | {digest(self.manifest): self.manifest}).items()
            },
        }
        with tarfile.open(path, "w") as tar:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Registry:
    """Serves one image under whatever name it is asked for, to who is logged in."""

    def __init__(self, folder: Path) -> None:
        self.image = Image(CONFIG)
        self.asked: list[str] = []
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                registry.asked.append(self.path)

            def do_GET(self) -> None:
                kind, content = "application/octet-stream", registry.image.blobs.get(self.path.rpartition("/")[2])
                if "/manifests/" in self.path:
                    kind, content = MANIFEST, registry.image.manifest
                if self.path == "/v2/":
                    content = b"{}"
                status = 404 if content is None else 200
                if self.headers["Authorization"] != f"Basic {LOGIN}":
                    status, content = 401, b"{}"
                self.send_response(status)
                self.send_header("WWW-Authenticate", 'Basic realm="images"')
                self.send_header("Docker-Distribution-API-Version", "registry/2.0")
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content or b"")

            def do_HEAD(self) -> None:
                self.do_GET()

        self.certificate = folder / "registry.pem"
        ensure_certificate(self.certificate, folder / "registry.key")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, folder / "registry.key")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    found = Registry(tmp_path_factory.mktemp("registry"))
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig(registry: Registry) -> Iterator[Rig]:
    with pytest.MonkeyPatch.context() as patch, scratch("wh-test-named-") as folder:
        patch.setenv("SSL_CERT_FILE", str(registry.certificate))
        login = folder / "login.json"
        login.write_text(json.dumps({"auths": {registry.host: {"auth": LOGIN}}}))
        Image(CONFIG).archive(folder / "image.tar")
        Image(CONFIG | {"OnBuild": ["RUN id"]}).archive(folder / "onbuild.tar")
        images = {
            "company:1": f"{registry.host}/base/company:1",
            "file:1": f"oci-archive:{folder / 'image.tar'}",
            "onbuild:1": f"oci-archive:{folder / 'onbuild.tar'}",
            "gone:1": "127.0.0.1:9/base/gone:1",
        }
        with running(folder, 55, base_images=images, base_images_login=login) as rig:
            yield rig


async def asked(rig: Rig, *argv: str) -> str:
    return await command.check([*rig.host.base_argv(), *argv], argv[0], environment=rig.host.base_env())


async def made(rig: Rig, name: str, bases: Bases | None = None) -> str:
    bases = bases or Bases(rig.host.settings, rig.host)
    return await bases.wait(name, rig.lines.append)


async def test_a_registrys_image_becomes_a_base_with_the_user_of_all_bases(
    rig: Rig, registry: Registry, served: GitServer
) -> None:
    image = await made(rig, COMPANY, rig.builder._bases)
    (told,) = json.loads(await asked(rig, "image", "inspect", image))
    assert "COMPANY=1" in told["Config"]["Env"]
    assert (told["Config"].get("Entrypoint") or [], told["Config"]["User"]) == ([], "0")
    assert len(told["RootFS"]["Layers"]) == 1
    mounted = Path((await asked(rig, "image", "mount", image)).strip())
    try:
        assert (mounted / "etc/passwd").read_text().splitlines()[0] == "app:x:1000:1000::/app:/bin/sh"
        assert "node:x:1000" in (mounted / "etc/passwd").read_text()
        home = (mounted / "app").stat()
        assert (home.st_uid, home.st_gid, oct(home.st_mode)[-3:]) == (1000, 1000, "755")
    finally:
        await asked(rig, "image", "umount", image)
    url = served.repository(
        "on", {"Containerfile": f'FROM {COMPANY}\nCOPY --chown=app a /app/a\nCMD ["a"]\n', "a": "x"}
    )
    built = await rig.build(url)
    assert built.image.bases == {COMPANY: image}


async def test_only_the_base_is_left_and_it_is_not_fetched_again(rig: Rig, registry: Registry) -> None:
    image = await made(rig, COMPANY)
    store = Store(rig.host.stores.bases)
    assert [one.names for one in store.images.values() if one.id == image] == [[COMPANY]]
    assert {name for one in store.images.values() for name in one.names if not name.startswith(PREFIX)} == set()
    assert len(store.images) == len([one for one in store.images.values() if one.names])
    assert store.containers == []
    registry.asked.clear()
    assert await made(rig, COMPANY) == image
    assert registry.asked == []


async def test_what_its_name_stands_for_is_asked_when_it_is_due(rig: Rig, registry: Registry) -> None:
    days = 0
    bases = Bases(rig.host.settings, rig.host, at_start=(COMPANY,), now=lambda: time.time() + days * 86400)
    first = await made(rig, COMPANY, bases)
    days = 8
    assert await bases.refresh() == []
    registry.image = Image(CONFIG, newer="x")
    days = 16
    assert await bases.refresh() == [COMPANY]
    second = await made(rig, COMPANY, bases)
    assert second != first
    store = Store(rig.host.stores.bases)
    assert {name for one in store.images.values() for name in one.names} >= {COMPANY}
    assert store.containers == []


async def test_an_image_may_come_from_a_file(rig: Rig) -> None:
    image = await made(rig, f"{PREFIX}file:1")
    assert "COMPANY=1" in await asked(rig, "image", "inspect", "--format", "{{.Config.Env}}", image)
    names = {name for one in Store(rig.host.stores.bases).images.values() for name in one.names}
    assert {name for name in names if not name.startswith(PREFIX)} == set()


@pytest.mark.parametrize(
    ("name", "says"),
    [("gone:1", "could not be fetched. Check base_images"), ("onbuild:1", "ONBUILD")],
    ids=["a registry that is not there", "instructions that nobody sees"],
)
async def test_what_cannot_be_taken_fails_the_build_that_names_it(
    rig: Rig, served: GitServer, name: str, says: str
) -> None:
    rig.builder = PodmanBuilder(rig.host.settings, rig.host)
    url = served.repository(name.partition(":")[0], {"Containerfile": f"FROM {PREFIX}{name}\n"})
    with pytest.raises(WorkFailed, match=says) as failed:
        await rig.build(url)
    assert failed.value.reason is Reason.base_image_missing
    assert Store(rig.host.stores.bases).containers == []
