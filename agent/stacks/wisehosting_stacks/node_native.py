"""Packages of npm that are more than JavaScript: libraries of Debian's, browsers, and what a script builds at install."""

from collections.abc import Collection, Mapping

import msgspec

from wisehosting_stacks.debian import Needs
from wisehosting_stacks.node_package import Package, yaml_list
from wisehosting_stacks.node_tools import Manager
from wisehosting_stacks.tree import Tree, table

LIBRARIES = {
    "canvas": Needs(
        ("libcairo2-dev", "libpango1.0-dev", "libjpeg-dev", "libgif-dev", "librsvg2-dev"),
        ("libcairo2", "libpango-1.0-0", "libpangocairo-1.0-0", "libjpeg62-turbo", "libgif7", "librsvg2-2"),
    ),
    "@prisma/client": Needs(("openssl",), ("openssl",)),
    "libpq": Needs(("libpq-dev",), ("libpq5",)),
    "pg-native": Needs(("libpq-dev",), ("libpq5",)),
    "gm": Needs((), ("graphicsmagick",)),
    "fluent-ffmpeg": Needs((), ("ffmpeg",)),
}
"""Packages of npm that want a library of Debian's. Others bring their own, or are compiled with what the base has."""
_BUILT_AT_INSTALL = {
    "better-sqlite3": 0,
    "sqlite3": 0,
    "canvas": 0,
    "argon2": 0,
    "re2": 0,
    "isolated-vm": 0,
    "bcrypt": 6,
}
"""Packages that are nothing without their install script, and the major version that needs none any more."""
_PLAYWRIGHT = ("playwright", "playwright-core")
_CHROMIUM = "/usr/bin/chromium"


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """How a package that drives a browser finds one."""

    build: Mapping[str, str] = {}
    """Environment of the stage that builds."""
    run: Mapping[str, str] = {}
    """Environment of the program."""
    notes: tuple[str, ...] = ()


def browser(package: Package, packages: Collection[str]) -> Browser:
    """The browser of Debian's for what would fetch another one, into a folder that no image holds."""
    there = "chromium" in packages
    if any(name in package.runs_on for name in ("puppeteer", "puppeteer-core")):
        name = "puppeteer" if "puppeteer" in package.runs_on else "puppeteer-core"
        return Browser(
            build={"PUPPETEER_SKIP_DOWNLOAD": "true"},
            run={"PUPPETEER_EXECUTABLE_PATH": _CHROMIUM} if there else {},
            notes=() if there else (_no_browser(name),),
        )
    name = next((one for one in _PLAYWRIGHT if one in package.runs_on), "")
    if not name:
        return Browser()
    found = f"{name} looks for a browser of its own. Start Debian's: launch({{ executablePath: '{_CHROMIUM}' }})."
    return Browser(notes=(found if there else _no_browser(name),))


def _no_browser(name: str) -> str:
    return f"{name} needs a browser, which is not in the image. Add one with the setting apt, such as chromium."


def not_built(tree: Tree, root: Package, package: Package, tool: Manager) -> str:
    """A sentence for packages whose install script pnpm leaves out, because nobody allowed it; empty when there are none."""
    if not tool.asks_for_scripts:
        return ""
    text = tree.text("pnpm-workspace.yaml")
    said = table(root.document, "pnpm").get("onlyBuiltDependencies")
    allowed = {one for one in said if isinstance(one, str)} if isinstance(said, list) else set()
    allowed |= {*yaml_list(text, "onlyBuiltDependencies"), *_allowed(text)}
    needed = {**root.runs_on, **package.runs_on}
    left = [
        name
        for name, without in _BUILT_AT_INSTALL.items()
        if name in needed and name not in allowed and not _needs_none(root, package, name, without)
    ]
    if not left:
        return ""
    return (
        f"pnpm runs install scripts only of packages that are allowed to, and {' and '.join(left)} "
        f"{'is' if len(left) == 1 else 'are'} built by one. Run `pnpm approve-builds`, and commit what it writes."
    )


def _needs_none(root: Package, package: Package, name: str, without: int) -> bool:
    major = package.major(name) or root.major(name)
    return bool(without) and major is not None and major >= without


def _allowed(text: str) -> list[str]:
    """Names below `allowBuilds:`, as newer versions of pnpm write them: `name: true`."""
    found: list[str] = []
    inside = False
    for line in text.splitlines():
        if line[:1].strip():
            inside = line.startswith("allowBuilds:")
        elif inside and line.rstrip().endswith(": true"):
            found.append(line.strip().removesuffix(": true").strip("'\" "))
    return found
