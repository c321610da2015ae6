"""Files by which a project is known, and what follows when they leave one thing open."""

from wisehosting_stacks.plan import NotDetected, Stack
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree

MARKS = {
    Stack.python: ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py"),
    Stack.php: ("index.php", "public/index.php", "artisan"),
    Stack.ruby: ("config.ru", "bin/rails"),
    Stack.go: ("go.mod",),
    Stack.rust: ("Cargo.toml",),
    Stack.java: ("pom.xml", "build.gradle", "build.gradle.kts"),
    Stack.deno: ("deno.json", "deno.jsonc"),
    Stack.node: ("package.json",),
    Stack.static: ("index.html", "public/index.html", "dist/index.html", "_site/index.html"),
}


def left_to_others(tree: Tree, asked: BuildSettings, stack: Stack, sentence: str) -> None:
    """Nothing of this stack can be started: return when the project may be of another. Raises NotDetected otherwise."""
    if asked.stack or not any(tree.first(*files) for other, files in MARKS.items() if other != stack):
        raise NotDetected(sentence)
