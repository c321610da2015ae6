"""Which platform `wh` talks to: a context that `wh login` kept, or the environment.

`--context` wins over `WISEHOSTING_API` with `WISEHOSTING_TOKEN`, these over `WH_CONTEXT`, that over `wh context use`.
"""

import ipaddress
import json
import os
import re
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from wisehosting_client.errors import NotLoggedIn, Refused

LOCAL_ACCESS = Path("/var/lib/wisehosting/local/access.json")
"""Where `./dev up` says how to reach it."""
LOCAL = "local"
"""The context of that platform."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.IGNORECASE)

chosen: ContextVar[str] = ContextVar("chosen", default="")
"""What `--context` says in this command."""


class Access(NamedTuple):
    """A platform and the token for it."""

    api: str
    """`http://localhost:7000/api/v1`."""
    token: str
    dashboard: str
    apps_domain: str

    def __repr__(self) -> str:
        """Return it without the token: a traceback or a log is no place for one."""
        return f"Access({self.api})"


class Contexts(NamedTuple):
    """The platforms that are known here, by name, and the one in use."""

    current: str
    known: dict[str, Access]


def kept_in() -> Path:
    """Return the file `wh login` writes: below XDG_CONFIG_HOME, mode 0600."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "wisehosting" / "contexts.json"


def read_platform(path: Path) -> Access:
    """Read the `access.json` of a local platform, and the token file it names. Raises NotLoggedIn with the next command."""
    try:
        found = json.loads(path.read_text())
        token = Path(found["token"]).read_text().strip()
        return Access(api=found["api"], token=token, dashboard=found["dashboard"], apps_domain=found["apps_domain"])
    except FileNotFoundError as error:
        sentence = f"There is no {error.filename}. For a platform elsewhere: wh login URL"
        raise NotLoggedIn(sentence, "./dev up --detach") from error
    except PermissionError as error:
        raise NotLoggedIn(f"You may not read {error.filename}; root may.", "sudo wh login") from error
    except (KeyError, TypeError, ValueError) as error:
        raise NotLoggedIn(f"{path} is not what ./dev up writes.", "./dev up --detach") from error


def at(url: str, token: str) -> Access:
    """Return the platform at this address. Raises Refused when the token would travel readable for others."""
    address = urlsplit(url if "://" in url else f"https://{url}")
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise Refused(0, "no_address", f"{url} is no address of a platform.", "wh login https://HOST")
    if address.scheme == "http" and not _loopback(address.hostname):
        sentence = f"{url} is not encrypted: others on the way could read the token."
        raise Refused(0, "not_encrypted", sentence, f"wh login https://{address.hostname}")
    origin = f"{address.scheme}://{address.netloc.rpartition('@')[2]}"
    return Access(api=f"{origin}/api/v1", token=token, dashboard=origin, apps_domain="")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def named(name: str) -> str:
    """Return a context's name. Raises Refused when it cannot be one."""
    if not NAME.fullmatch(name):
        sentence = f"{name!r} is no name of a context: letters, digits, dots and dashes, at most 63."
        raise Refused(0, "no_name", sentence, "wh login --help")
    return name


def contexts() -> Contexts:
    """Return what is known here; nothing before the first `wh login`. Raises NotLoggedIn when the file is damaged."""
    try:
        found = json.loads(kept_in().read_text())
        return Contexts(found["current"], {name: Access(**item) for name, item in found["contexts"].items()})
    except FileNotFoundError:
        return Contexts("", {})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotLoggedIn(f"{kept_in()} is damaged: remove it and log in again.", f"rm {kept_in()}") from error


def keep(access: Access, name: str) -> Path:
    """Remember a platform under a name and use it from now on; a second call with the name replaces it."""
    return _write(Contexts(named(name), {**contexts().known, name: access}))


def use(name: str) -> Access:
    """Use a context from now on. Raises Refused when there is none of this name."""
    found = contexts()
    access = _of(found, name)
    _write(found._replace(current=name))
    return access


def forget(name: str) -> str:
    """Remove a context with its token; return the one in use then, or an empty text. Raises Refused."""
    found = contexts()
    _of(found, name)
    left = {other: access for other, access in found.known.items() if other != name}
    current = found.current if found.current in left else ""
    _write(Contexts(current, left))
    return current


def _write(contexts: Contexts) -> Path:
    """Write all contexts; the file is readable by its owner only, from its first byte on."""
    path = kept_in()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.unlink(missing_ok=True)
    text = {"current": contexts.current, "contexts": {name: item._asdict() for name, item in contexts.known.items()}}
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(text, file, indent=1)
    fresh.replace(path)
    return path


def _of(found: Contexts, name: str) -> Access:
    if name not in found.known:
        there = f" There are: {', '.join(sorted(found.known))}." if found.known else ""
        raise Refused(0, "no_context", f"There is no context {name}.{there}", f"wh login URL --context {name}")
    return found.known[name]


def current_name() -> str:
    """Return the name of the context in use; empty when the environment names the platform, or nothing does."""
    if name := chosen.get():
        return name
    if os.environ.get("WISEHOSTING_API"):
        return ""
    return os.environ.get("WH_CONTEXT") or contexts().current


def current() -> Access:
    """Return the platform in use. Raises NotLoggedIn, or Refused when the context that is asked for is not known."""
    api, token = os.environ.get("WISEHOSTING_API"), os.environ.get("WISEHOSTING_TOKEN")
    if api and not chosen.get():
        if not token:
            raise NotLoggedIn("WISEHOSTING_API is set, and WISEHOSTING_TOKEN is not.", "unset WISEHOSTING_API")
        return at(api.rstrip("/").removesuffix("/api/v1"), token)
    found, name = contexts(), current_name()
    if name:
        return _of(found, name)
    if found.known:
        raise NotLoggedIn("No context is in use.", f"wh context use {min(found.known)}")
    raise NotLoggedIn("You are not logged in.", "wh login")
