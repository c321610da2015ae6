"""Which stack a project is, decided by its files alone."""

from collections.abc import Callable

from wisehosting_stacks import deno, go, java, node, php, python, ruby, rust, static
from wisehosting_stacks.plan import NotDetected, Plan, Stack
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import Offers

Detector = Callable[[Tree, BuildSettings, Offers], Plan | None]
"""A stack's plan; None when the project is none of this stack. Raises NotDetected when it is, and one thing is missing."""

DETECTORS: dict[Stack, Detector] = {
    Stack.python: python.plan,
    Stack.php: php.plan,
    Stack.ruby: ruby.plan,
    Stack.go: go.plan,
    Stack.rust: rust.plan,
    Stack.java: java.plan,
    Stack.deno: deno.plan,
    Stack.node: node.plan,
    Stack.static: static.plan,
}
"""In the order they are asked: a project that could be several is the first of them."""

NOTHING = (
    "Nothing was found that says how to build this project. Known are: "
    "requirements.txt, pyproject.toml, Pipfile or main.py (Python); package.json (Node); index.html (static); go.mod (Go); "
    "composer.json or index.php (PHP); Gemfile or config.ru (Ruby); pom.xml or build.gradle (Java); Cargo.toml (Rust); "
    "deno.json (Deno). Add one of them or a Containerfile, or set the project's root directory to the folder that has one."
)


def detect(tree: Tree, asked: BuildSettings | None = None, offers: Offers | None = None) -> Plan:
    """The plan for a project. Raises NotDetected with what to add. The same files and settings give the same plan."""
    asked, offers = asked or BuildSettings(), offers or Offers()
    if asked.stack:
        return _as_asked(tree, asked, offers)
    for detector in DETECTORS.values():
        found = detector(tree, asked, offers)
        if found is not None:
            return found
    raise NotDetected(_below(tree) or NOTHING)


def _as_asked(tree: Tree, asked: BuildSettings, offers: Offers) -> Plan:
    known = [stack for stack in Stack if stack in DETECTORS]
    if asked.stack not in known:
        raise NotDetected(f"There is no stack {asked.stack!r}. Set build.stack to one of: {', '.join(known)}.")
    found = DETECTORS[Stack(asked.stack)](tree, asked, offers)
    if found is None:
        raise NotDetected(
            f"build.stack says {asked.stack}, and nothing of {asked.stack} was found in the project's folder. "
            "Remove the setting, or correct the root directory."
        )
    return found


def _below(tree: Tree) -> str:
    """The sentence for a repository whose project lies in a folder."""
    marks = {"package.json", "requirements.txt", "pyproject.toml", "go.mod", "Cargo.toml", "composer.json", "Gemfile"}
    marks |= {"pom.xml", "build.gradle", "index.html", "deno.json", "Containerfile", "Dockerfile"}
    folders = sorted(
        {path.rpartition("/")[0] for path in tree.paths if path.rpartition("/")[2] in marks and "/" in path}
    )
    outer = [folder for folder in folders if not any(folder.startswith(f"{other}/") for other in folders)]
    if not outer:
        return ""
    return (
        f"Nothing to build lies in the project's folder, but in: {', '.join(outer[:5])}. "
        "Set the project's root directory to the one that is meant."
    )
