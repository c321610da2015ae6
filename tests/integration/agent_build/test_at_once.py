"""Builds of several teams at once: each gets its image, and no other's."""

import asyncio
import sys
from collections.abc import Iterator

import pytest
from buildrig import FROM, Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build import command

pytestmark = pytest.mark.anyio
TEAMS = [f"00000000-0000-7000-8000-0000000001{number:02d}" for number in range(3)]


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with scratch("wh-test-at-once-") as folder, running(folder, 41, build_concurrency=3) as rig:
        yield rig


async def test_the_first_builds_of_several_teams_on_one_base_do_not_disturb_each_other(
    rig: Rig, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Taken over at once, a base was unmounted by the first team from under the others: their layers failed, or worse."""
    await rig.builder.run()
    text = (
        FROM
        + 'COPY mark /mark\nRUN cat /mark && find / -xdev -type f | sort | xargs sha256sum | sha256sum\nCMD ["true"]\n'
    )
    text = text.replace("find / -xdev", "find /bin/ /usr/bin /usr/lib /etc/apt /var/lib/dpkg -xdev")
    with GitServer(tmp_path_factory.mktemp("git")) as served:
        urls = [
            served.repository(f"app-{n}", {"Containerfile": text, "mark": f"mark {n}\n"}) for n in range(len(TEAMS))
        ]
        built = await asyncio.gather(*[rig.build(url, team=team) for url, team in zip(urls, TEAMS, strict=True)])
    assert len({one.image.image for one in built}) == len(TEAMS)
    assert {f"mark {number}" for number in range(len(TEAMS))} <= set(rig.lines)
    sums = {line for line in rig.lines if line.endswith("  -")}
    assert len(sums) == 1, "the base is the same file by file in all of them"
    for team, image in zip(TEAMS, built, strict=True):
        argv = [*rig.host.build_argv(team), "image", "exists", image.image.image]
        assert (await command.run(argv, environment=rig.host.build_env(team))).status == 0
    sys.stdout.write(f"  {len(built)} first builds at once: {[round(one.seconds, 1) for one in built]} s\n")
