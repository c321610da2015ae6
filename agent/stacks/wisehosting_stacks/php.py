"""PHP: served by Apache with PHP inside, as an ordinary user; dependencies by Composer, or committed."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from wisehosting_stacks.commands import Commands, commands
from wisehosting_stacks.debian import asked_packages
from wisehosting_stacks.extensions import extensions
from wisehosting_stacks.front_end import front_end, of_node
from wisehosting_stacks.marks import left_to_others
from wisehosting_stacks.phpframeworks import Framework, framework
from wisehosting_stacks.pins import first_pin, pinned, tool_version
from wisehosting_stacks.plan import Finding, Plan, Stack, Version
from wisehosting_stacks.render import render
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree, table, word
from wisehosting_stacks.versions import Offers, choose, satisfies

SITE = "apache.conf"
SERVES = ("apache2", "-DFOREGROUND", "-f", "/etc/apache2/wisehosting.conf")
ROOTS = ("public", "web", "webroot", "htdocs", "html", "www", "public_html")
"""Folders that are served when they have an index.php; otherwise the project's own is."""
COMPOSER = "composer install --no-dev --no-interaction --no-progress --prefer-dist"
NO_PAGE = (
    "composer.json was found, and no page: neither index.php nor public/index.php. "
    "Add one, add a Procfile with a web line, or set the project's root directory to the folder that has it."
)
_HEROKU = re.compile(
    r"(exec\s+)?(vendor/bin/)?heroku-php-(apache2|nginx)(\s+-\S+\s+\S+)*(\s+(?P<folder>[\w./-]+))?\s*\Z"
)


class Dependencies(msgspec.Struct, frozen=True, kw_only=True):
    """How the libraries come."""

    committed: bool
    """vendor/ is part of the repository."""
    install: str
    """Composer's command; empty when there is nothing to install."""
    autoload: str
    """The command that writes what loads them, once the project's own files are there."""
    whole: bool
    """The command needs all files of the project, not only the manifests."""
    manifests: tuple[str, ...]


def plan(tree: Tree, asked: BuildSettings, offers: Offers) -> Plan | None:
    """Pages in PHP, or a Composer project with a web process."""
    if not tree.first("composer.json", "artisan", "index.php", *(f"{root}/index.php" for root in ROOTS)):
        return None
    said = commands(tree, asked)
    folder, before, said = _served(tree, said)
    if said.web is None and (f"{folder}/index.php".lstrip("/")) not in tree:
        left_to_others(tree, asked, Stack.php, NO_PAGE)
        return None
    composer = tree.json("composer.json")
    version = _version(tree, composer, asked, offers)
    frame = framework(tree, composer)
    more = extensions(_required(tree, composer), version.taken)
    packages = tuple(dict.fromkeys((*asked_packages(asked.packages), *more.packages)))
    dependencies = _dependencies(tree, composer, asked, _ignored(version, more.unknown))
    port = asked.port or 8080

    found = [
        Finding(what=f"PHP {version.taken}", where=version.where or tree.first("composer.json", "index.php") or "")
    ]
    if dependencies.committed:
        found.append(Finding(what="committed dependencies", where="vendor/autoload.php"))
    elif "composer.json" in tree:
        found.append(Finding(what="Composer", where=tree.first("composer.lock", "composer.json") or ""))
    found += [Finding(what=frame.title, where=frame.where)] if frame.title else []
    found += [Finding(what=f"extensions {', '.join(more.packages)}", where="composer.json")] if more.packages else []
    if said.web is None:
        found.append(Finding(what=f"pages in {folder}/" if folder else "pages in the project's folder", where=folder))

    front = None if tree.has_folder("public/build") else front_end(tree, asked, offers)
    found += front.found if front else ()
    build = "" if front and of_node(asked) else asked.build or frame.build
    start = said.web or _start(frame, before)
    image, builder = f"localhost/wisehosting/php:{version.taken}", f"localhost/wisehosting/php-build:{version.taken}"
    staged = bool(dependencies.install or build)
    text = render(
        "php.Containerfile.j2",
        image=image,
        builder=builder,
        staged=staged,
        packages=packages,
        install=dependencies.install,
        own_install=bool(asked.install),
        whole=dependencies.whole,
        manifests=dependencies.manifests,
        autoload=dependencies.autoload,
        scripts=_scripts(composer, dependencies, frame),
        build=build,
        front=front,
        served=said.web is None,
        site=SITE,
        environment=frame.environment,
        port=port,
        start=start,
    )
    return Plan(
        stack=Stack.php,
        framework=frame.title,
        version=version,
        found=(*found, *said.found),
        notes=(
            *_notes(tree, version, more.unknown, dependencies),
            *(front.notes if front else ()),
            *frame.notes,
            *said.notes,
        ),
        install=dependencies.install,
        build=" && ".join(filter(None, (build, front.build if front else ""))),
        start=start,
        processes=dict(said.others),
        packages=packages,
        port=port,
        images=(*((builder,) if staged else ()), *((front.image,) if front else ()), image),
        containerfile=text,
        files={SITE: _site(folder, frame, version, port)} if said.web is None else {},
    )


def _served(tree: Tree, said: Commands) -> tuple[str, str, Commands]:
    """(the folder that is served, what goes before the server, the commands without a line that only means our own one)."""
    line = said.web[2] if said.web and said.web[:2] == ("sh", "-c") else ""
    before, and_then, last = line.rpartition("&&")
    match = _HEROKU.match(last.strip())
    folder = next((root for root in ROOTS if f"{root}/index.php" in tree), "")
    if not match:
        return folder, "", said
    named = (match["folder"] or "").strip("/").removeprefix("./")
    named = named if re.fullmatch(r"\w[\w-]*(/\w[\w-]*)*", named) else ""
    return named, f"{before.strip()} && " if and_then else "", msgspec.structs.replace(said, web=None)


def _start(frame: Framework, before: str) -> tuple[str, ...]:
    made = f"mkdir -p {' '.join(frame.folders)} && " if frame.folders else ""
    return ("sh", "-c", f"{made}{before}exec {' '.join(SERVES)}") if made or before else SERVES


def _scripts(composer: Mapping[str, Any], dependencies: Dependencies, frame: Framework) -> str:
    """The shell line for what the project wants done after an install; Composer does it before the project's files are there."""
    if not dependencies.autoload or "post-install-cmd" not in table(composer, "scripts"):
        return ""
    settings = "".join(f"{name}={value} " for name, value in frame.building.items())
    return f"{settings}composer run-script --no-dev --no-interaction post-install-cmd"


def _required(tree: Tree, composer: dict[str, Any]) -> list[str]:
    """Extensions that the project and its libraries require."""
    lock = tree.json("composer.lock").get("packages")
    documents = [composer, *(one for one in (lock if isinstance(lock, list) else []) if isinstance(one, dict))]
    names = [name for one in documents for name in table(one, "require")]
    return [name.removeprefix("ext-") for name in names if re.fullmatch(r"ext-[A-Za-z0-9_-]+", name)]


def _ignored(version: Version, unknown: tuple[str, ...]) -> tuple[str, ...]:
    """Options for what Composer would refuse, though most of it runs: the plan says what is missing."""
    names = (*(("php",) if version.note else ()), *(f"ext-{name}" for name in unknown))
    return tuple(f"--ignore-platform-req={name}" for name in names)


def _dependencies(tree: Tree, composer: dict[str, Any], asked: BuildSettings, ignored: tuple[str, ...]) -> Dependencies:
    committed = "vendor/autoload.php" in tree and not asked.install
    install = asked.install
    if not install and not committed and "composer.json" in tree:
        install = " ".join([COMPOSER, *ignored])
    ours = bool(install) and not asked.install
    return Dependencies(
        committed=committed,
        install=install,
        autoload=" ".join(["composer dump-autoload --no-dev --optimize", *ignored]) if ours else "",
        whole=bool(asked.install) or '"path"' in str(composer.get("repositories", "")).replace("'", '"'),
        manifests=tuple(
            path for path in ("composer.json", "composer.lock", "symfony.lock", "auth.json") if path in tree
        ),
    )


def _version(tree: Tree, composer: dict[str, Any], asked: BuildSettings, offers: Offers) -> Version:
    # What the libraries are chosen for; they run on a newer one as well, where require.php allows it.
    platform = word(composer, "config", "platform", "php")
    if not any(satisfies(one, platform) for one in offers.by_language["php"]):
        platform = ""
    wanted, where = first_pin(
        (asked.version, "build.version"),
        (platform, "composer.json, config.platform.php"),
        (word(composer, "require", "php"), "composer.json, require.php"),
        (pinned(tree, ".php-version"), ".php-version"),
        (tool_version(tree, "php"), ".tool-versions"),
    )
    # Composer's `|` and `~` are what others write as `||` and `~=`.
    plain = re.sub(r"~(?=\s*v?\d)", "~=", re.sub(r"\|{1,2}", "||", wanted))
    chosen = choose("php", "PHP", plain, where, offers)
    return msgspec.structs.replace(chosen, asked=wanted, note=chosen.note.replace(plain.strip(), wanted.strip()))


def _notes(tree: Tree, version: Version, unknown: tuple[str, ...], dependencies: Dependencies) -> list[str]:
    notes = [version.note] if version.note else []
    notes += [
        f"ext-{name} is required, and Debian has no package of it: the app runs without it. "
        "Remove the requirement, or use a Containerfile that installs it."
        for name in unknown
    ]
    if dependencies.install and "composer.lock" not in tree and "composer.json" in tree:
        notes.append("There is no composer.lock: each build may take other versions. Commit it.")
    return notes


def _site(folder: str, frame: Framework, version: Version, port: int) -> str:
    return render(
        "apache.conf.j2",
        root=f"/app/{folder}".rstrip("/"),
        whole=not folder,
        front_controller=frame.front_controller,
        module=version.taken,
        environment=frame.environment,
        port=port,
    )
