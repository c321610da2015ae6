"""Go programs that need C: by their modules, or by what they import themselves."""

import re

from wisehosting_stacks.debian import Needs, needed
from wisehosting_stacks.tree import Tree

MODULES = {
    "github.com/mattn/go-sqlite3": Needs(),
    "github.com/confluentinc/confluent-kafka-go": Needs(),
    "github.com/marcboeker/go-duckdb": Needs(build=("g++",), run=("libstdc++6",)),
    "github.com/tursodatabase/go-libsql": Needs(),
    "github.com/chai2010/webp": Needs(),
    "github.com/h2non/bimg": Needs(build=("libvips-dev", "pkg-config"), run=("libvips42t64",)),
    "github.com/davidbyttow/govips": Needs(build=("libvips-dev", "pkg-config"), run=("libvips42t64",)),
    "github.com/kolesa-team/go-webp": Needs(build=("libwebp-dev",), run=("libwebp7",)),
    "gopkg.in/gographics/imagick.v3": Needs(build=("libmagickwand-dev", "pkg-config"), run=("libmagickwand-7.q16-10",)),
}
"""Modules of which a build without C fails, or makes a program that does; also those that others bring along."""
MOST = 400
"""Sources that are looked at for what they import."""
_MODULE = re.compile(r"^[ \t]*(?:require[ \t]+)?([\w~][\w.~/-]*)[ \t]+v\d", re.MULTILINE)
_USES_C = re.compile(r'^[ \t]*(?:import[ \t]+)?"C"[ \t]*$', re.MULTILINE)
_NOT_BUILT = re.compile(r"(.*/)?(vendor|testdata|node_modules|[._][^/]*)/|.*_test\.go\Z")


def needs_c(tree: Tree, build: str) -> tuple[str, Needs]:
    """(the file that asks for C, its libraries of Debian's); the file is empty when none does."""
    names = [re.sub(r"/v\d+\Z", "", name) for name in _MODULE.findall(tree.text("go.mod"))]
    wanted = [name for name in names if name in MODULES]
    libraries = needed(wanted, MODULES)
    if "CGO_ENABLED=1" in build:
        return "build.command", libraries
    if wanted:
        return "go.mod", libraries
    sources = sorted(
        (path for path in tree.paths if path.endswith(".go") and not _NOT_BUILT.match(path)),
        key=lambda path: (path.count("/"), path),
    )
    return next((path for path in sources[:MOST] if _USES_C.search(tree.text(path))), ""), libraries
