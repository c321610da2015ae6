"""Small files in which a project pins the version of its language."""

from wisehosting_stacks.tree import Tree


def pinned(tree: Tree, path: str) -> str:
    """The first line of a file such as `.ruby-version` that says something; empty when there is none."""
    lines = (line.partition("#")[0].strip() for line in tree.text(path).splitlines())
    return next((line for line in lines if line), "")


def tool_version(tree: Tree, *tools: str) -> str:
    """What `.tool-versions` says about one of these tools; empty when nothing."""
    for line in tree.text(".tool-versions").splitlines():
        words = line.partition("#")[0].split()
        if len(words) > 1 and words[0] in tools:
            return words[1]
    return ""


def first_pin(*pins: tuple[str, str]) -> tuple[str, str]:
    """The first (asked, where) that asks for something."""
    return next((pin for pin in pins if pin[0].strip()), ("", ""))
