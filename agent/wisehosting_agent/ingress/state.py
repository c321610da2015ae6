"""HAProxy's files in the state folder: book, maps, server state. With them a start, crash or reload comes up complete."""

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from wisehosting_agent.errors import IngressError
from wisehosting_agent.ingress.commands import Maps
from wisehosting_agent.ingress.leases import Book
from wisehosting_agent.ingress.model import Picture, SlotName, SlotState, Target
from wisehosting_wire.workload import RouteApp

_HEADER = (
    "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
    "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr "
    "srv_agent_addr srv_agent_port"
)
# 4: declared `disabled` in the configuration and enabled since; 0 would leave the slot disabled. 8 is a forced drain.
_ADMIN = {SlotState.ready: 4, SlotState.drain: 12}


class Stored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`routes.json`: the one truth that the other files are made from."""

    book: Book = Book()
    apps: list[RouteApp] = []
    """The table in force: refused apps stand as they were."""


def map_text(entries: Mapping[str, str]) -> str:
    """A map file."""
    return "".join(f"{key} {value}\n" for key, value in sorted(entries.items()))


def parse_map(text: str) -> dict[str, str]:
    """Entries of a map file."""
    return dict(line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))


def servers_text(slots: Mapping[SlotName, Target]) -> str:
    """A server-state file. Slots that are left out keep what the configuration says: disabled."""
    lines = ["1", _HEADER]
    for name, target in sorted(slots.items()):
        if target.state is not SlotState.maint:
            lines.append(
                f"0 {name.backend} 0 {name.server} {target.address} 2 {_ADMIN[target.state]} 1 1 0 1 0 0 0 0 0 0 - "
                f"{target.port} - 0 0 - - 0"
            )
    return "\n".join(lines) + "\n"


def write_file(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file so that a crash leaves the old or the new one, never a part. Raises IngressError."""
    temporary = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise IngressError(f"write {path}: {error.strerror}. Check the disk and the folder's permissions.") from error


class Files:
    """The folder `ingress` below the state folder. Writing the same content twice touches no file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[Path, str] = {}

    @property
    def maps(self) -> Maps:
        """Paths of the three maps."""
        maps = self.folder / "maps"
        return Maps(hosts=str(maps / "hosts.map"), backends=str(maps / "be.map"), numbers=str(maps / "rel.map"))

    @property
    def _routes(self) -> Path:
        return self.folder / "routes.json"

    def prepare(self) -> None:
        """Make the folders, 0700. A second call changes nothing."""
        for folder in (self.folder, self.folder / "maps", self.folder / "pages"):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)
            except OSError as error:
                raise IngressError(f"make the folder {folder}: {error.strerror}") from error

    def load(self) -> Stored:
        """What was in force when it was last written; empty on a new machine. Raises IngressError when it cannot be read."""
        try:
            content = self._routes.read_bytes()
        except FileNotFoundError:
            return Stored()
        except OSError as error:
            raise IngressError(f"read {self._routes}: {error.strerror}") from error
        try:
            return msgspec.json.decode(content, type=Stored)
        except msgspec.DecodeError as error:
            raise IngressError(
                f"read {self._routes}: {error}. Move the file away and start again: the control plane sends all routes."
            ) from error

    def save(self, book: Book, apps: Sequence[RouteApp], wanted: Picture) -> None:
        """Write book, maps and server state, the book first. Files whose content did not change are left alone."""
        stored = msgspec.json.format(msgspec.json.encode(Stored(book=book, apps=list(apps))), indent=1).decode()
        maps = self.maps
        self.put(self._routes, stored)
        self.put(Path(maps.numbers), map_text(wanted.numbers))
        self.put(self.folder / "servers.state", servers_text(wanted.slots))
        self.put(Path(maps.backends), map_text(wanted.backends))
        self.put(Path(maps.hosts), map_text(wanted.hosts))

    def put(self, path: Path, text: str) -> None:
        """Replace one file unless it has this content already."""
        if self._written.get(path) is None:
            try:
                self._written[path] = path.read_text(encoding="utf-8")
            except (FileNotFoundError, UnicodeDecodeError):
                pass
            except OSError as error:
                raise IngressError(f"read {path}: {error.strerror}") from error
        if self._written.get(path) != text:
            write_file(path, text)
            self._written[path] = text

    def probe_secret(self) -> str:
        """Value of the header that marks our own probes, made once per installation."""
        path = self.folder / "probe.secret"
        try:
            secret = path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            secret = ""
        except (OSError, UnicodeDecodeError) as error:
            raise IngressError(f"read {path}: {error}") from error
        if len(secret) < 32:
            secret = secrets.token_urlsafe(32)
            write_file(path, secret + "\n")
        return secret
