"""Rust: Cargo packages and workspaces, and the one program that is started."""

import re
from collections.abc import Iterable

from wisehosting_stacks.beside import beside
from wisehosting_stacks.cargo import Package, Workspace, read
from wisehosting_stacks.commands import Commands, commands
from wisehosting_stacks.debian import Needs, asked_packages, needed
from wisehosting_stacks.marks import left_to_others
from wisehosting_stacks.pins import first_pin, pinned, tool_version
from wisehosting_stacks.plan import Finding, NotDetected, Plan, Stack, Version
from wisehosting_stacks.render import render
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree, word
from wisehosting_stacks.versions import Offers, choose, satisfies

FINAL = "localhost/wisehosting/base:debian-13"
HOST = "$(rustc --print host-tuple)"
FRAMEWORKS = {
    "axum": "Axum",
    "actix-web": "Actix",
    "rocket": "Rocket",
    "warp": "Warp",
    "poem": "Poem",
    "salvo": "Salvo",
}
LIBRARIES = {
    "aws-lc-sys": Needs(build=("cmake",)),
    "libsqlite3-sys": Needs(build=("libsqlite3-dev",), run=("libsqlite3-0",)),
    "mysqlclient-sys": Needs(build=("libmariadb-dev-compat",), run=("libmariadb3",)),
    "openssl-sys": Needs(build=("libssl-dev",)),  # every base has the library itself
    "pq-sys": Needs(build=("libpq-dev",), run=("libpq5",)),
    "prost-build": Needs(build=("protobuf-compiler",)),
}
NO_PROGRAM = (
    "Cargo.toml was found, and no program: neither src/main.rs nor src/bin nor a [[bin]]. "
    "Add one, or set the project's root directory to the folder that has it."
)


def plan(tree: Tree, asked: BuildSettings, offers: Offers) -> Plan | None:
    """A package or workspace with a program in it."""
    if "Cargo.toml" not in tree:
        return None
    workspace = read(tree)
    programs = workspace.programs
    if not programs:
        left_to_others(tree, asked, Stack.rust, NO_PROGRAM)
        return None
    said = commands(tree, asked, compiled=True)
    built, left = _chosen(workspace, said)
    package = programs[built[0]]
    framework = next((title for name, title in FRAMEWORKS.items() if name in package.dependencies), "")
    needs = needed(workspace.locked or package.dependencies, LIBRARIES)
    wished = asked_packages(asked.packages)
    packages = tuple(dict.fromkeys((*wished, *needs.run)))
    version = _version(tree, asked, offers, package)

    found = [Finding(what=f"Rust {version.taken}", where=version.where or "Cargo.toml")]
    if workspace.vendored:
        found.append(Finding(what="vendored crates", where=workspace.vendored))
    found += [Finding(what=framework, where=package.manifest)] if framework else []
    found += [Finding(what=f"the program {name}", where=programs[name].manifest) for name in built]
    notes = _notes(tree, version, workspace)
    if left:
        notes.append(
            f"{built[0]} is what is started; {', '.join(left)} was not built. A Procfile that names it has it built too."
        )

    if workspace.target and not workspace.target.endswith("-linux-gnu") and not asked.build:
        notes.append(
            f".cargo/config.toml builds for {workspace.target}, of which Debian has no standard library: "
            "it is built for this machine instead."
        )
    build = asked.build or _build(workspace, built, too_new=_too_new(version))
    place = "target/release" if said.mention("target/release/") else "bin"
    start = said.web or (f"/app/{place}/{built[0]}",)
    port = asked.port or 8080
    image = f"localhost/wisehosting/rust-build:{version.taken}"
    text = render(
        "rust.Containerfile.j2",
        image=image,
        final=FINAL,
        build_packages=tuple(dict.fromkeys((*packages, *needs.build))),
        packages=packages,
        install=asked.install,
        build=build,
        asked_build=bool(asked.build),
        programs=built,
        place=place,
        made=f"target/{workspace.target if asked.build else HOST}/release" if workspace.target else "target/release",
        kept=beside(tree, ".rs"),
        named=said.named,
        rocket=framework == "Rocket",
        port=port,
        start=start,
    )
    return Plan(
        stack=Stack.rust,
        framework=framework,
        version=version,
        found=(*found, *said.found),
        notes=(*notes, *said.notes),
        install=asked.install,
        build=build,
        start=start,
        processes=dict(said.others),
        packages=packages,
        port=port,
        images=(image, FINAL),
        containerfile=text,
    )


def _chosen(workspace: Workspace, said: Commands) -> tuple[list[str], list[str]]:
    """(programs that are built, programs that are left out). Raises NotDetected when several could be the one."""
    known = list(workspace.programs)
    if said.web is not None or len(known) == 1:
        return known, []
    wanted = [
        package.default
        for package in dict.fromkeys(workspace.programs.values())
        if package.default in known and (not workspace.default_folders or package.folder in workspace.default_folders)
    ]
    if len(wanted) != 1:
        raise NotDetected(
            f"Cargo.toml leads to several programs: {', '.join(known)}. Say which one serves: set default-run in "
            f'Cargo.toml, set start to ["bin/{known[0]}"], or add a Procfile with the line `web: bin/{known[0]}`.'
        )
    first = [*wanted, *(name for name in known if name not in wanted)]
    return (first, []) if said.others else (wanted, first[1:])


def _build(workspace: Workspace, built: Iterable[str], *, too_new: bool) -> str:
    words = ["cargo build --release"]
    words += ["--locked"] if workspace.locked else []
    words += ["--offline"] if workspace.vendored else []
    words += ["--ignore-rust-version"] if too_new else []
    words += [f"--target {HOST}"] if workspace.target else []
    owners = dict.fromkeys(workspace.programs[name] for name in built)
    words += [f"--package {package.name}" for package in owners if package.folder]
    return " ".join([*words, *(f"--bin {name}" for name in built)])


def _version(tree: Tree, asked: BuildSettings, offers: Offers, package: Package) -> Version:
    wanted, where = first_pin(
        (asked.version, "build.version"),
        (word(tree.toml("rust-toolchain.toml"), "toolchain", "channel"), "rust-toolchain.toml"),
        (_plain_toolchain(tree), "rust-toolchain"),
        (f">={package.rust_version}" if package.rust_version else "", package.manifest),
        (tool_version(tree, "rust"), ".tool-versions"),
    )
    return choose("rust", "Rust", wanted, where, offers)


def _plain_toolchain(tree: Tree) -> str:
    """`rust-toolchain` without an ending is TOML or one line."""
    return word(tree.toml("rust-toolchain"), "toolchain", "channel") or pinned(tree, "rust-toolchain")


def _too_new(version: Version) -> bool:
    """Cargo would refuse to build what asks for a newer Rust, though most of it builds."""
    return version.asked.startswith(">=") and not satisfies(version.taken, version.asked)


def _notes(tree: Tree, version: Version, workspace: Workspace) -> list[str]:
    notes = [version.note] if version.note else []
    if re.match(r"(nightly|beta)\b", version.asked) and not version.note:
        notes.append(
            f"{version.where} asks for Rust {version.asked}; Rust {version.taken} was taken instead: Debian has stable ones only."
        )
    if tree.has_folder("vendor") and tree.match("vendor/*/Cargo.toml") and not workspace.vendored:
        notes.append(
            "vendor/ is not used, because .cargo/config.toml does not name it. Add what `cargo vendor` printed to that file."
        )
    if "Cargo.lock" not in tree:
        notes.append("There is no Cargo.lock: each build may take other versions. Commit it.")
    return notes
