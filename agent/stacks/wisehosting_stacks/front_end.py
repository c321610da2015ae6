"""What a project of another language builds with Node: the scripts and styles of its pages."""

import re

import msgspec

from wisehosting_stacks import node_package, node_tools, node_versions
from wisehosting_stacks.plan import Finding
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import Offers

_OF_NODE = re.compile(r"\b(npm|npx|pnpm|yarn|bun|bunx|node)\b")


class FrontEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How scripts and styles are built."""

    image: str
    """The base that has Node."""
    tool: node_tools.Manager
    manifests: tuple[str, ...]
    whole: bool
    """An install reads more than the manifests."""
    build: str
    found: tuple[Finding, ...]
    notes: tuple[str, ...]


def front_end(tree: Tree, asked: BuildSettings, offers: Offers) -> FrontEnd | None:
    """The build of a package.json beside the project; None when it builds nothing."""
    if node_package.NAME not in tree:
        return None
    package = node_package.read(tree)
    if "build" not in package.scripts and not of_node(asked):
        return None
    version = node_versions.node(tree, package, "", offers)
    tool = node_tools.manager(tree, package, "")
    return FrontEnd(
        image=f"localhost/wisehosting/node-build:{version.taken}",
        tool=tool,
        manifests=(node_package.NAME, *(path for path in tool.manifests if path in tree)),
        whole=tool.whole or package.needs_sources or bool(node_package.members(tree, package)),
        build=asked.build if of_node(asked) else tool.run("build", package),
        found=(Finding(what=f"Node {version.taken}", where=version.where or node_package.NAME), tool.found),
        notes=(*((version.note,) if version.note else ()), *tool.notes),
    )


def of_node(asked: BuildSettings) -> bool:
    """Whether the build command that is set is one for Node."""
    return _OF_NODE.search(asked.build) is not None
