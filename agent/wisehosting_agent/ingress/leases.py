"""Who holds which backend and slot: from the book, what is in force and the table wanted to the next book. Pure."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from wisehosting_agent.ingress.model import Picture, Pool, SlotName, SlotState, Target, backend_name, server_name
from wisehosting_agent.ingress.table import POOL_EMPTY, TOO_MANY, address_text, validate
from wisehosting_wire.workload import RouteApp, RouteDeployment, RouteServer


class Held(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An instance in a slot, from placing until the slot is in maintenance without a connection."""

    slot: int
    instance: str
    address: str
    port: int
    ready: bool = True
    draining: bool = False
    leaving: bool = False


class Lease(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deployment's backend. Leaving: the deployment left the table, connections may still be open."""

    deployment: str
    number: int
    backend: int
    held: tuple[Held, ...] = ()
    leaving: bool = False

    @property
    def name(self) -> str:
        """The backend's name."""
        return backend_name(self.backend)

    def slots(self) -> list[SlotName]:
        """Slots that hold an instance."""
        return [SlotName(self.name, server_name(held.slot)) for held in self.held]

    def settled(self, servers: int) -> bool:
        """Whether so many instances have their slots, and nobody is on the way out."""
        return not self.leaving and len(self.held) == servers and not any(held.leaving for held in self.held)


class Book(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All leases, by deployment. `last` is the backend leased last: the search goes on behind it, so reuse comes late."""

    leases: tuple[Lease, ...] = ()
    last: int = 0

    def lease(self, deployment: str) -> Lease | None:
        """The lease of a deployment."""
        return next((lease for lease in self.leases if lease.deployment == deployment), None)

    def pool(self, wanted: Pool) -> Pool:
        """The wanted pool, or as much more as the leases need: a smaller setting takes no backend away that is in use."""
        backends = max((lease.backend for lease in self.leases), default=0)
        slots = max((held.slot for lease in self.leases for held in lease.held), default=0)
        return Pool(max(wanted.backends, backends), max(wanted.slots, slots))


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """The next book, the table to put in force, and the apps that were refused with their reason."""

    book: Book
    apps: list[RouteApp]
    refused: dict[str, str]


def assign(
    book: Book, in_force: Sequence[RouteApp], table: Sequence[RouteApp], pool: Pool, quiet: frozenset[SlotName]
) -> Assignment:
    """Lease a backend to each deployment of the table and a slot to each server.

    `quiet` names the slots that HAProxy has in maintenance without a connection; only they are given away.
    A lease ends when its deployment left the table and all slots of its backend are quiet.
    A refused app keeps the deployments it had in force (with its new hosts), an app that is new has no release then.
    Servers that find no quiet slot yet are placed by a later call. The same input gives the same book.
    """
    desk = _Desk(book, pool, quiet)
    before = {app.app: app for app in in_force}
    refused = validate(table, before)
    valid = {app.app: app for app in sorted(table, key=lambda app: app.app) if app.app not in refused}
    claimed = {host for app in valid.values() for host in app.hosts}
    effective: dict[str, RouteApp] = {}
    for name in refused:
        if name in before:
            kept = [host for host in before[name].hosts if host not in claimed]
            effective[name] = msgspec.structs.replace(before[name], hosts=kept)
    for name, app in valid.items():
        reason = ""
        if any(len(deployment.servers) > pool.slots for deployment in app.deployments):
            reason = TOO_MANY
        elif not desk.lease(app):
            reason = POOL_EMPTY
        if reason:
            refused[name] = reason
            empty = RouteApp(app=name, hosts=app.hosts, live=None, deployments=[])
            effective[name] = msgspec.structs.replace(before.get(name, empty), hosts=app.hosts)
        else:
            effective[name] = app
    apps = sorted(effective.values(), key=lambda app: app.app)
    unchanged = {deployment.deployment for app in apps if before.get(app.app) == app for deployment in app.deployments}
    return Assignment(book=desk.settle(apps, unchanged), apps=apps, refused=refused)


def needs_lease(app: RouteApp, deployment: RouteDeployment) -> bool:
    """A deployment that drains and never had a backend here needs none."""
    return not deployment.draining or app.live == deployment.deployment


class _Desk:
    """Hands out backends and slots during one assignment."""

    def __init__(self, book: Book, pool: Pool, quiet: frozenset[SlotName]) -> None:
        self._pool = pool
        self._quiet = quiet
        self._last = book.last
        self._leases = {
            lease.deployment: lease for lease in book.leases if not (lease.leaving and self._all_quiet(lease.backend))
        }

    def _all_quiet(self, backend: int) -> bool:
        return all(slot in self._quiet for slot in self._pool.slots_of(backend_name(backend)))

    def lease(self, app: RouteApp) -> bool:
        """Lease what the app lacks, or nothing at all."""
        missing = [
            deployment
            for deployment in app.deployments
            if deployment.deployment not in self._leases and needs_lease(app, deployment)
        ]
        backends = self._free(len(missing))
        if len(backends) < len(missing):
            return False
        for deployment, backend in zip(missing, backends, strict=True):
            self._leases[deployment.deployment] = Lease(
                deployment=deployment.deployment, number=deployment.number, backend=backend
            )
            self._last = backend
        return True

    def _free(self, count: int) -> list[int]:
        if not count:
            return []
        taken = {lease.backend for lease in self._leases.values()}
        found: list[int] = []
        for step in range(self._pool.backends):
            if len(found) == count:
                break
            backend = (self._last + step) % self._pool.backends + 1
            if backend not in taken and self._all_quiet(backend):
                found.append(backend)
        return found

    def settle(self, apps: Sequence[RouteApp], unchanged: AbstractSet[str]) -> Book:
        wanted = {deployment.deployment: deployment for app in apps for deployment in app.deployments}
        leases = []
        for lease in self._leases.values():
            deployment = wanted.get(lease.deployment)
            if deployment is None:
                leases.append(msgspec.structs.replace(lease, leaving=True))
            elif lease.deployment in unchanged and lease.settled(len(deployment.servers)):
                leases.append(lease)
            else:
                held = self._seat(lease, deployment.servers)
                leases.append(
                    msgspec.structs.replace(lease, number=deployment.number, held=held, leaving=False),
                )
        return Book(leases=tuple(sorted(leases, key=lambda lease: lease.deployment)), last=self._last)

    def _seat(self, lease: Lease, servers: Sequence[RouteServer]) -> tuple[Held, ...]:
        waiting = {server.instance: server for server in servers}
        seated: list[Held] = []
        for held in sorted(lease.held, key=lambda held: held.leaving):
            server = waiting.get(held.instance)
            if server is not None and (held.address, held.port) == (address_text(server.address), server.port):
                seated.append(
                    msgspec.structs.replace(held, ready=server.ready, draining=server.draining, leaving=False)
                )
                del waiting[held.instance]
            elif not (held.leaving and SlotName(lease.name, server_name(held.slot)) in self._quiet):
                seated.append(msgspec.structs.replace(held, leaving=True))
        taken = {held.slot for held in seated}
        free = [
            number
            for number in range(1, self._pool.slots + 1)
            if number not in taken and SlotName(lease.name, server_name(number)) in self._quiet
        ]
        order = sorted(waiting.values(), key=lambda server: server.instance)
        for server, slot in zip(order, free, strict=False):
            address = address_text(server.address) or server.address
            seated.append(
                Held(
                    slot=slot,
                    instance=server.instance,
                    address=address,
                    port=server.port,
                    ready=server.ready,
                    draining=server.draining,
                )
            )
        return tuple(sorted(seated, key=lambda held: held.slot))


def picture(book: Book, apps: Sequence[RouteApp]) -> Picture:
    """What HAProxy should hold for this book and this table."""
    leases = {lease.deployment: lease for lease in book.leases}
    slots: dict[SlotName, Target] = {}
    for lease in book.leases:
        for held in lease.held:
            if not (lease.leaving or held.leaving):
                state = SlotState.ready if held.ready and not held.draining else SlotState.drain
                slots[SlotName(lease.name, server_name(held.slot))] = Target(held.address, held.port, state)
    return Picture(
        hosts={host: app.app for app in apps for host in app.hosts},
        backends={app.app: leases[app.live].name for app in apps if app.live in leases},
        numbers={lease.name: str(lease.number) for lease in book.leases},
        slots=slots,
    )


def hold_back(
    in_force: Sequence[RouteApp], apps: Sequence[RouteApp], switch: Callable[[RouteApp], bool]
) -> tuple[list[RouteApp], list[str]]:
    """The table with the old `live` for each app that would switch and may not yet, and the names of those apps.

    Only an app whose old live deployment is still in its table can be held back.
    """
    before = {app.app: app.live for app in in_force}
    held: list[str] = []
    result: list[RouteApp] = []
    for app in apps:
        old = before.get(app.app)
        there = any(deployment.deployment == old for deployment in app.deployments)
        if app.live is not None and old is not None and old != app.live and there and not switch(app):
            held.append(app.app)
            result.append(msgspec.structs.replace(app, live=old))
        else:
            result.append(app)
    return result, held
