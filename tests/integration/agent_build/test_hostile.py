"""Repositories that mean harm, built on real Podman under the real policy: none reads or changes anything outside its build."""

import asyncio
import contextlib
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hostilerepos
import pytest
from buildrig import FROM, TEAM, Rig, running
from gitserver import GitServer
from hostilerepos import ALL, END, Hostile
from leftbehind import Left, counted, outside, wait_until
from podmachine import scratch

from wisehosting_agent.build import command
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.firewall.guard import NftFirewall
from wisehosting_agent.firewall.targets import host_address
from wisehosting_agent.runtime import addressing
from wisehosting_agent.runtime.podman import PodmanRuntime

pytestmark = pytest.mark.anyio
VICTIM = "00000000-0000-7000-8000-0000000000b1"
TENANT = "wh-test-victim"
SECONDS = 90
"""No repository keeps the builder longer, whatever it tries and however slow the machine."""


@dataclass
class Stage:
    """A builder with a team that minds its own business, and a word that nobody else may read."""

    rig: Rig
    served: GitServer
    word: str
    canary: Path
    words: dict[str, str]
    before: Left
    host: dict[str, str]
    tried: list[str] = field(default_factory=list)


@contextlib.contextmanager
def a_tenant(rig: Rig) -> Iterator[str]:
    """A host in a network namespace on the bridge of an environment, with something that listens on port 80. Its address."""
    bridge, subnet = rig.host.bridge(3), rig.host.subnet(3)
    namespace, (gateway, address) = TENANT, (subnet[1], subnet[2])

    def ip(line: str) -> None:
        subprocess.run(["ip", *line.split()], check=True, capture_output=True)

    ip(f"netns add {namespace}")
    try:
        ip(f"link add {bridge} type bridge")
        ip(f"addr add {gateway}/{subnet.prefixlen} dev {bridge}")
        ip(f"link add wh-test-vic type veth peer name eth0 netns {namespace}")
        ip(f"link set wh-test-vic master {bridge} up")
        ip(f"link set {bridge} up")
        ip(f"-n {namespace} addr add {address}/{subnet.prefixlen} dev eth0")
        ip(f"-n {namespace} link set eth0 up")
        ip(f"-n {namespace} route add default via {gateway}")
        argv = ["ip", "netns", "exec", namespace, sys.executable, "-m", "http.server", "80"]
        server = subprocess.Popen(argv, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield str(address)
        finally:
            server.kill()
            server.wait()
    finally:
        subprocess.run(["ip", "netns", "delete", namespace], check=False, capture_output=True)
        subprocess.run(["ip", "link", "delete", bridge], check=False, capture_output=True)


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    word = f"word-{secrets.token_hex(12)}"
    with (
        GitServer(tmp_path_factory.mktemp("git")) as served,
        scratch("wh-test-hostile-") as folder,
        running(folder, 43, checkout_limit_bytes=64 * hostilerepos.MIB, build_concurrency=1) as rig,
        a_tenant(rig) as neighbour,
        socket.create_server(("0.0.0.0", 0)) as listener,
    ):
        canary = folder / "canary"
        canary.write_text(f"{word}\n")
        canary.chmod(0o600)
        runtime = PodmanRuntime(rig.host)
        firewall = NftFirewall(runtime)
        await firewall.load([])
        try:
            await rig.builder.sweep()
            await rig.builder.run()
            cache = "RUN --mount=type=cache,target=/srv/c,id=downloads cp /word /srv/c/word\n"
            url = served.repository("victim", {"Containerfile": f"{FROM}COPY word /word\n{cache}{END}", "word": word})
            theirs = (
                await rig.build(url, team=VICTIM, packages="their-project", variables={"THEIR_TOKEN": word})
            ).image.image
            await rig.build(url, packages="their-project")
            port = listener.getsockname()[1]
            scan = [f"{addressing.build_subnet(rig.builder._settings)[1]}/{port}", f"{host_address()}/{port}"]
            scan += [f"{neighbour}/80", "169.254.169.254/80", "10.0.0.1/80", "192.168.0.1/443"]
            words = {
                hostilerepos.CANARY: str(canary),
                hostilerepos.THEIRS: await _name_of(rig, theirs),
                hostilerepos.THEIR_SHORT_ID: theirs[:12],
                hostilerepos.THEIR_ID: theirs,
                hostilerepos.SCAN: " ".join(scan),
            }
            rig.lines.clear()
            yield Stage(rig, served, word, canary, words, counted(rig), outside(rig, VICTIM))
        finally:
            await firewall.remove()
            await runtime.close()


async def _name_of(rig: Rig, image: str) -> str:
    argv = [*rig.host.build_argv(VICTIM), "image", "inspect", "--format", "{{index .RepoTags 0}}", image]
    return (await command.check(argv, "name the image", environment=rig.host.build_env(VICTIM))).strip()


@pytest.mark.parametrize("one", ALL, ids=[one.name for one in ALL])
async def test_what_a_hostile_repository_gets(stage: Stage, one: Hostile) -> None:
    rig = stage.rig
    rig.lines.clear()
    url = hostilerepos.served(stage.served, one, stage.words)
    source = {"root_directory": one.root, "submodules": bool(one.submodule)}
    detail = ""
    async with asyncio.timeout(SECONDS):
        if one.reason is None:
            await rig.build(url, one.limits, settings=one.build, packages="mine", source=source)
        else:
            with pytest.raises(WorkFailed) as failed:
                await rig.build(url, one.limits, settings=one.build, packages="mine", source=source)
            detail = f"{failed.value.detail}\n{failed.value.report}"
            assert failed.value.reason is one.reason, detail
    said = "\n".join(rig.lines)
    assert re.search(one.says, detail or said, re.MULTILINE), detail or said[-2000:]
    assert stage.word not in said + detail
    # What a step tells that it reached, written or mounted; its own text in the log is none of it.
    told = [line for line in rig.lines if not line.startswith("STEP")]
    assert not [line for line in told if line.startswith(("REACHED", "WRITTEN", "MOUNTED", "UNSHARED"))]
    assert str(rig.host.root) not in said + detail
    assert await wait_until(rig, stage.before) == stage.before
    stage.tried.append(one.name)


async def test_after_all_of_them_nothing_was_read_and_nothing_outside_has_changed(stage: Stage) -> None:
    rig = stage.rig
    assert len(stage.tried) >= 30
    now = outside(rig, VICTIM)
    assert {name for name in now if now[name] != stage.host[name]} == set()
    assert stage.canary.read_text() == f"{stage.word}\n"
    mine = rig.host.stores.team(TEAM)
    places = [mine, rig.host.root / "caches" / f"{rig.host.stores.slot(TEAM):04d}" / "mine"]
    argv = ["grep", "--recursive", "--files-with-matches", "--devices=skip", "--fixed-strings", stage.word, "--"]
    found = await command.run([*argv, *map(str, places)], environment=rig.host.base_env())
    # The victim's own project built once in this team as well: its layers hold the word, and only those.
    known = {path for path in found.stdout.split() if "/word" not in path}
    assert known == set()
    size = await command.check(["du", "-s", "--block-size=1M", str(mine)], "measure", environment=rig.host.base_env())
    sys.stdout.write(
        f"  hostile: {len(stage.tried)} repositories, 0 reads outside; their store takes {size.split()[0]} MiB\n"
    )
