"""Each base image made on real Podman, and what it is for done in a build on it."""

import sys
import time
from collections.abc import Iterator

import msgspec
import pytest
from buildrig import Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build import command
from wisehosting_agent.build.bases import Bases
from wisehosting_agent.build.recipes import PREFIX

pytestmark = pytest.mark.anyio


class Use(msgspec.Struct, frozen=True):
    """What a build does on a base."""

    base: str
    runs: str
    files: dict[str, str] = {}


C_WITH = "#include <{}>\nint main(void) {{ return 0; }}\n"
GO = """\
package main

// int seven(void) { return 7; }
import "C"

import (
	"crypto/tls"
	"fmt"
	"net/http"
)

func main() { fmt.Println(C.seven(), tls.VersionTLS13, http.MethodGet) }
"""
JAVA = 'public class Main { public static void main(String[] a) { System.out.println("java"); } }'
JAVA_BUILD = "javac Main.java && java Main && mvn --version && git --version"

DEFAULTS = [
    Use("static:1", "nginx -v"),
    Use("python:3.13", "python -c 'import ssl, sqlite3, ctypes, venv, zoneinfo' && pip --version"),
    Use(
        "python-build:3.13",
        "gcc -fsyntax-only -I$(python3 -c \"import sysconfig; print(sysconfig.get_path('include'))\") a.c && uv --version && git --version && g++ --version",
        {"a.c": C_WITH.format("Python.h")},
    ),
    Use("node:22", "node -e 'require(\"node:tls\")' && npm --version && npx --version"),
]
SLOW = [
    Use("python:3.11", DEFAULTS[1].runs),
    Use("python-build:3.11", DEFAULTS[2].runs, DEFAULTS[2].files),
    Use("node:24", DEFAULTS[3].runs),
    Use(
        "node-build:24",
        "g++ -fsyntax-only -I/usr/local/include/node a.cc && python3 --version && make --version && npm --version",
        {"a.cc": C_WITH.format("node_api.h")},
    ),
    Use("bun:1", "bun --version && bunx --version"),
    Use("deno:2", "deno eval 'console.log(1)'"),
    Use(
        "go-build:1.24", "go vet . && go build -o /tmp/a . && /tmp/a", {"go.mod": "module a\ngo 1.24\n", "main.go": GO}
    ),
    Use(
        "rust-build:1.85",
        "cargo build --offline && ./target/debug/a",
        {"Cargo.toml": '[package]\nname = "a"\n', "src/main.rs": "fn main() {}"},
    ),
    Use("php:8.4", 'php -r \'new PDO("sqlite::memory:"); mb_strlen("a"); curl_init();\' && apache2 -v'),
    Use("php:8.2", 'php -r \'new PDO("sqlite::memory:"); mb_strlen("a"); curl_init();\' && apache2 -v'),
    Use("php-build:8.4", "COMPOSER_ALLOW_SUPERUSER=1 composer --version && unzip -v && git --version"),
    Use("php-build:8.2", "COMPOSER_ALLOW_SUPERUSER=1 composer --version && unzip -v && git --version"),
    Use("ruby:3.3", "ruby -ropenssl -rpsych -e 'puts 1' && bundle --version"),
    Use("ruby:3.1", "ruby -ropenssl -rpsych -e 'puts 1' && bundle --version"),
    Use("ruby-build:3.3", "ruby -rmkmf -e 'have_header(\"ruby.h\") or exit 1' && bundle --version"),
    Use("ruby-build:3.1", "ruby -rmkmf -e 'have_header(\"ruby.h\") or exit 1' && bundle --version"),
    Use("java:21", "java -version"),
    Use("java:25", "java -version"),
    Use("java:17", "java -version"),
    Use("java-build:21", JAVA_BUILD, {"Main.java": JAVA}),
    Use("java-build:25", JAVA_BUILD, {"Main.java": JAVA}),
    Use("java-build:17", JAVA_BUILD, {"Main.java": JAVA}),
]
OF_ALL = (
    "id app | grep -q '^uid=1000(app) gid=1000(app)' && test $(stat --format=%U /app) = app "
    "&& test $(getent passwd app | cut -d: -f6) = /app && test -s /etc/ssl/certs/ca-certificates.crt "
    "&& ! ls /usr/share/man/man1/*.gz /usr/share/locale/de 2>/dev/null"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Takes the finished files of this host, as the next platform on it would."""
    with scratch("wh-test-images-") as folder, running(folder, 55) as rig:
        yield rig


@pytest.fixture(scope="module")
def empty_rig() -> Iterator[Rig]:
    """Nothing was ever made there."""
    with scratch("wh-test-made-") as folder, running(folder, 56, base_cache_dir=folder / "cache") as rig:
        yield rig


async def size(rig: Rig, image: str) -> int:
    argv = [*rig.host.base_argv(), "image", "inspect", "--format", "{{.Size}}", image]
    return int(await command.check(argv, "inspect", environment=rig.host.base_env()))


async def used(rig: Rig, served: GitServer, use: Use) -> None:
    name, began = f"{PREFIX}{use.base}", time.monotonic()
    image = await rig.builder._bases.wait(name, rig.lines.append)
    seconds = time.monotonic() - began
    sys.stdout.write(f"  {use.base}: {seconds:.1f} s, {await size(rig, image) / 1e6:.0f} MB\n")
    containerfile = f"FROM {name}\nWORKDIR /work\nCOPY . .\nRUN {OF_ALL}\nRUN {use.runs}\n"
    url = served.repository(use.base.replace(":", "-"), {"Containerfile": containerfile, **use.files})
    built = await rig.build(url)
    assert built.image.bases == {name: image}
    again = Bases(rig.host.settings, rig.host, at_start=(name,))
    assert await again.make()
    (status,) = [one for one in again.statuses() if one.name == name]
    assert (status.image, status.detail) == (image, "")


@pytest.mark.parametrize("use", DEFAULTS, ids=lambda use: use.base)
async def test_a_base_is_made_and_does_what_it_is_for(rig: Rig, served: GitServer, use: Use) -> None:
    await used(rig, served, use)


@pytest.mark.long
@pytest.mark.parametrize("use", SLOW, ids=lambda use: use.base)
async def test_a_base_is_made_from_nothing_and_does_what_it_is_for(empty_rig: Rig, served: GitServer, use: Use) -> None:
    await used(empty_rig, served, use)
