"""What a Python project needs, and which tool says so. All of them install through uv, into one environment."""

import shlex
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from wisehosting_stacks.plan import Finding
from wisehosting_stacks.python_requirements import LISTS, names_in, names_of, requirements, setuptools
from wisehosting_stacks.tree import Tree, table, word

ENVIRONMENT = "/opt/venv"
EXPORTED = "/tmp/requirements.txt"
_LOCKS = {"uv.lock": "pyproject.toml", "poetry.lock": "pyproject.toml", "pdm.lock": "pyproject.toml"} | {
    "Pipfile.lock": "Pipfile"
}
"""Lock files, and the file without which their tool does not take them."""


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """How one project's dependencies are installed."""

    name: str
    """As people say it; empty when there is nothing to install."""
    where: str = ""
    install: str = ""
    manifests: tuple[str, ...] = ()
    """Files that are read by it."""
    dependencies: frozenset[str] = frozenset()
    """Names as PEP 503 spells them."""
    whole: bool = False
    """Whether an install takes something of the project itself."""
    notes: tuple[str, ...] = ()

    @property
    def finding(self) -> Finding:
        """For the words of a plan."""
        return Finding(what=self.name, where="" if self.name == self.where else self.where)


_Make = Callable[[Tree, Mapping[str, Any]], Tool]


def tool(tree: Tree) -> Tool:
    """The tool of a project: one that locks before a list, a list before ranges."""
    project = tree.toml("pyproject.toml")
    known = _known(tree, project)
    stray = tuple(
        f"{lock} is not used, because there is no {beside} beside it. Commit {beside} too, or remove {lock}."
        for lock, beside in _LOCKS.items()
        if lock in tree and beside not in tree
    )
    if not known:
        return Tool(name="", notes=stray)
    name, where, make = known[0]
    made = make(tree, project)
    others = [
        path
        for other, path, _ in known[1:]
        if other != name and path not in {where, "setup.py", "setup.cfg", "pyproject.toml"}
    ]
    notes = [*stray, *made.notes]
    if others:
        verb = "is" if len(set(others)) == 1 else "are"
        notes.append(f"{' and '.join(dict.fromkeys(others))} {verb} not used: dependencies are installed by {where}.")
    return msgspec.structs.replace(made, name=name, where=where, notes=tuple(notes))


def _known(tree: Tree, project: Mapping[str, Any]) -> list[tuple[str, str, _Make]]:
    """(name, file, how it is made a tool) of all tools that this project is prepared for, the one that is taken first."""
    requirements = tree.first(*LISTS)
    setup = tree.first("setup.py", "setup.cfg")
    project_there = "pyproject.toml" in tree
    return [
        (name, where, make)
        for name, where, there, make in (
            ("uv", "uv.lock", project_there and "uv.lock" in tree, _uv),
            ("Poetry", "poetry.lock", project_there and "poetry.lock" in tree, _poetry),
            ("PDM", "pdm.lock", project_there and "pdm.lock" in tree, _pdm),
            ("Pipenv", "Pipfile.lock", "Pipfile" in tree and "Pipfile.lock" in tree, _pipenv),
            (requirements or "", requirements or "", requirements is not None, _requirements),
            ("Poetry", "pyproject.toml", "poetry" in table(project, "tool"), _poetry),
            ("Pipenv", "Pipfile", "Pipfile" in tree, _pipenv),
            ("pyproject.toml", "pyproject.toml", bool(table(project, "project")), _pyproject),
            (setup or "", setup or "", setup is not None and _installs(tree, setup), _setup),
        )
        if there
    ]


def _installs(tree: Tree, setup: str) -> bool:
    """Whether it describes the project: tools such as flake8 keep their settings in a setup.cfg too."""
    return setup == "setup.py" or any(line.startswith("[options]") for line in tree.text(setup).splitlines())


def _uv(tree: Tree, project: Mapping[str, Any]) -> Tool:
    dynamic = _dynamic(project)
    whole = bool(table(project, "tool", "uv", "workspace")) or _local_sources(project) or dynamic
    rest = "" if whole else " --no-install-project"
    return Tool(
        name="uv",
        install=f"uv sync --locked --no-dev{rest}",
        manifests=_there(tree, "pyproject.toml", "uv.lock", "uv.toml"),
        dependencies=_of_project(project) | (setuptools(tree, project) if dynamic else frozenset()),
        whole=whole,
    )


def _poetry(tree: Tree, project: Mapping[str, Any]) -> Tool:
    locked = "poetry.lock" in tree
    lock = "" if locked else "uv tool run poetry lock && "
    entries = table(project, "tool", "poetry", "dependencies")
    return Tool(
        name="Poetry",
        install=f"{lock}uv tool run --with poetry-plugin-export poetry export --only main --output {EXPORTED} && uv pip install --requirement {EXPORTED}",
        manifests=_there(tree, "pyproject.toml", "poetry.lock", "poetry.toml", "uv.toml"),
        dependencies=names_in(entries) | _of_project(project),
        whole=any(isinstance(one, Mapping) and "path" in one for one in entries.values()),
        notes=() if locked else (_unlocked("poetry.lock", "poetry lock"),),
    )


def _pdm(tree: Tree, project: Mapping[str, Any]) -> Tool:
    return Tool(
        name="PDM",
        install=f"uv tool run pdm export --prod --no-markers --format requirements --output {EXPORTED} && uv pip install --requirement {EXPORTED}",
        manifests=_there(tree, "pyproject.toml", "pdm.lock", "pdm.toml", "uv.toml"),
        dependencies=_of_project(project),
    )


def _pipenv(tree: Tree, _: Mapping[str, Any]) -> Tool:
    locked = "Pipfile.lock" in tree
    lock = "" if locked else "uv tool run pipenv lock && "
    entries = table(tree.toml("Pipfile"), "packages")
    return Tool(
        name="Pipenv",
        install=f"{lock}uv tool run pipenv requirements > {EXPORTED} && uv pip install --requirement {EXPORTED}",
        manifests=_there(tree, "Pipfile", "Pipfile.lock", "uv.toml"),
        dependencies=names_in(entries),
        whole=any(isinstance(one, Mapping) and "path" in one for one in entries.values()),
        notes=() if locked else (_unlocked("Pipfile.lock", "pipenv lock"),),
    )


def _requirements(tree: Tree, project: Mapping[str, Any]) -> Tool:
    path = tree.first(*LISTS) or ""
    said = requirements(tree, path)
    # With its own project in the list, all that it names is installed.
    named = _of_project(project)
    missing = sorted(() if said.local else named - said.names)
    notes = (
        (
            f"pyproject.toml names {', '.join(missing[:5])}, which {path} does not: only {path} is installed. Add it there.",
        )
        if missing
        else ()
    )
    return Tool(
        name=path,
        install=f"uv pip install --requirement {path}",
        manifests=(*said.files, *_there(tree, "uv.toml")),
        dependencies=said.names | (named if said.local else frozenset()),
        whole=said.local,
        notes=notes,
    )


def _pyproject(tree: Tree, project: Mapping[str, Any]) -> Tool:
    dynamic = _dynamic(project)
    return Tool(
        name="pyproject.toml",
        install="uv pip install --requirement pyproject.toml",
        manifests=_there(tree, "pyproject.toml", "uv.toml"),
        dependencies=_of_project(project) | (setuptools(tree, project) if dynamic else frozenset()),
        whole=dynamic or _local_sources(project),
        notes=("There is no lock file: each build may install other versions. Commit uv.lock, which `uv lock` writes.",)
        if table(project, "project").get("dependencies")
        else (),
    )


def _setup(tree: Tree, project: Mapping[str, Any]) -> Tool:
    return Tool(name="setup.py", install="uv pip install .", dependencies=setuptools(tree, project), whole=True)


def _dynamic(project: Mapping[str, Any]) -> bool:
    """Whether the dependencies are only known when the project itself is built."""
    said = table(project, "project").get("dynamic")
    return isinstance(said, list) and "dependencies" in said


def _local_sources(project: Mapping[str, Any]) -> bool:
    sources = table(project, "tool", "uv", "sources")
    return any("path" in table(sources, name) for name in sources)


def _unlocked(lock: str, command: str) -> str:
    return f"There is no {lock}: each build may install other versions. Run `{command}` and commit it."


def _there(tree: Tree, *paths: str) -> tuple[str, ...]:
    return tuple(path for path in paths if path in tree)


def _of_project(project: Mapping[str, Any]) -> frozenset[str]:
    said = table(project, "project").get("dependencies")
    lines = [line for line in said if isinstance(line, str)] if isinstance(said, list) else []
    return names_of(lines)


def scripts(tree: Tree) -> dict[str, str]:
    """Console scripts of a project by name: they are there only when the project itself is installed."""
    project = tree.toml("pyproject.toml")
    found = {**table(project, "tool", "poetry", "scripts"), **table(project, "project", "scripts")}
    return {name: target for name, target in found.items() if isinstance(target, str) and shlex.quote(name) == name}


def requires(tree: Tree) -> tuple[tuple[str, str], ...]:
    """(asked version, where) of the files that a tool reads."""
    project = tree.toml("pyproject.toml")
    pipfile = tree.toml("Pipfile")
    poetry = table(project, "tool", "poetry", "dependencies").get("python")
    return (
        (word(project, "project", "requires-python"), "pyproject.toml, requires-python"),
        (poetry if isinstance(poetry, str) else "", "pyproject.toml, tool.poetry.dependencies"),
        (word(pipfile, "requires", "python_full_version") or word(pipfile, "requires", "python_version"), "Pipfile"),
    )
