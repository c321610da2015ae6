"""Which platform `wh` talks to: what `wh login` kept, or the environment."""

import json
import os
from pathlib import Path
from typing import NamedTuple

from wisehosting_client.errors import NotLoggedIn

LOCAL_ACCESS = Path("/var/lib/wisehosting/local/access.json")
"""Where `./dev up` says how to reach it."""


class Access(NamedTuple):
    """A platform and the token for it."""

    api: str
    """`http://localhost:7000/api/v1`."""
    token: str
    dashboard: str
    apps_domain: str


def kept_in() -> Path:
    """Return the file `wh login` writes: below XDG_CONFIG_HOME, mode 0600."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "wisehosting" / "access.json"


def read_platform(path: Path) -> Access:
    """Read the `access.json` of a local platform, and the token file it names. Raises NotLoggedIn with the next command."""
    try:
        found = json.loads(path.read_text())
        token = Path(found["token"]).read_text().strip()
    except FileNotFoundError as error:
        raise NotLoggedIn(f"There is no {error.filename}. Start a platform here with: ./dev up --detach") from error
    except PermissionError as error:
        raise NotLoggedIn(f"You may not read {error.filename}. Run the command as root: sudo wh login") from error
    except (KeyError, ValueError) as error:
        raise NotLoggedIn(f"{path} is not what ./dev up writes. Start it again with: ./dev up") from error
    return Access(api=found["api"], token=token, dashboard=found["dashboard"], apps_domain=found["apps_domain"])


def keep(access: Access) -> Path:
    """Remember a platform; a second call replaces it. The file is readable by its owner only."""
    path = kept_in()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(access._asdict(), file)
    fresh.replace(path)
    return path


def current() -> Access:
    """Return the platform in use: `WISEHOSTING_API` and `WISEHOSTING_TOKEN`, else what was kept. Raises NotLoggedIn."""
    api, token = os.environ.get("WISEHOSTING_API"), os.environ.get("WISEHOSTING_TOKEN")
    if api and token:
        return Access(api=api, token=token, dashboard=api.removesuffix("/api/v1"), apps_domain="")
    try:
        return Access(**json.loads(kept_in().read_text()))
    except FileNotFoundError as error:
        raise NotLoggedIn("You are not logged in. Run: wh login") from error
    except (TypeError, ValueError) as error:
        raise NotLoggedIn(f"{kept_in()} is damaged. Run: wh login") from error
