"""Ruby: gems by Bundler, and Rails, Rack or a program that serves."""

import re

import msgspec

from wisehosting_stacks import ruby_versions
from wisehosting_stacks.commands import Commands, commands
from wisehosting_stacks.debian import Needs, asked_packages, needed
from wisehosting_stacks.front_end import front_end, of_node
from wisehosting_stacks.marks import left_to_others
from wisehosting_stacks.plan import Finding, Plan, Stack, Version
from wisehosting_stacks.render import render
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import Offers

PROGRAMS = ("app.rb", "main.rb", "server.rb", "web.rb")
LIBRARIES = {
    "mini_magick": Needs((), ("imagemagick",)),
    "rmagick": Needs(("libmagickwand-dev",), ("libmagickwand-7.q16-10",)),
    "ruby-vips": Needs((), ("libvips42",)),
    "charlock_holmes": Needs(("libicu-dev",), ("libicu76",)),
    "execjs": Needs(("nodejs",), ("nodejs",)),
}
"""Gems that want a library of Debian's; those of PostgreSQL, MariaDB, SQLite and YAML are in the bases."""
ON_DEBIAN_12 = frozenset({"3.1"})
"""Versions whose bases stand on Debian 12; the others stand on 13."""
_NAMED_12 = {"libicu76": "libicu72", "libmagickwand-7.q16-10": "libmagickwand-6.q16-6"}
"""What Debian 12 calls a package of the table."""
OF_NODE = frozenset(
    ["jsbundling-rails", "cssbundling-rails", "vite_rails", "vite_ruby", "webpacker", "shakapacker", "react_on_rails"]
)
"""Gems whose part of `assets:precompile` installs and builds with Node."""
FRAMEWORKS = (("rails", "Rails"), ("hanami", "Hanami"), ("roda", "Roda"), ("sinatra", "Sinatra"), ("grape", "Grape"))
NOTHING = (
    "Gemfile was found, and nothing that starts: neither config.ru nor bin/rails nor app.rb. "
    "Add one, set start, or add a Procfile with the line `web: …`."
)
# Blanks of one line only: a pattern that crosses lines costs the square of a file of empty ones.
_GEM = re.compile(r"^[ \t]*gem[ \t(]+['\"]([A-Za-z0-9_.-]+)['\"]", re.MULTILINE)
_LOCKED = re.compile(r"^ {4}([A-Za-z0-9_.-]+) \(", re.MULTILINE)


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """What serves."""

    argv: tuple[str, ...]
    build: str = ""
    notes: tuple[str, ...] = ()


def plan(tree: Tree, asked: BuildSettings, offers: Offers) -> Plan | None:
    """A Gemfile or a config.ru with something to start."""
    mark = tree.first("Gemfile", "config.ru")
    if mark is None:
        return None
    said = commands(tree, asked)
    gems = frozenset(_LOCKED.findall(tree.text("Gemfile.lock"))) | frozenset(_GEM.findall(tree.text("Gemfile")))
    port = asked.port or 8080
    start = _start(tree, gems, said, port)
    if start is None:
        left_to_others(tree, asked, Stack.ruby, NOTHING)
        return None
    version = ruby_versions.chosen(tree, asked, offers)
    framework, where = _framework(gems, tree)
    libraries = _libraries(gems, version)
    wanted = asked_packages(asked.packages)
    packages = tuple(dict.fromkeys((*wanted, *libraries.run)))
    locked, cached = "Gemfile.lock" in tree, tree.has_folder("vendor/cache")
    install = asked.install
    if not install and mark == "Gemfile":
        install = f"bundle install --jobs 4 --retry 3{' --local' if cached else ''}"
    build = asked.build or start.build
    front = front_end(tree, asked, offers) if build and (OF_NODE & gems or of_node(asked)) else None
    refused, foreign = ruby_versions.refused(tree, version), ruby_versions.foreign(tree)
    notes = [*filter(None, (version.note, refused, foreign)), *start.notes, *said.notes]
    if mark == "Gemfile" and not locked:
        notes.append("There is no Gemfile.lock: each build may take other versions. Commit it.")
    image, final = f"localhost/wisehosting/ruby-build:{version.taken}", f"localhost/wisehosting/ruby:{version.taken}"
    found = [Finding(what=f"Ruby {version.taken}", where=version.where or mark)]
    if mark == "Gemfile":
        found.append(
            Finding(what="gems of vendor/cache" if cached else "Bundler", where="Gemfile.lock" if locked else "Gemfile")
        )
    found += [Finding(what=framework, where=where)] if framework else []
    found += front.found if front else ()
    notes += front.notes if front else ()
    staged = bool(install or build)
    text = render(
        "ruby.Containerfile.j2",
        image=image,
        final=final,
        staged=staged,
        whole=bool(asked.install or foreign) or cached or _reads_more(tree),
        manifests=[path for path in ("Gemfile", "Gemfile.lock", ".ruby-version", ".bundle/config") if path in tree],
        build_packages=tuple(dict.fromkeys((*wanted, *libraries.build))),
        packages=packages,
        install=install,
        build=f"{build} && rm -rf node_modules" if front else build,
        front=front,
        locked=locked and not foreign,
        relax=ruby_versions.RELAX + (ruby_versions.RELAX_LOCK if locked else "") if refused else "",
        # What Bundler wrote, or was given, while the image was built: it cannot write where the app runs.
        changed=("/app/Gemfile", "/app/Gemfile.lock") if refused or foreign or not locked else (),
        rails=framework == "Rails",
        port=port,
        start=start.argv,
    )
    return Plan(
        stack=Stack.ruby,
        framework=framework,
        version=version,
        found=(*found, *said.found),
        notes=tuple(notes),
        install=install,
        build=build,
        start=start.argv,
        processes=dict(said.others),
        packages=packages,
        port=port,
        images=(*((image,) if staged else ()), *((front.image,) if front else ()), final),
        containerfile=text,
    )


def _framework(gems: frozenset[str], tree: Tree) -> tuple[str, str]:
    where = "Gemfile.lock" if "Gemfile.lock" in tree else "Gemfile"
    return next(((title, where) for gem, title in FRAMEWORKS if gem in gems), ("", ""))


def _start(tree: Tree, gems: frozenset[str], said: Commands, port: int) -> Start | None:
    start = _served(tree, gems, port)
    if said.web is None:
        return start
    return Start(argv=said.web) if start is None else msgspec.structs.replace(start, argv=said.web)


def _served(tree: Tree, gems: frozenset[str], port: int) -> Start | None:
    bundled = ("bundle", "exec") if "Gemfile" in tree else ()
    if "rails" in gems and tree.first("bin/rails", "config/application.rb"):
        return _rails(tree, gems, port)
    if "config.ru" in tree:
        if "puma" in gems or not bundled:
            own = ("-C", "config/puma.rb") if "config/puma.rb" in tree else ("-b", f"tcp://0.0.0.0:{port}")
            return Start(argv=(*bundled, "puma", *own))
        return Start(argv=(*bundled, "rackup", "--host", "0.0.0.0", "--port", str(port)))  # noqa: S104 - in a container
    program = tree.first(*PROGRAMS)
    return Start(argv=(*bundled, "ruby", program)) if program else None


def _rails(tree: Tree, gems: frozenset[str], port: int) -> Start:
    if "puma" in gems and "config/puma.rb" in tree:
        argv: tuple[str, ...] = ("bundle", "exec", "puma", "-C", "config/puma.rb")
    else:
        options = ("-b", "0.0.0.0", "-p", str(port), "--pid", "/tmp/server.pid")  # noqa: S104 - in a container
        argv = ("bundle", "exec", "rails", "server", *options)
    assets = bool({"sprockets-rails", "propshaft", "sprockets"} & gems)
    notes = ["Rails needs SECRET_KEY_BASE or RAILS_MASTER_KEY: set one of them as a variable."]
    if {"pg", "mysql2", "sqlite3"} & gems:
        notes.append(
            "Migrations are not run by themselves: begin a Procfile's web line with `bundle exec rails db:migrate &&`, "
            "or run them by hand."
        )
    # The second one is for Rails before 7.1.
    unused = "SECRET_KEY_BASE_DUMMY=1 SECRET_KEY_BASE=unused-while-building"
    build = f"{unused} bundle exec rails assets:precompile" if assets else ""
    return Start(argv=argv, build=build, notes=tuple(notes))


def _reads_more(tree: Tree) -> bool:
    """Whether Bundler reads more of the project than its Gemfile: gems that lie in it, other Gemfiles."""
    more = re.search(
        r"\b(?:eval_gemfile|instance_eval|path:)|:path[ \t]{0,9}=>|^[ \t]*path[ \t(]",
        tree.text("Gemfile"),
        re.MULTILINE,
    )
    return more is not None or bool(tree.match("*.gemspec"))


def _libraries(gems: frozenset[str], version: Version) -> Needs:
    found = needed(sorted(gems), LIBRARIES)
    if version.taken not in ON_DEBIAN_12:
        return found
    return Needs(found.build, tuple(_NAMED_12.get(name, name) for name in found.run))
