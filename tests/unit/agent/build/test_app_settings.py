"""wisehosting.toml: what it may ask for, and what is refused with key and cure."""

import json

import pytest

from wisehosting_agent.build.app_settings import read
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_wire.workload import AppSettings, Health, Limits

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
]


def test_everything_that_may_be_asked_is_read() -> None:
    asked = read(FULL)
    assert asked.containerfile == "deploy/Containerfile"
    assert asked.settings == AppSettings(
        port=3000,
        command=["python3", "app.py"],
        health=Health(path="/up", within_seconds=20),
        limits=Limits(memory_bytes=256 * 1024**2, pids=64),
        writable=True,
        capabilities=["SETGID", "SETUID"],
    )


def test_an_empty_file_asks_for_nothing() -> None:
    assert read("").settings == AppSettings()


@pytest.mark.parametrize(("text", "named"), REFUSED, ids=[row[0].split("\n")[-1] for row in REFUSED])
def test_what_is_not_understood_is_refused_and_named(text: str, named: str) -> None:
    with pytest.raises(WorkFailed) as failed:
        read(text)
    assert failed.value.reason is Reason.settings_refused
    assert named in failed.value.detail


@pytest.mark.parametrize(
    "words",
    [["x" * 32_769], ["sh", "-c", "é" * 16_384], ["x" * 400] * 82],
    ids=["one word", "bytes, not letters", "many"],
)
def test_a_command_longer_than_32_kilobytes_is_refused_with_the_way_out(words: list[str]) -> None:
    with pytest.raises(
        WorkFailed, match=r"at most 32768 \(32 KB\) are possible. Put what is long in a file"
    ) as refused:
        read(f"[processes.web]\ncommand = {json.dumps(words, ensure_ascii=False)}")
    assert refused.value.reason is Reason.settings_refused


def test_a_command_of_32_kilobytes_is_taken() -> None:
    asked = read(f"[processes.web]\ncommand = {json.dumps(['x' * 16_384] * 2)}")
    assert asked.settings.command == ["x" * 16_384] * 2
