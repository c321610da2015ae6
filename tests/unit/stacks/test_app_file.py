"""wisehosting.toml: what it may ask for, and what is refused with key and cure."""

import json

import pytest

from wisehosting_stacks.app_file import SettingsRefused, read
from wisehosting_stacks.settings import merged
from wisehosting_wire.workload import AppSettings, BuildSettings, Health, Limits

FULL = """
port = 3000
[build]
containerfile = "deploy/Containerfile"
[processes.web]
command = ["python3", "app.py"]
[health]
path = "/up"
within_seconds = 20
[resources]
memory = "256 MB"
pids = 64
[runtime]
writable = true
capabilities = ["SETUID", "SETGID", "SETUID"]
"""

REFUSED = [
    ("port = ", "not valid TOML"),
    ("prot = 3000", "prot"),
    ("port = 0", "port"),
    ('port = "3000"', "port"),
    ('[health]\npath = "up"', "path"),
    ("[health]\nwithin_seconds = 3600", "within_seconds"),
    ('[resources]\nmemory = "lots"', "512 MB"),
    ('[resources]\nmemory = "1 MB"', "from 32 MB"),
    ('[runtime]\ncapabilities = ["SYS_ADMIN"]', "capabilities"),
    ("[runtime]\nprivileged = true", "privileged"),
    ('[processes.worker]\ncommand = ["x"]', "Only the process web"),
    ('[[cron]]\nschedule = "* * * * *"', "later release"),
    ('[processes.web]\ncommand = ["a\\u0000b"]', "NUL"),
    ("[volumes]", "later release"),
    ('[build]\nstack = "cobol"', "stack"),
    ('[build]\napt = ["libpq5; rm -rf /"]', "apt"),
    ('[build]\ncommand = "a\\nb"', "command"),
    ('[build]\nfallback = "index.html"', "fallback"),
    (
        '[build]\nimage = "docker.io/library/nginx:1"\ncommand = "make"',
        "build.image, which is used as it is, and build.command",
    ),
    (
        '[build]\ncontainerfile = "C"\napt = ["libpq5"]',
        "build.containerfile, which says itself how to build, and build.apt",
    ),
]

BUILD = """
port = 3000
[build]
stack = "python"
version = "3.12"
install = "make deps"
command = "make assets"
apt = ["libpq5", "ffmpeg"]
output = "site"
fallback = "/index.html"
[processes.web]
command = ["./run"]
"""


def test_everything_that_may_be_asked_is_read() -> None:
    asked = read(FULL)
    assert asked.build.containerfile == "deploy/Containerfile"
    assert asked.app == AppSettings(
        port=3000,
        command=["python3", "app.py"],
        health=Health(path="/up", within_seconds=20),
        limits=Limits(memory_bytes=256 * 1024**2, pids=64),
        writable=True,
        capabilities=["SETGID", "SETUID"],
    )


def test_everything_that_may_be_said_of_a_build_is_read() -> None:
    assert read(BUILD).build == BuildSettings(
        stack="python",
        version="3.12",
        install="make deps",
        build="make assets",
        start=("./run",),
        packages=("libpq5", "ffmpeg"),
        output="site",
        fallback="/index.html",
        port=3000,
    )
    assert read('[build]\ncontainerfile = "C"\ntarget = "web"').build == BuildSettings(containerfile="C", target="web")
    assert read('[build]\nimage = "docker.io/library/nginx:1.27"').build.image == "docker.io/library/nginx:1.27"


def test_the_repository_s_file_wins_over_the_project_s_settings() -> None:
    file, project = BuildSettings(build="make", port=1), BuildSettings(build="other", install="pip", port=2)
    assert merged(file, project) == BuildSettings(build="make", install="pip", port=1)


def test_an_empty_file_asks_for_nothing() -> None:
    assert read("").app == AppSettings()
    assert read("").build == BuildSettings()


@pytest.mark.parametrize(("text", "named"), REFUSED, ids=[row[0].split("\n")[-1] for row in REFUSED])
def test_what_is_not_understood_is_refused_and_named(text: str, named: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        read(text)
    assert named in str(refused.value)


def test_values_nested_deeper_than_a_reader_can_go_are_refused() -> None:
    with pytest.raises(SettingsRefused, match="too deep"):
        read("a = " + "[" * 100_000 + "]" * 100_000)


@pytest.mark.parametrize(
    "words",
    [["x" * 32_769], ["sh", "-c", "é" * 16_384], ["x" * 400] * 82],
    ids=["one word", "bytes, not letters", "many"],
)
def test_a_command_longer_than_32_kilobytes_is_refused_with_the_way_out(words: list[str]) -> None:
    with pytest.raises(SettingsRefused, match=r"at most 32768 \(32 KB\) are possible. Put what is long in a file"):
        read(f"[processes.web]\ncommand = {json.dumps(words, ensure_ascii=False)}")


def test_a_command_of_32_kilobytes_is_taken() -> None:
    asked = read(f"[processes.web]\ncommand = {json.dumps(['x' * 16_384] * 2)}")
    assert asked.app.command == ["x" * 16_384] * 2
