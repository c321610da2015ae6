"""Package managers of JavaScript: which one a project uses, and how it is told what."""

import re
import shlex

import msgspec

from wisehosting_stacks.node_package import Package
from wisehosting_stacks.plan import Finding
from wisehosting_stacks.tree import Tree, word
from wisehosting_stacks.versions import LONGEST, satisfies

LOCKS = (
    ("pnpm", "pnpm-lock.yaml"),
    ("yarn", "yarn.lock"),
    ("bun", "bun.lock"),
    ("bun", "bun.lockb"),
    ("npm", "package-lock.json"),
    ("npm", "npm-shrinkwrap.json"),
)
_PNPM = {"5": "7", "6": "8", "7": "9", "9": "10"}
"""Format of the lock file to the newest pnpm that writes it."""
_PNPM_ASKS = 10
"""Since this version pnpm runs install scripts only of packages that are allowed to."""
_NAMES = ("npm", "pnpm", "yarn", "bun")
_PINNED = re.compile(r"(npm|pnpm|yarn|bun)@(\d+(?:\.\d+){0,2})")
_EXACT = re.compile(r"\d{1,9}(\.\d{1,9}){0,2}\Z")
_ONE_LINE = re.compile(r"[\^~]?\d{1,9}(\.(\d{1,9}|x)){0,2}\Z")
"""Ranges that end with a release line: npm then finds the one that is meant."""


class Manager(msgspec.Struct, frozen=True, kw_only=True):
    """One project's package manager."""

    name: str
    """npm, pnpm, yarn or bun, as people say it."""
    found: Finding
    setup: str = ""
    """What puts it into the image that builds; npm and bun are there."""
    install: str
    cache: str
    """The folder that it keeps packages in, from build to build."""
    settings: dict[str, str] = {}
    """Environment of the stage that builds."""
    production: str = ""
    """Installs only what is needed to run; empty when that takes two steps."""
    prune: str
    """Takes away what only the build needed; empty for a manager that cannot."""
    execute: str
    """Runs a program of a dependency: `npx`."""
    manifests: tuple[str, ...] = ()
    """What an install reads beside package.json."""
    notes: tuple[str, ...] = ()
    asks_for_scripts: bool = False
    """Whether install scripts run only of packages that the project allows."""
    whole: bool = False
    """Whether an install reads more than single files."""

    def run(self, script: str, package: Package) -> str:
        """The shell line that runs a script of a package from the project's folder."""
        if not package.folder:
            return f"{self.name} run {script}"
        folder = shlex.quote(package.folder)
        match self.name:
            case "pnpm":
                return f"pnpm --filter {shlex.quote(f'./{package.folder}...')} run {script}"
            case "yarn" if package.name:
                return f"yarn workspace {shlex.quote(package.name)} run {script}"
            case "npm":
                return f"npm run {script} --workspace {folder}"
            case _:
                return f"cd {folder} && {self.name} run {script}"


def manager(tree: Tree, package: Package, asked_install: str) -> Manager:
    """The manager that package.json pins, else the one whose lock file is there, else npm."""
    there = [(name, lock) for name, lock in LOCKS if lock in tree]
    pinned, version, pin = _pin(package)
    name, lock = next(
        ((one, path) for one, path in there if pinned in {"", one}),
        (pinned or "npm", ""),
    )
    where = pin or lock or "package.json"
    notes = []
    if others := [path for one, path in there if one != name]:
        notes.append(
            f"{' and '.join(dict.fromkeys(others))} {'is' if len(set(others)) == 1 else 'are'} not used: {name} is, by {where}. "
            "Remove what is left over from another package manager."
        )
    if not lock and package.dependencies:
        notes.append(
            f"There is no lock file of {name}: each build may install other versions. Commit {_lock_of(name)}."
        )
    version = version or _without_pin(tree, package, name, lock)
    made = {"npm": _npm, "pnpm": _pnpm, "yarn": _yarn, "bun": _bun}[name](tree, lock, version)
    if "--cache-folder" in made.install and word(package.document, "engines", "node"):
        made = _any_engine(made)
    return msgspec.structs.replace(
        made,
        found=Finding(what=name if not version else f"{name} {version}", where=where),
        install=asked_install or made.install,
        notes=(*notes, *made.notes),
    )


def _pin(package: Package) -> tuple[str, str, str]:
    """(manager, version, where) that package.json names; all empty when it names none."""
    if match := _PINNED.match(word(package.document, "packageManager")):
        return match[1], match[2], "package.json, packageManager"
    name = word(package.document, "devEngines", "packageManager", "name")
    asked = _EXACT.match(word(package.document, "devEngines", "packageManager", "version"))
    return (name, asked[0] if asked else "", "package.json, devEngines") if name in _NAMES else ("", "", "")


def _without_pin(tree: Tree, package: Package, name: str, lock: str) -> str:
    """The version that other keys ask for; empty for the usual one."""
    if exact := _EXACT.match(word(package.document, "volta", name)):
        return exact[0]
    # Of all managers only pnpm refuses to run by its own line in engines.
    asked = word(package.document, "engines", "pnpm").strip() if name == "pnpm" else ""
    if _ONE_LINE.match(asked):
        return asked
    usual = _usual_pnpm(tree, lock)
    if not asked or len(asked) > LONGEST or satisfies(usual, asked):
        return ""
    return next((one for one in reversed(_PNPM.values()) if satisfies(one, asked)), "")


def _any_engine(made: Manager) -> Manager:
    """Which Node is taken is decided and told already: Yarn 1 would refuse each that is not the very same release."""
    lines = (made.install, made.production, made.prune)
    install, production, prune = (
        line.replace("--cache-folder", "--ignore-engines --cache-folder", 1) for line in lines
    )
    return msgspec.structs.replace(made, install=install, production=production, prune=prune)


def _lock_of(name: str) -> str:
    return {"npm": "package-lock.json", "pnpm": "pnpm-lock.yaml", "yarn": "yarn.lock", "bun": "bun.lock"}[name]


def _there(tree: Tree, *paths: str) -> tuple[str, ...]:
    return tuple(path for path in paths if path and path in tree)


def _npm(tree: Tree, lock: str, version: str) -> Manager:
    return Manager(
        name="npm",
        found=Finding(what="npm"),
        setup=f"npm install --global npm@{version}" if version else "",
        install="npm ci" if lock else "npm install",
        production="npm ci --omit=dev" if lock else "npm install --omit=dev",
        cache="/root/.npm",
        prune="npm prune --omit=dev",
        execute="npx",
        manifests=_there(tree, lock, ".npmrc"),
    )


def _pnpm(tree: Tree, lock: str, version: str) -> Manager:
    taken = version or _usual_pnpm(tree, lock)
    folder = "/root/.cache/pnpm"
    return Manager(
        name="pnpm",
        found=Finding(what="pnpm"),
        setup=f"npm install --global {shlex.quote(f'pnpm@{taken}')}",
        install=f"pnpm install {'--frozen-lockfile ' if lock else ''}--store-dir {folder}",
        production=f"pnpm install --prod {'--frozen-lockfile ' if lock else ''}--store-dir {folder}",
        cache=folder,
        # pnpm asks before it removes node_modules, unless it is told that nobody is there to answer.
        settings={"CI": "true"},
        prune=f"pnpm prune --prod --config.store-dir={folder}",
        execute="pnpm exec",
        asks_for_scripts=_major(taken) >= _PNPM_ASKS,
        manifests=_there(tree, lock, "pnpm-workspace.yaml", ".npmrc", ".pnpmfile.cjs"),
    )


def _major(version: str) -> int:
    found = re.search(r"\d{1,9}", version)
    return int(found[0]) if found else 0


def _usual_pnpm(tree: Tree, lock: str) -> str:
    """The newest that writes lock files as this one is."""
    written = re.search(r"^lockfileVersion:\s*['\"]?(\d+)", tree.text(lock), re.MULTILINE) if lock else None
    return _PNPM.get(written[1] if written else "", "10")


def _yarn(tree: Tree, lock: str, version: str) -> Manager:
    configured = tree.text(".yarnrc.yml")
    if ".yarnrc.yml" in tree or version.split(".", maxsplit=1)[0] not in {"", "1"} or "__metadata:" in tree.text(lock):
        return _modern_yarn(tree, lock, version, configured)
    folder = "/root/.cache/yarn"
    frozen = "--frozen-lockfile " if lock else ""
    return Manager(
        name="yarn",
        found=Finding(what="yarn"),
        setup=f"npm install --global yarn@{version or '1'}",
        install=f"yarn install {frozen}--cache-folder {folder}",
        production=f"yarn install {frozen}--production --cache-folder {folder}",
        cache=folder,
        prune=f"yarn install {frozen}--production --ignore-scripts --prefer-offline --cache-folder {folder}",
        execute="yarn run",
        manifests=_there(tree, lock, ".npmrc", ".yarnrc"),
    )


def _modern_yarn(tree: Tree, lock: str, version: str, configured: str) -> Manager:
    own = re.search(r"^yarnPath:.*yarn-(\d[\d.]*\d)\.[cm]?js", configured, re.MULTILINE)
    taken = version or (own[1] if own else "4")
    # One that is committed is not run: it would have to be there before the sources are.
    settings = {"YARN_IGNORE_PATH": "1", "YARN_GLOBAL_FOLDER": "/root/.cache/yarn", "YARN_ENABLE_TELEMETRY": "0"}
    if plug_and_play(tree):
        # Packages are read where Yarn keeps them: they must be in the image, not in the cache beside it.
        settings["YARN_ENABLE_GLOBAL_CACHE"] = "false"
    plugin = any("workspace-tools" in path for path in tree.paths if path.startswith(".yarn/plugins/"))
    prunes = plugin or taken.partition(".")[0] not in {"2", "3"}
    return Manager(
        name="yarn",
        found=Finding(what="yarn"),
        setup=f"npm install --global @yarnpkg/cli-dist@{taken}",
        install="yarn install --immutable" if lock else "yarn install",
        cache="/root/.cache/yarn",
        settings=settings,
        prune="yarn workspaces focus --all --production" if prunes else "",
        execute="yarn exec",
        manifests=_there(tree, lock, ".yarnrc.yml"),
        whole=tree.has_folder(".yarn"),
    )


def _bun(tree: Tree, lock: str, version: str) -> Manager:
    frozen = " --frozen-lockfile" if lock else ""
    return Manager(
        name="bun",
        found=Finding(what="bun"),
        setup=f"npm install --global bun@{version or '1'}",
        install=f"bun install{frozen}",
        production=f"bun install{frozen} --production",
        cache="/root/.bun/install/cache",
        prune=f"rm -rf node_modules && bun install{frozen} --production",
        execute="bunx",
        manifests=_there(tree, lock, "bunfig.toml", ".npmrc"),
    )


def plug_and_play(tree: Tree) -> bool:
    """Whether Yarn makes no node_modules: programs are then started through yarn."""
    linker = re.search(r"^nodeLinker:\s*['\"]?([\w-]+)", tree.text(".yarnrc.yml"), re.MULTILINE)
    return ".yarnrc.yml" in tree and (linker is None or linker[1] == "pnp")
