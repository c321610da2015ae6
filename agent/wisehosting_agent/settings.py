"""Settings of the agent: environment variables `WISEHOSTING_AGENT_*`, or a TOML file named by `wh-agent run --config`."""

import ipaddress
import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    """Everything an agent needs to know before it has met its control plane."""

    model_config = SettingsConfigDict(env_prefix="WISEHOSTING_AGENT_", env_nested_delimiter="__", extra="forbid")

    name: str
    """Worker's name: `^[a-z][a-z0-9-]{0,38}$`."""
    state_dir: Path
    """SQLite store, identity, HAProxy's files, logs. Mode 0700."""
    control_plane: str
    """Mesh listener, `https://10.50.0.1:8443`."""
    join_token_file: Path | None = None
    """Holds the join token (with the certificate pin); deleted after registration."""
    api_server_secret_file: Path | None = None
    """Holds `api_server.secret`; deleted after registration."""

    local: bool = False
    """`./dev up`: repositories on loopback are allowed."""
    limits: Literal["enforced", "reported"] = "enforced"
    """`reported` where the host cannot enforce limits; shown loudly on the worker."""
    roles: list[str] = ["apps", "builds", "ingress"]

    number: int = 0
    """Number of this platform on the host: bridges `whbr<number>x<environment>`, nft table, ids and subnets derive from it."""
    podman_socket: Path = Path("/run/podman/podman.sock")
    storage_dir: Path = Path("/var/lib/wisehosting/containers")
    """Our own container storage; nothing of the user's is touched."""
    runtime: str | None = None
    """OCI runtime by name (`crun`, `runc`); None takes Podman's own."""
    bind_address: str = "127.0.0.1"
    """Instances publish their ports here: loopback on one machine, the mesh address in a fleet."""
    port_range: tuple[int, int] = (20000, 29999)
    """Host ports of instances; below the ephemeral range."""
    subnet_pool: ipaddress.IPv4Network = ipaddress.IPv4Network("10.128.0.0/16")
    """Environment n takes the n-th /26; the last one is for builds, the one before for the probe."""
    id_base: int = 1_000_000_000
    """Environment n takes ids from here + n x 65536; builds of a team are above all environments."""

    disk_budget_bytes: int | None = None
    """What images and containers of this platform may take; past it no build begins. None: what the disk holds."""
    disk_floor_bytes: int = 1024 * MEBIBYTE
    """No build begins with less free: databases, logs and what runs on this disk must go on writing while it is refused."""
    disk_floor_percent: float = Field(default=2, ge=0, le=50)
    """The same by the size of the file system, whichever is more: a large one that is nearly full is slow, and fills faster
    than anybody looks. Past 50 GB it is more than the bytes above."""

    network_allow: list[str] = Field(default_factory=list)
    """Private addresses tenants and builds may reach: `10.1.2.3/32` or `10.1.2.3/32:443`."""
    build_ca_bundle: Path | None = None
    """CA bundle given to builds on networks with a CA of their own; never left in image or environment."""
    build_concurrency: int = Field(default=1, ge=1, le=64)
    """Builds at once; the control plane gives this worker no more. Those of one team still take turns in its store."""
    package_cache_bytes: int = 2048 * MEBIBYTE
    """What package managers of one project may keep from build to build; past it the caches are emptied."""
    base_mirror: str | None = None
    """Debian mirror that base images are made from; None takes the machine's own apt sources, else Debian's public one."""
    npm_registry: str = "https://registry.npmjs.org"
    """Registry that Node, npm, Bun and Deno are fetched from for base images."""
    pypi_index: str = "https://pypi.org/simple"
    """Index that uv is fetched from for base images, as pip is given one; it must serve the simple API as JSON."""
    python_mirror: str | None = None
    """Mirror of the Python builds that uv installs, laid out as their releases are; None takes GitHub."""
    python_downloads: str | None = None
    """List of those builds (URL or path of a JSON file), for a mirror that has others than uv knows of."""
    base_refresh_days: float = 7
    """Base images are made anew, for security updates, when their packages are older."""
    base_images: dict[str, str] = {}
    """Images that take the place of base images, by `NAME:VERSION`: `{"python:3.12" = "registry.example.com/python:3.12"}`.
    Addresses as `podman pull` takes them, a registry's in full; also `oci-archive:PATH` and `docker-archive:PATH`."""
    base_images_login: Path | None = None
    """What `podman login --authfile` wrote, for registries of those that want one. Builds of teams do not get it."""
    base_cache_dir: Path = Path("/var/cache/wisehosting")
    """Finished base images as files, for the next platform on this host."""
    git_user: str = "wisehosting-git"
    """Unprivileged user that runs git."""
    checkout_limit_bytes: int = 1024 * MEBIBYTE
    checkout_limit_seconds: float = 120

    apps_address: str = "127.0.0.1"
    apps_port: int = 8080
    """Where HAProxy listens."""
    pool_backends: int = 64
    pool_slots: int = 8
    drain_seconds: float = 30

    @field_validator("base_images")
    @classmethod
    def _names_and_addresses(cls, images: dict[str, str]) -> dict[str, str]:
        for name, address in images.items():
            if not re.fullmatch(r"[a-z][a-z0-9-]*:[a-z0-9][a-z0-9.-]*", name):
                raise ValueError(f"{name!r} is no name of a base image. Write it as NAME:VERSION, such as python:3.12.")
            if not re.fullmatch(r"((oci|docker)-archive:/\S+|[a-z0-9-]+(\.[a-z0-9-]+|:\d+)\S*/\S+)", address):
                raise ValueError(
                    f"{address!r} is no address of an image. Write its registry too, such as docker.io/library/python:3.12, "
                    "or oci-archive:/PATH."
                )
        return images

    @property
    def bridge_prefix(self) -> str:
        """Every bridge of this platform begins with it; the nft policy matches it."""
        return f"whbr{self.number}x"

    @property
    def nft_table(self) -> str:
        """Name of the tenant policy's table in family inet."""
        return f"wh{self.number}_tenant"
