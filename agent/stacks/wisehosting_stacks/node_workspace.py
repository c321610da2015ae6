"""Which package of a repository is the app."""

import posixpath

from wisehosting_stacks.commands import Commands
from wisehosting_stacks.node_frameworks import framework
from wisehosting_stacks.node_package import Package, members, read
from wisehosting_stacks.node_scripts import starts
from wisehosting_stacks.plan import NotDetected
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree, word

_MAINS = ("server", "index", "app", "main", "src/server", "src/index", "src/app", "src/main", "bin/www")
_BUILT = ("dist/", "build/", "lib/", "out/")


def chosen(tree: Tree, root: Package, asked: BuildSettings, said: Commands) -> Package:
    """The package that is served. Raises NotDetected with the list when several could be."""
    inner = [read(tree, folder) for folder in members(tree, root)]
    if not inner:
        return root
    named = [
        one
        for one in inner
        if said.mention(one.folder)
        or (one.name and said.mention(one.name))
        or asked.output.startswith(f"{one.folder}/")
    ]
    if len(named) == 1:
        return named[0]
    if said.web is not None or asked.build or asked.output or starts(root.scripts) or main_file(tree, root):
        return root
    serving = [(one, title) for one in inner if (title := _title(tree, one))]
    if len(serving) == 1:
        return serving[0][0]
    if not serving:
        return root
    listed = ", ".join(f"{one.folder} ({title})" for one, title in serving[:8])
    first = serving[0][0].folder
    raise NotDetected(
        f"The workspace holds several apps: {listed}. Say which one is meant: set start to a line that names it, such as "
        f"npm run start --workspace {first}, or output for a static one, such as {first}/dist. Make a project for each of them."
    )


def _title(tree: Tree, package: Package) -> str:
    """What a package of a workspace serves, for people; empty for a library."""
    try:
        found = framework(tree, package)
    except NotDetected:
        return "an app"
    if found is not None and (found.title.partition(" ")[0] != "Vite" or f"{package.folder}/index.html" in tree):
        return found.title
    return "a server" if starts(package.scripts) is not None else ""


def typescript_file(tree: Tree, package: Package) -> str:
    """The same for what runs TypeScript as it is."""
    said = word(package.document, "module")
    names = (said, *(f"{name}.ts" for name in _MAINS), *(f"{name}.tsx" for name in _MAINS))
    plain = [name for name in names if name and not name.startswith(("..", "/", "-"))]
    return next((name for name in plain if posixpath.join(package.folder, name) in tree), "")


def main_file(tree: Tree, package: Package) -> str:
    """The file that starts a package without a start script, below its folder; empty when there is none."""
    main = package.main
    if main and not main.startswith(("..", "/")):
        there = posixpath.join(package.folder, main)
        if there in tree:
            return main
        if f"{there}.js" in tree:
            return f"{main}.js"
        if main.startswith(_BUILT) and "build" in package.scripts:
            return main
    for name in _MAINS:
        for end in (".js", ".mjs", ".cjs", ""):
            if posixpath.join(package.folder, f"{name}{end}") in tree and (end or name == "bin/www"):
                return f"{name}{end}"
    return ""
