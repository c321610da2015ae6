"""What a Python project needs, and which tool says so. All of them install through uv, into one environment."""

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from wisehosting_stacks.plan import Finding
from wisehosting_stacks.tree import Tree, table, word

ENVIRONMENT = "/opt/venv"
EXPORTED = "/tmp/requirements.txt"
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:[=<>!~;@(]|\Z|\s)")
_INCLUDE = re.compile(r"\s*(?:-r|--requirement|-c|--constraint)[\s=]+([\w./-]+)")
_LOCAL = re.compile(r"\s*(?:-e\s+|--editable[\s=]+)?(?:\.|\./|\.\./|file:)")


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


def normal(name: str) -> str:
    """A distribution's name as PEP 503 spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def tool(tree: Tree) -> Tool:
    """The tool of a project: one that locks before a list, a list before ranges."""
    project = tree.toml("pyproject.toml")
    known = [
        (name, where, make)
        for name, where, there, make in (
            ("uv", "uv.lock", "uv.lock" in tree, _uv),
            ("Poetry", "poetry.lock", "poetry.lock" in tree, _poetry),
            ("PDM", "pdm.lock", "pdm.lock" in tree, _pdm),
            ("Pipenv", "Pipfile.lock", "Pipfile.lock" in tree, _pipenv),
            ("requirements.txt", "requirements.txt", "requirements.txt" in tree, _requirements),
            ("Poetry", "pyproject.toml", "poetry" in table(project, "tool"), _poetry),
            ("Pipenv", "Pipfile", "Pipfile" in tree, _pipenv),
            ("pyproject.toml", "pyproject.toml", bool(table(project, "project")), _pyproject),
            ("setup.py", "setup.py", "setup.py" in tree, _setup),
        )
        if there
    ]
    if not known:
        return Tool(name="")
    name, where, make = known[0]
    made = make(tree, project)
    others = [
        path for other, path, _ in known[1:] if other != name and path not in {where, "setup.py", "pyproject.toml"}
    ]
    notes = list(made.notes)
    if others:
        verb = "is" if len(set(others)) == 1 else "are"
        notes.append(f"{' and '.join(dict.fromkeys(others))} {verb} not used: dependencies are installed by {where}.")
    return msgspec.structs.replace(made, name=name, where=where, notes=tuple(notes))


def _uv(tree: Tree, project: Mapping[str, Any]) -> Tool:
    workspace = bool(table(project, "tool", "uv", "workspace"))
    local = any(
        "path" in table(table(project, "tool", "uv", "sources"), name)
        for name in table(project, "tool", "uv", "sources")
    )
    whole = workspace or local
    rest = "" if whole else " --no-install-project"
    return Tool(
        name="uv",
        install=f"uv sync --locked --no-dev{rest}",
        manifests=_there(tree, "pyproject.toml", "uv.lock"),
        dependencies=_of_project(project),
        whole=whole,
    )


def _poetry(tree: Tree, project: Mapping[str, Any]) -> Tool:
    locked = "poetry.lock" in tree
    lock = "" if locked else "uv tool run poetry lock && "
    names = {name for name in table(project, "tool", "poetry", "dependencies") if name != "python"}
    return Tool(
        name="Poetry",
        install=f"{lock}uv tool run --with poetry-plugin-export poetry export --only main --output {EXPORTED} && uv pip install --requirement {EXPORTED}",
        manifests=_there(tree, "pyproject.toml", "poetry.lock"),
        dependencies=_names(names) | _of_project(project),
        whole=any(
            isinstance(one, Mapping) and "path" in one
            for one in table(project, "tool", "poetry", "dependencies").values()
        ),
        notes=() if locked else (_unlocked("poetry.lock", "poetry lock"),),
    )


def _pdm(tree: Tree, project: Mapping[str, Any]) -> Tool:
    return Tool(
        name="PDM",
        install=f"uv tool run pdm export --prod --no-markers --format requirements --output {EXPORTED} && uv pip install --requirement {EXPORTED}",
        manifests=_there(tree, "pyproject.toml", "pdm.lock"),
        dependencies=_of_project(project),
    )


def _pipenv(tree: Tree, _: Mapping[str, Any]) -> Tool:
    locked = "Pipfile.lock" in tree
    lock = "" if locked else "uv tool run pipenv lock && "
    return Tool(
        name="Pipenv",
        install=f"{lock}uv tool run pipenv requirements > {EXPORTED} && uv pip install --requirement {EXPORTED}",
        manifests=_there(tree, "Pipfile", "Pipfile.lock"),
        dependencies=_names(table(tree.toml("Pipfile"), "packages")),
        notes=() if locked else (_unlocked("Pipfile.lock", "pipenv lock"),),
    )


def _requirements(tree: Tree, _: Mapping[str, Any]) -> Tool:
    files, names, local = _read(tree, "requirements.txt")
    return Tool(
        name="requirements.txt",
        install="uv pip install --requirement requirements.txt",
        manifests=tuple(files),
        dependencies=frozenset(names),
        whole=local,
    )


def _pyproject(_: Tree, project: Mapping[str, Any]) -> Tool:
    return Tool(
        name="pyproject.toml",
        install="uv pip install --requirement pyproject.toml",
        manifests=("pyproject.toml",),
        dependencies=_of_project(project),
        notes=("There is no lock file: each build may install other versions. Commit uv.lock, which `uv lock` writes.",)
        if table(project, "project").get("dependencies")
        else (),
    )


def _setup(_: Tree, __: Mapping[str, Any]) -> Tool:
    return Tool(name="setup.py", install="uv pip install .", whole=True)


def _unlocked(lock: str, command: str) -> str:
    return f"There is no {lock}: each build may install other versions. Run `{command}` and commit it."


def _there(tree: Tree, *paths: str) -> tuple[str, ...]:
    return tuple(path for path in paths if path in tree)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(normal(name) for name in names)


def _of_project(project: Mapping[str, Any]) -> frozenset[str]:
    said = table(project, "project").get("dependencies")
    lines = [line for line in said if isinstance(line, str)] if isinstance(said, list) else []
    return frozenset(name for line in lines if (name := _name(line)))


def _name(line: str) -> str:
    match = _NAME.match(line)
    return normal(match[1]) if match else ""


def _read(tree: Tree, path: str) -> tuple[list[str], set[str], bool]:
    """(files that a list of requirements reads, names in them, whether one is the project itself)."""
    files: list[str] = []
    names: set[str] = set()
    local, waiting = False, [path]
    while waiting and len(files) < 20:
        one = waiting.pop(0)
        if one in files or one not in tree:
            continue
        files.append(one)
        folder = one.rpartition("/")[0]
        for line in tree.text(one).splitlines():
            plain = line.partition(" #")[0]
            if plain.lstrip().startswith("#"):
                continue
            if match := _INCLUDE.match(plain):
                waiting.append(f"{folder}/{match[1]}".lstrip("/"))
            elif _LOCAL.match(plain) and plain.strip():
                local = True
            elif name := _name(plain):
                names.add(name)
    return files, names, local


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
