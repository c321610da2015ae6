"""Image stores on disk: one for the platform's bases, one per team, one for what runs.

A team's builds see their own store and the bases, nothing else. The Podman service sees all of them read-only.
It opens its stores once, so empty ones are listed ahead of need and a new team takes the next:
only when those run out must the service be started again.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from wisehosting_agent.errors import ConfigurationError

AHEAD = 16
"""Empty stores that are listed before a team needs them."""


class Slots(msgspec.Struct, kw_only=True):
    """The file `teams.json`: which team has which store and id range. Never given to another team."""

    teams: dict[str, int] = {}


class Stores:
    """Folders of the stores below one root. Team ids stay in the table: paths hold only the slot's number."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bases = root / "bases"
        self.runtime = root / "runtime"
        self._table = root / "teams.json"
        self._teams = root / "teams"

    def prepare(self) -> None:
        """Create the folders. A second call changes nothing. Raises ConfigurationError when they cannot be made."""
        try:
            for folder in (self.root, self.bases, self.runtime, self._teams):
                folder.mkdir(parents=True, exist_ok=True)
                # mapped ids must reach their files through these folders, and list nothing on the way
                folder.chmod(0o711)
            for index in range(self.listed()):
                self.folder(index).mkdir(mode=0o711, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"Cannot create the image stores below {self.root}: {error}. Run the agent as root, or set WISEHOSTING_AGENT_STORAGE_DIR."
            ) from error

    def slot(self, team: str) -> int:
        """The team's number here; a new team takes the next one, and its folder is made."""
        known = self._read().teams.get(team)
        if known is not None:
            return known
        with self._locked():
            slots = self._read()
            index = slots.teams.setdefault(team, len(slots.teams))
            self._write(slots)
        self.prepare()
        return index

    def team(self, team: str) -> Path:
        """Folder of the team's store; a new team gets one."""
        return self.folder(self.slot(team))

    def folder(self, slot: int) -> Path:
        """Folder of the store with this number."""
        return self._teams / f"{slot:04d}"

    def teams(self) -> list[str]:
        """Teams that have a store here."""
        return list(self._read().teams)

    def listed(self) -> int:
        """How many team stores the service lists: all that are taken and at least AHEAD / 2 empty ones."""
        taken = len(self._read().teams)
        return (taken + AHEAD // 2 + AHEAD - 1) // AHEAD * AHEAD

    def read_only(self) -> list[Path]:
        """All stores the service looks into, bases first."""
        return [self.bases, *(self.folder(index) for index in range(self.listed()))]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "teams.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> Slots:
        try:
            return msgspec.json.decode(self._table.read_bytes(), type=Slots)
        except FileNotFoundError:
            return Slots()
        except msgspec.MsgspecError as error:
            raise ConfigurationError(
                f"{self._table} is damaged: {error}. Restore it, or remove {self.root} while nothing runs."
            ) from error

    def _write(self, slots: Slots) -> None:
        partial = self._table.with_suffix(".partial")
        with partial.open("wb") as file:
            file.write(msgspec.json.encode(slots))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._table)
