"""Programs of Python that serve by themselves: which file is started, and what it leaves open."""

import ast
import sys

from wisehosting_stacks.python_sources import PythonSources, called, run_on_import
from wisehosting_stacks.tree import Tree

PROGRAMS = ("main.py", "app.py", "server.py", "run.py", "bot.py", "src/main.py", "src/app.py")
_PAGES = ("streamlit_app.py", "app.py", "main.py", "Home.py", "src/app.py", "src/streamlit_app.py")
_SERVES = ("run", "run_app", "run_simple", "serve", "launch")
"""Functions and methods by which the usual libraries begin to serve."""
_ONLY_INSIDE = ("127.0.0.1", "localhost")


def page(tree: Tree) -> str:
    """The page of Streamlit that is served; empty when there is none."""
    shows = [path for path in tree.match("*.py")[:50] if "import streamlit" in tree.text(path)]
    return tree.first(*_PAGES) or (shows[0] if len(shows) == 1 else "")


def package(tree: Tree) -> str:
    """A package that `python -m` starts; empty when there is none."""
    path = next(iter(tree.match("*/__main__.py") + tree.match("src/*/__main__.py")), "")
    return path.split("/")[-2] if path else ""


def listens_elsewhere(tree: Tree, path: str, port: int) -> str:
    """A sentence when a program says a port or an address at which no visitor arrives; empty otherwise."""
    for statement in PythonSources(tree).body(path):
        for node in ast.walk(statement):
            host, other = _listens(node) if isinstance(node, ast.Call) else (None, None)
            if type(other) is int and 0 < other < 65536 and other != port:
                return (
                    f"{path} listens on port {other}, and visitors are brought to port {port}. "
                    f"Let it read the variable PORT, or write port = {other} into wisehosting.toml."
                )
            if host in _ONLY_INSIDE:
                return (
                    f"{path} listens on {host}, which is reached from its own container only. Let it listen on 0.0.0.0."
                )
    return ""


def _listens(call: ast.Call) -> tuple[object, object]:
    """(host, port) that a call which serves is given as plain values."""
    name = called(call)
    if name in _SERVES:
        said = {one.arg: one.value.value for one in call.keywords if isinstance(one.value, ast.Constant)}
        return said.get("host"), said.get("port")
    match call.args[:1]:
        case [ast.Tuple(elts=[host, port])] if name.endswith("Server"):
            values = [one.value if isinstance(one, ast.Constant) else None for one in (host, port)]
            return values[0], values[1]
        case _:
            return None, None


def imported(tree: Tree, path: str) -> list[str]:
    """Packages that a program imports and that are neither Python's own nor in the project."""
    names: dict[str, None] = {}
    for statement in run_on_import(PythonSources(tree).body(path)):
        match statement:
            case ast.Import(names=aliases):
                names |= dict.fromkeys(alias.name.partition(".")[0] for alias in aliases)
            case ast.ImportFrom(module=str(module), level=0):
                names[module.partition(".")[0]] = None
            case _:
                pass
    folder = path.rpartition("/")[0]
    places = {"", "src/", f"{folder}/" if folder else ""}
    own = {
        name for name in names for place in places if f"{place}{name}.py" in tree or tree.has_folder(f"{place}{name}")
    }
    return [name for name in names if name not in sys.stdlib_module_names and name not in own]
