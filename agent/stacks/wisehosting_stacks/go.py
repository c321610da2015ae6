"""Go: modules or their vendored copies, and the one program that is started."""

import posixpath
import re

import msgspec

from wisehosting_stacks.beside import beside
from wisehosting_stacks.commands import Commands, commands
from wisehosting_stacks.debian import asked_packages
from wisehosting_stacks.go_cgo import needs_c
from wisehosting_stacks.marks import left_to_others
from wisehosting_stacks.pins import first_pin, pinned, tool_version
from wisehosting_stacks.plan import Finding, NotDetected, Plan, Stack, Version
from wisehosting_stacks.render import render
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import Offers, choose, satisfies

FINAL = "localhost/wisehosting/base:debian-13"
FRAMEWORKS = {
    "github.com/gin-gonic/gin": "Gin",
    "github.com/labstack/echo": "Echo",
    "github.com/gofiber/fiber": "Fiber",
    "github.com/go-chi/chi": "Chi",
}
NO_PROGRAM = (
    "go.mod was found, and no program: neither main.go in the project's folder nor cmd/NAME/main.go. "
    "Add one, or set the project's root directory to the folder that has it."
)
# Blanks of one line only: a pattern that crosses lines costs the square of a file of empty ones.
_MODULE = re.compile(r'^module[ \t]+"?([^\s"]+)', re.MULTILINE)
_REQUIRE = re.compile(r"^[ \t]*(?:require[ \t]+)?([\w~][\w.~/-]*)[ \t]+v\d\S*(?:[ \t]+//[ \t]*(\w+))?", re.MULTILINE)
_LOCAL = re.compile(r"=>\s*\.\.?/")
_PACKAGE = re.compile(r"^package[ \t]+(\w+)", re.MULTILINE)
_OUTPUT = re.compile(r"\s-o[= ](?!/)([\w./'\"-]+)")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\Z")
_NO_PROGRAMS = frozenset(
    ["examples", "example", "hack", "internal", "pkg", "scripts", "test", "testdata", "tools", "vendor"]
)


def plan(tree: Tree, asked: BuildSettings, offers: Offers) -> Plan | None:
    """A module with a program in it."""
    if "go.mod" not in tree:
        if "main.go" in tree:
            left_to_others(
                tree, asked, Stack.go, "main.go was found without a go.mod. Run `go mod init NAME` and commit go.mod."
            )
        return None
    known = programs(tree)
    if not known and not asked.build:
        left_to_others(tree, asked, Stack.go, NO_PROGRAM)
        return None
    said = commands(tree, asked, compiled=True)
    packages = asked_packages(asked.packages)
    module = tree.text("go.mod")
    direct = [name for name, comment in _REQUIRE.findall(module) if comment != "indirect"]
    framework = next((title for path, title in FRAMEWORKS.items() if any(_is(name, path) for name in direct)), "")
    version = _version(tree, asked, offers)
    vendored = "vendor/modules.txt" in tree
    built, left = _chosen(known, said, asked.build)
    with_c, libraries = needs_c(tree, asked.build)
    run_packages = tuple(dict.fromkeys((*packages, *libraries.run)))

    found = [Finding(what=f"Go {version.taken}", where=version.where or "go.mod")]
    found += [Finding(what="vendored modules", where="vendor/modules.txt")] if vendored else []
    found += [Finding(what=framework, where="go.mod")] if framework else []
    found += [Finding(what="cgo", where=with_c)] if with_c else []
    found += [Finding(what=f"the program in {known[name]}", where=known[name]) for name in built if known[name] != "."]
    notes = [version.note] if version.note else []
    if left:
        others = ", ".join(known[name].removeprefix("./") for name in left)
        notes.append(f"main.go is what is started; {others} was not built. A Procfile that names it has it built too.")

    fetch = asked.install or ("" if vendored or "go.sum" not in tree else "go mod download")
    build = asked.build or _build(known, built, vendored=vendored, with_c=bool(with_c))
    newer = _newer(version)
    whole = bool(asked.install) or bool(_LOCAL.search(module))
    own = _target(asked.build, built) if asked.build else ""
    start = said.web or (f"/app/{own or f'bin/{built[0]}'}",)
    port = asked.port or 8080
    image = f"localhost/wisehosting/go-build:{version.taken}"
    text = render(
        "go.Containerfile.j2",
        image=image,
        final=FINAL,
        build_packages=tuple(dict.fromkeys((*packages, *libraries.build))),
        packages=run_packages,
        # The toolchain that go.mod asks for comes the way modules do.
        fetch=f"GOTOOLCHAIN=auto {fetch}" if newer and fetch and not asked.install else fetch,
        build=f"GOTOOLCHAIN=auto {build}" if newer and not asked.build else build,
        asked_build=bool(asked.build),
        whole=whole,
        manifests=[path for path in ("go.mod", "go.sum") if path in tree],
        # Of a build of the project's own all is kept, unless it leaves its programs where ours does.
        kept=("bin", *beside(tree, ".go")) if _in_bin(own, said) else (),
        named=said.named,
        port=port,
        start=start,
    )
    return Plan(
        stack=Stack.go,
        framework=framework,
        version=version,
        found=(*found, *said.found),
        notes=(*notes, *said.notes),
        install=fetch,
        build=build,
        start=start,
        processes=dict(said.others),
        packages=run_packages,
        port=port,
        images=(image, FINAL),
        containerfile=text,
    )


def programs(tree: Tree) -> dict[str, str]:
    """Packages by the name of the program they become: `.` for the root, `./cmd/api`."""
    module = _MODULE.search(tree.text("go.mod"))
    pieces = module[1].rstrip("/").split("/") if module else ["app"]
    last = pieces[-2] if len(pieces) > 1 and re.fullmatch(r"v\d+", pieces[-1]) else pieces[-1]
    root = last if _NAME.match(last) else "app"
    found: dict[str, str] = {}
    if any(_is_main(tree, path) for path in tree.match("*.go")):
        found[root] = "."
    elif any(_is_main(tree, path) for path in tree.match("cmd/*.go")):
        found["cmd"] = "./cmd"
    for path in tree.match("cmd/*/*.go"):
        _add(found, tree, path)
    if not found:
        for path in tree.match("*/main.go"):
            if path.partition("/")[0] not in _NO_PROGRAMS:
                _add(found, tree, path)
    return found


def _add(found: dict[str, str], tree: Tree, path: str) -> None:
    folder = path.rpartition("/")[0]
    name = folder.rpartition("/")[2]
    if _NAME.match(name) and name not in found and _is_main(tree, path):
        found[name] = f"./{folder}"


def _is_main(tree: Tree, path: str) -> bool:
    if path.endswith("_test.go"):
        return False
    package = _PACKAGE.search(tree.text(path))
    return package[1] == "main" if package else path.endswith("main.go")


def _chosen(known: dict[str, str], said: Commands, build: str) -> tuple[list[str], list[str]]:
    """(programs that are built, programs that are left out). Raises NotDetected when several could be the one."""
    if named := [name for name, package in known.items() if package in build.split()]:
        return named, []
    if said.web is not None or len(known) < 2 or _OUTPUT.search(build):
        return list(known), []
    root = [name for name, package in known.items() if package == "."]
    if not root:
        names = ", ".join(known)
        first = next(iter(known))
        raise NotDetected(
            f"The module holds several programs: {names}. Say which one serves: "
            f'set start to ["bin/{first}"], or add a Procfile with the line `web: bin/{first}`.'
        )
    return (list(known), []) if said.others else (root, [name for name in known if name not in root])


def _build(known: dict[str, str], built: list[str], *, vendored: bool, with_c: bool) -> str:
    words = ["CGO_ENABLED=1" if with_c else "CGO_ENABLED=0", "go build", *(["-mod=vendor"] if vendored else [])]
    target = f"bin/{built[0]}" if len(built) == 1 else "bin/"
    return " ".join([*words, "-trimpath", '-ldflags="-s -w"', "-o", target, *(known[name] for name in built)])


def _target(build: str, built: list[str]) -> str:
    """Where a build command of the project's own leaves the program, below the project's folder."""
    name = built[0] if built else "app"
    if output := _OUTPUT.search(build):
        path = posixpath.normpath(output[1].strip("'\""))
        folder = output[1].endswith("/") or path in {".", "bin"}
        return posixpath.normpath(f"{path}/{name}") if folder else path
    return name if re.search(r"\bgo build\b", build) else f"bin/{name}"


def _in_bin(own: str, said: Commands) -> bool:
    return not own or (own.startswith("bin/") and (said.web is None or said.mention("bin/")))


def _version(tree: Tree, asked: BuildSettings, offers: Offers) -> Version:
    module = tree.text("go.mod")
    toolchain = re.search(r"^toolchain[ \t]+go([\d.]+)", module, re.MULTILINE)
    line = re.search(r"^go[ \t]+(\d[\d.]*)", module, re.MULTILINE)
    wanted, where = first_pin(
        (asked.version, "build.version"),
        (f">={toolchain[1]}" if toolchain else "", "go.mod"),
        (f">={line[1]}" if line else "", "go.mod"),
        (pinned(tree, ".go-version"), ".go-version"),
        (tool_version(tree, "golang", "go"), ".tool-versions"),
    )
    version = choose("go", "Go", wanted, where, offers)
    if where == "go.mod" and version.note:
        newer = wanted.removeprefix(">=")
        version = msgspec.structs.replace(
            version,
            note=f"go.mod asks for Go {newer}; Go {version.taken} fetches that one while building (GOTOOLCHAIN=auto), "
            "where the network allows it.",
        )
    return version


def _newer(version: Version) -> bool:
    """Whether go.mod may ask for more than the base has; of a patch release nobody knows before the build."""
    return version.where == "go.mod" and (not satisfies(version.taken, version.asked) or version.asked.count(".") > 1)


def _is(name: str, path: str) -> bool:
    return name == path or re.fullmatch(re.escape(path) + r"/v\d+", name) is not None
