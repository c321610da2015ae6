"""A builder on Podman of its own, for tests that build from repositories."""

import contextlib
import ipaddress
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wisehosting_agent.build import command
from wisehosting_agent.build.bases import BASE, Bases
from wisehosting_agent.build.builder import PodmanBuilder
from wisehosting_agent.build.cgroup import BuildCgroup, leftovers
from wisehosting_agent.build.port import Built, CheckedOut
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.settings import Settings
from wisehosting_wire.facts import BuildPlan
from wisehosting_wire.workload import BuildLimits, BuildSettings, BuildSpec, EnvironmentRef, Source

TEAM = "00000000-0000-7000-8000-000000000042"
FROM = "FROM localhost/wisehosting/base:debian-13\n"


@dataclass
class Rig:
    builder: PodmanBuilder
    host: PodmanHost
    lines: list[str]
    commit: str = ""
    plan: BuildPlan | None = None
    steps: list[int] = field(default_factory=list)
    """The step of each line."""

    async def build(
        self,
        url: str,
        limits: BuildLimits | None = None,
        variables: dict[str, str] | None = None,
        *,
        team: str = TEAM,
        environment: str = "e",
        settings: BuildSettings | None = None,
        packages: str = "",
        commit: str = "",
        source: dict[str, Any] | None = None,
    ) -> Built:
        reference = EnvironmentRef(id=environment, team=team, project="app", number=1)
        told = {"url": url, "commit": commit, "branch": "main", "allow_loopback": True, **(source or {})}
        spec = BuildSpec(
            build=f"00000000-0000-7000-8000-{time.time_ns() % 10**12:012d}",
            environment=reference,
            source=Source(**told),
            variables_version=1,
            key_salt=b"salt",
            settings=settings or BuildSettings(),
            limits=limits or BuildLimits(),
            packages=packages,
        )

        def line(text: str, _stream: int, step: int) -> None:
            self.lines.append(text)
            self.steps.append(step)

        return await self.builder.build(spec, variables or {}, line, self)

    async def checked_out(self, found: CheckedOut) -> None:
        self.commit = found.commit

    async def planned(self, plan: BuildPlan) -> None:
        self.plan = plan

    async def left(self) -> list[str]:
        """What builds left behind: cgroups, working containers, folders."""
        argv = [*self.host.build_argv(TEAM), "ps", "--all", "--external", "--quiet"]
        containers = (await command.run(argv, environment=self.host.build_env(TEAM))).stdout.split()
        folders = [path.name for path in (self.host.root / "tmp").glob("wisehosting-*-build-*")]
        return [*leftovers(self.host.settings.number), *containers, *folders]


@contextlib.contextmanager
def running(folder: Path, number: int, **changes: Any) -> Iterator[Rig]:
    """A builder whose platform has this number; `changes` are settings."""
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
        **changes,
    )
    host = PodmanHost(settings)
    host.prepare()
    for build in leftovers(number):
        # Of a run of the tests that was killed: this one must count its own only.
        cgroup = BuildCgroup(build, number)
        cgroup.kill()
        cgroup.remove()
    with (folder / "podman.log").open("wb") as log:
        service = subprocess.Popen(host.service_argv(), env=host.service_env(), stdout=log, stderr=log, cwd=folder)
    try:
        until = time.monotonic() + 30
        while not settings.podman_socket.exists() and time.monotonic() < until:
            time.sleep(0.05)
        # The others are made when a FROM asks for one: they are large, and most tests need none of them.
        yield Rig(PodmanBuilder(settings, host, bases=Bases(settings, host, at_start=[BASE.name])), host, [])
    finally:
        service.terminate()
        service.wait()
