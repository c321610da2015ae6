"""Every text of a build with texts that try to be obeyed, on real git and real Podman: none does anything on the host."""

import asyncio
import itertools
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import tripwires
from buildrig import FROM, Rig, running
from gitserver import GitServer
from injections import PAYLOADS
from leftbehind import counted, mounts, outside, wait_until
from podmachine import scratch
from running import wait_for
from tripwires import Tripwires

from wisehosting_agent.build.cgroup import parent_of
from wisehosting_agent.errors import WorkFailed
from wisehosting_wire.workload import BuildLimits, BuildSettings

pytestmark = pytest.mark.anyio
NUMBER = 59
PER_FIELD = 2
TEAMS = [f"00000000-0000-7000-8000-0000000002{number:02d}" for number in range(4)]
SMALL = BuildLimits(seconds=12, memory_bytes=256 * 1024**2, disk_bytes=256 * 1024**2, pids=128)
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
    ready: set[str] = field(default_factory=set)
    """Kinds of repositories that every team has built."""


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
OF_FILES = {"header of a site": "site", "version of a file": "program", "process": "program"}
"""The kind that their files are like, where it is not the first."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for all tests: it is what the builder's locks belong to."""
    return "asyncio"


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    with (
        GitServer(tmp_path_factory.mktemp("git")) as served,
        scratch("wh-test-injected-") as folder,
        running(folder, NUMBER, build_concurrency=len(TEAMS)) as rig,
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
        # What goes on in the background is still a shell for a moment.
        assert wait_for(lambda: wires.tripped() or None, within=10, what="the wire") == [expected]


async def _try(stage: Stage, team: str, url: str, arguments: dict[str, Any]) -> str:
    """Build with it. Whatever it is, the builder has its reason or an image, and nothing else."""
    given = {"limits": SMALL, **arguments}
    address = given.pop("url", "{url}").replace("{url}", url)
    async with asyncio.timeout(90):
        try:
            await stage.rig.build(address, team=team, **given)
        except WorkFailed as failed:
            return str(failed.reason) if failed.detail else "nothing said"
    return "built"


async def _order(stage: Stage, team: str, field: str, text: str) -> str:
    kind, make = ORDERED[field]
    return await _try(stage, team, stage.urls[kind], make(text))


async def _write(stage: Stage, team: str, field: str, text: str) -> str:
    try:
        url = await asyncio.to_thread(stage.served.repository, f"written-{next(stage.number)}", WRITTEN[field](text))
    except (OSError, UnicodeError):
        return "no file of this system can be called that"
    return await _try(stage, team, url, {})


async def _field(stage: Stage, field: str, texts: list[str]) -> Counter[str]:
    """Build with each text: every team takes the next one as soon as it is done with its last."""
    left, told = iter(texts), Counter[str]()
    attempt = _order if field in ORDERED else _write

    async def go_on(team: str) -> None:
        for text in left:
            told[await attempt(stage, team, field, text)] += 1

    async with asyncio.TaskGroup() as group:
        for team in TEAMS:
            group.create_task(go_on(team))
    return told


async def _ready(stage: Stage, fields: Iterable[str]) -> None:
    """What is refused or fails from here on is so for its text: the bases are there, and every team has built."""
    await stage.rig.builder.run()
    kinds = {ORDERED[name][0] if name in ORDERED else OF_FILES.get(name, "image") for name in fields}
    for kind, team in itertools.product(sorted(kinds - stage.ready), TEAMS):
        await stage.rig.build(stage.urls[kind], team=team)
    stage.ready |= kinds


async def _walk(stage: Stage, texts: dict[str, list[tuple[str, str]]]) -> Counter[str]:
    """The wires name the field; to know which text it was, take fewer."""
    await _ready(stage, texts)
    before, host = counted(stage.rig), outside(stage.rig)
    told: Counter[str] = Counter()
    for name, given in texts.items():
        told += await _field(stage, name, [text for _, text in given])
        assert stage.wires.tripped(parent_of(NUMBER)) == [], (name, [text for text, _ in given])
    assert await wait_until(stage.rig, before) == before, mounts(stage.rig)
    assert {name for name, found in outside(stage.rig).items() if found != host[name]} == set()
    sys.stdout.write(f"  injected: {len(texts)} fields, {told.total()} builds: {dict(told)}\n")
    assert "nothing said" not in told
    return told


async def test_no_text_of_a_build_is_obeyed_on_the_host(stage: Stage) -> None:
    every = itertools.cycle(PAYLOADS.items())
    told = await _walk(stage, {field: [*itertools.islice(every, PER_FIELD)] for field in [*ORDERED, *WRITTEN]})
    # A walk that always fails for the same reason, or is never refused, says nothing.
    assert told["built"] >= 10
    assert len(told) >= 6


@pytest.mark.long
@pytest.mark.parametrize("field", [*ORDERED, *WRITTEN])
async def test_none_of_all_texts_of_a_build_is_either(stage: Stage, field: str) -> None:
    told = await _walk(stage, {field: [*PAYLOADS.items()]})
    assert told.total() == len(PAYLOADS)
