"""Which Node a project asks for: the files that pin one before the ranges of package.json."""

import re

import msgspec

from wisehosting_stacks.node_package import Package
from wisehosting_stacks.pins import first_pin, pinned, tool_version
from wisehosting_stacks.plan import Version
from wisehosting_stacks.tree import Tree, word
from wisehosting_stacks.versions import LONGEST, Offers, choose, satisfies

_CODENAMES = {
    "gallium": "16",
    "hydrogen": "18",
    "iron": "20",
    "jod": "22",
    "krypton": "24",
}


def node(tree: Tree, package: Package, asked: str, offers: Offers) -> Version:
    """The Node that is taken; a note says when it is another one than asked for, or than another file asks for."""
    files = [
        (pinned(tree, ".nvmrc"), ".nvmrc"),
        (pinned(tree, ".node-version"), ".node-version"),
        (tool_version(tree, "nodejs", "node"), ".tool-versions"),
        (word(package.document, "volta", "node"), "package.json, volta"),
    ]
    ranges = [
        (word(package.document, "engines", "node"), "package.json, engines"),
        (_runtime(package, "node"), "package.json, devEngines"),
    ]
    # A setting is meant to win over the files, but not over what a tool then refuses.
    pins = [(asked, "build.version"), *ranges] if asked else [*files, *ranges]
    wanted, where = first_pin(*pins)
    version = msgspec.structs.replace(choose("node", "Node", _number(wanted), where, offers), asked=wanted[:LONGEST])
    other = next((pin for pin in pins if _asks_otherwise(pin[0], version.taken)), None)
    if version.note or other is None or other[1] == where:
        return version
    note = (
        f"{where} asks for Node {version.asked}, and {other[1]} for {other[0][:LONGEST]}: "
        f"Node {version.taken} was taken. Make them agree, or a tool may refuse it."
    )
    return msgspec.structs.replace(version, note=note)


def _number(wanted: str) -> str:
    """Names of long-term releases as their numbers."""
    return _CODENAMES.get(wanted.strip().lower().removeprefix("lts/"), wanted)


def _asks_otherwise(wanted: str, taken: str) -> bool:
    number = _number(wanted)[:LONGEST]
    return re.search(r"\d", number) is not None and not satisfies(taken, number)


def _runtime(package: Package, name: str) -> str:
    found = word(package.document, "devEngines", "runtime", "version")
    return found if word(package.document, "devEngines", "runtime", "name") == name else ""
