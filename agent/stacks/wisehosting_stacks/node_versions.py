"""Which Node a project asks for: the files that pin one before the ranges of package.json."""

import re

import msgspec

from wisehosting_stacks.node_package import Package
from wisehosting_stacks.pins import first_pin, pinned, tool_version
from wisehosting_stacks.plan import Version
from wisehosting_stacks.tree import Tree, word
from wisehosting_stacks.versions import Offers, choose

_CODENAMES = {
    "gallium": "16",
    "hydrogen": "18",
    "iron": "20",
    "jod": "22",
    "krypton": "24",
}


def node(tree: Tree, package: Package, asked: str, offers: Offers) -> Version:
    """The Node that is taken; a note says when it is another one than asked for."""
    wanted, where = first_pin(
        (asked, "build.version"),
        (pinned(tree, ".nvmrc"), ".nvmrc"),
        (pinned(tree, ".node-version"), ".node-version"),
        (tool_version(tree, "nodejs", "node"), ".tool-versions"),
        (word(package.document, "volta", "node"), "package.json, volta"),
        (word(package.document, "engines", "node"), "package.json, engines"),
        (_runtime(package, "node"), "package.json, devEngines"),
    )
    number = _CODENAMES.get(wanted.strip().lower().removeprefix("lts/"), wanted)
    version = choose("node", "Node", number, where, offers)
    return version if number == wanted else msgspec.structs.replace(version, asked=wanted)


def bun(tree: Tree, package: Package, asked: str, offers: Offers) -> Version:
    """The Bun that is taken, where it is what runs the app."""
    manager = re.match(r"bun@([\d.]+)", word(package.document, "packageManager"))
    wanted, where = first_pin(
        (asked, "build.version"),
        (pinned(tree, ".bun-version"), ".bun-version"),
        (tool_version(tree, "bun"), ".tool-versions"),
        (manager[1] if manager else "", "package.json, packageManager"),
        (word(package.document, "engines", "bun"), "package.json, engines"),
    )
    return choose("bun", "Bun", wanted, where, offers)


def _runtime(package: Package, name: str) -> str:
    found = word(package.document, "devEngines", "runtime", "version")
    return found if word(package.document, "devEngines", "runtime", "name") == name else ""
