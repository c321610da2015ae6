"""From what HAProxy holds to what it should hold: an ordered list of runtime commands. Pure.

Order (each step leaves every hostname answered): numbers, addresses, ready, the switch of each app (one atomic
`set map`), hostnames in, hostnames out, apps out, slots out, numbers out.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from wisehosting_agent.errors import IngressError
from wisehosting_agent.ingress.model import Entries, Picture, Seen, SlotName, SlotSeen, SlotState, Target

# The runtime API splits at blanks and `;`, escapes by `\`, reads `<<` as the begin of a payload: none of them may pass.
_VALUE = re.compile(r"[A-Za-z0-9._:/@%+,=~*-]+")
_ADDRESS_REPLY = re.compile(r"(no need to change|IP changed from|port changed from)[^\n]*")


class Maps(msgspec.Struct, frozen=True):
    """Paths of the map files: their names in the runtime API."""

    hosts: str
    backends: str
    numbers: str


class Command(msgspec.Struct, frozen=True):
    """One runtime command. Success is an empty reply, or one that `expects` matches whole."""

    line: str
    place: str
    """What it changes: a map's path, or a backend's name."""
    expects: re.Pattern[str] | None = None

    def accepts(self, reply: str) -> bool:
        """Tell whether this reply means success."""
        return not reply or (self.expects is not None and self.expects.fullmatch(reply) is not None)


class Plan(msgspec.Struct, frozen=True):
    """What to do now, and slots that wait: they have another address and still hold connections."""

    commands: list[Command]
    blocked: list[SlotName]


def set_address(slot: SlotName, address: str, port: int) -> Command:
    """Give a slot another address. Only for a slot in maintenance without connections."""
    return Command(f"set server {_safe(str(slot))} addr {_safe(address)} port {port:d}", slot.backend, _ADDRESS_REPLY)


def set_state(slot: SlotName, state: SlotState) -> Command:
    """Set a slot's administrative state."""
    return Command(f"set server {_safe(str(slot))} state {state}", slot.backend)


def shutdown_sessions(slot: SlotName) -> Command:
    """Cut every request and stream of a slot."""
    return Command(f"shutdown sessions server {_safe(str(slot))}", slot.backend)


def add_map(path: str, key: str, value: str) -> Command:
    """Add a key that is not in the map; an existing one would become a duplicate."""
    return Command(f"add map {_safe(path)} {_safe(key)} {_safe(value)}", path)


def set_map(path: str, key: str, value: str) -> Command:
    """Change a key that is in the map, atomically."""
    return Command(f"set map {_safe(path)} {_safe(key)} {_safe(value)}", path)


def del_map(path: str, key: str) -> Command:
    """Take a key and all its duplicates out."""
    return Command(f"del map {_safe(path)} {_safe(key)}", path)


def _safe(value: str) -> str:
    if not _VALUE.fullmatch(value):
        raise IngressError(f"build a HAProxy command: the value {value!r} has characters that no route may have")
    return value


def plan(seen: Seen, wanted: Picture, maps: Maps) -> Plan:
    """Commands that lead from `seen` to `wanted`; none when they agree. Raises IngressError for a value that is unsafe."""
    numbers_in, numbers_out = _map(maps.numbers, seen.numbers, wanted.numbers)
    backends_in, backends_out = _map(maps.backends, seen.backends, wanted.backends)
    hosts_in, hosts_out = _map(maps.hosts, seen.hosts, wanted.hosts)
    slots_in: list[Command] = []
    slots_out: list[Command] = []
    blocked: list[SlotName] = []
    for name in sorted(name for name, target in wanted.slots.items() if not _holds(seen.slots.get(name), target)):
        now, target = seen.slots.get(name), wanted.slots[name]
        if now is None:
            raise IngressError(f"place an instance: HAProxy has no slot {name}; its configuration is not ours")
        _fill(name, now, target, slots_in, slots_out, blocked)
    slots_out += [
        set_state(name, SlotState.maint)
        for name in sorted(
            name for name, now in seen.slots.items() if now.state is not SlotState.maint and name not in wanted.slots
        )
    ]
    commands = [*numbers_in, *slots_in, *backends_in, *hosts_in, *hosts_out, *backends_out, *slots_out, *numbers_out]
    return Plan(commands, blocked)


def _holds(now: SlotSeen | None, target: Target) -> bool:
    return now is not None and now.port == target.port and now.state is target.state and now.address == target.address


def _fill(
    name: SlotName,
    now: SlotSeen,
    target: Target,
    entering: list[Command],
    going: list[Command],
    blocked: list[SlotName],
) -> None:
    if (now.address, now.port) != (target.address, target.port):
        if not now.quiet:
            # Another address while connections are open would mix two instances (HAProxy 2.6): out first, then wait.
            if now.state is not SlotState.maint:
                going.append(set_state(name, SlotState.maint))
            blocked.append(name)
            return
        entering.append(set_address(name, target.address, target.port))
    if now.state is not target.state:
        (entering if target.state is SlotState.ready else going).append(set_state(name, target.state))


def _map(path: str, seen: Entries, wanted: Mapping[str, str]) -> tuple[list[Command], list[Command]]:
    first = dict(seen)
    if len(first) == len(seen) and first == wanted:
        return [], []
    held: dict[str, list[str]] = {}
    for key, value in seen:
        held.setdefault(key, []).append(value)
    entering: list[Command] = []
    for key, value in sorted(wanted.items()):
        now = held.get(key, [])
        if not now:
            entering.append(add_map(path, key, value))
        elif len(now) > 1:
            entering += [del_map(path, key), add_map(path, key, value)]
        elif now[0] != value:
            entering.append(set_map(path, key, value))
    return entering, [del_map(path, key) for key in sorted(held) if key not in wanted]


def batches(commands: Sequence[Command], *, count: int = 100, size: int = 8000) -> list[list[Command]]:
    """Commands in groups that fit one line of the runtime API."""
    groups: list[list[Command]] = []
    length = 0
    for command in commands:
        length += len(command.line) + 1
        if not groups or len(groups[-1]) == count or length > size:
            groups.append([])
            length = len(command.line) + 1
        groups[-1].append(command)
    return groups
