"""The state folder of one `./dev up`: what lies where, who may read it, and that only one `up` uses it at a time."""

import contextlib
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wisehosting_cp.local.errors import Busy, LocalError, Unfit
from wisehosting_cp.local.numbers import NUMBERS

DEFAULT_STATE = Path("/var/lib/wisehosting/local")
REGISTRY = Path("/var/lib/wisehosting/numbers")
"""One file per number, holding the state folder that has it. It outlives a reboot, as the state folders do."""
TRAVERSE = stat.S_IXOTH


class State:
    """Paths of a state folder. Nothing here touches anything outside of it but the registry of numbers."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.secrets = root / "secrets"
        self.master_key = self.secrets / "master.key"
        self.api_server_secret = self.secrets / "api_server.secret"
        self.client_secret = self.secrets / "provider-client.secret"
        self.mesh = root / "mesh"
        self.certificate = self.mesh / "certificate.pem"
        self.certificate_key = self.mesh / "key.pem"
        self.postgres = root / "postgres"
        self.control_plane = root / "cp"
        self.agent = root / "agent"
        self.containers = root / "containers"
        self.provider = root / "provider"
        self.example = root / "example"
        self.logs = root / "logs"
        self.processes = root / "processes"
        self.number_file = root / "number"
        self.choices = root / "choices.json"
        self.access = root / "access.json"
        self.api_token = root / "api-token"
        self.settings = self.secrets / "control-plane.json"
        """The control plane's environment variables, for its other commands; secrets are named in it, not held."""

    def prepare(self) -> None:
        """Make the folders. A second call repairs their modes. Raises Unfit when other users cannot reach the folder."""
        require_reachable(self.root)
        missing = [parent for parent in (self.root, *self.root.parents) if not parent.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o755, exist_ok=True)
            folder.chmod(0o755)  # whatever the umask; PostgreSQL's user has to pass
        self.root.chmod(0o711)
        for folder in (self.postgres, self.control_plane, self.agent, self.containers):
            folder.mkdir(mode=0o711, exist_ok=True)
            folder.chmod(0o711)
        for folder in (self.secrets, self.mesh, self.provider, self.example, self.logs, self.processes):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)

    def make_secrets(self) -> None:
        """Make the secrets that are missing; those that exist stay."""
        write_once(self.master_key, secrets.token_bytes(32))
        write_once(self.api_server_secret, secrets.token_urlsafe(36).encode())
        write_once(self.client_secret, secrets.token_urlsafe(36).encode())

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one `up`. Raises Busy, naming the process that has it. The kernel frees it with the process."""
        path = self.root / "lock"
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise Busy(
                    f"Another ./dev up (process {holder}) runs on {self.root}. Use it, stop it with "
                    f"./dev down{self.option}, or give this one a folder of its own: ./dev up --state DIR"
                ) from error
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def locked(self) -> bool:
        """Whether an `up` holds the folder now."""
        path = self.root / "lock"
        if not path.exists():
            return False
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    @property
    def option(self) -> str:
        """` --state DIR` for printed commands; nothing for the default folder."""
        return "" if self.root == DEFAULT_STATE else f" --state {self.root}"

    def number(self, wanted: int | None = None, *, registry: Path = REGISTRY) -> int:
        """The platform's number: the one kept here, `wanted`, or the first free one. Raises Unfit when it is taken.

        A number belongs to a state folder until that folder is gone; a second call gives the same number.
        """
        registry.mkdir(parents=True, exist_ok=True, mode=0o755)
        with (registry / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self._kept_number()
            if kept is not None and wanted not in (None, kept):
                raise Unfit(
                    f"{self.root} is platform number {kept} and its containers carry it. "
                    f"Leave --number out, or use another folder: --state DIR"
                )
            chosen = kept if kept is not None else wanted
            if chosen is None:
                chosen = next((n for n in range(NUMBERS) if _holder(registry, n) in (None, self.root)), None)
            if chosen is None:
                raise Unfit(
                    f"This host has {NUMBERS} platforms already. Remove the state folder of one you do not need."
                )
            holder = _holder(registry, chosen)
            if holder not in (None, self.root):
                raise Unfit(
                    f"Platform number {chosen} belongs to {holder}. Choose another with --number, or remove that folder."
                )
            write_private(self.number_file, f"{chosen}\n".encode(), mode=0o644)
            write_private(registry / str(chosen), f"{self.root}\n".encode(), mode=0o644)
            return chosen

    def _kept_number(self) -> int | None:
        try:
            return int(self.number_file.read_text())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise LocalError(f"{self.number_file} holds no number. Remove it and start again.") from error

    def remember(self, **chosen: Any) -> dict[str, Any]:
        """Keep what was chosen by hand (ports, limits); what is None keeps its last value. Returns everything kept."""
        kept = read_json(self.choices) or {}
        kept.update({name: value for name, value in chosen.items() if value is not None})
        write_private(self.choices, json.dumps(kept, indent=1).encode())
        return kept


def _holder(registry: Path, number: int) -> Path | None:
    """The state folder that has the number; None when the folder is gone or no longer says so."""
    try:
        root = Path((registry / str(number)).read_text().strip())
        return root if (root / "number").read_text().strip() == str(number) else None
    except OSError:
        return None


def require_reachable(root: Path) -> None:
    """Raises Unfit when system users could not reach the folder: we never open up somebody's home folder for them."""
    if not root.is_absolute():
        raise Unfit(f"--state {root} is not an absolute path.")
    for parent in root.parents:
        if parent.exists() and not parent.stat().st_mode & TRAVERSE:
            raise Unfit(
                f"The state folder {root} lies below {parent}, which is closed to other users; PostgreSQL and git run as "
                f"users of their own and could not reach it. Use a folder outside of home folders: ./dev up --state {DEFAULT_STATE}"
            )


def write_once(path: Path, content: bytes) -> bool:
    """Write a file with mode 0600 unless it exists; False when it did. A half-written file cannot appear."""
    if path.exists():
        return False
    write_private(path, content)
    return True


def write_private(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace a file in one step, with the mode set before it has a name."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    partial.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file; None when the file is missing or cut short by a kill."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
