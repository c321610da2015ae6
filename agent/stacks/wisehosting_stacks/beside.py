"""Files that a compiled program may read while it runs: the image holds them beside it, and no sources."""

import re

from wisehosting_stacks.tree import Tree

FOLDERS = (
    "assets",
    "config",
    "configs",
    "content",
    "data",
    "dist",
    "fonts",
    "i18n",
    "images",
    "locales",
    "migrations",
    "public",
    "resources",
    "static",
    "templates",
    "views",
    "web",
    "www",
)
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.(html|json|toml|ya?ml|tmpl|txt|csv|ini|conf|properties)\Z")
_OF_TOOLS = re.compile(
    r"(package(-lock)?|tsconfig|composer|renovate|vercel)\.json|(Cargo|rust-toolchain|rustfmt|clippy|deny|wisehosting)\.toml"
    r"|(docker-)?compose[\w.-]*\.ya?ml|(Taskfile|sqlc|buf[\w.]*|codecov|pnpm-lock|fly|render)\.(ya?ml|toml)"
    r"|(requirements|LICENSE|robots_ci)\.txt|(gradle|system|sonar-project)\.properties",
    re.IGNORECASE,
)


def beside(tree: Tree, source: str) -> tuple[str, ...]:
    """Folders and files of the project's root that are kept; a folder of nothing but sources (`.go`) is none."""
    folders = [
        folder
        for folder in FOLDERS
        if any(path.startswith(f"{folder}/") and not path.endswith(source) for path in tree.paths)
    ]
    files = [path for path in tree.match("*") if _FILE.match(path) and not _OF_TOOLS.fullmatch(path)]
    return (*folders, *files)
