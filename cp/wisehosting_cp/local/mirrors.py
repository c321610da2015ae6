"""The package servers this machine uses, read from its own configuration: builds have to reach the same ones.

On some networks they resolve to private addresses, which the tenant policy closes; those are named and allowed.
"""

import configparser
import ipaddress
import os
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEFAULTS = (
    "https://pypi.org",
    "https://files.pythonhosted.org",
    "https://registry.npmjs.org",
    "http://deb.debian.org",
    "http://security.debian.org",
)
"""What containers use when nobody configures anything."""


@dataclass(frozen=True)
class Mirror:
    """A package server and what its name resolves to here; no address means it cannot be reached by name."""

    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def private(self) -> tuple[str, ...]:
        """Its addresses that the tenant policy would close."""
        return tuple(a for a in self.addresses if _closed(ipaddress.ip_address(a)))


def mirrors() -> list[Mirror]:
    """Every configured or default package server, resolved. One that does not resolve has no addresses."""
    wanted = sorted({found for url in configured() if (found := _host(url)) is not None})
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda pair: Mirror(pair[0], pair[1], _resolve(*pair)), wanted))


def configured() -> list[str]:
    """URLs of package servers: apt, pip, uv, npm and proxies of this machine, and the defaults."""
    env = os.environ
    urls = [*DEFAULTS, *_apt(Path("/etc/apt")), *_pip(), *_npm()]
    urls += [env.get(name, "") for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_INDEX_URL", "npm_config_registry")]
    urls += [env.get(name, "") for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")]
    return [url for url in urls if url.startswith(("http://", "https://"))]


def allowed(found: Iterable[Mirror]) -> list[str]:
    """The agent's `network_allow` for private package servers: `10.1.2.3/32:443`."""
    return sorted(
        {f"{address}/32:{mirror.port}" for mirror in found for address in mirror.private if ":" not in address}
    )


def _apt(folder: Path) -> list[str]:
    words: list[str] = []
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))):
        if path.is_file() and path.suffix in (".list", ".sources"):
            lines = path.read_text(errors="replace").splitlines()
            words += [word for line in lines for word in line.partition("#")[0].split()]
    return [word for word in words if word.startswith(("http://", "https://"))]


def _pip() -> list[str]:
    home = Path.home()
    urls: list[str] = []
    for path in (Path("/etc/pip.conf"), home / ".pip/pip.conf", home / ".config/pip/pip.conf"):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(path)
        except configparser.Error:
            continue
        for section in parser.values():
            for name in ("index-url", "extra-index-url"):
                urls += section.get(name, "").split()
    return urls


def _npm() -> list[str]:
    urls = []
    for path in (Path.home() / ".npmrc", Path("/etc/npmrc")):
        try:
            lines = path.read_text().splitlines()
        except OSError:
            continue
        urls += [
            line.partition("=")[2].strip() for line in lines if line.partition("=")[0].strip().endswith("registry")
        ]
    return urls


def _host(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    return None if parts.hostname is None else (parts.hostname, port)


def _resolve(host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(sorted({str(item[4][0]) for item in found}))


def _closed(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return not address.is_global and not address.is_loopback
