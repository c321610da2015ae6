"""A build that wants too much is stopped, says why, and leaves nothing: on real Podman, with real cgroups."""

import contextlib
import ipaddress
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from gitserver import GitServer
from podmachine import scratch

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
        folders = [path.name for path in (self.host.root / "tmp").glob("wisehosting-*-build-*")]
        return [*leftovers(self.host.settings.number), *containers, *folders]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@contextlib.contextmanager
def running(folder: Path, number: int) -> Iterator[Rig]:
    subprocess.run(["useradd", "--system", "--no-create-home", "wisehosting-git"], capture_output=True, check=False)
    settings = Settings(
        name="builder",
        state_dir=folder,
        control_plane="https://127.0.0.1:1",
        local=True,
        number=number,
        podman_socket=folder / "run" / "podman.sock",
        storage_dir=folder / "containers",
        subnet_pool=ipaddress.IPv4Network(f"10.{128 + number}.0.0/16"),
    )
    host = PodmanHost(settings)
    host.prepare()
    with (folder / "podman.log").open("wb") as log:
        service = subprocess.Popen(host.service_argv(), env=host.service_env(), stdout=log, stderr=log, cwd=folder)
    try:
        until = time.monotonic() + 30
        while not settings.podman_socket.exists() and time.monotonic() < until:
            time.sleep(0.05)
        yield Rig(PodmanBuilder(settings, host), host, [])
    finally:
        service.terminate()
        service.wait()


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with scratch("wh-test-build-") as folder, running(folder, 42) as rig:
        yield rig


@pytest.fixture
def cramped(tmp_path: Path) -> Iterator[Rig]:
    """A builder whose storage is a file system of its own with some 250 MB left after the base images."""
    image = tmp_path / "disk.img"
    with image.open("wb") as file:
        file.truncate(768 * 1024**2)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
    with scratch("wh-test-cramped-") as folder:
        storage = folder / "containers"
        storage.mkdir(mode=0o711)
        subprocess.run(["mount", "-o", "loop", str(image), str(storage)], check=True)
        storage.chmod(0o711)
        with running(folder, 41) as rig:
            yield rig


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


async def test_a_build_on_a_full_disk_says_so_leaves_nothing_and_the_next_one_works(
    cramped: Rig, served: GitServer
) -> None:
    await cramped.builder.run()
    fill = "RUN dd if=/dev/zero of=/big bs=1M count=2000\n"
    with pytest.raises(WorkFailed) as failed:
        await cramped.build(served.repository("fills", {"Containerfile": FROM + fill + 'CMD ["true"]\n'}))
    assert failed.value.reason is Reason.build_out_of_disk
    assert "This worker's disk was full in step 2" in failed.value.detail
    assert await cramped.left() == []
    built = await cramped.build(served.repository("fits", {"Containerfile": FROM + 'CMD ["true"]\n'}))
    assert built.image.command == ["true"]


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


async def test_a_base_image_with_instructions_of_its_own_for_builds_is_refused(
    rig: Rig, served: GitServer, tmp_path: Path
) -> None:
    (tmp_path / "Containerfile").write_text(FROM + "ONBUILD ADD http://127.0.0.1:1/secret /secret\n")
    argv = [
        *rig.host.build_argv(TEAM),
        "build",
        "--format=docker",
        "--network=none",
        "--tag=localhost/trap",
        str(tmp_path),
    ]
    await command.check(argv, "build the trap", environment=rig.host.build_env(TEAM))
    url = served.repository("trapped", {"Containerfile": 'FROM localhost/trap\nCMD ["true"]\n'})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url)
    assert failed.value.reason is Reason.containerfile_refused
    assert "has ONBUILD instructions" in failed.value.detail
