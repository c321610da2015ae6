"""Podman of a test's own, with an image that serves files, for tests that need real containers."""

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from wisehosting_agent.build.bases import PYTHON, Bases
from wisehosting_agent.errors import AgentError
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.runtime.networks import ensure_build_network
from wisehosting_agent.runtime.podman import PodmanRuntime
from wisehosting_agent.settings import Settings

TEAM = "team-core"
SERVE = "import http.server as h, os; h.HTTPServer(('0.0.0.0', int(os.environ['PORT'])), h.SimpleHTTPRequestHandler).serve_forever()"


class Machine:
    """Podman of our own, and an image with Python in a team's store."""

    def __init__(self, settings: Settings, host: PodmanHost, image: str) -> None:
        self.settings, self.host, self.image = settings, host, image

    async def build(self, text: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run `podman build` of a Containerfile as tenants' builds run: id map, network, limits; its own output returned."""
        await ensure_build_network(self.host)
        folder.mkdir(exist_ok=True)
        (folder / "Containerfile").write_text(text)
        argv = [*self.host.build_argv(TEAM), "build", *self.host.build_isolation(TEAM), f"--iidfile={folder / 'iid'}"]
        return await asyncio.to_thread(
            subprocess.run,
            [*argv, str(folder)],
            env=self.host.build_env(TEAM),
            text=True,
            capture_output=True,
            check=False,
        )


@contextlib.contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """A folder that builds' users can reach; what Podman mounts below it is taken away at the end."""
    made = Path(tempfile.mkdtemp(prefix=prefix, dir="/var/lib"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        for row in Path("/proc/self/mounts").read_text().splitlines():
            if row.split()[1].startswith(str(made)):
                subprocess.run(["umount", "-l", row.split()[1]], check=False, capture_output=True)
        shutil.rmtree(made, ignore_errors=True)


@contextlib.asynccontextmanager
async def started(folder: Path, number: int) -> AsyncIterator[Machine]:
    """A machine whose service is started again when it ends, as a unit or `./dev up` does. Its containers go at the end."""
    settings = Settings(
        name="core",
        state_dir=folder / "state",
        control_plane="https://127.0.0.1:1",
        number=number,
        podman_socket=folder / "run" / "podman.sock",
        storage_dir=folder / "containers",
        port_range=(20000 + 100 * number, 20099 + 100 * number),
        subnet_pool=f"10.{100 + number}.0.0/16",
        id_base=1_000_000_000 + 10_000_000 * number,
    )
    host = PodmanHost(settings)
    host.prepare()
    settings.podman_socket.parent.mkdir(parents=True, exist_ok=True)
    supervisor = asyncio.create_task(_supervise(host, folder / "podman.log"))
    runtime = PodmanRuntime(host)
    try:
        async with asyncio.timeout(30):
            while not settings.podman_socket.exists():
                await asyncio.sleep(0.05)
        bases = Bases(settings, host)
        assert await bases.make(), bases.statuses()
        machine = Machine(settings, host, "")
        done = await machine.build(f'FROM {PYTHON.name}\nCMD ["python3", "-c", "{SERVE}"]\n', folder / "context")
        assert done.returncode == 0, done.stderr
        machine.image = (folder / "context" / "iid").read_text().removeprefix("sha256:").strip()
        yield machine
    finally:
        with contextlib.suppress(AgentError):  # a test may have taken the service away
            for found in await runtime.containers():
                await runtime.remove(found.container)
        await runtime.close()
        supervisor.cancel()
        await asyncio.gather(supervisor, return_exceptions=True)


async def _supervise(host: PodmanHost, log_file: Path) -> None:
    while True:
        with log_file.open("ab") as log:
            service = await asyncio.create_subprocess_exec(
                *host.service_argv(), env=host.service_env(), stdout=log, stderr=log, cwd=log_file.parent
            )
        try:
            await service.wait()
        finally:
            if service.returncode is None:
                service.terminate()
                await service.wait()
