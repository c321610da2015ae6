"""Every text of a build with texts that try to be obeyed, on real git and real Podman: none does anything on the host."""

import asyncio
import itertools
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import tripwires
from buildrig import FROM, Rig, running
from gitserver import GitServer
from injections import PAYLOADS
from leftbehind import counted, outside, wait_until
from podmachine import scratch
from tripwires import Tripwires

from wisehosting_agent.build.cgroup import parent_of
from wisehosting_agent.errors import WorkFailed
from wisehosting_wire.workload import BuildLimits, BuildSettings

pytestmark = pytest.mark.anyio
NUMBER = 59
PER_FIELD = 2
SMALL = BuildLimits(seconds=6, memory_bytes=256 * 1024**2, disk_bytes=256 * 1024**2, pids=128)
OWN_NAME = "own.invalid"
"""A project's own shell lines may ask for names: from inside, where these texts are commands."""
IMAGE = f'{FROM}ARG KEY\nRUN printf %s "$KEY" | sha256sum\nCMD ["true"]\n'
SITE = {"index.html": "hello"}
PROGRAM = {"main.py": "print('hello')\n", "requirements.txt": "", "Procfile": "web: python main.py\n"}


@dataclass
class Stage:
    rig: Rig
    served: GitServer
    wires: Tripwires
    urls: dict[str, str]
    number: Iterator[int]


def _settings(kind: str, name: str, *, many: bool = False) -> tuple[str, Callable[[str], dict[str, Any]]]:
    return kind, lambda text: {"settings": BuildSettings(**{name: (text,) if many else text})}  # type: ignore[arg-type]


def _source(name: str) -> tuple[str, Callable[[str], dict[str, Any]]]:
    return "image", lambda text: {"source": {name: text}}


def _own(text: str) -> str:
    return text.replace("canary.invalid", OWN_NAME)


ORDERED: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    **{name: _settings("image", name) for name in ("containerfile", "target", "stack", "image")},
    **{name: _settings("site", name) for name in ("output", "fallback")},
    "version": _settings("program", "version"),
    "start": _settings("program", "start", many=True),
    "packages": _settings("program", "packages", many=True),
    "install": ("program", lambda text: {"settings": BuildSettings(install=_own(text))}),
    "build": ("program", lambda text: {"settings": BuildSettings(build=_own(text))}),
    **{name: _source(name) for name in ("branch", "commit", "root_directory")},
    "address": ("image", lambda text: {"url": text}),
    "end of the address": ("image", lambda text: {"url": f"{{url}}{text}"}),
    "value of a variable": ("image", lambda text: {"variables": {"KEY": text}}),
    "name of a variable": ("image", lambda text: {"variables": {text: "value"}}),
    "name of the caches": ("image", lambda text: {"packages": text}),
}
"""What the control plane may say in a build job: the kind of repository, and the arguments that hold the text."""


def _file_name(text: str) -> str:
    kept = text.replace("\0", "").strip("/")[:200]
    return "kept" if not kept or {"..", ".", ".git"} & set(kept.split("/")) or "//" in kept else f"folder/{kept}"


WRITTEN: dict[str, Callable[[str], dict[str, str | bytes]]] = {
    "name of a file": lambda text: {"Containerfile": f"{FROM}COPY . /app\n", _file_name(text): "x"},
    "label": lambda text: {"Containerfile": f"{FROM}LABEL a={json.dumps(text)}\n"},
    "FROM": lambda text: {"Containerfile": f"FROM {text}\n"},
    "ignored": lambda text: {"Containerfile": f"{FROM}COPY . /app\n", ".containerignore": text},
    "start in the settings": lambda text: {
        "Containerfile": FROM,
        "wisehosting.toml": f"[processes.web]\ncommand = [{json.dumps(text)}]\n",
    },
    "header of a site": lambda text: {**SITE, "_headers": f"/*\n  X-A: {text}\n"},
    "version of a file": lambda text: {**PROGRAM, ".python-version": text},
    "process": lambda text: {**PROGRAM, "Procfile": f"web: {text}\n"},
    "submodule": lambda text: {"Containerfile": FROM, ".gitmodules": f'[submodule "a"]\n\tpath = a\n\turl = {text}\n'},
}
"""What a repository may say: its files."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with (
        GitServer(tmp_path_factory.mktemp("git")) as served,
        scratch("wh-test-injected-") as folder,
        running(folder, NUMBER, build_concurrency=1) as rig,
        tripwires.laid() as wires,
    ):
        kinds: dict[str, dict[str, str | bytes]] = {"image": {"Containerfile": IMAGE}, "site": {**SITE}}
        urls = {kind: served.repository(kind, files) for kind, files in kinds.items()}
        urls["program"] = served.repository("program", {**PROGRAM})
        yield Stage(rig, served, wires, urls, itertools.count())


@pytest.mark.parametrize(
    "command", ["touch /tmp/wh-canary", "sleep 9999 &", "curl -s http://127.0.0.1:9", "getent hosts canary.invalid"]
)
def test_each_wire_is_tripped_by_what_it_waits_for(command: str) -> None:
    expected = {"touch": "file", "sleep": "process", "curl": "connection", "getent": "question"}[
        command.split(maxsplit=1)[0]
    ]
    with tripwires.laid() as wires:
        assert wires.tripped() == []
        subprocess.run(["sh", "-c", f"timeout 2 {command}" if "&" not in command else command], check=False)
        assert wires.tripped() == [expected]


async def _try(stage: Stage, url: str, arguments: dict[str, Any]) -> str:
    """Build with it. Whatever it is, the builder has its reason or an image, and nothing else."""
    rig = stage.rig
    given = {"limits": SMALL, **arguments}
    address = given.pop("url", "{url}").replace("{url}", url)
    async with asyncio.timeout(90):
        try:
            await rig.build(address, **given)
        except WorkFailed as failed:
            return str(failed.reason) if failed.detail else "nothing said"
    return "built"


async def _walk(stage: Stage, per_field: int) -> dict[str, Counter[str]]:
    rig = stage.rig
    await rig.builder.run()
    for url in stage.urls.values():
        await rig.build(url)  # what is refused or fails from here on is so for its text, and all bases are there
    before, host = counted(rig), outside(rig)
    told: dict[str, Counter[str]] = {}
    texts = itertools.cycle(PAYLOADS.items())
    for field, (kind, make) in ORDERED.items():
        told[field] = Counter()
        for name, text in itertools.islice(texts, per_field):
            told[field][await _try(stage, stage.urls[kind], make(text))] += 1
            assert stage.wires.tripped(parent_of(NUMBER)) == [], (field, name)
    for field, files in WRITTEN.items():
        told[field] = Counter()
        for name, text in itertools.islice(texts, per_field):
            repository = f"written-{next(stage.number)}"
            try:
                url = stage.served.repository(repository, files(text))
            except (OSError, UnicodeError):
                continue  # no file of this system can be called that
            told[field][await _try(stage, url, {})] += 1
            assert stage.wires.tripped(parent_of(NUMBER)) == [], (field, name)
    assert await wait_until(rig, before) == before
    assert {name for name, found in outside(rig).items() if found != host[name]} == set()
    return told


def _tell(told: dict[str, Counter[str]]) -> None:
    every = sum(told.values(), Counter())
    sys.stdout.write(f"  injected: {len(told)} fields, {every.total()} builds: {dict(every)}\n")


async def test_no_text_of_a_build_is_obeyed_on_the_host(stage: Stage) -> None:
    told = await _walk(stage, PER_FIELD)
    _tell(told)
    # A walk that always fails for the same reason, or is never refused, says nothing.
    every = sum(told.values(), Counter())
    assert every["built"] >= 10
    assert len(every) >= 6
    assert "nothing said" not in every


@pytest.mark.long
async def test_none_of_all_texts_of_a_build_is_either(stage: Stage) -> None:
    _tell(await _walk(stage, len(PAYLOADS)))
