"""A build that wants too much is stopped, says why, and leaves nothing: on real Podman, with real cgroups."""

import ipaddress
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from gitserver import GitServer

from wisehosting_agent.build import command
from wisehosting_agent.build.builder import PodmanBuilder
from wisehosting_agent.build.cgroup import leftovers
from wisehosting_agent.build.port import Built, CheckedOut
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.settings import Settings
from wisehosting_wire.workload import BuildLimits, BuildSpec, EnvironmentRef, Source

pytestmark = pytest.mark.anyio
TEAM = "00000000-0000-7000-8000-000000000042"
FROM = "FROM localhost/wisehosting/base:debian-13\n"


@dataclass
class Rig:
    builder: PodmanBuilder
    host: PodmanHost
    lines: list[str]

    async def build(
        self, url: str, limits: BuildLimits | None = None, variables: dict[str, str] | None = None
    ) -> Built:
        reference = EnvironmentRef(id="e", team=TEAM, project="app", number=1)
        spec = BuildSpec(
            build=f"00000000-0000-7000-8000-{time.time_ns() % 10**12:012d}",
            environment=reference,
            source=Source(url=url, commit="", branch="main", allow_loopback=True),
            variables_version=1,
            key_salt=b"salt",
            limits=limits or BuildLimits(),
        )

        async def checked_out(_: CheckedOut) -> None:
            return

        return await self.builder.build(
            spec, variables or {}, lambda text, _stream, _step: self.lines.append(text), checked_out
        )

    async def left(self) -> list[str]:
        """What builds left behind: cgroups, working containers, folders."""
        argv = [*self.host.build_argv(TEAM), "ps", "--all", "--external", "--quiet"]
        containers = (await command.run(argv, environment=self.host.build_env(TEAM))).stdout.split()
        folders = [path.name for path in (self.host.root / "tmp").glob("wisehosting-42-build-*")]
        return [*leftovers(42), *containers, *folders]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    subprocess.run(["useradd", "--system", "--no-create-home", "wisehosting-git"], capture_output=True, check=False)
    folder = Path(tempfile.mkdtemp(prefix="wh-test-build-", dir="/var/lib"))
    folder.chmod(0o711)
    settings = Settings(
        name="builder",
        state_dir=folder,
        control_plane="https://127.0.0.1:1",
        local=True,
        number=42,
        podman_socket=folder / "run" / "podman.sock",
        storage_dir=folder / "containers",
        subnet_pool=ipaddress.IPv4Network("10.170.0.0/16"),
    )
    host = PodmanHost(settings)
    host.prepare()
    with (folder / "podman.log").open("wb") as log:
        service = subprocess.Popen(host.service_argv(), env=host.service_env(), stdout=log, stderr=log)
    try:
        until = time.monotonic() + 30
        while not settings.podman_socket.exists() and time.monotonic() < until:
            time.sleep(0.05)
        yield Rig(PodmanBuilder(settings, host), host, [])
    finally:
        service.terminate()
        service.wait()
        for mounted in sorted(folder.rglob("overlay"), reverse=True):
            subprocess.run(["umount", "--quiet", str(mounted)], check=False)
        subprocess.run(["rm", "-rf", str(folder)], check=False)


@pytest.fixture(autouse=True)
async def bases(rig: Rig) -> None:
    rig.lines.clear()
    await rig.builder.run()


async def test_a_build_past_its_time_is_stopped_and_leaves_nothing(rig: Rig, served: GitServer) -> None:
    url = served.repository("slow", {"Containerfile": FROM + 'RUN sleep 600\nCMD ["true"]\n'})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url, BuildLimits(seconds=12))
    assert failed.value.reason is Reason.build_out_of_time
    assert "sleep 600" in failed.value.detail
    assert await rig.left() == []


async def test_a_build_past_its_disk_is_stopped_and_leaves_nothing(rig: Rig, served: GitServer) -> None:
    hog = "RUN for i in $(seq 200); do dd if=/dev/urandom of=/big$i bs=1M count=8 status=none; sleep 0.05; done\n"
    url = served.repository("large", {"Containerfile": FROM + hog + 'CMD ["true"]\n'})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url, BuildLimits(disk_bytes=64 * 1024**2))
    assert failed.value.reason is Reason.build_out_of_disk
    assert await rig.left() == []


async def test_the_same_tree_is_built_once_and_a_secret_stays_out_of_image_and_log(rig: Rig, served: GitServer) -> None:
    seen = 'test "$(tr -d - </run/secrets/TOKEN)" = canary7'
    text = FROM + f'RUN --mount=type=secret,id=TOKEN {seen}\nCMD ["true"]\n'
    url = served.repository("twice", {"Containerfile": text})
    first = await rig.build(url, variables={"TOKEN": "canary-7"})
    again = await rig.build(url, variables={"TOKEN": "canary-7"})
    assert (first.reused, again.reused) == (False, True)
    assert first.image.image == again.image.image
    argv = [*rig.host.build_argv(TEAM), "image", "inspect", first.image.image]
    described = (await command.run(argv, environment=rig.host.build_env(TEAM))).stdout
    assert "canary-7" not in described
    assert "canary-7" not in "\n".join(rig.lines)
    assert await rig.left() == []
