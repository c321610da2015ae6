"""Port rules that outlived their containers: netavark's iptables driver loses some when tear-downs run at once or are killed.

A rule left behind takes the traffic of its port to an address that nobody has, whoever gets the port next. Newer
netavark keeps its rules in a table of its own and replaces them; where there is no iptables there is nothing to do.
"""

import re
import shlex
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

LIST = ("iptables", "-w", "5", "-t", "nat", "-S")
_JUMP = re.compile(r"-A NETAVARK-HOSTPORT-DNAT .*--dport (\d+) .*dnat name: (\S+) id: ([0-9a-f]{64})")
_OF_PORT = re.compile(r"-A NETAVARK-DN-\S+ .*--dport (\d+) .*--to-destination ")


def listed() -> list[str]:
    """The host's port rules; none where there is no iptables."""
    if shutil.which("iptables") is None:
        return []
    return subprocess.run(LIST, check=False, capture_output=True, text=True).stdout.splitlines()


def delete(rules: Iterable[str]) -> None:
    """Delete rules as `listed` shows them; one that netavark took away meanwhile is success."""
    for rule in rules:
        subprocess.run([*LIST[:-1], "-D", *shlex.split(rule)[1:]], check=False, capture_output=True)


def stale_rules(rules: Collection[str], network_prefix: str, alive: Collection[str]) -> Iterator[str]:
    """Yield the rules to delete: jumps of dead containers and where their ports lead to, but a living one's, the newest."""
    dead: set[str] = set()
    living: set[str] = set()
    for rule in rules:
        if (jump := _JUMP.match(rule)) and jump[2].startswith(network_prefix):
            if jump[3] in alive:
                living.add(jump[1])
            else:
                dead.add(jump[1])
                yield rule
    targets: dict[str, list[str]] = defaultdict(list)
    for rule in rules:
        if (found := _OF_PORT.match(rule)) and found[1] in dead:
            targets[found[1]].append(rule)
    for port, of_port in targets.items():
        yield from of_port[:-1] if port in living else of_port
