"""HAProxy's answers and state files as values. Pure; unknown shapes raise IngressError."""

from wisehosting_agent.errors import IngressError
from wisehosting_agent.ingress.model import Entries, SlotName, SlotSeen, SlotState

_FORCED_MAINT = 0x01
_FORCED_DRAIN = 0x08
_RUNNING = 2


def map_entries(reply: str) -> Entries:
    """Entries of `show map`, in order, duplicates included."""
    entries = []
    for line in reply.splitlines():
        if not line:
            continue
        match line.split(" "):
            case [reference, key, value] if reference.startswith("0x") and key and value:
                entries.append((key, value))
            case _:
                raise IngressError(f"read a map: HAProxy answered {line!r}")
    return tuple(entries)


def slot_states(text: str, used: dict[SlotName, int], *, prefix: str = "p") -> dict[SlotName, SlotSeen]:
    """Slots of `show servers state` (or of a state file) whose backend begins with `prefix`."""
    slots: dict[SlotName, SlotSeen] = {}
    for line in text.splitlines():
        fields = line.split(" ")
        if line.startswith("#") or len(fields) < 19 or not fields[1].startswith(prefix):
            continue
        name = SlotName(fields[1], fields[3])
        try:
            admin, port, running = int(fields[6]), int(fields[18]), int(fields[5]) == _RUNNING
        except ValueError as error:
            raise IngressError(f"read the state of {name}: HAProxy answered {line!r}") from error
        slots[name] = SlotSeen(address=fields[4], port=port, state=_state(admin), up=running, used=used.get(name, 0))
    return slots


def _state(admin: int) -> SlotState:
    if admin & _FORCED_MAINT:
        return SlotState.maint
    return SlotState.drain if admin & _FORCED_DRAIN else SlotState.ready


def used_connections(reply: str) -> dict[SlotName, int]:
    """Connections in use by slot, from `show servers conn`; columns are found by their names."""
    columns: list[str] = []
    used: dict[SlotName, int] = {}
    for line in reply.splitlines():
        fields = line.removeprefix("# ").split()
        if line.startswith("#"):
            columns = fields
        elif fields:
            try:
                backend, server = fields[columns.index("bkname/svname")].split("/", 1)
                used[SlotName(backend, server)] = int(fields[columns.index("used_cur")])
            except (ValueError, IndexError) as error:
                raise IngressError(f"count connections: HAProxy answered {line!r}") from error
    return used


def current_requests(reply: str) -> int:
    """Requests and streams a backend holds, from `show stat BACKEND 2 -1`: also those that wait for a connection."""
    header, _, rest = reply.partition("\n")
    columns = header.removeprefix("# ").split(",")
    row = rest.partition("\n")[0].split(",")
    try:
        return int(row[columns.index("scur")])
    except (ValueError, IndexError) as error:
        raise IngressError(f"count requests: HAProxy answered {reply[:200]!r}") from error


def information(reply: str) -> dict[str, str]:
    """Fields of `show info`."""
    pairs = (line.partition(":") for line in reply.splitlines())
    return {key: value.strip() for key, separator, value in pairs if separator}
