"""The routing table, mirrored once a process, so that a change costs one query and not one a node."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.kit.context import Context
from wisehosting_wire.messages import Routes
from wisehosting_wire.routes import routes_digest
from wisehosting_wire.workload import RouteApp

HISTORY = 256
PART_BYTES = 512 * 1024
TOPIC = "route-feed"
"""Announced when the mirror has been brought up to date."""

_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class Change:
    """From one revision to another."""

    base: int
    revision: int
    apps: dict[str, RouteApp]
    removed: frozenset[str]


class RouteFeed:
    """The newest table and the last changes."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._lock = asyncio.Lock()
        self._loaded = False
        self._history: deque[Change] = deque(maxlen=HISTORY)
        self._digests: dict[int, bytes] = {}
        self.revision = 0
        self.apps: dict[str, RouteApp] = {}

    async def refresh(self) -> None:
        """Bring the mirror up to date: the whole table the first time, what changed afterwards."""
        async with self._lock, self._ctx.db.read() as session:
            if not self._loaded:
                self.revision, apps = await ingress.table(session)
                self.apps = {app.app: app for app in apps}
                self._loaded = True
                return
            revision, changed, removed = await ingress.changes(session, self.revision)
            if revision == self.revision:
                return
            change = Change(self.revision, revision, {app.app: app for app in changed}, frozenset(removed))
            self.apps = {name: app for name, app in (self.apps | change.apps).items() if name not in change.removed}
            self.revision = revision
            self._history.append(change)
            self._digests = {known: value for known, value in self._digests.items() if known > revision - HISTORY}

    async def ensure(self) -> None:
        """Load the table unless that happened before."""
        if not self._loaded:
            await self.refresh()

    def digest(self) -> bytes:
        """Return the digest of the newest table, made when somebody asks."""
        if self.revision not in self._digests:
            self._digests[self.revision] = routes_digest(self.apps.values())
        return self._digests[self.revision]

    def digest_of(self, revision: int) -> bytes | None:
        """Return the digest of a revision, or None when it is not known any more."""
        return self.digest() if revision == self.revision else self._digests.get(revision)

    def since(self, revision: int) -> Change | None:
        """Return all changes after a revision as one, or None when they are not known any more."""
        steps = [change for change in self._history if change.base >= revision]
        if not steps or steps[0].base != revision:
            return None
        apps: dict[str, RouteApp] = {}
        removed: set[str] = set()
        for step in steps:
            apps |= step.apps
            removed = (removed - step.apps.keys()) | step.removed
            apps = {name: app for name, app in apps.items() if name not in removed}
        return Change(revision, self.revision, apps, frozenset(removed))


def messages(
    *, revision: int, base: int, snapshot: bool, apps: Iterable[RouteApp], removed: Iterable[str] = ()
) -> list[Routes]:
    """Cut a table or a change into messages that fit frames."""
    parts = list(_parts(apps)) or [[]]
    return [
        Routes(
            revision=revision,
            base=base,
            snapshot=snapshot,
            apps=part,
            removed=sorted(removed) if number == 1 else [],
            part=number,
            parts=len(parts),
        )
        for number, part in enumerate(parts, start=1)
    ]


def _parts(apps: Iterable[RouteApp]) -> Iterator[list[RouteApp]]:
    part: list[RouteApp] = []
    size = 0
    for app in sorted(apps, key=lambda app: app.app):
        length = len(_encode(app))
        if part and size + length > PART_BYTES:
            yield part
            part, size = [], 0
        part.append(app)
        size += length
    if part:
        yield part
