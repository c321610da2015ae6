"""Routing tables for property tests, and a small model of what HAProxy does with runtime commands."""

import re
from collections.abc import Mapping

from hypothesis import strategies as st

from wisehosting_agent.ingress.commands import Command, Maps
from wisehosting_agent.ingress.model import Picture, Pool, Seen, SlotName, SlotSeen, SlotState
from wisehosting_wire.workload import RouteApp, RouteDeployment, RouteServer

MAPS = Maps(hosts="/s/hosts.map", backends="/s/be.map", numbers="/s/rel.map")
NAMES = ("a", "b", "c", "d")
HOSTS = tuple(f"{name}.localhost" for name in "uvwxyz")


@st.composite
def tables(draw: st.DrawFn, *, slots: int = 3, port: int = 20000) -> list[RouteApp]:
    """A table of up to four apps that share no host and no deployment; sometimes with more servers than slots."""
    hosts = draw(st.permutations(HOSTS))
    apps = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        own = [hosts.pop() for _ in range(min(draw(st.integers(0, 2)), len(hosts)))]
        deployments = [
            _deployment(draw, name, number, slots, port)
            for number in draw(st.lists(st.integers(1, 4), unique=True, max_size=3))
        ]
        live = draw(st.sampled_from([None, *(deployment.deployment for deployment in deployments)]))
        apps.append(RouteApp(app=name, hosts=own, live=live, deployments=deployments))
    return apps


def _deployment(draw: st.DrawFn, app: str, number: int, slots: int, port: int) -> RouteDeployment:
    chosen = draw(st.lists(st.integers(1, slots + 1), unique=True))
    servers = [
        RouteServer(
            instance=f"{app}{number}-{one}", address=f"127.0.{number}.{one}", port=port, ready=draw(st.booleans())
        )
        for one in chosen
    ]
    return RouteDeployment(deployment=f"{app}{number}", number=number, servers=servers, draining=draw(st.booleans()))


class Model:
    """Maps and slots that obey the commands as HAProxy 2.6 was seen to; refuses what HAProxy would refuse."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.maps: dict[str, list[tuple[str, str]]] = {MAPS.hosts: [], MAPS.backends: [], MAPS.numbers: []}
        self.slots: dict[SlotName, SlotSeen] = {
            slot: SlotSeen(address="127.0.0.1", port=1, state=SlotState.maint, up=False, used=0)
            for backend in pool.names()
            for slot in pool.slots_of(backend)
        }

    def seen(self) -> Seen:
        return Seen(
            hosts=tuple(self.maps[MAPS.hosts]),
            backends=tuple(self.maps[MAPS.backends]),
            numbers=tuple(self.maps[MAPS.numbers]),
            slots=dict(self.slots),
        )

    def use(self, used: Mapping[SlotName, int]) -> None:
        """Set how many connections each slot has."""
        for name, slot in self.slots.items():
            self.slots[name] = _with(slot, used=used.get(name, 0))

    def lookup(self, path: str, key: str) -> str | None:
        return next((value for held, value in self.maps[path] if held == key), None)

    def run(self, command: Command) -> None:
        words = command.line.split(" ")
        if words[1] == "map":
            self._map(words[0], words[2], words[3], words[4] if len(words) > 4 else "")
            return
        assert words[:2] == ["set", "server"], command.line
        backend, server = words[2].split("/")
        name = SlotName(backend, server)
        slot = self.slots[name]
        if words[3] == "addr":
            assert slot.state is SlotState.maint, f"{name} got another address while {slot.state}"
            assert slot.used == 0, f"{name} got another address with {slot.used} connections"
            self.slots[name] = _with(slot, address=words[4], port=int(words[6]))
        else:
            assert words[3] == "state"
            self.slots[name] = _with(slot, state=SlotState(words[4]), up=words[4] != "maint")

    def _map(self, verb: str, path: str, key: str, value: str) -> None:
        entries = self.maps[path]
        present = any(held == key for held, _ in entries)
        if verb == "add":
            entries.append((key, value))
        elif verb == "set":
            assert present, f"set map {key}: entry not found."
            self.maps[path] = [(held, value if held == key else old) for held, old in entries]
        else:
            assert verb == "del"
            assert present, f"del map {key}: Key not found."
            self.maps[path] = [(held, old) for held, old in entries if held != key]


def _with(slot: SlotSeen, **changes: object) -> SlotSeen:
    fields = {name: getattr(slot, name) for name in slot.__struct_fields__}
    return SlotSeen(**{**fields, **changes})


def differences(seen: Seen, wanted: Picture) -> list[str]:
    """Where HAProxy holds something else than it should, found without the planner."""
    found = []
    for name, held, should in (
        ("hosts", seen.hosts, wanted.hosts),
        ("backends", seen.backends, wanted.backends),
        ("numbers", seen.numbers, wanted.numbers),
    ):
        if sorted(held) != sorted(should.items()):
            found.append(f"{name}: {sorted(held)} instead of {sorted(should.items())}")
    for slot, state in seen.slots.items():
        target = wanted.slots.get(slot)
        now = (state.address, state.port, state.state)
        if target is None and state.state is not SlotState.maint:
            found.append(f"{slot} is {state.state} and unused")
        if target is not None and now != (target.address, target.port, target.state):
            found.append(f"{slot} is {now} instead of {target}")
    return found


def backend_of(line: str) -> str | None:
    """Backend that a switch command points an app at."""
    match = re.fullmatch(rf"(?:add|set) map {re.escape(MAPS.backends)} \S+ (\S+)", line)
    return match[1] if match else None
