"""Podman with a storage, networks and configuration of our own: nothing of the user's is read or touched.

`PodmanHost` only writes files and says argv and environment; who runs the service is a unit or `./dev up`.
"""

import hashlib
import ipaddress
import os
import shlex
import shutil
import sys
from pathlib import Path

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.runtime import addressing, seccomp
from wisehosting_agent.runtime.cgroups import cgroup_manager
from wisehosting_agent.runtime.preflight import detect_runtime
from wisehosting_agent.runtime.propagation import share_root
from wisehosting_agent.runtime.stores import Stores
from wisehosting_agent.settings import Settings

NOFILE = 16384
NPROC = 16384
"""Default limits of containers and builds; a host without CAP_SYS_RESOURCE may raise nothing above 20000."""

BUILD_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETFCAP", "SETGID", "SETPCAP", "SETUID")
"""What installing packages needs, over ids of the team's own range only. Instances get theirs by the profile."""

CONTAINERS_CONF = """\
# Written by the WiseHosting agent at each start.
[containers]
base_hosts_file = "none"
default_capabilities = [{capabilities}]
default_ulimits = ["nofile={nofile}:{nofile}", "nproc={nproc}:{nproc}"]
http_proxy = false
log_driver = "k8s-file"
netns = "none"
seccomp_profile = {seccomp}

[engine]
cgroup_manager = {cgroup_manager}
events_logger = "file"
hooks_dir = [{hooks}]
{runtime}
[network]
network_backend = "netavark"
network_config_dir = {networks}
default_subnet = {default_subnet}
"""

STORAGE_CONF = """\
# Written by the WiseHosting agent at each start.
[storage]
driver = "overlay"
graphroot = {graphroot}
runroot = {runroot}

[storage.options]
additionalimagestores = [{additional}]
"""

RUNTIME = """\
#!/bin/sh
# Written by the WiseHosting agent at each start. Stands for the OCI runtime; see runtime/ownership.py of the agent.
for word in "$@"; do
    if [ "$word" = create ]; then exec {prepared} "$@"; fi
done
exec {runtime} "$@"
"""

COPY_ON_MAP = """
[storage.options.overlay]
mountopt = "metacopy=on"
"""
NO_KERNEL_MAPS = """\
Builds do without id maps by the kernel: Podman 4 commits what COPY and RUN wrote under them with ids of the host.
The storage changes owners itself instead; metacopy makes that a matter of inodes, not of contents.
"""

REGISTRIES_CONF = """\
# Written by the WiseHosting agent at each start.
unqualified-search-registries = ["docker.io"]
short-name-mode = "permissive"
"""

POLICY_JSON = '{"default": [{"type": "insecureAcceptAnything"}]}\n'


class PodmanHost:
    """Paths, configuration files and command lines of one platform's Podman."""

    def __init__(self, settings: Settings, *, runtime: str | None = None) -> None:
        """`runtime` is what `detect_runtime` chose; without it the settings' one, else `prepare` tries what works."""
        self.settings = settings
        self.runtime = runtime or settings.runtime
        self.root = settings.storage_dir
        self.stores = Stores(settings.storage_dir / "stores")
        self.conf_dir = settings.storage_dir / "conf"
        self.networks_dir = settings.storage_dir / "networks"
        self.seccomp_profile = self.conf_dir / "seccomp.json"
        self._wrapper = self.conf_dir / "runtime"
        self.build_network = f"wh{settings.number}-build"
        """Network of all builds, until it is renewed; builds reach the outside, not each other's ports across bridges."""

    def prepare(self) -> None:
        """Write folders and configuration, share the host's mounts. A second call changes nothing. Raises ConfigurationError."""
        share_root()
        self.runtime = self.runtime or detect_runtime().name
        self.stores.prepare()
        try:
            for folder in (self.root, self._run_dir, self.root / "tmp"):
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o711)
            for folder in (
                self.conf_dir,
                self.conf_dir / "hooks",
                self.networks_dir,
                self.root / "home",
                self.settings.podman_socket.parent,
            ):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_changed(self.seccomp_profile, seccomp.render())
            write_changed(self.conf_dir / "containers.conf", self._containers_conf())
            write_changed(self.conf_dir / "registries.conf", REGISTRIES_CONF)
            write_changed(self.conf_dir / "policy.json", POLICY_JSON)
            write_changed(self.conf_dir / "auth.json", "{}\n")
            self._write_runtime(self.runtime)
            self._write_storage("runtime", self.stores.runtime, self.stores.read_only())
            self._write_storage("bases", self.stores.bases, [])
        except OSError as error:
            raise ConfigurationError(
                f"Cannot write Podman's configuration below {self.root}: {error}. Run the agent as root, or set WISEHOSTING_AGENT_STORAGE_DIR."
            ) from error

    # The service, which runs containers

    def service_argv(self) -> list[str]:
        """The service that `runtime/podman.py` speaks to. Run it so that its children outlive it (KillMode=process)."""
        socket = f"unix://{self.settings.podman_socket}"
        return [*self._argv("runtime"), "--log-level", "warn", "system", "service", "--time=0", socket]

    def service_env(self) -> dict[str, str]:
        """Environment of the service."""
        return self._env("runtime")

    @property
    def service_storage_conf(self) -> Path:
        """A service that started before this file changed lists too few stores."""
        return self.conf_dir / "storage-runtime.conf"

    @property
    def runtime_run_root(self) -> Path:
        """Where the service keeps what ends with the boot: pid files of running containers."""
        return self._run_dir / "runtime" / "root"

    # Builds

    def build_argv(self, team: str) -> list[str]:
        """`podman …` for the team's own store, with the bases read-only; a new team gets a store."""
        return self._argv(self._team_store(team))

    def build_env(self, team: str) -> dict[str, str]:
        """Environment for `build_argv`. TMPDIR is the builder's to set, per build."""
        return self._env(self._team_store(team))

    def base_argv(self) -> list[str]:
        """`podman …` for the store of the platform's base images, writable."""
        return self._argv("bases")

    def base_env(self) -> dict[str, str]:
        """Environment for `base_argv`."""
        return self._env("bases")

    def build_id_map(self, team: str) -> tuple[int, int]:
        """(first id on the host, how many) for the team's builds, above all environments."""
        return addressing.build_id_map(self.settings, self.stores.slot(team))

    def build_isolation(self, team: str) -> list[str]:
        """Options every tenant's `podman build` must have: id map, limits, seccomp, network. Call `networks.ensure_build_network` first."""
        start, size = self.build_id_map(team)
        return [
            f"--userns-uid-map=0:{start}:{size}",
            f"--userns-gid-map=0:{start}:{size}",
            f"--security-opt=seccomp={self.seccomp_profile}",
            f"--ulimit=nofile={NOFILE}:{NOFILE}",
            f"--ulimit=nproc={NPROC}:{NPROC}",
            f"--network={self.build_network}",
            # Steps would be given the host's own name servers, which the tenant policy closes where they are private.
            f"--dns={addressing.build_subnet(self.settings)[1]}",
            "--http-proxy=false",
            "--isolation=oci",
        ]

    # Numbers and names

    def id_map(self, environment_number: int) -> tuple[int, int]:
        """(first id on the host, how many) for the environment's containers."""
        return addressing.id_map(self.settings, environment_number)

    def subnet(self, environment_number: int) -> ipaddress.IPv4Network:
        """The environment's /26."""
        return addressing.subnet(self.settings, environment_number)

    def bridge(self, environment_number: int) -> str:
        """The environment's bridge; the policy matches its prefix."""
        return f"{self.settings.bridge_prefix}{environment_number}"

    def network_name(self, environment_number: int) -> str:
        """The environment's network; unique on the host, for netavark keeps one address table for all storages."""
        return f"wh{self.settings.number}-e{environment_number}"

    @property
    def probe_network(self) -> str:
        """Network of the isolation probe."""
        return f"wh{self.settings.number}-probe"

    # Parts

    @property
    def _run_dir(self) -> Path:
        # on a file system that ends with the boot: Podman knows by it that nothing runs any more
        digest = hashlib.sha256(str(self.root.absolute()).encode()).hexdigest()[:8]
        return Path("/run/wisehosting") / f"{self.settings.number}-{digest}"

    def _team_store(self, team: str) -> str:
        slot = self.stores.slot(team)
        name = f"team-{slot:04d}"
        folder = self.stores.folder(slot)
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._write_storage(name, folder, [self.stores.bases], overlay=COPY_ON_MAP)
        features = self._run_dir / name / "root" / "overlay"
        features.mkdir(mode=0o711, parents=True, exist_ok=True)
        write_changed(features / "idmapped-lower-dir-false", NO_KERNEL_MAPS)
        (features / "idmapped-lower-dir-true").unlink(missing_ok=True)
        self._write_storage("runtime", self.stores.runtime, self.stores.read_only())
        return name

    def _argv(self, store: str) -> list[str]:
        # --root is left to storage.conf: given as an option it makes Podman forget the additional stores
        return ["podman", "--tmpdir", str(self._run_dir / store / "tmp")]

    def _env(self, store: str) -> dict[str, str]:
        kept = {name: value for name in ("PATH", "SSL_CERT_FILE", "LANG") if (value := os.environ.get(name))}
        return {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            **kept,
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
            "CONTAINERS_CONF": str(self.conf_dir / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.conf_dir / f"storage-{store}.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(self.conf_dir / "registries.conf"),
            # an operator's own registry log-in is not a tenant's
            "REGISTRY_AUTH_FILE": str(self.conf_dir / "auth.json"),
            "PODMAN_IGNORE_CGROUPSV1_WARNING": "1",
        }

    def _containers_conf(self) -> str:
        return CONTAINERS_CONF.format(
            nofile=NOFILE,
            nproc=NPROC,
            seccomp=quoted(self.seccomp_profile),
            capabilities=", ".join(quoted(name) for name in BUILD_CAPABILITIES),
            cgroup_manager=quoted(cgroup_manager()),
            # an empty folder: the host's own hooks are none of a tenant's container
            hooks=quoted(self.conf_dir / "hooks"),
            runtime=f"runtime = {quoted(self.runtime)}\n\n[engine.runtimes]\n{quoted(self.runtime)} = [{quoted(self._wrapper)}]\n",
            networks=quoted(self.networks_dir),
            default_subnet=quoted(addressing.default_subnet(self.settings)),
        )

    def _write_runtime(self, runtime: str) -> None:
        """The program that Podman calls by the runtime's name."""
        program = Path(__file__).with_name("ownership.py")
        words = shlex.join([sys.executable, "-I", "-S", str(program), runtime])
        write_changed(self._wrapper, RUNTIME.format(prepared=words, runtime=shlex.quote(runtime)))
        self._wrapper.chmod(0o700)

    def _write_storage(self, name: str, graphroot: Path, additional: list[Path], overlay: str = "") -> None:
        run = self._run_dir / name
        run.mkdir(mode=0o711, parents=True, exist_ok=True)
        text = STORAGE_CONF.format(
            graphroot=quoted(graphroot),
            runroot=quoted(run / "root"),
            additional=", ".join(quoted(path) for path in additional),
        )
        write_changed(self.conf_dir / f"storage-{name}.conf", text + overlay)


def require_programs() -> None:
    """Raises ConfigurationError with the command that installs what is missing."""
    wanted = {"podman": "podman", "nft": "nftables", "conmon": "conmon", "nsenter": "util-linux"}
    missing = sorted({package for program, package in wanted.items() if shutil.which(program) is None})
    if missing:
        raise ConfigurationError(f"Programs are missing. Install them with: apt-get install {' '.join(missing)}")


def quoted(value: object) -> str:
    """A TOML basic string."""
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def write_changed(path: Path, text: str) -> bool:
    """Replace the file when its text differs; True when it did. The time of the file then says when it changed."""
    if path.exists() and path.read_text() == text:
        return False
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text)
    partial.chmod(0o600)
    partial.replace(path)
    return True
