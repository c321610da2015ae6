"""What HAProxy should hold and what it holds, as values: maps and slots. No input or output here."""

import enum
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec


class SlotState(enum.StrEnum):
    """Administrative state of a slot, as the runtime API names it."""

    ready = "ready"
    drain = "drain"
    """Gets no new request; health checks go on. An instance that is not ready stands here."""
    maint = "maint"
    """Unused, or on its way out: running requests and streams are left alone."""


class SlotName(NamedTuple):
    """A place for one instance: backend and server name."""

    backend: str
    server: str

    def __str__(self) -> str:
        return f"{self.backend}/{self.server}"


class Pool(msgspec.Struct, frozen=True):
    """Size of the static pool: backends, and slots in each."""

    backends: int
    slots: int

    def names(self) -> list[str]:
        """All backends, `p0001` first."""
        return [backend_name(number) for number in range(1, self.backends + 1)]

    def slots_of(self, backend: str) -> list[SlotName]:
        """All slots of a backend, `s1` first."""
        return [SlotName(backend, server_name(number)) for number in range(1, self.slots + 1)]


@lru_cache(maxsize=16384)
def backend_name(number: int) -> str:
    """Name of the pool's n-th backend, counted from 1."""
    return f"p{number:04d}"


def server_name(number: int) -> str:
    """Name of a backend's n-th slot, counted from 1."""
    return f"s{number}"


class Target(msgspec.Struct, frozen=True):
    """A slot in use: where its instance listens, and whether it gets new requests."""

    address: str
    port: int
    state: SlotState = SlotState.ready


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """Everything HAProxy should hold. A slot that is not named is unused and in maintenance."""

    hosts: Mapping[str, str] = {}
    """Hostname to app."""
    backends: Mapping[str, str] = {}
    """App to the backend that serves it; an app without a release is absent."""
    numbers: Mapping[str, str] = {}
    """Leased backend to the deployment number its answers carry."""
    slots: Mapping[SlotName, Target] = {}


class SlotSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What HAProxy says about a slot."""

    address: str
    port: int
    state: SlotState
    up: bool
    """Its health checks pass, or have not failed yet."""
    used: int
    """Connections in use."""

    @property
    def quiet(self) -> bool:
        """May be given another address: HAProxy 2.6 goes on sending a busy connection to the old one."""
        return self.state is SlotState.maint and self.used == 0


Entries = tuple[tuple[str, str], ...]
"""A map as HAProxy lists it: in order, duplicates included (the first one wins)."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What HAProxy holds."""

    hosts: Entries = ()
    backends: Entries = ()
    numbers: Entries = ()
    slots: Mapping[SlotName, SlotSeen] = {}

    def quiet(self) -> frozenset[SlotName]:
        """Slots in maintenance without a connection."""
        return frozenset(name for name, slot in self.slots.items() if slot.quiet)
