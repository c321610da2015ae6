"""The README's two commands on a bare Debian 12 and 13: a systemd machine in a container, with git, certificates and sudo only.

Such a machine cannot enforce limits, so the start says `--limits reported`. What this host's network asks of programs
(package mirror, certificate authorities) is given to it as an operator of that network would.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from podmachine import scratch
from running import ROOT, Platform, free_port, wait_for

from wisehosting_agent.build import apt_sources

SUITES = {"12": "bookworm", "13": "trixie"}
PACKAGES = "systemd,systemd-sysv,git,ca-certificates,sudo"
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
AUTHORITIES = ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE")
CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
[engine]
runtime = "{runtime}"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
default_subnet = "10.199.0.0/24"
"""


class BareMachine:
    """A container with systemd as its first process, and nothing of ours but a mounted checkout."""

    def __init__(self, folder: Path, version: str) -> None:
        self.folder, self.version = folder, version
        (folder / "networks").mkdir()
        runtime = "crun" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "runc"
        (folder / "containers.conf").write_text(CONTAINERS_CONF.format(runtime=runtime, folder=folder))
        self._podman = ["podman", "--root", str(folder / "storage"), "--runroot", f"{folder}/run"]
        self._podman += ["--tmpdir", f"{folder}/tmp"]
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CONTAINERS_CONF": str(folder / "containers.conf"),
        }

    def podman(self, *argv: str, seconds: float = 300) -> str:
        done = subprocess.run(
            [*self._podman, *argv], env=self._environment, text=True, capture_output=True, check=False, timeout=seconds
        )
        assert done.returncode == 0, f"podman {argv[0]}: {done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        return done.stdout

    def boot(self) -> None:
        mirror, suite = apt_sources.of_machine(), SUITES[self.version]
        sources = f"deb {mirror.main} {suite} main\ndeb {mirror.security} {suite}-security main\n"
        archive = self.folder / "machine.tar"
        argv = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={PACKAGES}", suite, str(archive), "-"]
        subprocess.run(["unshare", "--mount", "--", *argv], input=sources, text=True, check=True, capture_output=True)
        self.podman("import", "--quiet", str(archive), "bare")
        archive.unlink()
        inside = ["--volume", f"{ROOT}:/src:ro", "--volume", f"{BUNDLE}:{BUNDLE}:ro", "--device", "/dev/net/tun"]
        # A disk of its own: overlays cannot lie on the container's overlay, and base images hold device files.
        for number, path in enumerate(("/var/lib/wisehosting", "/var/cache", "/var/tmp")):
            disk = self.folder / f"disk-{number}"
            disk.mkdir(mode=0o755)
            inside += ["--volume", f"{disk}:{path}:dev,suid,exec"]
        (self.folder / "disk-2").chmod(0o1777)
        self.podman(
            "run", "--detach", "--name", "bare", "--privileged", "--systemd=always", *inside, "bare", "/sbin/init"
        )
        wait_for(lambda: "active" in self.state(), within=60, what="systemd")

    def state(self) -> str:
        argv = [*self._podman, "exec", "bare", "systemctl", "is-active", "multi-user.target"]
        done = subprocess.run(argv, env=self._environment, text=True, capture_output=True, check=False)
        return "active" if done.stdout.strip() == "active" else ""

    def run(self, *argv: str, seconds: float = 1200) -> tuple[str, float]:
        """Run a command as root of the machine; its output and how long it took."""
        options = [f"--env={name}={BUNDLE}" for name in AUTHORITIES if name in os.environ]
        began = time.monotonic()
        said = self.podman("exec", "--workdir", "/root", *options, "bare", *argv, seconds=seconds)
        return said, time.monotonic() - began


@pytest.fixture(params=list(SUITES))
def machine(request: pytest.FixtureRequest) -> Iterator[BareMachine]:
    with scratch(f"wh-test-bare-{request.param}-") as folder:
        found = BareMachine(folder, request.param)
        try:
            found.boot()
            yield found
        finally:
            subprocess.run(
                [*found._podman, "rm", "--force", "--volumes", "--time=20", "bare"],
                env=found._environment,
                check=False,
                capture_output=True,
            )


@pytest.mark.long
def test_a_bare_debian_goes_from_clone_to_a_live_app(machine: BareMachine) -> None:
    assert shutil.which("podman"), "the host's Podman"
    spent: dict[str, float] = {}
    _, spent["clone"] = machine.run("git", "-c", "safe.directory=*", "clone", "--quiet", "/src", "/root/wisehosting")
    up = ["./dev", "up", "--limits", "reported", "--detach"]
    said, spent["up"] = machine.run("env", "-C", "/root/wisehosting", *up)
    assert "LIMITS ARE NOT ENFORCED" in said
    assert "Sign in once" in said
    wh = "/root/wisehosting/.venv/bin/wh"
    machine.run(wh, "login")
    said, spent["deploy"] = machine.run(wh, "create", "example", "http://127.0.0.1:7003/hello.git")
    assert "is live" in said, said
    python = "/root/wisehosting/.venv/bin/python"
    ask = "import httpx2; print(httpx2.get('http://127.0.0.1:8080/', headers={'Host': 'example.localhost'}).headers)"
    said, _ = machine.run(python, "-c", ask)
    assert "x-wisehosting-deployment" in said
    _, spent["check"] = machine.run("env", "-C", "/root/wisehosting", "./dev", "check")
    _, spent["down"] = machine.run("env", "-C", "/root/wisehosting", "./dev", "down")
    figures = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in spent.items())
    print(f"\nDebian {machine.version}: {figures}")  # noqa: T201 - the figures this test is for


@pytest.mark.long
def test_the_two_commands_of_the_readme_work_in_a_fresh_clone_on_this_machine() -> None:
    spent: dict[str, float] = {}
    with scratch("wh-test-clone-") as folder:
        clone, state = folder / "wisehosting", folder / "state"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        ports = ["--port", str(free_port(19700)), "--apps-port", str(free_port(19780))]
        up = _timed(spent, "up", clone, "./dev", "up", "--state", str(state), *ports, "--detach")
        assert "Sign in once" in up
        platform = Platform(state / "access.json")
        try:
            url = platform.call("GET", "/session")["platform"]["example_repository"]
            project = platform.create("example", url)
            ended = platform.over(project["environments"][0]["latest"]["id"], within=600)
            assert ended["status"] == "live", ended
            assert platform.visit(project["environments"][0]["hostname"]).status == 200
        finally:
            platform.http.close()
            _timed(spent, "down", clone, "./dev", "down", "--state", str(state), "--erase", "--yes")
        _timed(spent, "test (check and unit)", clone, "./dev", "test", "tests/unit")
    print("\nfresh clone:", ", ".join(f"{name} {seconds:.0f} s" for name, seconds in spent.items()))  # noqa: T201


def _timed(spent: dict[str, float], name: str, folder: Path, *argv: str) -> str:
    began = time.monotonic()
    done = subprocess.run(argv, cwd=folder, text=True, capture_output=True, check=False)
    spent[name] = time.monotonic() - began
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout
