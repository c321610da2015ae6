"""Seen commits: told only to who asks for the same, and forgotten without harm."""

import asyncio
import os
from pathlib import Path

import msgspec
import pytest

from wisehosting_agent.build import seen as module
from wisehosting_agent.build.containerfile import vet
from wisehosting_agent.build.instructions import Instructions
from wisehosting_agent.build.seen import Seen, SeenCommits
from wisehosting_wire.workload import AppSettings, BuildSettings, BuildSpec, EnvironmentRef, Source

SEEN = Seen(
    subject="Change it.",
    author="Ada",
    digest="d" * 64,
    instructions=Instructions(
        name="Containerfile",
        containerfile=vet("FROM localhost/wisehosting/base:debian-13\nCOPY . /app\n", "Containerfile"),
        files={"site.conf": "listen 8080;"},
        app=AppSettings(port=8080),
    ),
)


def spec(
    *, team: str = "team-a", commit: str = "c" * 40, settings: BuildSettings | None = None, **source: bool
) -> BuildSpec:
    return BuildSpec(
        build="b",
        environment=EnvironmentRef(id="e", team=team, project="app", number=1),
        source=Source(url="https://example.org/app.git", commit=commit, branch="main", **source),
        variables_version=1,
        key_salt=b"salt",
        settings=settings or BuildSettings(),
    )


def test_what_was_noted_is_found_whole(tmp_path: Path) -> None:
    seen = SeenCommits(tmp_path / "seen")
    seen.note(spec(), ["TOKEN"], SEEN)
    assert seen.find(spec(), ["TOKEN"]) == SEEN
    assert (tmp_path / "seen").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("asked", "variables"),
    [
        (spec(team="team-b"), []),
        (spec(commit="e" * 40), []),
        (spec(commit=""), []),
        (spec(settings=BuildSettings(target="web")), []),
        (spec(submodules=True), []),
        (spec(), ["TOKEN"]),
    ],
    ids=["another team", "another commit", "no commit", "other settings", "with submodules", "another variable"],
)
def test_nothing_is_found_for(tmp_path: Path, asked: BuildSpec, variables: list[str]) -> None:
    seen = SeenCommits(tmp_path / "seen")
    seen.note(spec(), [], SEEN)
    assert seen.find(asked, variables) is None


def test_a_file_that_is_broken_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    seen = SeenCommits(tmp_path / "seen")
    seen.note(spec(), [], SEEN)
    (path,) = (tmp_path / "seen").iterdir()
    for content in (b"", b"{", msgspec.json.encode({"subject": 1})):
        path.write_bytes(content)
        assert seen.find(spec(), []) is None


def test_those_not_asked_for_longest_are_forgotten_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    seen = SeenCommits(tmp_path / "seen")
    commits = ["a" * 40, "b" * 40, "c" * 40]
    for age, commit in enumerate(reversed(commits[:2])):
        seen.note(spec(commit=commit), [], SEEN)
        for path in (tmp_path / "seen").glob("*.json"):
            os.utime(path, (path.stat().st_atime, 1000 + age))
    assert seen.find(spec(commit="a" * 40), []) == SEEN
    seen.note(spec(commit="c" * 40), [], SEEN)
    assert [seen.find(spec(commit=commit), []) is not None for commit in commits] == [True, False, True]


@pytest.mark.anyio
async def test_of_those_who_build_one_commit_at_once_one_goes_first_and_others_of_another_team_do_not_wait(
    tmp_path: Path,
) -> None:
    seen = SeenCommits(tmp_path / "seen")
    order: list[str] = []
    first_may_end = asyncio.Event()

    async def build(name: str, asked: BuildSpec, until: asyncio.Event | None = None) -> None:
        async with seen.turn(asked, [], lambda: order.append(f"{name} waits")):
            order.append(f"{name} begins")
            if until:
                await until.wait()
            order.append(f"{name} ends")

    first = asyncio.create_task(build("first", spec(), first_may_end))
    await asyncio.sleep(0)
    second = asyncio.create_task(build("second", spec()))
    await asyncio.sleep(0)
    await build("other", spec(team="team-b"))
    await build("unknown", spec(commit=""))
    first_may_end.set()
    await asyncio.gather(first, second)
    assert order == [
        "first begins",
        "second waits",
        "other begins",
        "other ends",
        "unknown begins",
        "unknown ends",
        "first ends",
        "second begins",
        "second ends",
    ]
