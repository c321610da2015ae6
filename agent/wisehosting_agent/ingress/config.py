"""HAProxy's configuration and pages, rendered from templates. Routes are not in it: it changes with pool or version only."""

import grp
import hashlib
import ipaddress
import os
import pwd
import re
import resource
from pathlib import Path
from typing import NamedTuple

import jinja2
import msgspec

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.ingress.model import Pool

_TEMPLATES = Path(__file__).parent / "templates"
_FOLDER = re.compile(r"/[A-Za-z0-9._/@+-]*")
_MOST_CONNECTIONS = 20_000
_RESERVED_DESCRIPTORS = 256
_FEWEST_CONNECTIONS = 100
# HAProxy binds `admin.sock.PID.tmp` first; a unix socket's path takes 107 bytes.
_LONGEST_FOLDER = 107 - len("/admin.sock.4194304.tmp")


class Page(NamedTuple):
    """A page HAProxy answers by itself."""

    status: int
    title: str
    sentence: str
    owner: str


PAGES = {
    "400": Page(
        400,
        "This request could not be read",
        "It names no host, several hosts, or a host that cannot exist.",
        "Open the address again as it was given to you.",
    ),
    "404": Page(
        404,
        "There is no app at this address",
        "The server is here, but it knows no app by this name.",
        "Is it yours? Check the address on the project's page, or add it there as a domain.",
    ),
    "408": Page(
        408,
        "The request took too long to arrive",
        "The connection was opened, but the request was not complete in time.",
        "Load the page again.",
    ),
    "500": Page(
        500,
        "Something went wrong on the way",
        "The server could not pass this request on.",
        "Load the page again in a moment.",
    ),
    "502": Page(
        502,
        "The app ended the connection without an answer",
        "It took the request and then closed, or answered something that is not HTTP.",
        "Is it yours? The app's log on the project's page shows what happened.",
    ),
    "503": Page(
        503,
        "The app is not answering right now",
        "None of its instances is healthy. They are checked twice a second and come back by themselves.",
        "Is it yours? The project's page shows its instances and their log.",
    ),
    "504": Page(
        504,
        "The app took too long to answer",
        "It has the request, but sent no answer in time.",
        "Is it yours? The app's log on the project's page shows what it was doing.",
    ),
    "norelease": Page(
        503,
        "Nothing is deployed here yet",
        "The address is ready. The app appears as soon as its first deployment is live.",
        "Is it yours? The project's page shows how the deployment is going.",
    ),
}


class Rendered(msgspec.Struct, frozen=True):
    """Configuration and pages, and the mark by which a running HAProxy says which configuration it loaded."""

    config: str
    pages: dict[str, str]
    mark: str


def render(folder: Path, address: str, port: int, pool: Pool) -> Rendered:
    """Render everything static for this folder, listener and pool. Raises ConfigurationError for what HAProxy cannot take."""
    if not _FOLDER.fullmatch(str(folder)) or len(str(folder)) > _LONGEST_FOLDER:
        raise ConfigurationError(
            f"The folder {folder} cannot hold HAProxy's files: use an absolute path of letters, digits and . _ / @ + -, "
            f"at most {_LONGEST_FOLDER} characters (WISEHOSTING_AGENT_STATE_DIR)."
        )
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=jinja2.select_autoescape(["html.j2"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages = {name: environment.get_template("page.html.j2").render(page._asdict()) for name, page in PAGES.items()}
    user, group = _account()
    template = environment.get_template("haproxy.cfg.j2")
    values = {
        "folder": folder,
        "bind": _bind(address, port),
        "backends": pool.names(),
        "slots": pool.slots,
        "user": user,
        "group": group,
        "maxconn": max_connections(resource.getrlimit(resource.RLIMIT_NOFILE)[1], pool),
    }
    unmarked = template.render(values, mark="")
    mark = "wh-" + hashlib.sha256(msgspec.json.encode([unmarked, pages])).hexdigest()[:24]
    return Rendered(config=template.render(values, mark=mark), pages=pages, mark=mark)


def max_connections(descriptors: int, pool: Pool) -> int:
    """Connections the hard limit on open files allows: two files each, one per slot for its check, some spare.

    HAProxy 3.0 refuses to start when it needs more. Raises ConfigurationError under 100 connections.
    """
    if descriptors == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    spare = pool.backends * pool.slots + _RESERVED_DESCRIPTORS + 16 * (os.cpu_count() or 1)
    connections = min(_MOST_CONNECTIONS, (descriptors - spare) // 2)
    if connections < _FEWEST_CONNECTIONS:
        raise ConfigurationError(
            f"The limit of {descriptors} open files leaves HAProxy {max(connections, 0)} connections. Raise it: LimitNOFILE= "
            f"in the unit, or `ulimit -Hn {spare + 2 * _FEWEST_CONNECTIONS}` and more."
        )
    return connections


def _bind(address: str, port: int) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError as error:
        raise ConfigurationError(
            f"{address!r} is no IP address. Set WISEHOSTING_AGENT_APPS_ADDRESS to one of this host."
        ) from error
    if not 0 < port < 65536:
        raise ConfigurationError(f"{port} is no port. Set WISEHOSTING_AGENT_APPS_PORT to 1 … 65535.")
    return f"[{parsed}]:{port}" if parsed.version == 6 else f"{parsed}:{port}"


def _account() -> tuple[str, str]:
    """User and group HAProxy's worker runs as; its own ones where we are root and they exist, else ours."""
    if os.geteuid() != 0:
        return "", ""
    try:
        return pwd.getpwnam("haproxy").pw_name, grp.getgrnam("haproxy").gr_name
    except KeyError:
        return "", ""
