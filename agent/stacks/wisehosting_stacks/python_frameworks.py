"""Frameworks of Python: found by what a project depends on, and by reading its sources, which are never run."""

import ast
import re
from collections.abc import Iterator, Sequence

import msgspec

from wisehosting_stacks.python_sources import PythonSources, called
from wisehosting_stacks.tree import Tree

_NAMES = ("main", "app", "application", "server", "api", "asgi", "wsgi", "run", "web", "index", "__init__", "__main__")
_FACTORIES = ("create_app", "make_app", "get_app", "build_app", "create_application", "get_application")
_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE['\"][ \t]*(?:,|\][ \t]*=)\s{0,20}['\"]([\w.]+)['\"]")
"""`setdefault("…", "shop.settings")` and `environ["…"] = "shop.settings"`."""
_COLLECTS = re.compile(r"^[ \t]*STATIC_ROOT[ \t]*[:=]", re.MULTILINE)
_NOT_OURS = frozenset(["tests", "test", "docs", "examples", "migrations", "node_modules", "venv", ".venv", "scripts"])


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An application object in a module."""

    title: str
    where: str
    """The file."""
    target: str
    """`module:name`, as servers take it; a factory ends with `()`."""
    asgi: bool

    @property
    def factory(self) -> bool:
        """Whether the name is a function that makes the application."""
        return self.target.endswith("()")


class Kind(msgspec.Struct, frozen=True):
    """A framework whose application object is looked for."""

    title: str
    classes: tuple[str, ...]
    asgi: bool


KINDS = {
    "fastapi": Kind("FastAPI", ("FastAPI",), asgi=True),
    "litestar": Kind("Litestar", ("Litestar",), asgi=True),
    "quart": Kind("Quart", ("Quart",), asgi=True),
    "starlette": Kind("Starlette", ("Starlette",), asgi=True),
    "blacksheep": Kind("BlackSheep", ("Application",), asgi=True),
    "dash": Kind("Dash", ("Dash",), asgi=False),
    "flask": Kind("Flask", ("Flask", "APIFlask", "OpenAPI"), asgi=False),
    "falcon": Kind("Falcon", ("App", "API"), asgi=False),
    "bottle": Kind("Bottle", ("Bottle",), asgi=False),
}
"""By the distribution that gives a framework away; the first one wins: FastAPI brings Starlette, Dash brings Flask."""


def framework(tree: Tree, dependencies: frozenset[str]) -> App | None:
    """The application of the first framework that the project depends on and has an object of."""
    kinds = {distribution: kind for distribution, kind in KINDS.items() if distribution in dependencies}
    sources = PythonSources(tree)
    modules = list(_modules(tree)) if kinds else []
    for distribution, kind in kinds.items():
        for path, module in modules:
            name = _object(sources, path, kind)
            if name:
                if distribution == "dash" and not name.endswith("()"):
                    name = _assigned_attribute(sources.body(path), name, "server") or f"{name}.server"
                return App(title=kind.title, where=path, target=f"{module}:{name}", asgi=kind.asgi)
    return None


def title_of(dependencies: frozenset[str]) -> str:
    """The framework that a project depends on, for the words of a refusal."""
    return next((kind.title for distribution, kind in KINDS.items() if distribution in dependencies), "")


def _modules(tree: Tree) -> Iterator[tuple[str, str]]:
    """(path, module) of sources in which an application is usually made: the usual names first, the shallow ones first."""
    found = []
    for path in tree.paths:
        if not path.endswith(".py") or path.count("/") > 3:
            continue
        folders = path.split("/")[:-1]
        if any(folder in _NOT_OURS or not folder.isidentifier() for folder in folders):
            continue
        name = path.rpartition("/")[2].removesuffix(".py")
        if name.isidentifier() and not name.startswith("test_"):
            found.append((path.count("/"), _NAMES.index(name) if name in _NAMES else len(_NAMES), path))
    for _, _, path in sorted(found)[:200]:
        yield path, module_of(path)


def module_of(path: str) -> str:
    """`src/shop/main.py` is `shop.main`: both the project's folder and `src` are looked in."""
    plain = path.removesuffix(".py").removesuffix("/__init__")
    return plain.removeprefix("src/").replace("/", ".")


def _object(sources: PythonSources, path: str, kind: Kind) -> str:
    """Name of the application in a module: a variable, else a factory's call; empty when neither is there."""
    text = sources.tree.text(path)
    if not any(name in text for name in (*kind.classes, *_FACTORIES)):
        return ""
    factories = []
    for statement in sources.body(path):
        if isinstance(statement, ast.FunctionDef) and _can_be_called(statement):
            makes = any(isinstance(node, ast.Call) and called(node) in kind.classes for node in ast.walk(statement))
            if makes and statement.name in _FACTORIES:
                factories.append(statement.name)
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(value, ast.Call):
            made = called(value)
            if made in kind.classes or made in _FACTORIES:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                if names:
                    return names[0]
    return f"{factories[0]}()" if factories else ""


def _can_be_called(function: ast.FunctionDef) -> bool:
    """Without arguments."""
    needed = len(function.args.posonlyargs) + len(function.args.args) - len(function.args.defaults)
    return needed == 0 and all(default is not None for default in function.args.kw_defaults)


def _assigned_attribute(body: Sequence[ast.stmt], name: str, attribute: str) -> str:
    """The variable that `name.attribute` is given to; empty when there is none."""
    for statement in body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=target)], value=ast.Attribute(value=ast.Name(id=owner), attr=attr)
            ) if owner == name and attr == attribute:
                return target
    return ""


class Django(msgspec.Struct, frozen=True, kw_only=True):
    """A Django project."""

    folder: str
    """Of manage.py."""
    package: str
    """Where settings are."""
    wsgi: str
    """Module; empty when there is none."""
    asgi: str
    collects: bool
    """Whether its settings say where static files are collected."""


def django(tree: Tree) -> Django | None:
    """A folder with a manage.py of Django's."""
    path = next((one for one in ("manage.py", *tree.match("*/manage.py")) if one in tree), None)
    if path is None or "DJANGO_SETTINGS_MODULE" not in tree.text(path):
        return None
    folder = path.removesuffix("manage.py").rstrip("/")
    match = _SETTINGS.search(tree.text(path))
    settings = match[1] if match else ""
    package = settings.partition(".")[0]
    below = f"{folder}/" if folder else ""
    root = f"{below}{package}"

    def module(name: str) -> str:
        found = [one for one in (f"{root}/{name}.py", *tree.match(f"{below}*/{name}.py")) if one in tree]
        return found[0].removeprefix(below).removesuffix(".py").replace("/", ".") if found else ""

    beside = settings.rpartition(".")[0]
    # `shop.conf.production` takes most of itself from its neighbours; the neighbours of `shop.settings` are the project.
    places = (f"{root}/settings", *((f"{below}{beside.replace('.', '/')}/",) if "." in beside else ()))
    sources = [one for one in tree.paths if one.startswith(places) and one.endswith(".py")]
    collects = any(_COLLECTS.search(tree.text(one)) for one in sources)
    return Django(folder=folder, package=package, wsgi=module("wsgi"), asgi=module("asgi"), collects=collects)
